-- One row per business day.
-- grain: day
-- partition: day
-- Whether the project's exports cover the day, per kind; the running counts of uncovered days tell
-- in one subtraction whether a window has a hole.
with

calendar as (select * from staging.calendar),

settings as (select * from core.settings),

covered as (select * from core.source_coverage),

kinds as (
    select
        bool_or(event_kind = 'join') as has_join,
        bool_or(event_kind = 'message') as has_message,
        bool_or(event_kind = 'order') as has_order,
        bool_or(event_kind = 'invite') as has_invite
    from covered
),

covered_days as (
    select
        day,
        bool_or(event_kind = 'join') as is_join_covered,
        bool_or(event_kind = 'message') as is_message_covered,
        bool_or(event_kind = 'order') as is_order_covered,
        bool_or(event_kind = 'invite') as is_invite_covered
    from covered
    group by day
),

flags as (
    select
        calendar.*,
        coalesce(covered_days.is_join_covered, false) as is_join_covered,
        coalesce(covered_days.is_message_covered, false) as is_message_covered,
        coalesce(covered_days.is_order_covered, false) as is_order_covered,
        coalesce(covered_days.is_invite_covered, false) as is_invite_covered,
        (coalesce(kinds.has_message, false) or coalesce(kinds.has_order, false))
            and (coalesce(covered_days.is_message_covered, false)
                or not coalesce(kinds.has_message, false))
            and (coalesce(covered_days.is_order_covered, false)
                or not coalesce(kinds.has_order, false))
            as is_activity_covered
    from calendar
    cross join kinds
    left join covered_days on calendar.day = covered_days.day
)

select
    flags.day, -- business day
    flags.day_number, -- days since 1970-01-01
    flags.week_start, -- first day of its week
    flags.week_number, -- consecutive number of the week
    flags.week_label, -- ISO label of the week
    flags.month_start, -- first day of its month
    flags.day_start_at, -- naive UTC instant it starts
    flags.day_end_at, -- naive UTC instant it ends
    coalesce(max(flags.day_end_at)
        over (partition by flags.week_start) <= settings.report_at, false)
        as is_complete_week, -- whether its week is over at report_at
    flags.is_join_covered, -- whether joins of the day were exported
    flags.is_message_covered, -- whether messages of the day were exported
    flags.is_order_covered, -- whether orders of the day were exported
    flags.is_invite_covered, -- whether invites of the day were exported
    flags.is_activity_covered, -- whether all activity of the day that the project exports was
    count(case when not flags.is_join_covered then 1 end) over (order by flags.day)
        as join_days_missed, -- days without joins export up to and with this one
    count(case when not flags.is_message_covered then 1 end) over (order by flags.day)
        as message_days_missed, -- the same of messages
    count(case when not flags.is_order_covered then 1 end) over (order by flags.day)
        as order_days_missed, -- the same of orders
    count(case when not flags.is_invite_covered then 1 end) over (order by flags.day)
        as invite_days_missed, -- the same of invites
    count(case when not flags.is_activity_covered then 1 end) over (order by flags.day)
        as activity_days_missed, -- the same of activity
    case when bool_or(flags.is_join_covered) over (order by flags.day)
        then count(case when not flags.is_join_covered then 1 end) over (order by flags.day)
            - case when flags.is_join_covered then 0 else 1 end end
        as join_missed_before, -- such days before this one; NULL before the first exported day
    case when bool_or(flags.is_message_covered) over (order by flags.day)
        then count(case when not flags.is_message_covered then 1 end) over (order by flags.day)
            - case when flags.is_message_covered then 0 else 1 end end
        as message_missed_before, -- the same of messages
    case when bool_or(flags.is_order_covered) over (order by flags.day)
        then count(case when not flags.is_order_covered then 1 end) over (order by flags.day)
            - case when flags.is_order_covered then 0 else 1 end end
        as order_missed_before, -- the same of orders
    case when bool_or(flags.is_invite_covered) over (order by flags.day)
        then count(case when not flags.is_invite_covered then 1 end) over (order by flags.day)
            - case when flags.is_invite_covered then 0 else 1 end end
        as invite_missed_before, -- the same of invites
    case when bool_or(flags.is_activity_covered) over (order by flags.day)
        then count(case when not flags.is_activity_covered then 1 end) over (order by flags.day)
            - case when flags.is_activity_covered then 0 else 1 end end
        as activity_missed_before -- the same of activity
from flags
cross join settings
