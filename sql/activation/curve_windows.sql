-- One row per week of first joins, outcome of the curve (active or spoken) and hour bucket.
-- grain: cohort_week, outcome, hour
-- W = the earliest watermark of joins and of the kinds the outcome needs. is_unbroken: no day is
-- missing from the week's first covered day up to W, or to 720 hours after the week.
with

weeks as (select * from core.weeks),

settings as (select * from core.settings),

calendar as (select * from core.calendar),

hours as (
    select unnest([1, 3, 6, 12, 24, 48, 72, 96, 120, 144, 168, 336, 504, 720]) as hour
),

limits as (
    select
        'active' as outcome,
        case when watermark_activity_at is not null and watermark_join_at is not null
            then least(watermark_activity_at, watermark_join_at) end as limit_at
    from settings
    union all
    select
        'spoken',
        case when watermark_message_at is not null and watermark_join_at is not null
            then least(watermark_message_at, watermark_join_at) end
    from settings
),

missed as (
    select
        'active' as outcome, week_start, day_start_at, day_end_at, join_days_missed,
        activity_days_missed as days_missed, activity_missed_before as missed_before
    from calendar
    union all
    select
        'spoken', week_start, day_start_at, day_end_at, join_days_missed,
        message_days_missed, message_missed_before
    from calendar
),

starts as (
    select outcome, week_start, min(missed_before) as missed_before
    from missed
    group by outcome, week_start
),

windows as (
    select
        weeks.week_start,
        hours.hour,
        weeks.week_end_at + hours.hour * interval 1 hour as end_at,
        weeks.join_missed_before,
        limits.outcome,
        limits.limit_at,
        starts.missed_before
    from weeks
    cross join hours
    cross join limits
    join starts on weeks.week_start = starts.week_start and limits.outcome = starts.outcome
),

reached as (
    select
        windows.*,
        coalesce(missed.join_days_missed = windows.join_missed_before
            and missed.days_missed = windows.missed_before, false) as is_covered
    from windows
    left join missed
        on windows.outcome = missed.outcome
        and least(windows.end_at, windows.limit_at) > missed.day_start_at
        and least(windows.end_at, windows.limit_at) <= missed.day_end_at
)

select
    week_start as cohort_week, -- week of the first join
    outcome, -- active or spoken
    hour, -- hours after the join
    limit_at, -- W, naive UTC; NULL where a kind it needs is not exported
    coalesce(end_at <= limit_at and is_covered, false)
        as is_complete, -- the window is over and covered
    bool_and(is_covered) over (partition by outcome, week_start)
        as is_unbroken -- no day is missing until W or 720 hours
from reached
