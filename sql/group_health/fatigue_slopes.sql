-- One row per instant, type of campaign, set of groups and group: slope of the log of
-- participation.
-- grain: week_start, campaign_type, scope, group_id
-- Over the waves that were over at the report (week_start NULL) or at the end of an action week.
-- scope: all (group_id NULL, the pooled rate), group (its own rate, at the report) or without (the
-- pooled rate without this group). Least squares over the waves with a participant; NULL below two
-- of them. Sums are of decimals, so that they do not depend on their order.
with

waves as (select * from group_health.fatigue_waves),

campaign_waves as (select * from revenue.campaign_waves),

action_weeks as (select * from scorecard.action_weeks),

ends as (
    select campaign_type, wave_number, max(over_at) as over_at
    from campaign_waves
    group by campaign_type, wave_number
),

pooled as (
    select cast(null as date) as week_start, waves.*
    from waves
    where waves.group_id is null
    union all
    select action_weeks.week_start, waves.*
    from action_weeks
    join ends on ends.over_at <= action_weeks.week_end_at
    join waves on ends.campaign_type = waves.campaign_type
        and ends.wave_number = waves.wave_number
    where waves.group_id is null
),

members_of as (select campaign_type, group_id from waves where group_id is not null
    group by campaign_type, group_id),

rates as (
    select week_start, campaign_type, 'all' as scope, group_id, wave_number, participants, members
    from pooled
    union all
    select cast(null as date) as week_start, campaign_type, 'group' as scope, group_id, wave_number,
        participants, members
    from waves
    where group_id is not null
    union all
    select
        pooled.week_start,
        pooled.campaign_type,
        'without' as scope,
        members_of.group_id,
        pooled.wave_number,
        pooled.participants - coalesce(waves.participants, 0) as participants,
        pooled.members - coalesce(waves.members, 0) as members
    from pooled
    join members_of on pooled.campaign_type = members_of.campaign_type
    left join waves
        on members_of.campaign_type = waves.campaign_type
        and members_of.group_id = waves.group_id
        and pooled.wave_number = waves.wave_number
),

points as (
    select
        week_start,
        campaign_type,
        scope,
        group_id,
        wave_number as x,
        case when participants > 0 and members > 0
            then ln(cast(participants as double) / members) end as y
    from rates
),

sums as (
    select
        week_start,
        campaign_type,
        scope,
        group_id,
        count(*) as waves,
        count(y) as points,
        cast(sum(case when y is not null then x end) as double) as sum_x,
        cast(sum(cast(y as decimal(30, 15))) as double) as sum_y,
        cast(sum(cast(x * y as decimal(30, 15))) as double) as sum_xy,
        cast(sum(case when y is not null then x * x end) as double) as sum_xx
    from points
    group by week_start, campaign_type, scope, group_id
)

select
    week_start, -- week at whose end the waves are over; NULL for the report
    campaign_type, -- kind of campaign
    scope, -- all, group or without
    group_id, -- group; NULL for all groups
    waves, -- waves
    points, -- waves with a participant
    case when points >= 2
        then (points * sum_xy - sum_x * sum_y) / nullif(points * sum_xx - sum_x * sum_x, 0) end
        as slope -- change of the log of the participation rate from wave to wave
from sums
