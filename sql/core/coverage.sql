-- One row per business day, event kind and group: was that day of that group exported?
-- grain: day, event_kind, group_id
-- partition: day
-- A group follows its sources. Rows of a coverage export that name a group replace that for the
-- group and kind. Orders and invites of shop and campaign tools know no groups: every group follows
-- them. group_id NULL is the project: any of its sources.
with

covered as (select * from core.source_coverage),

group_sources as (select * from staging.group_sources),

declared as (select * from staging.declared_coverage),

calendar as (select * from staging.calendar),

retention as (select * from staging.retention),

kind_spans as (
    select event_kind, min(day) as first_day, max(day) as last_day
    from covered
    group by event_kind
),

source_kinds as (select distinct source, event_kind from covered),

overrides as (
    select declared.group_id, kind_spans.event_kind, declared.covered_from, declared.covered_to
    from declared
    join kind_spans on declared.event_kind is null or declared.event_kind = kind_spans.event_kind
    where declared.group_id is not null
),

overridden as (select distinct group_id, event_kind from overrides),

groups as (
    select distinct group_id from group_sources
    union all
    select cast(null as varchar) as group_id
),

own_sources as (
    select group_sources.group_id, source_kinds.event_kind, source_kinds.source
    from group_sources
    join source_kinds on group_sources.source = source_kinds.source
),

with_own as (select distinct group_id, event_kind from own_sources),

followed as (
    select group_id, event_kind, source from own_sources
    union all
    select groups.group_id, source_kinds.event_kind, source_kinds.source
    from groups
    join source_kinds on source_kinds.event_kind in ('order', 'invite') or groups.group_id is null
    left join with_own
        on groups.group_id = with_own.group_id
        and source_kinds.event_kind = with_own.event_kind
    where with_own.group_id is null
),

covered_days as (
    select followed.group_id, followed.event_kind, covered.day, min(covered.how) as how
    from followed
    join covered on followed.source = covered.source and followed.event_kind = covered.event_kind
    left join overridden
        on followed.group_id = overridden.group_id
        and followed.event_kind = overridden.event_kind
    where overridden.group_id is null
    group by followed.group_id, followed.event_kind, covered.day
    union
    select overrides.group_id, overrides.event_kind, calendar.day, 'declared' as how
    from overrides
    join calendar on calendar.day >= overrides.covered_from and calendar.day <= overrides.covered_to
    cross join retention
    where retention.kept_from is null or calendar.day >= retention.kept_from
)

select
    calendar.day, -- business day
    kind_spans.event_kind, -- join, message, order or invite
    groups.group_id, -- group; NULL for the project
    covered_days.day is not null as is_covered, -- whether the day of the group was exported
    covered_days.how -- declared or inferred; NULL where not covered
from groups
cross join kind_spans
join calendar on calendar.day >= kind_spans.first_day and calendar.day <= kind_spans.last_day
left join covered_days
    on groups.group_id is not distinct from covered_days.group_id
    and kind_spans.event_kind = covered_days.event_kind
    and calendar.day = covered_days.day
