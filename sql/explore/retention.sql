-- Who comes back: one row per cohort (and value of by) and index of the period, 0 to periods.
-- start_event, return_event: names like 'join' or 'message|checkin'. period: day, week, month.
-- cohort: first_time (the first start event ever) or recurring (every period with one). criteria:
-- on (in that period) or on_or_after. clock: calendar, or rolling: 24 h, 7 x 24 h, 30 x 24 h from
-- the member's own start. from_day, to_day: business days of the start, both inclusive. Index 0 is
-- the cohort itself where both events are the same, else who also returned in its period, after
-- the start. mature_only: members and rate are NULL until the cell is complete.
create or replace macro explore.retention(
    start_event, return_event, period := 'week', cohort := 'first_time', criteria := 'on',
    clock := 'calendar', "by" := null, periods := 12, from_day := null, to_day := null,
    mature_only := true, as_of := null, time_zone := null, week_starts := null,
    order_column := null, events := 'core.events'
) as table
with

calendar as (
    select *
    from explore.clock(names := string_split(start_event || '|' || return_event, '|'),
        as_of := as_of, time_zone := time_zone, week_starts := week_starts, events := events)
),

counts as (
    select cohort_start, by_value, period_index, count(*) as members
    from explore.retention_members(start_event, return_event, period := period,
        cohort := cohort, criteria := criteria, clock := clock, "by" := "by",
        periods := periods, from_day := from_day, to_day := to_day, as_of := as_of,
        time_zone := time_zone, week_starts := week_starts, order_column := order_column,
        events := events)
    group by cohort_start, by_value, period_index
),

sizes as (
    select
        cohort_start,
        by_value,
        members as cohort_size,
        unnest(range(cast(periods as bigint) + 1)) as period_index
    from counts
    where period_index is null
),

cells as (
    select
        sizes.*,
        coalesce(counts.members, 0) as members,
        case when clock = 'calendar'
            then explore.day_start_at(explore.period_after(
                sizes.cohort_start, period, sizes.period_index + 1), calendar.zone)
            else explore.day_start_at(explore.period_after(sizes.cohort_start, period, 1),
                calendar.zone) + (sizes.period_index + 1) * case period
                    when 'day' then interval 24 hour when 'week' then interval 168 hour
                    else interval 720 hour end
        end <= calendar.end_at as is_complete
    from sizes
    cross join calendar
    left join counts
        on sizes.cohort_start = counts.cohort_start
        and sizes.by_value is not distinct from counts.by_value
        and sizes.period_index = counts.period_index
)

select
    cohort_start, -- first day of the cohort's period
    by_value, -- value of the column by, at the start event
    cohort_size, -- members of the cohort
    period_index, -- periods after the cohort's own
    case when is_complete or not mature_only then members end as members, -- who came back
    case when is_complete or not mature_only then members / cohort_size end
        as rate, -- their share of the cohort
    is_complete -- whether the period is over for the whole cohort
from cells
order by cohort_start, by_value nulls last, period_index
