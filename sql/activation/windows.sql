-- One row per cohort week and scope: which windows after the join are over and were covered without
-- a hole.
-- grain: group_id, cohort_week
-- A window is complete when cohort week end + window <= W, the earliest watermark of messages and
-- orders (of orders alone for first orders), and no day in between is missing from the exports.
with

joiners as (select * from activation.joiners),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

calendar as (select * from core.calendar),

coverage as (select * from core.coverage),

-- The community has every week, those without a cohort too: its cost is known all the same.
cohorts as (
    select group_id, cohort_week from joiners
    union
    select cast(null as varchar) as group_id, week_start as cohort_week from weeks
),

spans as (
    select 24 as hours
    union all
    select 168 as hours
    union all
    select 720 as hours
),

windows as (
    select
        cohorts.group_id,
        cohorts.cohort_week,
        spans.hours,
        weeks.week_start_at,
        weeks.week_end_at,
        weeks.week_end_at + spans.hours * interval 1 hour as end_at,
        weeks.activity_missed_before,
        weeks.order_missed_before
    from cohorts
    cross join spans
    join weeks on cohorts.cohort_week = weeks.week_start
),

-- Days of the window that the exports lack: of the project for the community, of the group for a
-- group.
group_holes as (
    select coverage.group_id, calendar.day_start_at, calendar.day_end_at, coverage.event_kind
    from coverage
    join calendar on coverage.day = calendar.day
    where coverage.event_kind in ('message', 'order') and not coverage.is_covered
),

holed as (
    select
        windows.group_id,
        windows.cohort_week,
        windows.hours,
        bool_or(group_holes.event_kind = 'order') as has_order_hole
    from windows
    join group_holes
        on windows.group_id = group_holes.group_id
        and group_holes.day_end_at > windows.week_start_at
        and group_holes.day_start_at < windows.end_at
    group by windows.group_id, windows.cohort_week, windows.hours
),

reached as (
    select
        windows.*,
        calendar.activity_days_missed - windows.activity_missed_before as activity_hole_days,
        calendar.order_days_missed - windows.order_missed_before as order_hole_days
    from windows
    left join calendar
        on windows.end_at > calendar.day_start_at
        and windows.end_at <= calendar.day_end_at
),

judged as (
    select
        reached.group_id,
        reached.cohort_week,
        reached.hours,
        coalesce(
            reached.end_at <= settings.watermark_activity_at
                and reached.week_end_at <= settings.watermark_join_at
                and reached.activity_hole_days = 0
                and holed.group_id is null,
            false
        ) as is_activity_complete,
        coalesce(
            reached.end_at <= settings.watermark_order_at
                and reached.week_end_at <= settings.watermark_join_at
                and reached.order_hole_days = 0
                and not coalesce(holed.has_order_hole, false),
            false
        ) as is_order_complete
    from reached
    cross join settings
    left join holed
        on reached.group_id is not distinct from holed.group_id
        and reached.cohort_week = holed.cohort_week
        and reached.hours = holed.hours
)

select
    group_id, -- group; NULL for the community
    cohort_week, -- week of the first join
    bool_or(hours = 24 and is_activity_complete)
        as is_complete_24h, -- 24 hours are over and covered
    bool_or(hours = 168 and is_activity_complete) as is_complete_7d, -- 7 days are
    bool_or(hours = 720 and is_activity_complete) as is_complete_30d, -- 30 days are
    bool_or(hours = 168 and is_order_complete) as is_order_complete_7d, -- 7 days of orders are
    bool_or(hours = 720 and is_order_complete) as is_order_complete_30d -- 30 days of orders are
from judged
group by group_id, cohort_week
