-- One row per complete week and metric of the first page, with its change and its expected range.
-- grain: week_start, metric
-- Expected range = mean ± 2.66 x mean moving range of the 12 complete weeks before (XmR limits),
-- from 8 weeks on. Unusual = outside of it and the base at least 30: the denominator of a rate;
-- else, now or on average before, paid orders for money and the count itself for counts. A metric
-- whose export is missing has a reason instead.
with

metric_values as (select * from scorecard.measures),

keys as (select * from scorecard.keys),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

targets as (select * from staging.targets),

firsts as (select min(day) as first_day from core.source_coverage),

grid as (
    select weeks.week_start, weeks.week_number, keys.metric, keys.needs, keys.is_rate,
        keys.needs_join
    from weeks
    cross join keys
    cross join settings
    cross join firsts
    where weeks.week_end_at <= settings.report_at and weeks.last_day >= firsts.first_day
),

filled as (
    select
        grid.*,
        case when metric_values.is_complete then metric_values.value end as value,
        metric_values.numerator,
        metric_values.denominator,
        coalesce(metric_values.is_complete and metric_values.value is not null, false)
            as is_complete,
        metric_values.cohort_week,
        case
            when metric_values.is_complete and metric_values.value is not null then null
            when grid.needs_join and settings.watermark_join_at is null then 'no_join_export'
            when grid.needs = 'message' and settings.watermark_message_at is null
                then 'no_message_export'
            when grid.needs = 'order' and settings.watermark_order_at is null then 'no_order_export'
            when grid.needs = 'invite' and settings.watermark_invite_at is null
                then 'no_invite_export'
            when grid.needs = 'activity' and settings.watermark_activity_at is null
                then 'no_activity_export'
            when grid.needs <> 'order' and metric_values.reason is null
                and settings.watermark_join_at is null then 'no_join_export'
            else coalesce(metric_values.reason, 'not_observed')
        end as reason
    from grid
    cross join settings
    left join metric_values on grid.week_start = metric_values.week_start
        and grid.metric = metric_values.metric
),

-- Weeks without a value are not part of the history: 12 weeks with a value have 11 moving ranges.
observed as (
    select
        filled.*,
        case when is_rate or metric in ('gmv', 'net_revenue', 'margin') then denominator
            else abs(value) end as base,
        row_number() over (partition by metric order by week_number) as place,
        lag(value) over (partition by metric order by week_number) as value_before
    from filled
    where value is not null
),

ranged as (
    select
        observed.week_start,
        observed.metric,
        observed.base,
        avg(earlier.value) as mean_before,
        avg(earlier.base) as base_before,
        avg(case when earlier.place > observed.place - settings.unusual_weeks
            then abs(earlier.value - earlier.value_before) end) as moving_range,
        count(*) as weeks_before
    from observed
    cross join settings
    join observed as earlier
        on observed.metric = earlier.metric
        and earlier.place < observed.place
        and earlier.place >= observed.place - settings.unusual_weeks
    group by observed.week_start, observed.metric, observed.base
),

previous as (select week_number, metric, value from filled),

limits as (
    select
        filled.*,
        previous.value as previous_value,
        case when ranged.weeks_before >= settings.unusual_min_weeks
            then ranged.mean_before - 2.66 * ranged.moving_range
            end as expected_low,
        case when ranged.weeks_before >= settings.unusual_min_weeks
            then ranged.mean_before + 2.66 * ranged.moving_range
            end as expected_high,
        settings.unusual_min_base,
        case when filled.is_rate then ranged.base
            else greatest(ranged.base, ranged.base_before) end as base
    from filled
    cross join settings
    left join ranged on filled.week_start = ranged.week_start and filled.metric = ranged.metric
    left join previous on filled.week_number = previous.week_number + 1
        and filled.metric = previous.metric
)

select
    limits.week_start, -- week
    limits.metric, -- key of the metric
    limits.value, -- its value; NULL with a reason
    limits.numerator, -- what is counted
    limits.denominator, -- of how many
    limits.previous_value, -- value of the week before
    limits.value - limits.previous_value as change, -- value - previous_value
    case
        when limits.metric in ('net_members', 'net_revenue', 'margin') or limits.expected_low > 0
            then limits.expected_low
        when limits.expected_low is not null then 0.0
    end as expected_low, -- lower XmR limit; 0 for what cannot be negative
    limits.expected_high, -- upper XmR limit
    coalesce(
        (limits.value < limits.expected_low or limits.value > limits.expected_high)
            and limits.base >= limits.unusual_min_base,
        false
    ) as is_unusual, -- outside the limits on a base of at least 30
    cast(targets.value as double) as target, -- target of the week, where exported
    limits.is_complete, -- whether everything it needs is over and covered
    limits.cohort_week, -- cohort it speaks of, where that is another week
    limits.reason -- why it has no value
from limits
left join targets on limits.metric = targets.metric and limits.week_start = targets.period_start
