-- One row per week, alert and group: became worse, or is full.
-- grain: week_start, alert, subject
-- Worse = became watch, dying, dead or without sales, and was better the week before. Unknown and
-- new are neither. The last 26 weeks.
with

weekly as (select * from group_health.weekly),

groups as (select * from core.groups),

settings as (select * from core.settings),

weeks as (select * from core.weeks),

ranked as (
    select
        weekly.*,
        weeks.week_number,
        coalesce(groups.group_name, groups.group_id) as subject_name,
        groups.capacity,
        case weekly.state
            when 'healthy' then 0 when 'quiet_seller' then 0 when 'watch' then 1
            when 'no_sales' then 2 when 'dying' then 2 when 'dead' then 3
        end as badness,
        case weekly.state
            when 'watch' then 'to be watched' when 'no_sales' then 'without sales'
            when 'dying' then 'dying' when 'dead' then 'dead'
        end as state_en,
        case weekly.state
            when 'watch' then '需关注' when 'no_sales' then '无成交群'
            when 'dying' then '低活跃群' when 'dead' then '沉寂群'
        end as state_zh
    from weekly
    join groups on weekly.group_id = groups.group_id
    join weeks on weekly.week_start = weeks.week_start
),

found as (
    select
        now.week_start, 'group_worse' as alert, now.group_id,
        'state worse than the week before' as rule, cast(now.members as double) as size,
        now.subject_name || ' is now ' || now.state_en || '. ' || now.reason_en as sentence_en,
        now.subject_name || '转为' || now.state_zh || '。' || now.reason_zh as sentence_zh,
        case now.state
            when 'dead' then 'Move its members and dissolve it.'
            when 'dying' then 'Decide: revive it with its owner, or merge it.'
            when 'no_sales' then 'Ask its owner what was offered in the last 14 days.'
            else 'Talk to its owner about what cost most points.'
        end as action_en,
        case now.state
            when 'dead' then '先迁群再解散。'
            when 'dying' then '与群主决定：激活或并群。'
            when 'no_sales' then '向群主了解最近 14 天卖了什么。'
            else '与群主讨论扣分最多的项目。'
        end as action_zh
    from ranked as now
    join ranked as before on now.group_id = before.group_id
        and now.week_number = before.week_number + 1
    where now.badness > before.badness
    union all
    select
        ranked.week_start, 'group_full', ranked.group_id,
        'members ≥ ' || cast(cast(100.0 * settings.over_capacity_share as decimal(9, 1)) as varchar)
            || ' % of the capacity',
        cast(ranked.members as double),
        ranked.subject_name || ' has ' || cast(ranked.members as varchar) || ' members of '
            || cast(ranked.capacity as varchar) || '.',
        ranked.subject_name || '已有 ' || cast(ranked.members as varchar) || ' 人，上限 '
            || cast(ranked.capacity as varchar) || '。',
        'Open a new group and switch the live code.', '开新群并切换活码。'
    from ranked
    cross join settings
    where ranked.members >= settings.over_capacity_share * ranked.capacity
)

select
    week_start, -- week at whose end the group is looked at
    alert, -- group_worse or group_full
    'group' as subject_kind, -- group
    group_id as subject, -- group
    rule, -- the rule, with its threshold
    size, -- members in the group
    sentence_en, -- what happened, with the numbers
    sentence_zh, -- the same in Chinese
    action_en, -- what to do
    action_zh, -- the same in Chinese
    'groups.html' as link -- page of the report
from found
