-- One row per week and group with a push whose 24 hours ended in it: did it drive members out?
-- grain: week_start, action, subject
-- The push of the week that is too much, else the one with most exits (group_health.pushes).
with

pushes as (select * from group_health.pushes),

action_weeks as (select * from scorecard.action_weeks),

groups as (select * from core.groups),

worst as (
    select
        action_weeks.week_start,
        pushes.group_id,
        pushes.day,
        pushes.exits_24h,
        pushes.members,
        pushes.usual_exits,
        pushes.is_too_much,
        row_number() over (
            partition by action_weeks.week_start, pushes.group_id
            order by case when pushes.is_too_much then 0 else 1 end, pushes.exits_24h desc,
                pushes.day
        ) as place
    from action_weeks
    join pushes on pushes.pushed_at + interval 24 hour <= action_weeks.week_end_at
        and pushes.pushed_at + interval 24 hour > action_weeks.week_end_at - interval 7 day
    where pushes.exits_24h is not null
),

written as (
    select
        worst.*,
        cast(exits_24h as varchar) as exits,
        cast(members as varchar) as members_text,
        cast(day as varchar) as day_text,
        cast(cast(round(usual_exits, 1) as decimal(9, 1)) as varchar) as usual
    from worst
    where place = 1
)

select
    written.week_start, -- week at whose end it is judged
    'fewer_pushes' as action, -- fewer_pushes
    'group' as subject_kind, -- group
    written.group_id as subject, -- group
    coalesce(groups.group_name, written.group_id) as subject_name, -- its name
    groups.owner_id, -- who owns it
    written.is_too_much as is_due, -- whether exits pass both thresholds
    cast(written.exits_24h as double) as value, -- members who left within 24 hours
    cast(written.members as double) as base, -- members at that moment
    written.exits || ' of ' || written.members_text || ' left within 24 hours of the push of '
        || written.day_text || coalesce(', usually ' || written.usual, '')
        as evidence, -- the numbers in words
    written.day_text || ' 推送后 24 小时内 ' || written.members_text || ' 人中 '
        || written.exits || ' 人退群' || coalesce('，平时 ' || written.usual || ' 人', '')
        as evidence_zh -- the same in Chinese
from written
join groups on written.group_id = groups.group_id
