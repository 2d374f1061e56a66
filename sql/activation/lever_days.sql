-- One row per group and business day whose messages are known: the days levers are measured on.
-- grain: group_id, day_number
-- From the day of the first message of the group until it is dissolved, covered by its exports,
-- over at report_message_at.
with

groups as (select * from core.groups),

group_hours as (select * from core.group_hours),

coverage as (select * from core.coverage),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

firsts as (
    select group_id, min(hour_at) as first_at
    from group_hours
    group by group_id
)

select
    groups.group_id, -- group
    calendar.day_number, -- business day, as a number
    groups.group_type -- type of the group
from coverage
join calendar on coverage.day = calendar.day
join groups on coverage.group_id = groups.group_id
join firsts on groups.group_id = firsts.group_id
cross join settings
where coverage.event_kind = 'message'
    and coverage.is_covered
    and calendar.day_end_at <= settings.report_message_at
    and calendar.day_end_at > firsts.first_at
    and (groups.closed_at is null or groups.closed_at > calendar.day_start_at)
