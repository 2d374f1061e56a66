-- One row per week and type of campaign with waves: does it tire people out?
-- grain: week_start, action, subject
-- The interval of group_health.fatigue, over the waves that were over at the week's end.
with

intervals as (
    select *
    from group_health.fatigue_intervals
    where week_start is not null and slope is not null
),

settings as (select * from core.settings),

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
