-- One row per business day, from the week of the first covered day or row to some weeks past the
-- last. The only place where time zones are dealt with: everything else joins these instants.
-- grain: day
-- partition: day
with

settings as (select * from raw.settings),

limits as (select * from staging.limits),

spans as (
    select min(covered_from) as first_day, max(covered_to) as last_day
    from raw.loads
    where event_kind in ('join', 'message', 'order', 'invite')
    union all
    select min(covered_from), max(covered_to) from raw.coverage
    union all
    select min(day), max(day) from raw.orders
    union all
    select min(day), max(day) from raw.messages
    union all
    select min(first_day), max(last_day) from staging.list_days
),

span as (
    select
        min(spans.first_day) as first_day,
        greatest(min(spans.first_day), least(max(spans.last_day), max(limits.last_day)))
            as last_day
    from spans
    cross join limits
),

days as (
    select cast(unnest(generate_series(
        cast(date_trunc('week', first_day) as date) - interval 7 day,
        last_day + greatest(70, 7 * (settings.retention_weeks + 2)) * interval 1 day,
        interval 1 day
    )) as date) as day
    from span
    cross join settings
    where first_day is not null
),

weeks as (
    select
        day,
        case when settings.week_starts = 'sunday' then cast(date_trunc('week', day + 1) as date) - 1
            else cast(date_trunc('week', day) as date) end as week_start,
        settings.time_zone
    from days
    cross join settings
)

select
    day, -- business day
    day - date '1970-01-01' as day_number, -- days since 1970-01-01
    week_start, -- first day of its week
    cast(floor((week_start - date '1969-12-28') / 7) as integer)
        as week_number, -- consecutive number of the week
    -- A Sunday week is labelled by the ISO week of its Monday.
    strftime(case when week_start = cast(date_trunc('week', week_start) as date) then week_start
        else week_start + 1 end, '%G-W%V') as week_label, -- ISO label of the week, 2026-W01
    cast(date_trunc('month', day) as date) as month_start, -- first day of its month
    timezone('UTC', timezone(time_zone, cast(day as timestamp)))
        as day_start_at, -- naive UTC instant it starts
    timezone('UTC', timezone(time_zone, cast(day + 1 as timestamp)))
        as day_end_at -- naive UTC instant it ends
from weeks
