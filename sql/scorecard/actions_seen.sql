-- One row per week, proposal and subject it can be judged for, due or not: what the proposals are
-- taken from.
-- grain: week_start, action, subject
with

judged as (
    select week_start, action, subject_kind, subject, subject_name, owner_id, is_due, value, base,
        evidence, evidence_zh
    from scorecard.actions_of_channels
    union all
    select week_start, action, subject_kind, subject, subject_name, owner_id, is_due, value, base,
        evidence, evidence_zh
    from scorecard.actions_of_pushes
    union all
    select week_start, action, subject_kind, subject, subject_name, owner_id, is_due, value, base,
        evidence, evidence_zh
    from scorecard.actions_of_campaigns
    union all
    select week_start, action, subject_kind, subject, subject_name, owner_id, is_due, value, base,
        evidence, evidence_zh
    from scorecard.actions_of_groups
    union all
    select week_start, action, subject_kind, subject, subject_name, owner_id, is_due, value, base,
        evidence, evidence_zh
    from scorecard.actions_of_rota
    union all
    select week_start, action, subject_kind, subject, subject_name, owner_id, is_due, value, base,
        evidence, evidence_zh
    from scorecard.actions_of_customers
    union all
    select week_start, action, subject_kind, subject, subject_name, owner_id, is_due, value, base,
        evidence, evidence_zh
    from scorecard.actions_of_payouts
    union all
    select week_start, action, subject_kind, subject, subject_name, owner_id, is_due, value, base,
        evidence, evidence_zh
    from scorecard.actions_of_offers
    union all
    select week_start, action, subject_kind, subject, subject_name,
        cast(null as varchar) as owner_id, is_due, value, base, evidence, evidence_zh
    from scorecard.actions_of_products
)

select
    week_start, -- week at whose end it is judged
    action, -- what is proposed
    subject_kind, -- community, channel, group, owner, member, product or campaign_type
    subject, -- whom or what it is about
    subject_name, -- its name; of people the id
    owner_id, -- who is to do it
    is_due, -- whether the threshold is passed
    value, -- the number that is judged
    base, -- what it rests on
    evidence, -- the numbers in words
    evidence_zh -- the same in Chinese
from judged
