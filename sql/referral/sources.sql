-- One row per member whose first join is known: brought by a counted member or not, and what
-- happened in the first 30 days.
-- grain: member_id
-- Half-open windows from the join. Lost = the first community stay ended by leaving or being
-- removed; dissolved and moved are no loss. Who was brought by staff is not_invited.
with

joiners as (select * from activation.joiners),

invitations as (select * from referral.invitations),

invites as (select * from core.invites),

settings as (select * from core.settings),

sent as (select count(*) as invites from invites),

brought as (
    select invitee_id as member_id
    from invitations
    where is_joined
)

select
    joiners.member_id, -- member
    joiners.cohort_week, -- week of the known first join
    joiners.joined_at, -- when, naive UTC
    case
        when settings.watermark_invite_at is null and sent.invites = 0 then 'unknown'
        when brought.member_id is not null then 'invited'
        else 'not_invited'
    end as source, -- invited, not_invited, or unknown where no invitation is known at all
    not coalesce(joiners.exit_kind in ('leave', 'kick')
        and joiners.left_at < joiners.joined_at + interval 168 hour, false)
        as is_kept_7d, -- not lost within 168 h
    not coalesce(joiners.exit_kind in ('leave', 'kick')
        and coalesce(joiners.left_after, joiners.left_at)
            < joiners.joined_at + interval 168 hour, false)
        as is_surely_kept_7d, -- the same for sure: two member lists may tell no closer
    coalesce(joiners.first_active_at < joiners.joined_at + interval 168 hour, false)
        as is_active_7d, -- active within 168 h
    coalesce(joiners.first_active_at < joiners.joined_at + interval 720 hour, false)
        as is_active_30d, -- active within 30 d
    coalesce(joiners.first_paid_at < joiners.joined_at + interval 720 hour, false)
        as is_buyer_30d -- with a paid order within 30 d
from joiners
cross join settings
cross join sent
left join brought on joiners.member_id = brought.member_id
where joiners.group_id is null
