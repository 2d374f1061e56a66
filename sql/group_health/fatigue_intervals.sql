-- One row per instant and type of campaign in three groups or more: the interval of its slope.
-- grain: week_start, campaign_type
-- Jackknife that leaves one group out at a time. Its quantile is the 97.5 % one of Student's t with
-- one degree of freedom less than groups: exact for two and three, else by its expansion around
-- that of the normal distribution (Cornish and Fisher), which is less than 0.04 % too small.
with

slopes as (select * from group_health.fatigue_slopes),

replicates as (
    select
        week_start,
        campaign_type,
        slope,
        cast(sum(cast(slope as decimal(30, 15)))
            over (partition by week_start, campaign_type) as double)
            / count(*) over (partition by week_start, campaign_type) as mean_slope
    from slopes
    where scope = 'without' and slope is not null
),

spread as (
    select
        week_start,
        campaign_type,
        count(*) - 1.0 as freedom,
        sqrt((count(*) - 1.0) / count(*)
            * cast(sum(cast((slope - mean_slope) * (slope - mean_slope)
                as decimal(30, 15))) as double)) as standard_error
    from replicates
    group by week_start, campaign_type
    having count(*) >= 3
),

widths as (
    select
        week_start,
        campaign_type,
        standard_error,
        case
            when freedom = 2 then 4.302652729749462
            when freedom = 3 then 3.182446305283708
            else 1.959963984540054 + 2.372271230298562 / freedom
                + 2.822498615739611 / (freedom * freedom)
                + 2.555849679507722 / (freedom * freedom * freedom)
                + 1.589534053393823 / (freedom * freedom * freedom * freedom)
        end as quantile
    from spread
)

select
    widths.week_start, -- week at whose end the waves are over; NULL for the report
    widths.campaign_type, -- kind of campaign
    slopes.waves, -- waves
    slopes.slope, -- of all groups together
    widths.standard_error, -- of the slope
    widths.quantile, -- of Student's t
    slopes.slope - widths.quantile * widths.standard_error as slope_low, -- lower end of 95 %
    slopes.slope + widths.quantile * widths.standard_error as slope_high -- upper end
from widths
join slopes
    on widths.campaign_type = slopes.campaign_type
    and widths.week_start is not distinct from slopes.week_start
    and slopes.scope = 'all'
