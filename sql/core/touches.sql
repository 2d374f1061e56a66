-- One row per touch of a member before an order: joins with their channel, invites received. A
-- view.
-- materialized: view
with

joins as (select * from staging.joins),

invites as (select * from core.invites),

roles as (select * from core.roles),

touches as (
    select member_id, coalesce(channel, 'unknown') as channel, campaign_id, occurred_at
        as touched_at
    from joins
    where action = 'join'
    union all
    select invitee_id as member_id, 'invite' as channel, campaign_id, invited_at as touched_at
    from invites
    where invitee_id is not null
)

select
    touches.member_id, -- member
    touches.channel, -- channel of the join, or invite
    touches.campaign_id, -- campaign
    touches.touched_at -- when, naive UTC
from touches
join roles on touches.member_id = roles.member_id
where roles.is_counted
