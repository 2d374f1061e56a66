-- One row per measure of a concept that has no table of its own.
-- grain: concept_id, measure, subject_kind, subject, period
-- The parts are scorecard.catalogue_…; which concept stands where is in docs/concepts.md.
with

parts as (
    select * from scorecard.catalogue_campaign_forms
    union all
    select * from scorecard.catalogue_campaign_gifts
    union all
    select * from scorecard.catalogue_campaign_life
    union all
    select * from scorecard.catalogue_campaign_lottery
    union all
    select * from scorecard.catalogue_cleanups
    union all
    select * from scorecard.catalogue_content
    union all
    select * from scorecard.catalogue_conversations
    union all
    select * from scorecard.catalogue_group_ages
    union all
    select * from scorecard.catalogue_groups
    union all
    select * from scorecard.catalogue_habits
    union all
    select * from scorecard.catalogue_joining
    union all
    select * from scorecard.catalogue_launches
    union all
    select * from scorecard.catalogue_members
    union all
    select * from scorecard.catalogue_orders
    union all
    select * from scorecard.catalogue_orders_habits
    union all
    select * from scorecard.catalogue_orders_margin
    union all
    select * from scorecard.catalogue_orders_places
    union all
    select * from scorecard.catalogue_packets
    union all
    select * from scorecard.catalogue_partners
    union all
    select * from scorecard.catalogue_posts
    union all
    select * from scorecard.catalogue_pushes
    union all
    select * from scorecard.catalogue_referral_people
    union all
    select * from scorecard.catalogue_referral_trees
    union all
    select * from scorecard.catalogue_referrals
    union all
    select * from scorecard.catalogue_relations
    union all
    select * from scorecard.catalogue_replication
    union all
    select * from scorecard.catalogue_talk
    union all
    select * from scorecard.catalogue_talk_people
    union all
    select * from scorecard.catalogue_targets
    union all
    select * from scorecard.catalogue_welcome
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community, group, group_type, channel, campaign, product, member, tag, hour, …
    subject, -- all for the community, else the id or word
    period, -- at_report, 7d, 28d, 30d, 90d, 365d, all, or the first day of a week or month
    value, -- the number
    numerator, -- what is counted
    denominator, -- of what
    reason -- why there is no value
from parts
