-- Invitations with one id per person.
-- materialized: view
with

invites as (select * from raw.invites),

loads as (select * from raw.loads),

limits as (select * from staging.limits),

aliases as (select * from staging.aliases)

select
    coalesce(invites.invite_id, invites.event_key) as invite_id, -- invitation
    invites.group_id, -- group it is to
    coalesce(inviters.member_id, invites.inviter_id) as inviter_id, -- who invited
    coalesce(invitees.member_id, invites.invitee_id) as invitee_id, -- who was invited
    invites.invited_at, -- when, naive UTC
    invites.day, -- business day
    case when invites.joined_at < limits.end_at then invites.joined_at end
        as joined_at, -- when the invitee joined, as exported
    invites.campaign_id, -- campaign
    invites.reward_kind, -- what the inviter gets
    case when coalesce(invites.rewarded_at < limits.end_at, true) then invites.reward_cost end
        as reward_cost, -- what the reward costs
    case when invites.rewarded_at < limits.end_at then invites.rewarded_at end
        as rewarded_at, -- when it was given
    loads.accepted_only, -- whether the export holds accepted invites only
    invites.source -- where the export comes from
from invites
join loads on invites.load_id = loads.load_id
cross join limits
left join aliases as inviters
    on invites.inviter_id = inviters.alias_id
    and invites.invited_at >= inviters.valid_from
    and invites.invited_at < inviters.valid_to
left join aliases as invitees
    on invites.invitee_id = invitees.alias_id
    and invites.invited_at >= invitees.valid_from
    and invites.invited_at < invitees.valid_to
where invites.day <= limits.last_day
    and not coalesce(loads.accepted_only and invites.joined_at >= limits.end_at, false)
