-- One row per measure of the shape of the invite trees, seed users and KOLs.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M72 = depth, trees, in_tree_share, largest_tree_share, self_invites, mutual_invites
-- concept: M72 = cut_edges
-- concept: M73 = seed_users, max_descendants, p99_descendants
-- concept: M74 = kol_candidates, kol_max_reach_24h, kol_reach_share
-- Trees are those of two members or more. p99 is nearest-rank over seed users. kol_reach_share: KOL
-- candidates whom at least kol_reach members answered within 24 h, 90 days together.
with

tree as (select * from referral.tree),

edges as (select * from referral.edges),

invitations as (select * from referral.invitations),

roles as (select * from core.roles),

inviters as (select * from referral.inviters),

kols as (select * from group_health.candidates_kol),

kol_scores as (select * from group_health.kol_scores),

settings as (select * from core.settings),

sent as (
    select
        count(*) as invitations,
        count(case when outcome = 'self' then 1 end) as selves
    from invitations
),

known as (
    select
        sent.selves,
        settings.kol_reach,
        case when settings.watermark_invite_at is null and sent.invitations = 0
            then 'no_invite_export' end as no_invites
    from settings
    cross join sent
),

shapes as (
    select
        count(*) as members,
        max(generation) as depth,
        count(case when inviter_id is null and tree_size > 1 then 1 end) as trees,
        count(case when tree_size > 1 then 1 end) as in_trees,
        max(case when tree_size > 1 then tree_size end) as largest
    from tree
),

joined as (
    select count(*) as joined
    from invitations
    join roles on invitations.invitee_id = roles.member_id and roles.is_counted
    where invitations.is_joined
),

kept_edges as (select count(*) as edges from edges),

pairs as (
    select distinct inviter_id, invitee_id
    from invitations
    where invitee_id is not null and inviter_id <> invitee_id
),

mutual as (
    select count(*) as mutual
    from pairs
    join pairs as back
        on pairs.inviter_id = back.invitee_id and pairs.invitee_id = back.inviter_id
    where pairs.inviter_id < pairs.invitee_id
),

ranked as (
    select descendants, cume_dist() over (order by descendants) as percentile
    from inviters
    where is_seed
),

seeds as (
    select
        count(*) as seeds,
        max(descendants) as most,
        min(case when percentile >= 0.99 then descendants end) as p99
    from ranked
),

scores as (select count(kol_score) as scored from kol_scores),

reach as (
    select
        count(*) as kols,
        max(kols.reach_24h) as reach,
        count(case when kols.reach_24h >= settings.kol_reach then 1 end) as far
    from kols
    cross join settings
),

facts as (
    select *
    from known
    cross join shapes
    cross join joined
    cross join kept_edges
    cross join mutual
    cross join seeds
    cross join scores
    cross join reach
),

measures as (
    select 'M72' as concept_id, 'depth' as measure, 'all' as period, cast(depth as double) as part,
        cast(null as double) as whole, no_invites as missing, 'no_members' as none from facts
    union all
    select 'M72', 'trees', 'all', cast(trees as double), null, no_invites, 'no_members' from facts
    union all
    select 'M72', 'in_tree_share', 'all', cast(in_trees as double), cast(members as double),
        no_invites, 'no_members' from facts
    union all
    select 'M72', 'largest_tree_share', 'all', cast(coalesce(largest, 0) as double),
        cast(in_trees as double), no_invites, 'no_joined_invites' from facts
    union all
    select 'M72', 'self_invites', 'all', cast(selves as double), null, no_invites, null from facts
    union all
    select 'M72', 'mutual_invites', 'all', cast(mutual as double), null, no_invites, null from facts
    union all
    select 'M72', 'cut_edges', 'all', cast(joined - edges as double), null, no_invites, null
    from facts
    union all
    select 'M73', 'seed_users', '90d', cast(seeds as double), null, no_invites, null from facts
    union all
    select 'M73', 'max_descendants', 'all', cast(most as double), null, no_invites, 'no_seed_users'
    from facts
    union all
    select 'M73', 'p99_descendants', 'all', cast(p99 as double), null, no_invites, 'no_seed_users'
    from facts
    union all
    select 'M74', 'kol_candidates', '90d', cast(kols as double), null,
        case when scored = 0 then 'no_replies' end, null from facts
    union all
    select 'M74', 'kol_max_reach_24h', '90d', cast(reach as double), null,
        case when scored = 0 then 'no_replies' end, 'no_candidates' from facts
    union all
    select 'M74', 'kol_reach_share', '90d', cast(far as double), cast(kols as double),
        case when scored = 0 then 'no_replies' end, 'no_candidates' from facts
),

valued as (
    select
        measures.*,
        measure like '%_share' as is_share
    from measures
)

select
    concept_id, -- concept
    measure, -- what is measured
    'community' as subject_kind, -- community
    'all' as subject, -- all
    period, -- all: the whole export; 90d: the 90 days before R
    case when missing is null
        then case when is_share then part / nullif(whole, 0) else part end end
        as value, -- the number
    case when missing is null then part end as numerator, -- what is counted
    case when missing is null then whole end as denominator, -- of what
    case when missing is not null then missing
        when is_share and coalesce(whole, 0) = 0 then none
        when part is null then none end as reason -- why there is no value
from valued
