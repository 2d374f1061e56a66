-- One row per hour of the calendar: its place in the business week.
-- grain: hour_at
-- Hours are counted from the midnight of the business day; a 25th hour, where clocks go back,
-- counts as the 24th. Where the zone is off by half an hour, the hour begins in the half before.
with

calendar as (select * from core.calendar),

steps as (
    select
        unnest([
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24
        ]) as step
),

hours as (
    select
        calendar.*,
        steps.step,
        date_diff('day', calendar.week_start, calendar.day) as weekday
    from calendar
    cross join steps
    where calendar.day_start_at + steps.step * interval 1 hour < calendar.day_end_at
)

select
    date_trunc('hour', day_start_at + step * interval 1 hour) as hour_at, -- the hour, naive UTC
    day, -- business day
    day_number, -- days since 1970-01-01
    cast(least(step, 23) as integer) as hour_of_day, -- 0 to 23, business time
    cast(weekday * 24 + least(step, 23) as integer)
        as hour_of_week -- 0 to 167, from the first day of the week on
from hours
