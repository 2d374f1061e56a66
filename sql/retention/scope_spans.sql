-- One row per week and scope (the community: group_id NULL, or a group) whose activity is followed.
-- grain: group_id, week_start
-- partition: week_start
-- From the first week with activity in the scope to the last that activity reaches into; a group
-- until the week it is dissolved. Complete: all days of activity are covered, also of the group.
with

scope_weeks as (select * from retention.scope_weeks),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

groups as (select * from core.groups),

coverage as (select * from core.coverage),

calendar as (select * from core.calendar),

firsts as (
    select group_id, min(week_start) as first_week
    from scope_weeks
    group by group_id
),

group_holes as (
    select coverage.group_id, calendar.day_number
    from coverage
    join calendar on coverage.day = calendar.day
    where coverage.event_kind in ('message', 'order') and not coverage.is_covered
        and coverage.group_id is not null
    group by coverage.group_id, calendar.day_number
),

months as (
    select
        weeks.week_start,
        max(calendar.day_number) as last_number,
        count(case when days.is_activity_covered then 1 end) as covered_days_30
    from weeks
    join calendar on weeks.last_day = calendar.day
    join calendar as days
        on days.day_number > calendar.day_number - 30
        and days.day_number <= calendar.day_number
    group by weeks.week_start
),

spans as (
    select
        firsts.group_id,
        firsts.first_week,
        weeks.week_start,
        months.last_number,
        weeks.is_activity_complete,
        weeks.is_activity_complete and months.covered_days_30 = 30 as is_month_complete
    from firsts
    cross join settings
    join weeks
        on weeks.week_start >= firsts.first_week
        and weeks.week_start_at < settings.watermark_activity_at
    join months on weeks.week_start = months.week_start
    left join groups on firsts.group_id = groups.group_id
    where groups.closed_at is null or weeks.week_start_at < groups.closed_at
),

holed as (
    select
        spans.group_id,
        spans.week_start,
        bool_or(group_holes.day_number > spans.last_number - 7) as has_week_hole
    from spans
    join group_holes
        on spans.group_id = group_holes.group_id
        and group_holes.day_number > spans.last_number - 30
        and group_holes.day_number <= spans.last_number
    group by spans.group_id, spans.week_start
)

select
    spans.group_id, -- group; NULL for the community
    spans.week_start, -- first day of the week
    spans.week_start = spans.first_week as is_first_week, -- whether activity begins in it
    spans.is_activity_complete and not coalesce(holed.has_week_hole, false)
        as is_complete, -- all activity of the week is known
    spans.is_month_complete and holed.group_id is null
        as is_complete_30d -- and of the 30 days that end with it
from spans
left join holed
    on spans.group_id = holed.group_id
    and spans.week_start = holed.week_start
