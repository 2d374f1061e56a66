-- One row per member brought by another and each member above in the invite tree.
-- grain: member_id, ancestor_id
-- M72. Steps up the edges of referral.edges, which have no circles.
with recursive

edges as (select * from referral.edges),

ancestors as (
    select member_id, joined_at, inviter_id as ancestor_id, 1 as generations
    from edges
    union all
    select
        ancestors.member_id,
        ancestors.joined_at,
        edges.inviter_id as ancestor_id,
        ancestors.generations + 1 as generations
    from ancestors
    join edges on ancestors.ancestor_id = edges.member_id
    -- No chain is that long: a circle that was not cut must not run for ever.
    where ancestors.generations < 1000
)

select
    member_id, -- who was brought
    ancestor_id, -- member above
    generations, -- steps between them
    joined_at -- first join of the member brought, naive UTC
from ancestors
