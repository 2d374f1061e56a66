-- One row per member and run of days on end with a check-in.
-- grain: member_id, first_day
-- A day without a check-in ends the run.
with

member_days as (select * from core.member_days),

calendar as (select * from core.calendar),

days as (
    select member_days.member_id, calendar.day, calendar.day_number
    from member_days
    join calendar on member_days.day = calendar.day
    where member_days.check_ins > 0
    group by member_days.member_id, calendar.day, calendar.day_number
),

islands as (
    select
        days.*,
        day_number - row_number() over (partition by member_id order by day_number) as island
    from days
)

select
    member_id, -- member
    min(day) as first_day, -- its first day
    min(day_number) as first_number, -- the number of that day
    count(*) as days -- days on end
from islands
group by member_id, island
