-- One row per type of campaign, set of groups and group: slope of the log of participation.
-- grain: campaign_type, scope, group_id
-- scope: all (group_id NULL, the pooled rate), group (its own rate) or without (the pooled rate
-- without this group). Least squares over the waves with a participant; NULL below two of them.
-- Sums are of decimals, so that they do not depend on their order.
with

waves as (select * from group_health.fatigue_waves),

pooled as (select * from waves where group_id is null),

members_of as (select campaign_type, group_id from waves where group_id is not null
    group by campaign_type, group_id),

rates as (
    select campaign_type, 'all' as scope, group_id, wave_number, participants, members
    from pooled
    union all
    select campaign_type, 'group' as scope, group_id, wave_number, participants, members
    from waves
    where group_id is not null
    union all
    select
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
    group by campaign_type, scope, group_id
)

select
    campaign_type, -- kind of campaign
    scope, -- all, group or without
    group_id, -- group; NULL for all groups
    waves, -- waves
    points, -- waves with a participant
    case when points >= 2
        then (points * sum_xy - sum_x * sum_y) / nullif(points * sum_xx - sum_x * sum_x, 0) end
        as slope -- change of the log of the participation rate from wave to wave
from sums
