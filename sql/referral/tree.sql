-- One row per counted member who was ever in a group or invited somebody: the place in the invite
-- trees.
-- grain: member_id
-- M72. Who was brought by nobody is a root of generation 0. tree_size counts the root and all below
-- it, on every row of the tree.
-- concept: M72 = generation, descendants, tree_size, root_member_id
with

members as (select * from core.members),

edges as (select * from referral.edges),

ancestors as (select * from referral.ancestors),

people as (
    select member_id from members where is_counted and first_joined_at is not null
    union
    select inviter_id as member_id from edges
    union
    select member_id from edges
),

tops as (
    select
        member_id,
        max(generations) as generation,
        max_by(ancestor_id, generations) as root_member_id
    from ancestors
    group by member_id
),

below as (
    select
        ancestor_id as member_id,
        count(*) as descendants,
        count(case when generations = 1 then 1 end) as direct_invitees
    from ancestors
    group by ancestor_id
),

placed as (
    select
        people.member_id,
        edges.inviter_id,
        coalesce(tops.root_member_id, people.member_id) as root_member_id,
        coalesce(tops.generation, 0) as generation,
        coalesce(below.direct_invitees, 0) as direct_invitees,
        coalesce(below.descendants, 0) as descendants
    from people
    left join edges on people.member_id = edges.member_id
    left join tops on people.member_id = tops.member_id
    left join below on people.member_id = below.member_id
)

select
    member_id, -- member
    inviter_id, -- who brought them; NULL for a root
    root_member_id, -- root of the tree
    generation, -- steps from the root
    direct_invitees, -- members they brought themselves
    descendants, -- members below them
    count(*) over (partition by root_member_id) as tree_size -- members of the whole tree
from placed
