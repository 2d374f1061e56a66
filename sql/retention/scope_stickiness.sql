-- One row per week and scope (the community: group_id NULL, or a group): how often do active
-- members come?
-- grain: group_id, week_start
-- partition: week_start
-- reach: -23d..+6d
-- M44. Mean daily actives of the week's 7 days / distinct actives of the week; the same of the 30
-- days that end with the week. NULL unless all days are covered, of the project and of the group.
with

spans as (select * from retention.scope_spans),

member_days as (select * from core.member_days),

weeks as (select * from core.weeks),

calendar as (select * from staging.calendar),

active_days as (
    select group_id, day, member_id
    from member_days
    where is_active and group_id is not null
    union all
    select cast(null as varchar) as group_id, day, member_id
    from member_days
    where is_active
    group by day, member_id
),

week_days as (
    select weeks.week_start, days.day, days.week_start = weeks.week_start as is_in_week
    from weeks
    join calendar on weeks.last_day = calendar.day
    join calendar as days
        on days.day_number > calendar.day_number - 30
        and days.day_number <= calendar.day_number
),

habits as (
    select
        active_days.group_id,
        week_days.week_start,
        active_days.member_id,
        count(*) as days_30,
        count(case when week_days.is_in_week then 1 end) as days_7
    from active_days
    join week_days on active_days.day = week_days.day
    group by active_days.group_id, week_days.week_start, active_days.member_id
),

counts as (
    select
        group_id,
        week_start,
        sum(days_7) / 7.0 as daily_7,
        count(case when days_7 > 0 then 1 end) as actives_7,
        sum(days_30) / 30.0 as daily_30,
        count(*) as actives_30
    from habits
    group by group_id, week_start
),

filled as (
    select
        spans.group_id,
        spans.week_start,
        spans.is_complete,
        spans.is_complete_30d,
        case when spans.is_complete then cast(coalesce(counts.daily_7, 0) as double) end as daily_7,
        case when spans.is_complete then coalesce(counts.actives_7, 0) end as actives_7,
        case when spans.is_complete_30d then cast(coalesce(counts.daily_30, 0) as double) end
            as daily_30,
        case when spans.is_complete_30d then coalesce(counts.actives_30, 0) end as actives_30
    from spans
    left join counts
        on spans.group_id is not distinct from counts.group_id
        and spans.week_start = counts.week_start
)

select
    group_id, -- group; NULL for the community
    week_start, -- first day of the week
    daily_7 as daily_actives_mean, -- members active on a day, mean of the 7 days
    actives_7 as weekly_actives, -- members active in the week
    daily_30 as daily_actives_mean_30d, -- members active on a day, mean of the 30 days
    actives_30 as monthly_actives, -- members active in the 30 days that end with the week
    daily_7 / nullif(actives_7, 0) as dau_wau, -- daily_actives_mean / weekly_actives
    daily_30 / nullif(actives_30, 0) as dau_mau, -- daily_actives_mean_30d / monthly_actives
    is_complete, -- whether all 7 days are covered
    is_complete_30d, -- whether all 30 days are
    case
        when not is_complete then 'incomplete_week'
        when not is_complete_30d then 'not_covered'
        when actives_7 = 0 then 'no_active_members'
    end as reason -- why a value of the row is missing
from filled
