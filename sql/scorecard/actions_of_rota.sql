-- One row per week and owner of groups with enough questions: is the rota to be changed?
-- grain: week_start, action, subject
-- Questions of the 28 days before the week's end whose 24 hours are over then, and the answers
-- given in them; groups without an owner stand for themselves.
with

responses as (select * from group_health.responses),

action_weeks as (select * from scorecard.action_weeks),

groups as (select * from core.groups),

settings as (select * from core.settings),

asked as (
    select
        action_weeks.week_start,
        coalesce(groups.owner_id, groups.group_id) as subject,
        case when groups.owner_id is null then 'group' else 'owner' end as subject_kind,
        max(groups.owner_id) as owner_id,
        max(case when groups.owner_id is null then groups.group_name end) as group_name,
        count(*) as questions,
        count(case when not responses.is_answered_24h then 1 end) as unanswered,
        median(case when responses.is_daytime then responses.minutes_to_answer end)
            as median_minutes
    from action_weeks
    join responses
        on responses.day_number >= action_weeks.end_number - 28
        and responses.asked_at + interval 24 hour <= action_weeks.week_end_at
    join groups on responses.group_id = groups.group_id
    where action_weeks.has_messages and responses.is_over
    group by
        action_weeks.week_start, coalesce(groups.owner_id, groups.group_id),
        case when groups.owner_id is null then 'group' else 'owner' end
),

rated as (
    select
        asked.*,
        cast(unanswered as double) / questions as missed_rate,
        cast(cast(round(median_minutes, 0) as integer) as varchar) as minutes
    from asked
),

written as (
    select
        rated.*,
        cast(cast(round(100.0 * missed_rate, 1) as decimal(9, 1)) as varchar) || ' % of '
            || cast(questions as varchar) as missed,
        cast(cast(round(100.0 * missed_rate, 1) as decimal(9, 1)) as varchar) || ' %（'
            || cast(questions as varchar) || ' 个提问）' as missed_zh
    from rated
)

select
    written.week_start, -- week at whose end it is judged
    'change_rota' as action, -- change_rota
    written.subject_kind, -- owner, or group where no owner is exported
    written.subject, -- owner or group
    coalesce(written.group_name, written.subject) as subject_name, -- its name
    written.owner_id, -- owner
    written.questions >= settings.small_n
        and (coalesce(written.median_minutes > settings.reply_minutes, false)
            or written.missed_rate > settings.unanswered_rate)
        as is_due, -- whether a threshold is passed
    written.median_minutes as value, -- median minutes to an answer, asked 9-21 h
    cast(written.questions as double) as base, -- questions
    coalesce('median first reply ' || written.minutes || ' min, ', '') || 'unanswered '
        || written.missed as evidence, -- the numbers in words
    coalesce('首次响应中位数 ' || written.minutes || ' 分钟，', '') || '未回复率 '
        || written.missed_zh as evidence_zh -- the same in Chinese
from written
cross join settings
