-- One row per cohort week, scope (the community: group_id NULL, or a group) and stage.
-- grain: group_id, cohort_week, stage
-- M80. acquired = known first join; activated = active within 168 h; retained = active in week 4
-- after the join week; paid = a paid order within 30 d; referred = an invitation of theirs joined
-- within 30 d. Open: a member may skip a stage. Closed: all stages before it as well, in this
-- order.
with

joiners as (select * from activation.joiners),

windows as (select * from activation.windows),

exit_windows as (select * from acquisition.exit_windows),

calendar as (select * from core.calendar),

retention as (select * from retention.scope_cohorts),

scope_weeks as (select * from retention.scope_weeks),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

invited as (select count(*) > 0 as is_any from core.invites),

week_4 as (
    select cohort.week_start as cohort_week, later.week_start
    from weeks as cohort
    join weeks as later on cohort.week_number + 4 = later.week_number
),

returned as (
    select joiners.group_id, joiners.member_id
    from joiners
    join week_4 on joiners.cohort_week = week_4.cohort_week
    join scope_weeks
        on joiners.member_id = scope_weeks.member_id
        and joiners.group_id is not distinct from scope_weeks.group_id
        and week_4.week_start = scope_weeks.week_start
),

members as (
    select
        joiners.group_id,
        joiners.cohort_week,
        joiners.was_customer,
        coalesce(joiners.first_active_at < joiners.joined_at + interval 168 hour, false)
            as is_activated,
        returned.member_id is not null as is_retained,
        coalesce(joiners.first_paid_at < joiners.joined_at + interval 720 hour, false) as is_paid,
        coalesce(joiners.first_referred_at >= joiners.joined_at
            and joiners.first_referred_at < joiners.joined_at + interval 720 hour, false)
                as is_referred,
        date_diff('microsecond', joiners.joined_at, joiners.first_active_at) / 86400000000.0
            as days_to_active,
        date_diff('microsecond', joiners.joined_at, joiners.first_paid_at) / 86400000000.0
            as days_to_paid,
        date_diff('microsecond', joiners.joined_at, joiners.first_referred_at) / 86400000000.0
            as days_to_referred
    from joiners
    left join returned
        on joiners.member_id = returned.member_id
        and joiners.group_id is not distinct from returned.group_id
),

counts as (
    select
        group_id,
        cohort_week,
        count(*) as acquired,
        count(case when was_customer then 1 end) as acquired_former,
        count(case when is_activated then 1 end) as activated,
        count(case when is_activated and was_customer then 1 end) as activated_former,
        median(case when is_activated then days_to_active end) as activated_days,
        count(case when is_retained then 1 end) as retained,
        count(case when is_retained and was_customer then 1 end) as retained_former,
        count(case when is_activated and is_retained then 1 end) as retained_closed,
        count(case when is_paid then 1 end) as paid,
        count(case when is_paid and was_customer then 1 end) as paid_former,
        count(case when is_activated and is_retained and is_paid then 1 end) as paid_closed,
        median(case when is_paid then days_to_paid end) as paid_days,
        count(case when is_referred then 1 end) as referred,
        count(case when is_referred and was_customer then 1 end) as referred_former,
        count(case when is_activated and is_retained and is_paid and is_referred then 1 end)
            as referred_closed,
        median(case when is_referred then days_to_referred end) as referred_days
    from members
    group by group_id, cohort_week
),

flags as (
    select
        windows.group_id,
        windows.cohort_week,
        exit_windows.is_complete_week as is_week_over,
        windows.is_complete_7d as is_activated_complete,
        coalesce(retention.is_complete, false) as is_retained_complete,
        windows.is_order_complete_30d as is_paid_complete,
        exit_windows.is_complete_30d
            and coalesce(weeks.week_end_at + interval 720 hour <= settings.watermark_invite_at
                and calendar.invite_days_missed = weeks.invite_missed_before,
                settings.watermark_invite_at is null and invited.is_any)
                as is_referred_complete
    from windows
    cross join settings
    cross join invited
    join weeks on windows.cohort_week = weeks.week_start
    join exit_windows on windows.cohort_week = exit_windows.cohort_week
    left join calendar
        on weeks.week_end_at + interval 720 hour > calendar.day_start_at
        and weeks.week_end_at + interval 720 hour <= calendar.day_end_at
    left join retention
        on windows.group_id is not distinct from retention.group_id
        and windows.cohort_week = retention.cohort_week
        and retention.week_index = 4
),

stages as (
    select group_id, cohort_week, 'acquired' as stage, 1 as place, acquired
        as members, acquired_former as former,
        acquired as closed, cast(0 as double) as median_days
    from counts
    union all
    select group_id, cohort_week, 'activated', 2, activated, activated_former, activated,
        activated_days from counts
    union all
    select group_id, cohort_week, 'retained', 3, retained, retained_former, retained_closed,
        cast(null as double)
    from counts
    union all
    select group_id, cohort_week, 'paid', 4, paid, paid_former, paid_closed, paid_days from counts
    union all
    select group_id, cohort_week, 'referred', 5, referred, referred_former, referred_closed,
        referred_days from counts
),

judged as (
    select
        stages.*,
        counts.acquired,
        case stages.place
            when 1 then flags.is_week_over
            when 2 then flags.is_activated_complete
            when 3 then flags.is_retained_complete
            when 4 then flags.is_paid_complete
            else flags.is_referred_complete
        end as is_complete,
        case stages.place
            when 1 then flags.is_week_over
            when 2 then flags.is_activated_complete
            when 3 then flags.is_activated_complete and flags.is_retained_complete
            when 4 then flags.is_activated_complete and flags.is_retained_complete
                and flags.is_paid_complete
            else flags.is_activated_complete and flags.is_retained_complete
                and flags.is_paid_complete
                and flags.is_referred_complete
        end as is_closed_complete
    from stages
    join counts
        on stages.group_id is not distinct from counts.group_id
        and stages.cohort_week = counts.cohort_week
    join flags
        on stages.group_id is not distinct from flags.group_id
        and stages.cohort_week = flags.cohort_week
)

select
    judged.group_id, -- group; NULL for the community
    judged.cohort_week, -- week of the known first join
    judged.stage, -- acquired, activated, retained, paid or referred
    judged.place, -- 1 to 5
    case when judged.is_complete or judged.place = 1 then judged.members end
        as members, -- members of the cohort who reached it
    case when judged.is_complete or judged.place = 1 then judged.former end
        as former_customers, -- of them, who bought before joining
    case when judged.is_complete then cast(judged.members as double) / judged.acquired end
        as share_of_acquired, -- members / acquired
    case when judged.is_closed_complete or judged.place = 1 then judged.closed end
        as closed_members, -- who reached all earlier ones too
    case when judged.is_closed_complete then cast(judged.closed as double) / judged.acquired end
        as closed_share, -- closed_members / acquired
    case when judged.is_complete then judged.median_days end
        as median_days_from_join, -- among those who reached it
    judged.is_complete, -- whether its window is over and covered for the whole cohort
    judged.is_closed_complete, -- and those of all earlier stages
    case
        when judged.is_complete then null
        when judged.place = 1 then 'incomplete_week'
        when judged.place in (2, 3) and settings.watermark_activity_at is null
            then 'no_activity_export'
        when judged.place = 4 and settings.watermark_order_at is null then 'no_order_export'
        when judged.place = 5 and settings.watermark_invite_at is null then 'no_invite_export'
        else 'not_mature'
    end as reason -- why the stage has no value
from judged
cross join settings
