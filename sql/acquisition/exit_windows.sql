-- One row per week of first joins: which windows after the join are over and covered by joins.
-- grain: cohort_week
-- A window is complete when cohort week end + window <= W of joins and no day from the start of the
-- week (of the export, where that begins in it) to the end of the window is missing.
with

weeks as (select * from core.weeks),

settings as (select * from core.settings),

calendar as (select * from core.calendar),

spans as (
    select 0 as hours
    union all
    select 48 as hours
    union all
    select 168 as hours
    union all
    select 720 as hours
),

windows as (
    select
        weeks.week_start,
        weeks.join_missed_before,
        spans.hours,
        weeks.week_end_at + spans.hours * interval 1 hour as end_at
    from weeks
    cross join spans
),

judged as (
    select
        windows.week_start,
        windows.hours,
        coalesce(
            windows.end_at <= settings.watermark_join_at
                and calendar.join_days_missed = windows.join_missed_before,
            false
        ) as is_complete
    from windows
    cross join settings
    left join calendar
        on windows.end_at > calendar.day_start_at
        and windows.end_at <= calendar.day_end_at
)

select
    week_start as cohort_week, -- week of the first join
    bool_or(hours = 0 and is_complete) as is_complete_week, -- the week is over and covered
    bool_or(hours = 48 and is_complete) as is_complete_48h, -- 48 hours are over and covered
    bool_or(hours = 168 and is_complete) as is_complete_7d, -- 7 days are
    bool_or(hours = 720 and is_complete) as is_complete_30d -- 30 days are
from judged
group by week_start
