-- One row per week, proposal and subject: what to do, why, and what came of last week's.
-- grain: week_start, action, subject
-- The last six complete weeks, each with what was known at its end. A row is a proposal, or the
-- follow-up of one that was proposed a week earlier and is no longer due.
with

judged as (select * from scorecard.actions_seen),

rules as (select * from scorecard.action_rules),

action_weeks as (select * from scorecard.action_weeks),

placed as (
    select judged.*, action_weeks.week_number
    from judged
    join action_weeks on judged.week_start = action_weeks.week_start
),

due_before as (
    select week_number, action, subject, subject_kind, subject_name, owner_id, value, evidence,
        evidence_zh
    from placed
    where is_due
),

-- What was due a week ago and cannot be judged now still has its follow-up.
kept as (
    select
        action_weeks.week_start,
        coalesce(placed.action, due_before.action) as action,
        coalesce(placed.subject_kind, due_before.subject_kind) as subject_kind,
        coalesce(placed.subject, due_before.subject) as subject,
        coalesce(placed.subject_name, due_before.subject_name) as subject_name,
        coalesce(placed.owner_id, due_before.owner_id) as owner_id,
        placed.action is not null as is_judged,
        coalesce(placed.is_due, false) as is_due,
        placed.value,
        placed.base,
        coalesce(placed.evidence, 'nothing to judge this week') as evidence,
        coalesce(placed.evidence_zh, '本周无可判断的数据') as evidence_zh,
        due_before.action is not null as was_due,
        due_before.value as value_before,
        due_before.evidence as evidence_before,
        due_before.evidence_zh as evidence_zh_before
    from placed
    full outer join due_before
        on placed.week_number = due_before.week_number + 1
        and placed.action = due_before.action
        and placed.subject = due_before.subject
    join action_weeks
        on coalesce(placed.week_number, due_before.week_number + 1) = action_weeks.week_number
    where placed.is_due or due_before.action is not null
)

select
    kept.week_start, -- week at whose end it is judged
    kept.action, -- what is proposed
    kept.subject_kind, -- community, channel, group, owner, member, product or campaign_type
    kept.subject, -- whom or what it is about; of people the id
    kept.subject_name, -- its name
    kept.owner_id, -- who is to do it, where known
    kept.is_due as is_proposed, -- whether it is due now; else the follow-up of last week's
    kept.action || ': ' || rules.threshold as rule, -- the rule
    rules.threshold, -- from when on it is proposed
    kept.evidence, -- the numbers behind it, in English
    kept.evidence_zh, -- the same in Chinese
    kept.value, -- the number that is judged
    rules.unit, -- its unit: rate, people, minutes, days or slope
    kept.base, -- what it rests on: people, orders, questions or the capacity
    case when kept.is_due then rules.say_en
        else case when kept.is_judged then 'No longer: ' else 'Not judged: ' end
            || lower(substr(rules.say_en, 1, 1)) || substr(rules.say_en, 2) end
        || coalesce(' ' || kept.subject_name, '') || ': ' || kept.evidence || '.'
        as sentence_en, -- what to do and why
    case when kept.is_due then '' when kept.is_judged then '已不成立：' else '未判断：' end
        || rules.say_zh
        || coalesce(kept.subject_name, '') || '：' || kept.evidence_zh || '。'
        as sentence_zh, -- the same in Chinese
    kept.value_before as value_last_week, -- the number a week earlier, where it was proposed then
    case when kept.was_due then 'Proposed a week ago (' || kept.evidence_before || '); now '
        || kept.evidence || ': ' || case when kept.is_due then 'still holds.'
            when kept.is_judged then 'no longer holds.' else 'not judged.' end end
        as outcome_of_last_week, -- what came of it; NULL where it was not proposed then
    case when kept.was_due then '上周提出（' || kept.evidence_zh_before || '），现在 '
        || kept.evidence_zh || '：' || case when kept.is_due then '仍成立。'
            when kept.is_judged then '已不成立。' else '未判断。' end end
        as outcome_of_last_week_zh -- the same in Chinese
from kept
join rules on kept.action = rules.action
