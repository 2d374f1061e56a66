-- One row per group and week with a score: in words, the two inputs that cost most points.
-- grain: group_id, week_start
with

scores as (select * from group_health.scores),

snapshots as (select * from group_health.snapshots),

places as (
    select group_id, week_start, 1 as place, costliest as input from scores
    union all
    select group_id, week_start, 2 as place, second_costliest as input from scores
),

valued as (
    select
        places.*,
        case places.input
            when 'participation_7d' then snapshots.participation_7d
            when 'lurker_rate' then snapshots.lurker_rate
            when 'top3_share' then snapshots.top3_share
            when 'exit_rate_28d' then snapshots.exit_rate_28d
            when 'conversion_30d' then snapshots.conversion_30d
            when 'reply_rate' then snapshots.reply_rate
        end as value
    from places
    join snapshots on places.group_id = snapshots.group_id
        and places.week_start = snapshots.week_start
    where places.input is not null
),

written as (
    select
        valued.*,
        cast(cast(round(100.0 * value, 1) as decimal(9, 1)) as varchar) || ' %' as percent
    from valued
),

phrases as (
    select
        group_id,
        week_start,
        place,
        case input
            when 'participation_7d' then 'low participation (' || percent || ' in 7 days)'
            when 'lurker_rate' then 'silent members (' || percent || ' in 30 days)'
            when 'top3_share' then 'few voices (three wrote ' || percent || ' of the messages)'
            when 'exit_rate_28d' then 'exits (' || percent || ' in 28 days)'
            when 'conversion_30d' then 'few buyers (' || percent || ' in 30 days)'
            when 'reply_rate' then 'few answers (' || percent || ' of the messages)'
        end as phrase_en,
        case input
            when 'participation_7d' then '发言率（7 天 ' || percent || '）'
            when 'lurker_rate' then '潜水成员（30 天 ' || percent || '）'
            when 'top3_share' then '头部 3 人发言占比（' || percent || '）'
            when 'exit_rate_28d' then '退群率（28 天 ' || percent || '）'
            when 'conversion_30d' then '购买率（30 天 ' || percent || '）'
            when 'reply_rate' then '回复占比（' || percent || '）'
        end as phrase_zh
    from written
)

select
    group_id, -- group
    week_start, -- week at whose end it is scored
    max(case when place = 1 then phrase_en end)
        || coalesce(' and ' || max(case when place = 2 then phrase_en end), '')
            as causes_en, -- English: the inputs that cost most, with their values
    max(case when place = 1 then phrase_zh end)
        || coalesce('、' || max(case when place = 2 then phrase_zh end), '')
            as causes_zh -- the same in Chinese
from phrases
group by group_id, week_start
