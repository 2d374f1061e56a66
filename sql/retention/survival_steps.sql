-- One row per cohort month (NULL: all) and instant after the join at which a first community stay
-- ended, or was last seen.
-- grain: cohort_month, after_microseconds
-- Kaplan-Meier: exits are leaves and kicks (inferred ones at their upper bound); dissolved and
-- moved stays are censored at their end, open ones at W of joins, and all at the first day after
-- the join that the export of joins lacks.
with

joiners as (select * from activation.joiners),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

days as (
    select
        calendar.month_start,
        calendar.day_start_at,
        calendar.day_end_at,
        least(settings.watermark_join_at, min(case when not calendar.is_join_covered
            then calendar.day_start_at end) over (
                order by calendar.day rows between current row and unbounded following
            )) as limit_at
    from calendar
    cross join settings
    where settings.watermark_join_at is not null
),

ended as (
    select
        days.month_start as cohort_month,
        days.limit_at,
        coalesce(joiners.exit_kind in ('leave', 'kick')
            and joiners.left_at < days.limit_at, false) as is_exit,
        date_diff('microsecond', joiners.joined_at,
            coalesce(least(joiners.left_at, days.limit_at), days.limit_at)) as after_microseconds
    from joiners
    join days
        on joiners.joined_at >= days.day_start_at
        and joiners.joined_at < days.day_end_at
    where joiners.group_id is null and joiners.joined_at < days.limit_at
),

scoped as (
    select cohort_month, limit_at, is_exit, after_microseconds from ended
    union all
    select cast(null as date) as cohort_month, limit_at, is_exit, after_microseconds from ended
),

counts as (
    select
        cohort_month,
        after_microseconds,
        min(limit_at) as limit_at,
        count(*) as ends,
        count(case when is_exit then 1 end) as exits
    from scoped
    group by cohort_month, after_microseconds
),

risks as (
    select
        counts.*,
        sum(ends) over (
            partition by cohort_month order by after_microseconds desc
            rows between unbounded preceding and current row
        ) as at_risk
    from counts
)

select
    cohort_month, -- month of the known first join; NULL for all
    after_microseconds, -- time after the join
    cast(at_risk as bigint) as at_risk, -- still followed just before it
    cast(ends as bigint) as ends, -- of them, whose time ends here
    cast(exits as bigint) as exits, -- of them, who left or were removed
    case when exits < at_risk then ln(1.0 - cast(exits as double) / at_risk) end
        as log_factor, -- log of the share of them who stay; NULL where nobody does
    exits = at_risk as is_last_exit, -- whether nobody stays
    min(limit_at) over (partition by cohort_month)
        as limit_at -- until when everybody of the cohort can be followed, naive UTC
from risks
