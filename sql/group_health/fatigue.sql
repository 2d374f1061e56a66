-- One row per type of campaign and group: does participation fall from wave to wave?
-- grain: campaign_type, group_id
-- concept: M84 = waves, slope, slope_low, slope_high, is_fatigued
-- group_id NULL: all groups pooled, with the interval of the jackknife that leaves one group out at
-- a time (Student's t, one degree of freedom less than groups, from three groups on). Fatigued: at
-- least fatigue_min_waves waves and slope_high < 0. A single group only has a rank.
with

slopes as (select * from group_health.fatigue_slopes where week_start is null),

intervals as (select * from group_health.fatigue_intervals where week_start is null),

settings as (select * from core.settings),

groups as (
    select campaign_type, count(*) as groups
    from slopes
    where scope = 'group'
    group by campaign_type
),

judged as (
    select
        slopes.campaign_type,
        slopes.group_id,
        case when slopes.group_id is null then groups.groups else 1 end as groups,
        slopes.waves,
        slopes.slope,
        intervals.slope_low,
        intervals.slope_high,
        slopes.group_id is null and slopes.waves >= settings.fatigue_min_waves as is_judged,
        case when slopes.group_id is not null and slopes.slope is not null then rank() over (
            partition by slopes.campaign_type, slopes.group_id is null
            order by slopes.slope nulls last
        ) end as slope_rank
    from slopes
    cross join settings
    left join groups on slopes.campaign_type = groups.campaign_type
    left join intervals on slopes.campaign_type = intervals.campaign_type
        and slopes.group_id is null
    where slopes.scope <> 'without'
)

select
    campaign_type, -- kind of campaign
    group_id, -- group; NULL for all groups
    waves, -- waves that are over
    groups, -- groups they ran in
    slope, -- change of the log of the participation rate from wave to wave
    slope_low, -- lower end of the 95 % interval; all groups only
    slope_high, -- its upper end
    case when is_judged and slope_high is not null then slope_high < 0 end
        as is_fatigued, -- whether the fall is beyond chance; all groups only
    slope_rank, -- place among the groups, 1 for the steepest fall
    case
        when slope is null then 'few_waves'
        when group_id is not null then 'one_group'
        when slope_high is null then 'few_groups'
        when not is_judged then 'few_waves'
    end as reason -- why it is not judged
from judged
