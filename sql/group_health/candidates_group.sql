-- One row per group and kind of review list it is on: dead_group or over_capacity.
-- grain: kind, group_id
-- M17: state dead of group_health.groups, so never a group that is not covered or that sells
-- quietly. M11: members at least over_capacity_share of the capacity.
with

groups as (select * from group_health.groups),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

listed as (
    select
        'dead_group' as kind,
        group_id,
        week_start,
        members,
        capacity,
        capacity_fill,
        days_since_member_message,
        state,
        reason_en,
        reason_zh
    from groups
    where state = 'dead'
    union all
    select
        'over_capacity' as kind,
        groups.group_id,
        groups.week_start,
        groups.members,
        groups.capacity,
        groups.capacity_fill,
        groups.days_since_member_message,
        groups.state,
        cast(groups.members as varchar) || ' of ' || cast(groups.capacity as varchar)
            || ' seats are taken ('
            || cast(cast(floor(groups.capacity_fill * 100 + 0.000001) as bigint) as varchar)
            || ' %).' as reason_en,
        '上限 ' || cast(groups.capacity as varchar) || ' 人，已有 '
            || cast(groups.members as varchar) || ' 人，满员率 '
            || cast(cast(floor(groups.capacity_fill * 100 + 0.000001) as bigint) as varchar)
            || '%。' as reason_zh
    from groups
    cross join settings
    where groups.members >= settings.over_capacity_share * groups.capacity - 0.000001
)

select
    listed.kind, -- dead_group or over_capacity
    listed.group_id, -- group
    weeks.week_end_at as report_at, -- end of the week it is looked at, naive UTC
    listed.members, -- members in the group
    listed.capacity, -- most it can have
    listed.capacity_fill, -- members / capacity
    listed.days_since_member_message as days_silent, -- days since a member wrote
    listed.state, -- state of the group
    listed.reason_en, -- why, in words
    listed.reason_zh -- the same in Chinese
from listed
join weeks on listed.week_start = weeks.week_start
