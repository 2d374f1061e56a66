-- One row per person that any export names; counted members are those with is_counted.
-- grain: member_id
-- All first_… instants but first_purchase_at and first_seen_at are at or after the join (for
-- members whose join is unknown: after the start of the export).
with

roles as (select * from core.roles),

exported as (select * from staging.members),

first_joins as (select * from core.first_joins),

calendar as (select * from core.calendar),

joins as (select * from staging.joins),

first_messages as (select * from core.first_messages),

orders as (select * from core.orders),

lines as (select * from staging.orders),

invites as (select * from core.invites),

join_facts as (
    select joins.member_id, joins.scene, joins.channel, joins.campaign_id
    from joins
    join first_joins
        on joins.member_id = first_joins.member_id
        and joins.group_id = first_joins.first_group_id
        and joins.occurred_at = first_joins.first_sign_at
    where joins.action not in ('leave', 'kick')
    qualify row_number() over (partition by joins.member_id order by joins.event_key) = 1
),

regions as (
    select member_id, region
    from joins
    where region is not null
    qualify row_number() over (
        partition by member_id order by occurred_at desc, region
    ) = 1
),

posts as (
    select
        member_id,
        min(first_at) as first_at,
        min(first_meaningful_at) as first_message_at,
        min(first_active_at) as first_active_at
    from first_messages
    group by member_id
),

purchases as (
    select member_id, min(paid_at) as first_purchase_at
    from orders
    where is_paid and member_id is not null
    group by member_id
),

first_orders as (select member_id, min(ordered_at) as first_at from orders
    where member_id is not null group by member_id),

later_orders as (
    select
        orders.member_id,
        orders.paid_at,
        dense_rank() over (partition by orders.member_id order by orders.paid_day) as purchase
    from orders
    join first_joins on orders.member_id = first_joins.member_id
    where orders.is_paid and orders.paid_at >= first_joins.first_joined_at
),

paid as (
    select
        member_id,
        min(paid_at) as first_paid_at,
        min(case when purchase = 2 then paid_at end) as second_paid_at
    from later_orders
    group by member_id
),

prepaid as (
    select lines.member_id, min(lines.paid_at) as first_prepaid_at
    from lines
    join first_joins on lines.member_id = first_joins.member_id
    where lines.kind in ('preorder_deposit', 'recharge')
        and coalesce(lines.status, 'paid') <> 'cancelled'
        and lines.paid_at >= first_joins.first_joined_at
    group by lines.member_id
),

sent as (
    select
        invites.inviter_id as member_id,
        min(invites.invited_at) as first_at,
        min(case when invites.outcome = 'joined'
            and (first_joins.member_id is null or invites.joined_at >= first_joins.first_joined_at)
            then invites.joined_at end) as first_referred_at
    from invites
    left join first_joins on invites.inviter_id = first_joins.member_id
    group by invites.inviter_id
),

won as (
    select invitee_id as member_id, inviter_id
    from invites
    where outcome = 'joined'
)

select
    roles.member_id, -- person
    least(first_joins.first_sign_at, posts.first_at, first_orders.first_at, sent.first_at)
        as first_seen_at, -- first event of any kind, naive UTC
    first_joins.first_joined_at, -- first join; start of the export where unknown, UTC
    coalesce(first_joins.is_join_known, false) as is_join_known, -- whether the first join is known
    case when first_joins.is_join_known then calendar.week_start end
        as cohort_week, -- week of the known first join; NULL else
    first_joins.first_group_id, -- group of the first sign
    join_facts.scene, -- how the member came in
    join_facts.channel, -- where the member came from
    join_facts.campaign_id, -- campaign of the join
    won.inviter_id, -- who brought the member, by the valid invite
    roles.role, -- member, kol, staff, owner, admin, bot or alt
    roles.is_counted, -- whether the person counts as a member
    coalesce(exported.region, regions.region) as region, -- region
    exported.tier, -- tier
    case when roles.is_counted then posts.first_message_at end
        as first_message_at, -- first meaningful message, naive UTC
    case when roles.is_counted then least(posts.first_active_at, paid.first_paid_at) end
        as first_active_at, -- first message, check-in, mini-program event or order, UTC
    paid.first_paid_at, -- first paid order after the join, naive UTC
    paid.second_paid_at, -- first paid order on a later purchase day, naive UTC
    prepaid.first_prepaid_at, -- first deposit or recharge after the join, naive UTC
    sent.first_referred_at, -- first join of somebody they invited, naive UTC
    purchases.first_purchase_at, -- first paid order of the whole history, naive UTC
    coalesce(purchases.first_purchase_at < first_joins.first_joined_at, false)
        as was_customer, -- whether they bought before the join
    exported.archive_consent -- whether they agreed to message archiving; NULL where not exported
from roles
left join exported on roles.member_id = exported.member_id
left join first_joins on roles.member_id = first_joins.member_id
left join calendar
    on first_joins.first_joined_at >= calendar.day_start_at
    and first_joins.first_joined_at < calendar.day_end_at
left join join_facts on roles.member_id = join_facts.member_id
left join regions on roles.member_id = regions.member_id
left join posts on roles.member_id = posts.member_id
left join purchases on roles.member_id = purchases.member_id
left join first_orders on roles.member_id = first_orders.member_id
left join paid on roles.member_id = paid.member_id
left join prepaid on roles.member_id = prepaid.member_id
left join sent on roles.member_id = sent.member_id
left join won on roles.member_id = won.member_id
