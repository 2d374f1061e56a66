-- One row per source, event kind and business day that the source covers.
-- grain: source, event_kind, day
-- Declared where a file name, the settings or a coverage export says so, and for joins from the
-- first member list to the last. Otherwise inferred over
-- the union of all files of the source, from the first to the last day with any row; only gap_days
-- or more quiet days are a gap. Days whose events are no longer kept are not covered.
with

calendar as (select * from staging.calendar),

loads as (select * from staging.loads),

declared as (select * from staging.declared_coverage),

source_days as (select * from staging.source_days),

list_days as (select * from staging.list_days),

settings as (select * from staging.settings),

retention as (select * from staging.retention),

kinds as (
    select source, event_kind, bool_or(not is_coverage_declared) as has_undeclared
    from loads
    group by source, event_kind
),

ranges as (
    select source, event_kind, covered_from, covered_to
    from loads
    where is_coverage_declared
    union
    select declared.source, kinds.event_kind, declared.covered_from, declared.covered_to
    from declared
    join kinds
        on declared.source = kinds.source
        and (declared.event_kind is null or declared.event_kind = kinds.event_kind)
    where declared.group_id is null and declared.covered_from is not null
    union
    select source, 'join' as event_kind, first_day, last_day from list_days
),

declared_days as (
    select ranges.source, ranges.event_kind, calendar.day
    from ranges
    join calendar on calendar.day >= ranges.covered_from and calendar.day <= ranges.covered_to
),

numbered_days as (
    select source_days.source, calendar.day_number
    from source_days
    join calendar on source_days.day = calendar.day
),

steps as (
    select
        source,
        day_number,
        lag(day_number) over (partition by source order by day_number) as previous_number
    from numbered_days
),

islands as (
    select
        steps.source,
        steps.day_number,
        count(case when steps.day_number - steps.previous_number > settings.gap_days then 1 end)
            over (partition by steps.source order by steps.day_number) as island
    from steps
    cross join settings
),

spans as (
    select source, island, min(day_number) as first_number, max(day_number) as last_number
    from islands
    group by source, island
),

inferred_days as (
    select kinds.source, kinds.event_kind, calendar.day
    from kinds
    join spans on kinds.source = spans.source
    join calendar on calendar.day_number >= spans.first_number
        and calendar.day_number <= spans.last_number
    where kinds.has_undeclared
),

all_days as (
    select source, event_kind, day, 'declared' as how from declared_days
    union all
    select source, event_kind, day, 'inferred' as how from inferred_days
)

select
    source, -- where the export comes from
    event_kind, -- join, message, order or invite
    day, -- business day that is covered
    min(how) as how -- declared or inferred
from all_days
cross join retention
where retention.kept_from is null or all_days.day >= retention.kept_from
group by source, event_kind, day
