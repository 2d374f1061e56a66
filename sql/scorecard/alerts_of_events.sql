-- One row per week, alert and subject: exits after a push, slow answers, refunds, complaints.
-- grain: week_start, alert, subject
-- The weeks of scorecard.action_weeks, by the same thresholds as the proposals.
with

pushes as (select * from scorecard.actions_of_pushes),

rota as (select * from scorecard.actions_of_rota),

goods as (select * from scorecard.actions_of_products),

rules as (select * from scorecard.action_rules),

found as (
    select week_start, 'exits_after_push' as alert, 'fewer_pushes' as action, subject_kind, subject,
        subject_name, value as size, evidence, evidence_zh,
        'Push at most once a day.' as action_en, '每天最多推送一次。' as action_zh,
        'campaigns.html#pushes' as link
    from pushes
    where is_due
    union all
    select week_start, 'slow_response', 'change_rota', subject_kind, subject, subject_name, value,
        evidence, evidence_zh, 'Change the rota.', '调整值班。',
        'owners.html#owners'
    from rota
    where is_due
    union all
    select week_start, 'refund_burst', 'pull_link', subject_kind, subject, subject_name, value,
        evidence, evidence_zh, 'Pull the link until the cause is known.', '查明原因前先下架链接。',
        'revenue.html'
    from goods
    where is_refunded
    union all
    select week_start, 'complaint_burst', 'pull_link', subject_kind, subject, subject_name, value,
        evidence, evidence_zh, 'Pull the link and answer in the group.', '下架链接并在群里答复。',
        'revenue.html'
    from goods
    where is_burst
)

select
    found.week_start, -- week
    found.alert, -- exits_after_push, slow_response, refund_burst or complaint_burst
    found.subject_kind, -- group, owner or product
    found.subject, -- whom or what it is about
    rules.threshold as rule, -- the rule, with its threshold
    found.size, -- people who left; median minutes; refunds / paid amounts
    found.subject_name || ': ' || found.evidence || '.' as sentence_en, -- what happened
    found.subject_name || '：' || found.evidence_zh || '。' as sentence_zh, -- the same in Chinese
    found.action_en, -- what to do
    found.action_zh, -- the same in Chinese
    found.link -- page of the report
from found
join rules on found.action = rules.action
