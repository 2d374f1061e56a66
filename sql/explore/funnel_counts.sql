-- One row per slot, value of by, and step: what explore.funnel and its relatives show.
-- Quantiles are interpolated between the two nearest times.
create or replace macro explore.funnel_counts(
    steps, within, mode := 'ordered', entry := 'best', from_day := null, to_day := null,
    exclude := null, "by" := null, mature_only := true, slot_period := null,
    trend_period := null, as_of := null, time_zone := null, week_starts := null,
    order_column := null, events := 'core.events'
) as table
with

named as (
    select
        unnest(cast(steps as varchar[])) as step_name,
        unnest(range(1, len(cast(steps as varchar[])) + 1)) as step
),

clock as (
    select *
    from explore.clock(names := null, as_of := as_of, time_zone := time_zone,
        week_starts := week_starts, events := events)
    where trend_period is not null
),

paths as materialized (
    select *
    from explore.funnel_paths(steps, within, mode := mode, entry := entry, from_day := from_day,
        to_day := to_day, exclude := exclude, "by" := "by", mature_only := mature_only,
        slot_period := slot_period, as_of := as_of, time_zone := time_zone,
        week_starts := week_starts, order_column := order_column, events := events)
),

placed as (
    select
        paths.*,
        case when trend_period is not null then explore.period_start(
            explore.local_day(paths.entered_at, clock.zone), trend_period, clock.week_starts)
        end as period_start
    from paths
    left join clock on true
),

-- Without a breakdown there is a row per step even where nobody entered.
parts as (
    select
        period_start,
        by_value,
        count(*) filter (where not is_open) as population,
        count(*) filter (where is_open) as open_members
    from placed
    group by period_start, by_value
    union all
    select null, null, 0, 0
    where "by" is null and trend_period is null and not exists (select 1 from placed)
),

reached as (
    select
        period_start,
        by_value,
        unnest(range(1, len(step_times) + 1)) as step,
        unnest(step_times) as step_at,
        unnest(list_prepend(null, step_times[1:len(step_times) - 1])) as previous_at,
        entered_at
    from placed
    where not is_open
),

counted as (
    select
        period_start,
        by_value,
        step,
        count(step_at) as members,
        median(date_diff('microsecond', previous_at, step_at)) / 1e6 as median_previous,
        avg(date_diff('microsecond', previous_at, step_at)) / 1e6 as mean_previous,
        quantile_cont(date_diff('microsecond', previous_at, step_at), 0.9) / 1e6 as p90_previous,
        median(date_diff('microsecond', entered_at, step_at)) / 1e6 as median_entry
    from reached
    group by period_start, by_value, step
),

filled as (
    select
        parts.*,
        named.step,
        named.step_name,
        coalesce(counted.members, 0) as members,
        case when mode = 'open' then parts.population
            else first_value(coalesce(counted.members, 0)) over steps_before end as first_members,
        case when mode <> 'open'
            then lag(coalesce(counted.members, 0)) over steps_before end as previous_members,
        counted.median_previous,
        counted.mean_previous,
        counted.p90_previous,
        counted.median_entry
    from parts
    cross join named
    left join counted
        on named.step = counted.step
        and parts.period_start is not distinct from counted.period_start
        and parts.by_value is not distinct from counted.by_value
    window steps_before as (
        partition by parts.period_start, parts.by_value order by named.step)
)

select
    period_start, -- period of entry; NULL where there is no trend
    by_value, -- value of the column by, at the entry
    step, -- number of the step, from 1
    step_name, -- event names of the step
    members, -- members who got so far
    first_members, -- what share_of_first is of
    case when first_members > 0 then members / first_members end
        as share_of_first, -- of the members of step 1; in mode open of members with any step
    explore.wilson_low(members, first_members) as share_of_first_low, -- Wilson 95 %
    explore.wilson_high(members, first_members) as share_of_first_high, -- Wilson 95 %
    case when previous_members > 0 then members / previous_members end
        as share_of_previous, -- of the members of the step before
    case when mode <> 'open' and step > 1 then median_previous end
        as median_seconds_from_previous, -- from the step before
    case when mode <> 'open' and step > 1 then mean_previous end
        as mean_seconds_from_previous, -- from the step before
    case when mode <> 'open' and step > 1 then p90_previous end
        as p90_seconds_from_previous, -- from the step before
    case when mode <> 'open' then median_entry end as median_seconds_from_entry, -- from step 1
    open_members -- members left out because their window is not over
from filled
