-- One row per week with a mature cohort: do first orders fall short of the usual range?
-- grain: week_start, action, subject
-- The cohort that first_order_7d_rate of scorecard.weekly speaks of in that week.
with

weekly as (select * from scorecard.weekly),

action_weeks as (select * from scorecard.action_weeks),

settings as (select * from core.settings),

rates as (
    select
        weekly.*,
        cast(cast(round(100.0 * weekly.value, 1) as decimal(9, 1)) as varchar) || ' %' as rate,
        cast(cast(round(100.0 * weekly.expected_low, 1) as decimal(9, 1)) as varchar) || ' %'
            as low,
        cast(cast(weekly.denominator as bigint) as varchar) as cohort
    from weekly
    join action_weeks on weekly.week_start = action_weeks.week_start
    where weekly.metric = 'first_order_7d_rate' and weekly.value is not null
)

select
    rates.week_start, -- week at whose end it is judged
    'check_welcome_offer' as action, -- check_welcome_offer
    'community' as subject_kind, -- community
    'all' as subject, -- the community
    cast(null as varchar) as subject_name, -- it needs no name
    cast(null as varchar) as owner_id, -- nobody in particular
    coalesce(rates.value < rates.expected_low
        and rates.denominator >= settings.welcome_min_members, false)
        as is_due, -- whether the rate is below its range
    rates.value, -- first orders within 7 days / cohort
    rates.denominator as base, -- cohort
    rates.rate || ' of ' || rates.cohort || ' new members ordered within 7 days'
        || coalesce(', expected ' || rates.low || ' or more', '')
        as evidence, -- the numbers in words
    rates.cohort || ' 名新成员 7 天首单转化率 ' || rates.rate
        || coalesce('，预期至少 ' || rates.low, '') as evidence_zh -- the same in Chinese
from rates
cross join settings
