-- One row per week at whose end groups are looked at: the last 26 that any export reaches.
-- grain: week_start
-- partition: week_start
with

weeks as (select * from core.weeks),

settings as (select * from core.settings),

calendar as (select * from core.calendar),

lasts as (
    select week_start, max(day_number) + 1 as end_number
    from calendar
    group by week_start
),

firsts as (select min(day) as first_day from core.source_coverage),

placed as (
    select
        weeks.week_start,
        weeks.week_number,
        weeks.week_end_at,
        lasts.end_number,
        coalesce(weeks.week_end_at <= settings.report_join_at, false) as has_joins,
        coalesce(weeks.week_end_at <= settings.report_message_at, false) as has_messages,
        coalesce(weeks.week_end_at <= settings.report_order_at, false) as has_orders,
        weeks.week_end_at = coalesce(
            least(settings.report_join_at, settings.report_activity_at),
            settings.report_at
        ) as is_report,
        row_number() over (order by weeks.week_start desc) as place
    from weeks
    cross join settings
    cross join firsts
    join lasts on weeks.week_start = lasts.week_start
    where weeks.week_end_at <= settings.report_at and weeks.last_day >= firsts.first_day
)

select
    week_start, -- first day of the week
    week_number, -- consecutive number of the week
    week_end_at, -- the instant: its end, naive UTC
    end_number, -- day number of the first day after it
    has_joins, -- whether joins reach it
    has_messages, -- whether messages do
    has_orders, -- whether orders do
    coalesce(is_report, false) as is_report -- whether it is R, the week of the report
from placed
where place <= 26
