-- One row per kind of review list and who or what is on it: for a person to go through, never an
-- action taken.
-- grain: kind, subject
-- Kinds vip, freeloader, seed, kol (members) and dead_group, over_capacity (groups), defined in
-- models of their own, group_health.candidates_…. Evidence is NULL where it is of another kind.
-- Never staff, bots or alts.
-- concept: M11 = members, capacity, capacity_fill
-- concept: M17 = days_silent, state
-- concept: M73 = descendants, joined_90d, joined_invitees
-- concept: M74 = kol_score, repliers, replies, orders_attributed, reach_24h
-- concept: M82 = net_90d, orders_90d, percentile, tier
-- concept: M83 = days_in_group, packets_taken, rewards_received, messages_outside_packets
with

vips as (select * from group_health.candidates_vip),

freeloaders as (select * from group_health.candidates_freeloader),

seeds as (select * from group_health.candidates_seed),

kols as (select * from group_health.candidates_kol),

groups as (select * from group_health.candidates_group),

subjects as (
    select 'vip' as kind, member_id as subject, report_at, reason_en, reason_zh from vips
    union all
    select 'freeloader', member_id, report_at, reason_en, reason_zh from freeloaders
    union all
    select 'seed', member_id, report_at, reason_en, reason_zh from seeds
    union all
    select 'kol', member_id, report_at, reason_en, reason_zh from kols
    union all
    select kind, group_id, report_at, reason_en, reason_zh from groups
)

select
    subjects.kind, -- vip, freeloader, seed, kol, dead_group or over_capacity
    subjects.subject, -- member or group
    case when groups.kind is null then 'member' else 'group' end
        as subject_kind, -- member or group
    subjects.report_at, -- the instant it is as of, naive UTC
    subjects.reason_en as reason, -- why, in words
    subjects.reason_en, -- the same
    subjects.reason_zh, -- the same in Chinese
    coalesce(vips.is_in_group, seeds.is_in_group,
        case when kols.member_id is not null or freeloaders.member_id is not null then true end)
        as is_in_group, -- members: whether in a group then
    vips.net_90d, -- vip: net revenue of 90 days
    vips.orders_90d, -- vip: paid orders of 90 days
    vips.percentile, -- vip: share of the buyers with at most this net revenue
    vips.tier, -- vip: tier already set
    freeloaders.days_in_group, -- freeloader: days since the present community stay began
    freeloaders.packets_taken, -- freeloader: red packets of others they took
    freeloaders.rewards_received, -- freeloader: rewarded invitations and gifts of kind reward
    freeloaders.messages_near_packets, -- freeloader: messages within the hour after a red packet
    freeloaders.messages_outside_packets, -- freeloader: other messages; none
    seeds.joined_invitees, -- seed: joined invitations
    seeds.joined_90d, -- seed: of them, in the 90 days before
    seeds.descendants, -- seed: members below in the invite tree
    kols.repliers, -- kol: members who replied to them, 90 days
    kols.replies, -- kol: replies they got
    kols.orders_attributed, -- kol: paid orders that name them or of somebody they brought
    kols.descendants_90d, -- kol: members below in the invite tree who joined
    kols.reach_24h, -- kol: members who replied to them within 24 h
    kols.kol_score, -- kol: mean percentile rank, 0-1
    kols.is_kol, -- kol: whether the role is set already
    groups.members, -- groups: members
    groups.capacity, -- groups: most it can have
    groups.capacity_fill, -- groups: members / capacity
    groups.days_silent, -- groups: days since a member wrote
    groups.state -- groups: state of the group
from subjects
left join vips on subjects.kind = 'vip' and subjects.subject = vips.member_id
left join freeloaders
    on subjects.kind = 'freeloader' and subjects.subject = freeloaders.member_id
left join seeds on subjects.kind = 'seed' and subjects.subject = seeds.member_id
left join kols on subjects.kind = 'kol' and subjects.subject = kols.member_id
left join groups on subjects.kind = groups.kind and subjects.subject = groups.group_id
