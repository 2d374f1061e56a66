-- One row per week, proposal about a group, and group it can be judged for: due or not.
-- grain: week_start, action, subject
-- migrate_then_dissolve, open_new_group and leave_alone, as of the week's end.
with

snapshots as (select * from group_health.snapshots),

states as (select * from group_health.states),

action_weeks as (select * from scorecard.action_weeks),

groups as (select * from core.groups),

settings as (select * from core.settings),

talk as (select * from scorecard.group_fortnights),

judged as (
    select
        snapshots.week_start,
        snapshots.group_id,
        snapshots.members,
        snapshots.participation_7d,
        snapshots.buyers_30d,
        snapshots.conversion_30d,
        snapshots.is_message_exported and snapshots.is_message_covered_14d
            and (snapshots.is_order_covered_14d or not snapshots.is_order_exported)
            as is_covered,
        snapshots.is_order_exported,
        states.state not in ('new', 'unknown') as is_settled,
        groups.owner_id,
        groups.capacity,
        coalesce(groups.group_name, groups.group_id) as subject_name,
        coalesce(talk.talkers, 0) as talkers,
        coalesce(talk.buyers, 0) as buyers,
        cume_dist() over (
            partition by snapshots.week_start,
                snapshots.conversion_30d is not null
                    and states.state not in ('new', 'unknown')
            order by snapshots.conversion_30d
        ) as conversion_place
    from snapshots
    join action_weeks on snapshots.week_start = action_weeks.week_start
    join states on snapshots.group_id = states.group_id
        and snapshots.week_start = states.week_start
    join groups on snapshots.group_id = groups.group_id
    left join talk on snapshots.group_id = talk.group_id
        and snapshots.week_start = talk.week_start
),

written as (
    select
        judged.*,
        cast(cast(round(100.0 * conversion_30d, 1) as decimal(9, 1)) as varchar) || ' %'
            as conversion,
        cast(cast(round(100.0 * participation_7d, 1) as decimal(9, 1)) as varchar) || ' %'
            as participation
    from judged
),

due as (
    select
        week_start, 'migrate_then_dissolve' as action, group_id, subject_name, owner_id,
        is_covered and is_settled and talkers < settings.migrate_talkers and buyers = 0 as is_due,
        cast(talkers as double) as value,
        cast(members as double) as base,
        cast(talkers as varchar) || ' of ' || cast(members as varchar)
            || case when is_order_exported
                then ' members wrote and ' || cast(buyers as varchar) || ' bought in 14 days'
                else ' members wrote in 14 days; orders are not exported' end as evidence,
        cast(members as varchar) || ' 名成员 14 天内 ' || cast(talkers as varchar)
            || case when is_order_exported then ' 人发言、' || cast(buyers as varchar) || ' 人下单'
                else ' 人发言；未导出订单' end as evidence_zh
    from written
    cross join settings
    where is_covered
    union all
    select
        week_start, 'open_new_group', group_id, subject_name, owner_id,
        members >= settings.full_share * capacity, cast(members as double),
        cast(capacity as double),
        cast(members as varchar) || ' members of ' || cast(capacity as varchar),
        cast(members as varchar) || ' 人，上限 ' || cast(capacity as varchar)
    from written
    cross join settings
    union all
    select
        week_start, 'leave_alone', group_id, subject_name, owner_id,
        is_settled and conversion_30d > 0
            and conversion_place >= settings.leave_alone_percentile
            and coalesce(participation_7d < settings.silent_participation, false),
        conversion_30d, cast(members as double),
        conversion || ' of ' || cast(members as varchar) || ' members bought in 30 days, '
            || participation || ' posted in 7 days',
        '30 天购买率 ' || conversion || '（' || cast(members as varchar) || ' 人），7 天发言率 '
            || participation
    from written
    cross join settings
    where conversion_30d is not null and participation_7d is not null
)

select
    week_start, -- week at whose end it is judged
    action, -- migrate_then_dissolve, open_new_group or leave_alone
    'group' as subject_kind, -- group
    group_id as subject, -- group
    subject_name, -- its name
    owner_id, -- who owns it
    is_due, -- whether the threshold is passed
    value, -- who talked in 14 days; members; share of buyers
    base, -- members; capacity; members
    evidence, -- the numbers in words
    evidence_zh -- the same in Chinese
from due
