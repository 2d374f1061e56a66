-- One row per generation of the invite trees: 0 was brought by nobody.
-- grain: generation
-- M67 per generation: joined_invitees are the direct invitees of its members in referral.tree, the
-- members of the next generation; k_factor = joined_invitees / members. The whole export.
-- concept: M67 = k_factor
-- concept: M72 = generation, members
with

tree as (select * from referral.tree),

invites as (select * from core.invites),

settings as (select * from core.settings),

sent as (select count(*) as invites from invites),

known as (
    select settings.watermark_invite_at is not null or sent.invites > 0 as is_known
    from settings
    cross join sent
),

generations as (
    select
        generation,
        count(*) as members,
        count(case when direct_invitees > 0 then 1 end) as inviters,
        cast(sum(direct_invitees) as bigint) as joined_invitees
    from tree
    group by generation
)

select
    generations.generation, -- steps from the root of the tree
    generations.members, -- members of the generation
    case when known.is_known then generations.inviters end
        as inviters, -- of them, who brought somebody
    case when known.is_known then generations.joined_invitees end
        as joined_invitees, -- members they brought, the next generation
    case when known.is_known
        then cast(generations.joined_invitees as double) / generations.members end
        as k_factor, -- joined_invitees / members
    case when not known.is_known then 'no_invite_export' end
        as reason -- why a value of the row is missing
from generations
cross join known
