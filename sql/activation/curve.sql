-- One row per week of first joins (NULL: all) and hour bucket: how soon do new members wake up?
-- grain: cohort_week, hour
-- Cumulative incidence (Aalen-Johansen) of the first activity strictly before the hour;
-- leaving is a competing end, everybody is censored at W only. A cohort's row is NULL until cohort
-- week end + hours <= W without a hole; the row of all goes as far as anybody is followed.
with

joiners as (select * from activation.joiners),

steps as (select * from activation.curve_steps),

windows as (select * from activation.curve_windows),

exported as (select * from core.exported),

settings as (select * from core.settings),

sizes as (
    select
        windows.cohort_week,
        windows.outcome,
        windows.hour,
        windows.is_complete,
        windows.is_unbroken,
        count(case when windows.outcome = 'active' or not joiners.is_refuser then 1 end) as members
    from windows
    join joiners on windows.cohort_week = joiners.cohort_week and joiners.group_id is null
    group by windows.cohort_week, windows.outcome, windows.hour, windows.is_complete,
        windows.is_unbroken
),

grid as (
    select cohort_week, outcome, hour, is_complete, members from sizes
    union all
    select
        cast(null as date) as cohort_week,
        outcome,
        hour,
        coalesce(bool_and(case when is_unbroken then is_complete end), false),
        sum(case when is_unbroken then members else 0 end)
    from sizes
    group by outcome, hour
),

buckets as (
    select
        windows.outcome,
        windows.hour,
        cast(windows.hour as bigint) * 3600000000 as to_microseconds,
        coalesce(lag(cast(windows.hour as bigint) * 3600000000) over (
            partition by windows.outcome order by windows.hour), -1) as from_microseconds
    from windows
    group by windows.outcome, windows.hour
),

bucketed as (
    select
        steps.cohort_week,
        steps.outcome,
        buckets.hour,
        sum(steps.ends) as ends,
        sum(steps.happened) as happened,
        cast(sum(cast(steps.happened_share as decimal(30, 18))) as double) as happened_share,
        cast(sum(cast(steps.gone_share as decimal(30, 18))) as double) as gone_share
    from steps
    join buckets
        on steps.outcome = buckets.outcome
        and steps.after_microseconds >= buckets.from_microseconds
        and steps.after_microseconds < buckets.to_microseconds
    group by steps.cohort_week, steps.outcome, buckets.hour
),

followed as (
    select cohort_week, outcome, sum(ends) as members from steps group by cohort_week, outcome
),

running as (
    select
        grid.*,
        followed.members
            - coalesce(sum(bucketed.ends) over since_join, 0) as at_risk,
        coalesce(sum(bucketed.happened) over since_join, 0) as happened,
        coalesce(sum(bucketed.happened_share) over since_join, 0.0) as happened_share,
        coalesce(sum(bucketed.gone_share) over since_join, 0.0) as gone_share
    from grid
    left join followed
        on grid.cohort_week is not distinct from followed.cohort_week
        and grid.outcome = followed.outcome
    left join bucketed
        on grid.cohort_week is not distinct from bucketed.cohort_week
        and grid.outcome = bucketed.outcome
        and grid.hour = bucketed.hour
    window since_join as (
        partition by grid.cohort_week, grid.outcome order by grid.hour
        rows between unbounded preceding and current row
    )
),

judged as (
    select
        running.*,
        case when cohort_week is not null then is_complete
            else coalesce(at_risk > 0 or happened_share + gone_share > 0.999999999, false)
        end as is_known
    from running
)

select
    active.cohort_week, -- week of the known first join; NULL for all
    active.hour, -- hours after the join
    cast(active.members as bigint) as cohort_size, -- members of the cohort
    case when active.is_known then cast(active.at_risk as bigint) end
        as at_risk, -- still followed, not active and not gone just before the hour
    case when active.is_known then cast(active.happened as bigint) end
        as activated_members, -- seen to become active before the hour
    case when active.is_known then least(active.happened_share, 1.0) end
        as activated_share, -- cumulative incidence of the first activity
    case when active.is_known and exported.has_exits then least(active.gone_share, 1.0) end
        as left_share, -- cumulative incidence of leaving before any activity
    cast(spoken.members as bigint)
        as archived_members, -- members who did not refuse message archiving
    case when spoken.is_known and spoken.members > 0 then least(spoken.happened_share, 1.0) end
        as spoken_share, -- cumulative incidence of the first message, of archived_members
    active.is_complete, -- activity of the window is over and covered for the whole cohort
    coalesce(spoken.is_complete, false) as is_spoken_complete, -- messages of the window are
    case
        when settings.watermark_activity_at is null then 'no_activity_export'
        when not active.is_known and active.members = 0 then 'not_covered'
        when not active.is_known and active.cohort_week is null then 'nobody_at_risk'
        when not active.is_known then 'not_mature'
        when settings.watermark_message_at is null then 'no_message_export'
        when spoken.members = 0 then 'no_archived_members'
        when not exported.has_exits then 'exits_not_exported'
    end as reason -- why a value of the row is missing
from judged as active
cross join exported
cross join settings
left join judged as spoken
    on active.cohort_week is not distinct from spoken.cohort_week
    and active.hour = spoken.hour
    and spoken.outcome = 'spoken'
where active.outcome = 'active'
