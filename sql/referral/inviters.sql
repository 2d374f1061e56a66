-- One row per counted member who sent an invitation.
-- grain: inviter_id
-- invites = joined + pending + expired + not_counted. What became of the joined ones: retained_30d
-- among matured_30d, buyers and revenue to the end of the export. Seed user (M73): at least
-- seed_min_descendants descendants, or seed_min_invitees joined in the 90 d before R of joins and
-- invites.
-- concept: M70 = reward_cost, retained_30d, buyers
-- concept: M73 = is_seed, descendants, joined_90d
with

invitations as (select * from referral.invitations),

tree as (select * from referral.tree),

settings as (select * from core.settings),

exported as (select * from core.exported),

instants as (
    select
        least(report_join_at, report_invite_at) as report_at,
        seed_min_descendants,
        seed_min_invitees
    from settings
),

inviters as (
    select
        invitations.inviter_id,
        count(*) as invites,
        count(case when invitations.is_joined then 1 end) as joined,
        count(case when invitations.outcome = 'pending' then 1 end) as pending,
        count(case when invitations.outcome = 'expired' then 1 end) as expired,
        count(case when invitations.outcome not in ('joined', 'pending', 'expired') then 1 end)
            as not_counted,
        count(case when invitations.is_joined
            and invitations.joined_at < instants.report_at
            and invitations.joined_at >= instants.report_at - interval 2160 hour then 1 end)
            as joined_90d,
        count(case when invitations.is_kept_30d is not null then 1 end) as matured_30d,
        count(case when invitations.is_kept_30d then 1 end) as kept_30d,
        count(case when invitations.is_buyer then 1 end) as buyers,
        sum(invitations.invitee_revenue) as invitee_revenue,
        sum(case when invitations.is_joined then invitations.reward_cost end) as reward_cost,
        sum(case when not invitations.is_joined then invitations.reward_cost end)
            as other_reward_cost
    from invitations
    cross join instants
    group by invitations.inviter_id
)

select
    inviters.inviter_id, -- counted member who invited
    inviters.invites, -- invitations sent
    inviters.joined, -- joined invitations
    inviters.pending, -- still open
    inviters.expired, -- nobody joined within 168 h
    inviters.not_counted, -- to themselves, to members of before, invited earlier by others, unknown
    inviters.joined_90d, -- joined in the 90 days before R
    inviters.matured_30d, -- joined ones of which it is known who is in a group 30 d later
    case when inviters.matured_30d > 0 then inviters.kept_30d end
        as retained_30d, -- of matured_30d, in at least one group 30 d after joining
    case when inviters.matured_30d > 0
        then cast(inviters.kept_30d as double) / inviters.matured_30d end
        as retained_30d_rate, -- retained_30d / matured_30d
    case when exported.has_orders then inviters.buyers end
        as buyers, -- joined invitees who paid an order from the join on; NULL without orders
    cast(case when exported.has_orders then coalesce(inviters.invitee_revenue, 0) end
        as decimal(18, 2))
        as invitee_revenue, -- net revenue of the orders of joined invitees from the join on
    coalesce(tree.descendants, 0) as descendants, -- members below in the invite tree
    cast(inviters.reward_cost as decimal(18, 2))
        as reward_cost, -- rewards of joined invitations; NULL where none is exported
    cast(inviters.other_reward_cost as decimal(18, 2))
        as other_reward_cost, -- rewards of the other invitations; NULL where none is exported
    coalesce(tree.descendants, 0) >= instants.seed_min_descendants
        or inviters.joined_90d >= instants.seed_min_invitees
            as is_seed, -- whether the member is a seed user
    case
        when not exported.has_orders then 'no_order_export'
        when inviters.joined = 0 then 'no_joined_invites'
        when not exported.has_exits then 'exits_not_exported'
        when inviters.matured_30d = 0 then 'not_mature'
    end as reason -- why a value of the row is missing
from inviters
cross join instants
cross join exported
left join tree on inviters.inviter_id = tree.member_id
