-- One row per group of the inviter and first group of the invitee.
-- grain: from_group, to_group
-- Joined invitations of counted members, the whole export. The inviter's group is the one invited
-- to. A group that no join tells is the row unknown: all rows together are all joined invitations.
with

invitations as (select * from referral.invitations),

members as (select * from core.members)

select
    coalesce(invitations.group_id, 'unknown') as from_group, -- group of the inviter
    coalesce(members.first_group_id, 'unknown')
        as to_group, -- first group of the invitee; unknown where no join is exported
    count(*) as joined, -- joined invitations
    count(distinct invitations.inviter_id) as inviters -- members who brought them
from invitations
left join members on invitations.invitee_id = members.member_id
where invitations.is_joined
group by coalesce(invitations.group_id, 'unknown'), coalesce(members.first_group_id, 'unknown')
