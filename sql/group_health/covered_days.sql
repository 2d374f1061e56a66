-- One row per group and week: how many days of each window before its end were exported for the
-- group.
-- grain: group_id, week_start
with

pairs as (select * from group_health.pairs),

settings as (select * from core.settings),

coverage as (select * from core.coverage),

calendar as (select * from core.calendar)

select
    pairs.group_id, -- group
    pairs.week_start, -- week at whose end the windows end
    count(case when coverage.event_kind = 'message'
        and calendar.day_number >= pairs.end_number - settings.dead_days
        and coverage.is_covered then 1 end)
            as message_days_14, -- of the 14 days before, messages
    count(case when coverage.event_kind = 'order'
        and calendar.day_number >= pairs.end_number - settings.dead_days
        and coverage.is_covered then 1 end) as order_days_14, -- of the 14 days, orders
    count(case when coverage.event_kind = 'message' and calendar.day_number >= pairs.end_number - 7
        and coverage.is_covered then 1 end) as message_days_7, -- of 7 days, messages
    count(case when coverage.event_kind = 'order' and calendar.day_number >= pairs.end_number - 7
        and coverage.is_covered then 1 end) as order_days_7, -- of 7 days, orders
    count(case when coverage.event_kind = 'message' and calendar.day_number >= pairs.end_number - 28
        and coverage.is_covered then 1 end) as message_days_28, -- of 28 days, messages
    count(case when coverage.event_kind = 'order' and calendar.day_number >= pairs.end_number - 28
        and coverage.is_covered then 1 end) as order_days_28, -- of 28 days, orders
    count(case when coverage.event_kind = 'message' and coverage.is_covered then 1 end)
        as message_days_30, -- of 30 days, messages
    count(case when coverage.event_kind = 'order' and coverage.is_covered then 1 end)
        as order_days_30, -- of 30 days, orders
    count(case when coverage.event_kind = 'join' and calendar.day_number >= pairs.end_number - 28
        and coverage.is_covered then 1 end) as join_days_28 -- of 28 days, joins
from pairs
cross join settings
join calendar on calendar.day_number >= pairs.end_number - 30
    and calendar.day_number < pairs.end_number
join coverage on pairs.group_id = coverage.group_id and calendar.day = coverage.day
group by pairs.group_id, pairs.week_start
