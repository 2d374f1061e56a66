-- One row per group type and hour of the week: how many members usually post in it without a lever.
-- grain: group_type, hour_of_week
-- Over all known days of all groups of the type; hours with a lever at work are left out. NULL
-- where no free hour is left.
with

days as (select * from activation.lever_days),

clock as (select * from activation.clock_hours),

hours as (select * from activation.lever_hours),

group_days as (
    select group_type, day_number, count(*) as groups
    from days
    group by group_type, day_number
),

all_hours as (
    select group_days.group_type, clock.hour_of_week, sum(group_days.groups) as hours
    from group_days
    join clock on group_days.day_number = clock.day_number
    group by group_days.group_type, clock.hour_of_week
),

seen as (
    select
        group_type,
        hour_of_week,
        count(case when is_levered then 1 end) as levered_hours,
        sum(case when not is_levered then posters else 0 end) as posters
    from hours
    group by group_type, hour_of_week
),

free as (
    select
        all_hours.group_type,
        all_hours.hour_of_week,
        cast(all_hours.hours - coalesce(seen.levered_hours, 0) as bigint) as free_hours,
        cast(coalesce(seen.posters, 0) as bigint) as posters
    from all_hours
    left join seen
        on all_hours.group_type = seen.group_type and all_hours.hour_of_week = seen.hour_of_week
)

select
    group_type, -- type of the groups
    hour_of_week, -- place in the business week, 0 to 167
    free_hours, -- hours of groups without a lever at work
    posters, -- their posters, added up
    cast(floor(cast(posters as double) / nullif(free_hours, 0) * 1e12 + 0.5) / 1e12
        as decimal(30, 12))
        as usual_posters -- posters / free_hours; a decimal, so that sums ignore their order
from free
