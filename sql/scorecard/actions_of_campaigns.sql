-- One row per week and type of campaign with waves: does it tire people out?
-- grain: week_start, action, subject
-- The interval of group_health.fatigue, over the waves that were over at the week's end.
with

slopes as (select * from scorecard.fatigue_weeks),

settings as (select * from core.settings),

replicates as (
    select
        week_start,
        campaign_type,
        slope,
        cast(sum(cast(slope as decimal(30, 15)))
            over (partition by week_start, campaign_type) as double)
            / count(*) over (partition by week_start, campaign_type) as mean_slope
    from slopes
    where group_id is not null and slope is not null
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

intervals as (
    select
        slopes.week_start,
        slopes.campaign_type,
        slopes.waves,
        slopes.slope,
        slopes.slope + spread.standard_error * (1.959963984540054
            + 2.372271230298562 / spread.freedom
            + 2.822498615739611 / (spread.freedom * spread.freedom)
            + 2.555849679507722 / (spread.freedom * spread.freedom * spread.freedom)
            + 1.589534053393823
                / (spread.freedom * spread.freedom * spread.freedom * spread.freedom))
            as slope_high
    from slopes
    join spread on slopes.week_start = spread.week_start
        and slopes.campaign_type = spread.campaign_type
    where slopes.group_id is null and slopes.slope is not null
),

written as (
    select
        intervals.*,
        cast(waves as varchar) as waves_text,
        cast(cast(round(100.0 * (exp(slope) - 1.0), 1) as decimal(9, 1)) as varchar) || ' %'
            as step,
        cast(cast(round(slope, 3) as decimal(9, 3)) as varchar) as slope_text,
        cast(cast(round(slope_high, 3) as decimal(9, 3)) as varchar) as high_text
    from intervals
)

select
    written.week_start, -- week at whose end it is judged
    'replace_mechanic' as action, -- replace_mechanic
    'campaign_type' as subject_kind, -- kind of campaign
    written.campaign_type as subject, -- kind of campaign
    written.campaign_type as subject_name, -- its name
    cast(null as varchar) as owner_id, -- nobody in particular
    written.waves >= settings.fatigue_min_waves and written.slope_high < 0
        as is_due, -- whether the fall is beyond chance
    written.slope as value, -- slope of the log of the participation rate
    cast(written.waves as double) as base, -- waves
    'participation changes by ' || written.step || ' a wave over ' || written.waves_text
        || ' waves (slope ' || written.slope_text || ', at most ' || written.high_text || ')'
        as evidence, -- the numbers in words
    written.waves_text || ' 期参与率每期变化 ' || written.step || '（斜率 ' || written.slope_text
        || '，上限 ' || written.high_text || '）' as evidence_zh -- the same in Chinese
from written
cross join settings
