-- One row per campaign and wave, and for all: how many days campaigns live.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M85 = campaign_life_days
-- M85: days from the start to the first day after the peak on which fewer than 10 % of the peak's
-- participants took part; all: the median. A campaign and wave is written campaign/wave.
with

acts as (select * from revenue.campaign_acts),

waves as (select * from revenue.campaign_waves),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

started as (
    select
        waves.campaign_id || '/' || cast(waves.wave_number as varchar) as subject,
        waves.campaign_id,
        waves.wave_number,
        waves.starts_at,
        calendar.day_number as start_number
    from waves
    join calendar on waves.starts_at >= calendar.day_start_at
        and waves.starts_at < calendar.day_end_at
    cross join settings
    where waves.starts_at < settings.report_at
),

daily as (
    select
        started.subject,
        calendar.day_number,
        count(distinct acts.member_id) as participants
    from started
    join acts on started.campaign_id = acts.campaign_id
        and started.wave_number = acts.wave_number
        and acts.acted_at >= started.starts_at
    join calendar on acts.acted_at >= calendar.day_start_at and acts.acted_at < calendar.day_end_at
    where acts.is_participation
    group by started.subject, calendar.day_number
),

peaks as (
    select
        subject,
        participants as peak,
        day_number as peak_number
    from daily
    qualify row_number() over (partition by subject order by participants desc, day_number) = 1
),

quiet as (
    select peaks.subject, min(calendar.day_number) as quiet_number
    from peaks
    join calendar on calendar.day_number > peaks.peak_number
    cross join settings
    left join daily on peaks.subject = daily.subject and calendar.day_number = daily.day_number
    where coalesce(daily.participants, 0) * 10 < peaks.peak
        and calendar.day_end_at <= settings.report_at
    group by peaks.subject
),

lives as (
    select
        started.subject,
        peaks.peak,
        cast(quiet.quiet_number - started.start_number as double) as life_days
    from started
    left join peaks on started.subject = peaks.subject
    left join quiet on started.subject = quiet.subject
),

told as (
    select
        'campaign' as subject_kind,
        subject,
        life_days as value,
        case when peak is null then 'no_participants' when life_days is null then 'not_mature' end
            as reason
    from lives
    union all
    select
        'community' as subject_kind,
        'all' as subject,
        median(lives.life_days) as value,
        case when count(lives.subject) = 0 then 'no_campaigns'
            when count(lives.life_days) = 0 then 'not_mature' end as reason
    from settings
    left join lives on settings.report_at is not null
)

select
    'M85' as concept_id, -- concept
    'campaign_life_days' as measure, -- what is measured
    subject_kind, -- campaign or community
    subject, -- campaign/wave, or all
    'all' as period, -- all: everything up to the report
    value, -- days
    value as numerator, -- the same
    cast(case when value is not null then 1 end as double) as denominator, -- 1
    reason -- why there is no value
from told
