-- One row per week and metric of groups and activity on the first page.
-- grain: week_start, metric
-- participation and lurkers are pooled over the groups covered then; dau_wau over the community.
with

snapshots as (select * from group_health.snapshots),

states as (select * from group_health.states),

weeks as (select * from core.weeks),

member_days as (select * from core.member_days),

calendar as (select * from core.calendar),

scope_activity as (select * from retention.scope_weeks),

group_values as (
    select
        snapshots.week_start,
        sum(case when snapshots.participation_7d is not null then snapshots.posters_7d end)
            as posters,
        sum(case when snapshots.participation_7d is not null then snapshots.archived_members end)
            as archived,
        sum(case when snapshots.lurker_rate is not null then snapshots.lurkers end) as lurkers,
        sum(case when snapshots.lurker_rate is not null then snapshots.settled_members end)
            as settled,
        count(case when states.state = 'healthy' then 1 end) as healthy,
        count(case when states.state in ('dying', 'dead') then 1 end) as dying_or_dead,
        count(case when states.state <> 'unknown' then 1 end) as judged_groups
    from snapshots
    join states on snapshots.group_id = states.group_id and snapshots.week_start = states.week_start
    group by snapshots.week_start
),

health_values as (
    select week_start, 'participation_rate'
        as metric, cast(posters as double) / nullif(archived, 0) as value,
        cast(posters as double) as numerator, cast(archived as double) as denominator
    from group_values
    union all
    select week_start, 'lurker_rate', cast(lurkers as double) / nullif(settled, 0),
        cast(lurkers as double),
        cast(settled as double)
    from group_values
    union all
    select week_start, 'healthy_groups', case when judged_groups > 0
        then cast(healthy as double) end,
        cast(healthy as double), cast(judged_groups as double)
    from group_values
    union all
    select week_start, 'dying_or_dead_groups', case when judged_groups > 0
        then cast(dying_or_dead as double) end,
        cast(dying_or_dead as double), cast(judged_groups as double)
    from group_values
),

daily as (
    select calendar.week_start, member_days.day, count(distinct member_days.member_id) as actives
    from member_days
    join calendar on member_days.day = calendar.day
    where member_days.is_active
    group by calendar.week_start, member_days.day
),

weekly_actives as (
    select week_start, count(*) as actives
    from scope_activity
    where group_id is null
    group by week_start
),

stickiness_values as (
    select
        weeks.week_start,
        'dau_wau' as metric,
        case when weeks.is_activity_complete
            then sum(daily.actives) / 7.0 / nullif(max(weekly_actives.actives), 0) end as value,
        sum(daily.actives) / 7.0 as numerator,
        cast(max(weekly_actives.actives) as double) as denominator,
        weeks.is_activity_complete as is_complete
    from weeks
    join weekly_actives on weeks.week_start = weekly_actives.week_start
    join daily on weeks.week_start = daily.week_start
    group by weeks.week_start, weeks.is_activity_complete
),

all_values as (
    select week_start, metric, value, numerator, denominator, value is not null as is_complete,
        case when value is null then 'not_covered' end as reason
    from health_values
    union all
    select week_start, metric, value, numerator, denominator, is_complete,
        case when value is null then 'incomplete_week' end as reason
    from stickiness_values
)

select
    week_start, -- week it stands in
    metric, -- key of the metric
    value, -- its value
    numerator, -- what is counted
    denominator, -- of how many
    is_complete, -- whether everything it needs is over and covered
    cast(null as date) as cohort_week, -- cohort it speaks of, where that is another week
    reason -- why it has no value
from all_values
