-- One row per week of first joins: which windows after the join are over and covered by joins.
-- grain: cohort_week
-- A window is complete when cohort week end + window <= W of joins and no day from the start of the
-- week (of the export, where that begins in it) to the end of the window is missing. Where only
-- member lists tell exits, a window is known when the lists around it are less than it apart.
with

weeks as (select * from core.weeks),

settings as (select * from core.settings),

calendar as (select * from core.calendar),

list_gaps as (select * from core.list_gaps),

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
        weeks.week_start_at as start_at,
        spans.hours,
        weeks.week_end_at + spans.hours * interval 1 hour as end_at
    from weeks
    cross join spans
),

-- Lists are taken batch by batch: few pairs of days, however many groups.
gap_days as (
    select
        firsts.day_start_at as first_at,
        lasts.day_end_at as last_at,
        max(list_gaps.hours) as hours
    from list_gaps
    join calendar as firsts
        on list_gaps.after_at >= firsts.day_start_at
        and list_gaps.after_at < firsts.day_end_at
    join calendar as lasts
        on list_gaps.listed_at >= lasts.day_start_at
        and list_gaps.listed_at < lasts.day_end_at
    group by firsts.day_start_at, lasts.day_end_at
),

widest as (
    select windows.week_start, windows.hours, max(gap_days.hours) as gap_hours
    from windows
    join gap_days
        on gap_days.last_at > windows.start_at
        and gap_days.first_at < windows.end_at
    group by windows.week_start, windows.hours
),

judged as (
    select
        windows.week_start,
        windows.hours,
        coalesce(widest.gap_hours < windows.hours, true) as is_known,
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
    left join widest
        on windows.week_start = widest.week_start
        and windows.hours = widest.hours
)

select
    week_start as cohort_week, -- week of the first join
    bool_or(hours = 0 and is_complete) as is_complete_week, -- the week is over and covered
    bool_or(hours = 48 and is_complete) as is_complete_48h, -- 48 hours are over and covered
    bool_or(hours = 168 and is_complete) as is_complete_7d, -- 7 days are
    bool_or(hours = 720 and is_complete) as is_complete_30d, -- 30 days are
    bool_or(hours = 48 and is_known)
        as is_known_48h, -- exits are told, or lists are less than 48 h apart
    bool_or(hours = 168 and is_known) as is_known_7d, -- the same of 7 days
    bool_or(hours = 720 and is_known) as is_known_30d -- the same of 30 days
from judged
group by week_start
