-- One row per cohort (cohort_week NULL: all), outcome (active or spoken) and instant after the join
-- at which somebody ended: became active (spoke), left, or was last seen at W.
-- grain: cohort_week, outcome, after_microseconds
-- Aalen-Johansen: each end adds S(t-) x ends / at risk to its cumulative incidence.
with

joiners as (select * from activation.joiners),

windows as (select * from activation.curve_windows),

cohorts as (
    select cohort_week, outcome, limit_at, is_unbroken
    from windows
    group by cohort_week, outcome, limit_at, is_unbroken
),

followed as (
    select
        joiners.cohort_week,
        cohorts.outcome,
        cohorts.limit_at,
        cohorts.is_unbroken,
        joiners.joined_at,
        case cohorts.outcome when 'active' then joiners.first_active_at
            else joiners.first_message_at end as happened_at,
        case when joiners.exit_kind in ('leave', 'kick') then joiners.left_at end as left_at
    from joiners
    join cohorts
        on joiners.cohort_week = cohorts.cohort_week
        and joiners.joined_at < cohorts.limit_at
    where joiners.group_id is null
        and (cohorts.outcome = 'active' or not joiners.is_refuser)
),

ended as (
    select
        followed.*,
        case
            when happened_at < limit_at and coalesce(happened_at < left_at, true) then 'happened'
            when left_at < limit_at then 'left'
            else 'open'
        end as ended_by,
        date_diff('microsecond', joined_at, coalesce(least(happened_at, left_at, limit_at),
            limit_at)) as after_microseconds
    from followed
),

scoped as (
    select cohort_week, outcome, ended_by, after_microseconds from ended
    union all
    select cast(null as date) as cohort_week, outcome, ended_by, after_microseconds
    from ended
    where is_unbroken
),

counts as (
    select
        cohort_week,
        outcome,
        after_microseconds,
        count(*) as ends,
        count(case when ended_by = 'happened' then 1 end) as happened,
        count(case when ended_by = 'left' then 1 end) as gone
    from scoped
    group by cohort_week, outcome, after_microseconds
),

risks as (
    select
        counts.*,
        sum(ends) over (
            partition by cohort_week, outcome order by after_microseconds desc
            rows between unbounded preceding and current row
        ) as at_risk
    from counts
),

survivals as (
    select
        risks.*,
        exp(coalesce(sum(case when happened + gone < at_risk
            then ln(1.0 - cast(happened + gone as double) / at_risk) end) over (
                partition by cohort_week, outcome order by after_microseconds
                rows between unbounded preceding and 1 preceding
            ), 0.0)) as still_there
    from risks
)

select
    cohort_week, -- week of the known first join; NULL for all
    outcome, -- active or spoken
    after_microseconds, -- time after the join
    cast(at_risk as bigint) as at_risk, -- still followed just before it
    cast(ends as bigint) as ends, -- of them, whose time ends here
    cast(happened as bigint) as happened, -- became active, or spoke
    cast(gone as bigint) as gone, -- left or were removed
    still_there * happened / at_risk as happened_share, -- added to the share that happened
    still_there * gone / at_risk as gone_share -- added to the share that left
from survivals
