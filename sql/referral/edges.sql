-- One row per member brought by another member: the edges of the invite trees, without cycles.
-- grain: member_id
-- M72. The earliest valid invitation between counted members. Where invitations go in a circle, the
-- edge into the member who joined first is cut.
with recursive

invites as (select * from core.invites),

members as (select * from core.members),

-- Without an export of joins the invitations themselves say who joined when.
own_joins as (
    select invitee_id as member_id, min(joined_at) as joined_at
    from invites
    where outcome = 'joined'
    group by invitee_id
),

links as (
    select
        invites.invitee_id as member_id,
        invites.inviter_id,
        coalesce(invitees.first_joined_at, invites.joined_at) as joined_at,
        coalesce(inviters.first_joined_at, own_joins.joined_at) as inviter_joined_at
    from invites
    join members as invitees on invites.invitee_id = invitees.member_id and invitees.is_counted
    join members as inviters on invites.inviter_id = inviters.member_id and inviters.is_counted
    left join own_joins on invites.inviter_id = own_joins.member_id
    where invites.outcome = 'joined'
),

-- Only an edge from a later to an earlier joiner can close a circle.
backward as (
    select *
    from links
    where inviter_joined_at > joined_at
        or (inviter_joined_at = joined_at and inviter_id > member_id)
),

walks as (
    select member_id as start_id, inviter_id as member_id, 1 as depth
    from backward
    union all
    select walks.start_id, links.inviter_id as member_id, walks.depth + 1 as depth
    from walks
    join links on walks.member_id = links.member_id
    where walks.member_id <> walks.start_id and walks.depth < 1000
),

circles as (select distinct start_id from walks where member_id = start_id),

firsts as (
    select
        walks.start_id,
        min(case when others.joined_at < starts.joined_at
            or (others.joined_at = starts.joined_at and others.member_id < starts.member_id)
            then 0 else 1 end) as is_first
    from walks
    join circles on walks.start_id = circles.start_id
    join links as others on walks.member_id = others.member_id
    join links as starts on walks.start_id = starts.member_id
    group by walks.start_id
),

cuts as (select start_id from firsts where is_first = 1)

select
    links.member_id, -- who was brought
    links.inviter_id, -- by whom
    links.joined_at -- first join of the member, naive UTC
from links
left join cuts on links.member_id = cuts.start_id
where cuts.start_id is null
