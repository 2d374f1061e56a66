-- One row per week and group with talk or sales: who wrote and who bought in the dead_days before
-- its end.
-- grain: week_start, group_id
-- Buyers are members in the group at the end of the week who paid an order anywhere.
with

action_weeks as (select * from scorecard.action_weeks),

settings as (select * from core.settings),

calendar as (select * from core.calendar),

member_days as (select * from core.member_days),

orders as (select * from core.orders),

member_windows as (select * from group_health.member_windows),

talkers as (
    select action_weeks.week_start, member_days.group_id, member_days.member_id
    from action_weeks
    cross join settings
    join calendar on calendar.day_number < action_weeks.end_number
        and calendar.day_number >= action_weeks.end_number - settings.dead_days
    join member_days on calendar.day = member_days.day
    where member_days.meaningful_messages > 0
    group by action_weeks.week_start, member_days.group_id, member_days.member_id
),

shoppers as (
    select action_weeks.week_start, orders.member_id
    from action_weeks
    cross join settings
    join calendar on calendar.day_number < action_weeks.end_number
        and calendar.day_number >= action_weeks.end_number - settings.dead_days
    join orders on calendar.day = orders.paid_day
    where orders.is_paid and orders.is_counted
    group by action_weeks.week_start, orders.member_id
),

marks as (
    select week_start, group_id, 1 as talkers, 0 as buyers from talkers
    union all
    select member_windows.week_start, member_windows.group_id, 0, 1
    from member_windows
    join shoppers on member_windows.week_start = shoppers.week_start
        and member_windows.member_id = shoppers.member_id
)

select
    week_start, -- week at whose end the days end
    group_id, -- group
    cast(sum(talkers) as bigint) as talkers, -- members with a meaningful message
    cast(sum(buyers) as bigint) as buyers -- members at the end who bought
from marks
group by week_start, group_id
