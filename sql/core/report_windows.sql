-- One row per kind of export and number of days: the window that ends with its report.
-- grain: kind, days
-- R of members and a kind = the earlier of the reports of joins and of the kind; covered = no day
-- of the window is missing from the export of the kind.
with

settings as (select * from core.settings),

calendar as (select * from core.calendar),

spans as (select unnest([7, 28, 30, 90, 365]) as days),

kinds as (
    select 'join' as kind, report_join_at as report_at from settings
    union all
    select 'message', case when report_message_at is not null and report_join_at is not null
        then least(report_message_at, report_join_at) end
    from settings
    union all
    select 'order', case when report_order_at is not null and report_join_at is not null
        then least(report_order_at, report_join_at) end
    from settings
    union all
    select 'activity', case when report_activity_at is not null and report_join_at is not null
        then least(report_activity_at, report_join_at) end
    from settings
),

days as (
    select
        kinds.kind,
        kinds.report_at,
        spans.days,
        min(calendar.day) as first_day,
        max(calendar.day) as last_day,
        min(calendar.day_start_at) as start_at,
        count(case kinds.kind
            when 'join' then case when calendar.is_join_covered then 1 end
            when 'message' then case when calendar.is_message_covered then 1 end
            when 'order' then case when calendar.is_order_covered then 1 end
            else case when calendar.is_activity_covered then 1 end
        end) as covered_days
    from kinds
    cross join spans
    join calendar as lasts on kinds.report_at = lasts.day_end_at
    join calendar
        on calendar.day_number > lasts.day_number - spans.days
        and calendar.day_number <= lasts.day_number
    group by kinds.kind, kinds.report_at, spans.days
)

select
    kind, -- join, message, order or activity
    days, -- length of the window
    report_at, -- R, naive UTC
    first_day, -- first business day of the window
    last_day, -- last one, which ends at R
    start_at, -- start of the window, naive UTC
    covered_days = days as is_covered -- whether every day of it was exported
from days
