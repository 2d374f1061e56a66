-- One row per week, type of campaign and set of groups: slope of the log of participation as known
-- then.
-- grain: week_start, campaign_type, group_id
-- As group_health.fatigue_slopes, over the waves that were over at the week's end. group_id NULL:
-- all groups; else all but this one, for the jackknife.
with

waves as (select * from group_health.fatigue_waves),

campaign_waves as (select * from revenue.campaign_waves),

action_weeks as (select * from scorecard.action_weeks),

ends as (
    select
        campaign_waves.campaign_type,
        campaign_waves.wave_number,
        max(campaign_waves.over_at) as over_at
    from campaign_waves
    group by campaign_waves.campaign_type, campaign_waves.wave_number
),

pooled as (
    select action_weeks.week_start, waves.*
    from action_weeks
    join ends on ends.over_at <= action_weeks.week_end_at
    join waves on ends.campaign_type = waves.campaign_type
        and ends.wave_number = waves.wave_number
    where waves.group_id is null
),

runners as (
    select campaign_type, group_id
    from waves
    where group_id is not null
    group by campaign_type, group_id
),

rates as (
    select week_start, campaign_type, group_id, wave_number, participants, members
    from pooled
    union all
    select
        pooled.week_start,
        pooled.campaign_type,
        runners.group_id,
        pooled.wave_number,
        pooled.participants - coalesce(waves.participants, 0),
        pooled.members - coalesce(waves.members, 0)
    from pooled
    join runners on pooled.campaign_type = runners.campaign_type
    left join waves on runners.campaign_type = waves.campaign_type
        and runners.group_id = waves.group_id
        and pooled.wave_number = waves.wave_number
),

points as (
    select
        week_start,
        campaign_type,
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
        group_id,
        count(*) as waves,
        count(y) as points,
        cast(sum(case when y is not null then x end) as double) as sum_x,
        cast(sum(cast(y as decimal(30, 15))) as double) as sum_y,
        cast(sum(cast(x * y as decimal(30, 15))) as double) as sum_xy,
        cast(sum(case when y is not null then x * x end) as double) as sum_xx
    from points
    group by week_start, campaign_type, group_id
)

select
    week_start, -- week at whose end the waves are over
    campaign_type, -- kind of campaign
    group_id, -- group left out; NULL for all groups
    waves, -- waves
    case when points >= 2
        then (points * sum_xy - sum_x * sum_y) / nullif(points * sum_xx - sum_x * sum_x, 0) end
        as slope -- change of the log of the participation rate from wave to wave
from sums
