-- One row per target and week, and how many weeks have one.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M91 = target_completion, weeks_with_target_share, weeks_between_targets
-- M91: value of scorecard.weekly / target of the week. A target of a metric or day that the table
-- has not says so. Of complete weeks of the report, those with a target. How often plans are
-- reviewed shows in the weeks from one week with a target to the next, on average.
with

targets as (select * from staging.targets),

weekly as (select * from scorecard.weekly),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

metrics as (select metric from weekly group by metric),

told_weeks as (select week_start from weekly group by week_start),

planned as (
    select
        targets.metric,
        cast(targets.period_start as varchar) as period,
        weekly.value,
        cast(targets.value as double) as target,
        case
            when weekly.value is not null and targets.value = 0 then 'zero_denominator'
            when weekly.value is not null then null
            when metrics.metric is null then 'unknown_metric'
            when weeks.week_start is null then 'not_a_week'
            when weekly.metric is null and weeks.week_end_at > settings.report_at then 'not_mature'
            else coalesce(weekly.reason, 'not_covered')
        end as reason
    from targets
    cross join settings
    left join metrics on targets.metric = metrics.metric
    left join weeks on targets.period_start = weeks.week_start
    left join weekly on targets.metric = weekly.metric
        and targets.period_start = weekly.week_start
),

target_weeks as (select period_start from targets group by period_start),

known as (select count(*) as targets from targets),

cadence as (
    select
        count(*) as planned_weeks,
        date_diff('day', min(period_start), max(period_start)) as days
    from target_weeks
),

coverage as (
    select count(*) as weeks, count(target_weeks.period_start) as planned_weeks
    from told_weeks
    left join target_weeks on told_weeks.week_start = target_weeks.period_start
),

told as (
    select 'target_completion' as measure, 'metric' as subject_kind, metric as subject, period,
        case when reason is null then value end as numerator,
        case when reason is null then target end as denominator, reason
    from planned
    union all
    select 'target_completion', 'community', 'all', 'all', cast(null as double),
        cast(null as double), 'no_targets'
    from known
    where targets = 0
    union all
    select 'weeks_with_target_share', 'community', 'all', 'all', cast(planned_weeks as double),
        cast(weeks as double),
        case when weeks = 0 then 'not_covered' when targets = 0 then 'no_targets' end
    from coverage
    cross join known
    union all
    select 'weeks_between_targets', 'community', 'all', 'all', cast(days as double) / 7,
        cast(planned_weeks - 1 as double),
        case
            when planned_weeks = 0 then 'no_targets'
            when planned_weeks = 1 then 'one_target_week'
        end
    from cadence
)

select
    'M91' as concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- metric or community
    subject, -- key of scorecard.weekly, or all
    period, -- first day of the week, or all
    case when reason is null then numerator / denominator end as value, -- the number
    case when reason is null then numerator end as numerator, -- value, or weeks with a target
    case when reason is null then denominator end as denominator, -- target, or weeks
    reason -- why there is no value
from told
