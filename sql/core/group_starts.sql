-- One row per group: the instant from which its sources were exported.
-- grain: group_id
-- Members whose join is unknown count from here on. Joins before it come from member lists: they
-- say that the member was there, not when the community gained them.
with

group_sources as (select * from staging.group_sources),

covered as (select * from core.source_coverage),

calendar as (select * from core.calendar),

first_days as (
    select source, min(day) as first_day
    from covered
    where event_kind in ('join', 'message', 'invite')
    group by source
)

select
    group_sources.group_id, -- group
    min(calendar.day_start_at) as start_at -- start of the first covered day, naive UTC
from group_sources
join first_days on group_sources.source = first_days.source
join calendar on first_days.first_day = calendar.day
group by group_sources.group_id
