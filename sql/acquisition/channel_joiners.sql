-- One row per member whose first join in the community is known: where they came from, and what
-- became of them.
-- grain: member_id
-- Windows are half-open from the member's own join. Exits are leaves and kicks that end the first
-- community stay.
with

joiners as (select * from activation.joiners),

members as (select * from core.members)

select
    joiners.member_id, -- member
    joiners.cohort_week, -- week of the known first join
    joiners.joined_at, -- the join, naive UTC
    coalesce(members.channel, 'unknown') as channel, -- where the member came from
    coalesce(members.scene, 'unknown') as scene, -- how the member came in
    joiners.is_refuser, -- whether they refused message archiving
    coalesce(joiners.exit_kind in ('leave', 'kick')
        and joiners.left_at < joiners.joined_at + interval 48 hour, false)
        as is_gone_48h, -- left or removed within 48 h
    coalesce(joiners.exit_kind in ('leave', 'kick')
        and joiners.left_at < joiners.joined_at + interval 168 hour, false)
        as is_gone_7d, -- left or removed within 168 h
    coalesce(joiners.exit_kind in ('leave', 'kick')
        and coalesce(joiners.left_after, joiners.left_at)
            < joiners.joined_at + interval 168 hour, false)
        as may_be_gone_7d, -- the same, or perhaps: two member lists tell no closer
    coalesce(joiners.first_active_at < joiners.joined_at + interval 168 hour, false)
        as is_activated_7d, -- active within 168 h
    coalesce(joiners.first_message_at < joiners.joined_at + interval 720 hour, false)
        as is_spoken_30d, -- posted within 30 d
    coalesce(joiners.first_paid_at < joiners.joined_at + interval 720 hour, false)
        as is_paid_30d -- paid an order within 30 d
from joiners
join members on joiners.member_id = members.member_id
where joiners.group_id is null
