-- One row per group and week: a sentence that says why the group is in its state.
-- grain: group_id, week_start
-- concept: M89 = reason_en, reason_zh
-- Every sentence gives the numbers the rule rests on. Quiet groups that sell are told to be left
-- alone; a group without exports is never called dead.
with

snapshots as (select * from group_health.snapshots),

scores as (select * from group_health.scores),

states as (select * from group_health.states),

causes as (select * from group_health.causes),

settings as (select * from core.settings),

facts as (
    select
        states.group_id,
        states.week_start,
        states.state,
        states.is_covered,
        states.is_falling,
        states.silent_weeks = 4 as is_silent,
        snapshots.members < settings.min_group_members as is_small,
        causes.causes_en,
        causes.causes_zh,
        cast(snapshots.members as varchar) as members,
        cast(settings.min_group_members as varchar) as min_members,
        cast(settings.new_group_days as varchar) as new_days,
        cast(settings.dead_days as varchar) as dead_days,
        cast(snapshots.days_since_member_message as varchar) as silent_days,
        cast(snapshots.messages_7d as varchar) as messages_7d,
        cast(cast(round(states.usual_messages, 0) as integer) as varchar) as usual_messages,
        cast(cast(floor(scores.score) as integer) as varchar) as score,
        cast(scores.score_inputs_used as varchar) as inputs_used,
        cast(cast(round(100.0 * snapshots.participation_7d, 1) as decimal(9, 1)) as varchar)
            || ' %' as participation,
        cast(cast(round(100.0 * settings.silent_participation, 1) as decimal(9, 1)) as varchar)
            || ' %' as silent_limit,
        cast(cast(round(100.0 * snapshots.conversion_30d, 1) as decimal(9, 1)) as varchar)
            || ' %' as conversion,
        cast(cast(round(100.0 * states.median_conversion, 1) as decimal(9, 1)) as varchar)
            || ' %' as median_conversion
    from states
    cross join settings
    join snapshots on states.group_id = snapshots.group_id
        and states.week_start = snapshots.week_start
    join scores on states.group_id = scores.group_id and states.week_start = scores.week_start
    left join causes on states.group_id = causes.group_id
        and states.week_start = causes.week_start
),

clauses as (
    select
        facts.*,
        coalesce(conversion || ' bought in 30 days', 'orders are not known')
            || coalesce(' (median of its type: ' || median_conversion || ')', '') as sales_en,
        coalesce('30 天购买率 ' || conversion, '没有订单数据')
            || coalesce('（同类群中位数 ' || median_conversion || '）', '') as sales_zh,
        coalesce('most points lost to ' || causes_en, 'no points lost') as costs_en,
        coalesce('扣分最多的是' || causes_zh, '没有扣分项') as costs_zh
    from facts
)

select
    group_id, -- group
    week_start, -- week at whose end it is judged
    case
        when not is_covered then 'Not all of the last ' || dead_days
            || ' days of this group were exported, so it is not judged.'
        when state = 'new' and is_small then 'Members: ' || members
            || '; a group is judged from ' || min_members || ' on.'
        when state = 'new' then 'It is younger than ' || new_days || ' days.'
        when state = 'no_sales' then 'No paid order in ' || dead_days
            || ' days; who talks is not exported.'
        when state = 'dead' then 'None of ' || members || ' members wrote or bought in '
            || dead_days || ' days'
            || coalesce('; the last message is ' || silent_days || ' days old.', '.')
        when state = 'quiet_seller' then 'Only ' || participation || ' posted in 7 days, but '
            || sales_en || ': it sells quietly.'
        when state = 'dying' and is_silent then 'Under ' || silent_limit
            || ' posted in each of the last 4 weeks (' || participation || ' in the last), and '
            || sales_en || '.'
        when state = 'dying' then 'Only ' || messages_7d || ' messages in 7 days where '
            || usual_messages || ' are usual, and ' || sales_en || '.'
        when state = 'unknown' then 'Only ' || inputs_used
            || ' inputs of the health score are known; it takes three.'
        when state = 'watch' and is_falling then 'The score fell four weeks running, to '
            || score || ': ' || costs_en || '.'
        else 'Score ' || score || ' of 100: ' || costs_en || '.'
    end as reason_en, -- English: why it is in its state, with the numbers
    case
        when not is_covered then '最近 ' || dead_days || ' 天没有完整导出，暂不判断。'
        when state = 'new' and is_small then '只有 ' || members || ' 名成员，满 ' || min_members
            || ' 人才判断。'
        when state = 'new' then '建群不满 ' || new_days || ' 天。'
        when state = 'no_sales' then dead_days || ' 天没有付款订单；消息未导出，无法看发言。'
        when state = 'dead' then members || ' 名成员在 ' || dead_days || ' 天内无人发言、无人下单'
            || coalesce('，上次发言在 ' || silent_days || ' 天前。', '。')
        when state = 'quiet_seller' then '7 天发言率只有 ' || participation || '，但 '
            || sales_zh || '：安静但在买。'
        when state = 'dying' and is_silent then '连续 4 周发言率低于 ' || silent_limit
            || '（最近一周 ' || participation || '），' || sales_zh || '。'
        when state = 'dying' then '7 天只有 ' || messages_7d || ' 条消息，平时为 '
            || usual_messages || ' 条；' || sales_zh || '。'
        when state = 'unknown' then '健康分只有 ' || inputs_used || ' 项输入，至少要三项。'
        when state = 'watch' and is_falling then '健康分连降四周，现为 ' || score || ' 分：'
            || costs_zh || '。'
        else '健康分 ' || score || ' 分：' || costs_zh || '。'
    end as reason_zh -- the same in Chinese
from clauses
