-- One row per week, alert and subject: what is out of the ordinary, and what to do about it.
-- grain: week_start, alert, subject
with

all_alerts as (
    select week_start, alert, subject_kind, subject, rule, size, sentence_en, sentence_zh,
        action_en, action_zh, link
    from scorecard.alerts_of_metrics
    union all
    select week_start, alert, subject_kind, subject, rule, size, sentence_en, sentence_zh,
        action_en, action_zh, link
    from scorecard.alerts_of_groups
    union all
    select week_start, alert, subject_kind, subject, rule, size, sentence_en, sentence_zh,
        action_en, action_zh, link
    from scorecard.alerts_of_events
)

select
    week_start, -- week
    alert, -- unusual, group_worse, group_full, exits_after_push, slow_response, refund_burst, …
    subject_kind, -- metric, group, owner or product
    subject, -- whom or what it is about
    rule, -- the rule, with its threshold
    size, -- how much: beyond the limit, members, exits, minutes or share, as the alert says
    sentence_en, -- what happened, with the numbers
    sentence_zh, -- the same in Chinese
    action_en, -- what to do
    action_zh, -- the same in Chinese
    link -- page of the report that shows more
from all_alerts
