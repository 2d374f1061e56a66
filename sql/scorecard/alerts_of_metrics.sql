-- One row per week and number of the first page that left its expected range.
-- grain: week_start, alert, subject
with

weekly as (select * from scorecard.weekly),

words as (select * from scorecard.metric_words),

settings as (select * from core.settings),

unusual as (
    select
        weekly.*,
        words.label_en,
        words.label_zh,
        words.unit,
        words.page,
        case when weekly.value > weekly.expected_high then weekly.value - weekly.expected_high
            else weekly.value - weekly.expected_low end as size,
        case when words.unit in ('rate', 'ratio') then 100.0 else 1.0 end as factor,
        case when words.unit in ('rate', 'ratio') then ' %' else '' end as mark
    from weekly
    join words on weekly.metric = words.metric
    where weekly.is_unusual
),

numbers as (
    select week_start, metric, 'value' as part, unit, mark, factor * value as number from unusual
    union all
    select week_start, metric, 'low', unit, mark, factor * expected_low from unusual
    union all
    select week_start, metric, 'high', unit, mark, factor * expected_high from unusual
),

texts as (
    select
        week_start,
        metric,
        part,
        case
            when unit = 'count' then cast(cast(round(number, 0) as bigint) as varchar)
            when unit in ('rate', 'ratio')
                then cast(cast(round(number, 1) as decimal(18, 1)) as varchar) || mark
            else cast(cast(round(number, 2) as decimal(18, 2)) as varchar)
        end as written
    from numbers
),

sides as (
    select
        week_start,
        metric,
        max(case when part = 'value' then written end) as value_text,
        max(case when part = 'low' then written end) as low_text,
        max(case when part = 'high' then written end) as high_text
    from texts
    group by week_start, metric
)

select
    unusual.week_start, -- week
    'unusual' as alert, -- unusual
    'metric' as subject_kind, -- metric
    unusual.metric as subject, -- key of the metric
    'outside mean ± 2.66 × mean moving range of the '
        || cast(settings.unusual_weeks as varchar) || ' weeks before, base ≥ '
        || cast(settings.unusual_min_base as varchar) as rule, -- the rule
    unusual.size, -- how far beyond the limit, in the unit of the metric
    unusual.label_en || case when unusual.size > 0 then ' unusually high: '
        else ' unusually low: ' end || sides.value_text || ', expected ' || sides.low_text
        || ' to ' || sides.high_text || '.' as sentence_en, -- what is unusual
    unusual.label_zh || case when unusual.size > 0 then '异常偏高：' else '异常偏低：' end
        || sides.value_text || '，预期 ' || sides.low_text || ' 至 ' || sides.high_text || '。'
        as sentence_zh, -- the same in Chinese
    case unusual.page
        when 'acquisition' then 'See which channels and groups it comes from.'
        when 'activation' then 'Look at the first week of that cohort.'
        when 'retention' then 'See which cohorts came back less or more.'
        when 'revenue' then 'Split it into buyers, orders per buyer and amount per order.'
        when 'referral' then 'See which inviters and campaigns it comes from.'
        else 'See which groups changed their state.'
    end as action_en, -- what to do
    case unusual.page
        when 'acquisition' then '查看来自哪些渠道和群。'
        when 'activation' then '查看该批新成员的第一周。'
        when 'retention' then '查看哪些批次的回访变了。'
        when 'revenue' then '拆成购买人数、频次和笔单价。'
        when 'referral' then '查看来自哪些邀请人和活动。'
        else '查看哪些群的状态变了。'
    end as action_zh, -- the same in Chinese
    unusual.page || '.html' as link -- page of the report
from unusual
cross join settings
join sides on unusual.week_start = sides.week_start and unusual.metric = sides.metric
