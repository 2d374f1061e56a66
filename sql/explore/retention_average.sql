-- Retention over all cohorts: one row per index (and value of by), pooled over complete cells.
-- Parameters are those of explore.retention.
create or replace macro explore.retention_average(
    start_event, return_event, period := 'week', cohort := 'first_time', criteria := 'on',
    clock := 'calendar', "by" := null, periods := 12, from_day := null, to_day := null,
    as_of := null, time_zone := null, week_starts := null, order_column := null,
    events := 'core.events'
) as table
with

cells as (
    select *
    from explore.retention(start_event, return_event, period := period, cohort := cohort,
        criteria := criteria, clock := clock, "by" := "by", periods := periods,
        from_day := from_day, to_day := to_day, as_of := as_of, time_zone := time_zone,
        week_starts := week_starts, order_column := order_column, events := events)
    where is_complete
),

pooled as (
    select
        by_value,
        period_index,
        count(*) as cohorts,
        cast(sum(cohort_size) as bigint) as cohort_size,
        cast(sum(members) as bigint) as members
    from cells
    group by by_value, period_index
)

select
    by_value, -- value of the column by, at the start event
    period_index, -- periods after the cohort's own
    cohorts, -- cohorts with a complete cell
    cohort_size, -- their members
    members, -- who came back
    members / cohort_size as rate, -- their share
    explore.wilson_low(members, cohort_size) as rate_low, -- Wilson 95 %
    explore.wilson_high(members, cohort_size) as rate_high -- Wilson 95 %
from pooled
order by by_value nulls last, period_index
