-- One row per week.
-- grain: week_start
-- partition: week_start
-- A week is complete for a kind when all its days are covered and it is over at the kind's
-- watermark.
with

calendar as (select * from core.calendar),

settings as (select * from core.settings),

weeks as (
    select
        week_start,
        max(week_number) as week_number,
        max(week_label) as week_label,
        min(day_start_at) as week_start_at,
        max(day_end_at) as week_end_at,
        max(day) as last_day,
        count(case when is_join_covered then 1 end) as join_days,
        count(case when is_message_covered then 1 end) as message_days,
        count(case when is_order_covered then 1 end) as order_days,
        count(case when is_invite_covered then 1 end) as invite_days,
        count(case when is_activity_covered then 1 end) as activity_days,
        min(activity_missed_before) as activity_missed_before,
        max(activity_days_missed) - min(activity_missed_before) as activity_hole_days,
        min(order_missed_before) as order_missed_before,
        min(join_missed_before) as join_missed_before,
        min(invite_missed_before) as invite_missed_before
    from calendar
    group by week_start
)

select
    weeks.week_start, -- first day of the week
    weeks.week_number, -- consecutive number
    weeks.week_label, -- ISO label
    weeks.week_start_at, -- naive UTC instant it starts
    weeks.week_end_at, -- naive UTC instant it ends
    weeks.last_day, -- its last day
    weeks.join_days, -- days covered by joins
    weeks.message_days, -- days covered by messages
    weeks.order_days, -- days covered by orders
    weeks.invite_days, -- days covered by invites
    weeks.activity_days, -- days covered by all activity exports
    weeks.activity_missed_before, -- uncovered days before it or, in it, before the first exported
    weeks.activity_hole_days, -- its uncovered days from the first exported day on
    weeks.order_missed_before, -- as activity_missed_before, of orders
    weeks.join_missed_before, -- of joins
    weeks.invite_missed_before, -- of invites
    coalesce(weeks.join_days = 7 and weeks.week_end_at <= settings.report_join_at, false)
        as is_join_complete, -- all joins of the week are known
    coalesce(weeks.message_days = 7 and weeks.week_end_at <= settings.report_message_at, false)
        as is_message_complete, -- all messages of the week are known
    coalesce(weeks.order_days = 7 and weeks.week_end_at <= settings.report_order_at, false)
        as is_order_complete, -- all orders of the week are known
    coalesce(weeks.invite_days = 7 and weeks.week_end_at <= settings.report_invite_at, false)
        as is_invite_complete, -- all invites of the week are known
    coalesce(weeks.activity_days = 7 and weeks.week_end_at <= settings.report_activity_at, false)
        as is_activity_complete -- all activity of the week is known
from weeks
cross join settings
