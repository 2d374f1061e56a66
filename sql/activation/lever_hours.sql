-- One row per group and hour of a known day in which a member posted or a lever was at work.
-- grain: group_id, hour_at
-- A lever works in the hour of its post and the next. Hours that are not here were free and silent.
with

group_hours as (select * from core.group_hours),

days as (select * from activation.lever_days),

clock as (select * from activation.clock_hours),

marks as (
    select group_id, hour_at, posters, 0 as levers
    from group_hours
    where posters > 0
    union all
    select group_id, hour_at, 0, 1
    from group_hours
    where lever is not null
    union all
    select group_id, hour_at + interval 1 hour, 0, 1
    from group_hours
    where lever is not null
),

hours as (
    select group_id, hour_at, max(posters) as posters, max(levers) as levers
    from marks
    group by group_id, hour_at
)

select
    hours.group_id, -- group
    hours.hour_at, -- hour, naive UTC
    days.group_type, -- type of the group
    clock.day_number, -- business day, as a number
    clock.hour_of_week, -- place in the business week, 0 to 167
    hours.posters, -- members with a meaningful message
    hours.levers > 0 as is_levered -- whether a lever was at work: not part of what is usual
from hours
join clock on hours.hour_at = clock.hour_at
join days on hours.group_id = days.group_id and clock.day_number = days.day_number
