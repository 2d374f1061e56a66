-- One row per member and scope (the community: group_id NULL, or a group) whose first join there is
-- known.
-- grain: group_id, member_id
-- What happened after the join: in the group for a group, anywhere for the community.
with

members as (select * from core.members),

stays as (select * from core.stays),

community_stays as (select * from core.community_stays),

first_messages as (select * from core.first_messages),

orders as (select * from core.orders),

invites as (select * from core.invites),

roles as (select * from core.roles),

calendar as (select * from core.calendar),

group_posts as (
    select
        group_id,
        member_id,
        first_meaningful_at as first_message_at,
        first_active_at
    from first_messages
),

group_joins as (
    select group_id, member_id, joined_at, left_at, left_after, exit_kind
    from stays
    where stay_number = 1 and is_join_known
),

group_purchases as (
    select
        group_joins.group_id,
        group_joins.member_id,
        min(case when orders.paid_at >= group_joins.joined_at then orders.paid_at end)
            as first_paid_at,
        bool_or(orders.paid_at < group_joins.joined_at) as was_customer
    from group_joins
    join orders
        on group_joins.member_id = orders.member_id
        and group_joins.group_id = orders.group_id
        and orders.is_paid
    group by group_joins.group_id, group_joins.member_id
),

group_referrals as (
    select
        group_joins.group_id,
        group_joins.member_id,
        min(invites.joined_at) as first_referred_at
    from group_joins
    join invites
        on group_joins.group_id = invites.group_id
        and group_joins.member_id = invites.inviter_id
        and invites.joined_at >= group_joins.joined_at
    where invites.outcome = 'joined'
    group by group_joins.group_id, group_joins.member_id
),

joiners as (
    select
        cast(null as varchar) as group_id,
        members.member_id,
        members.first_joined_at as joined_at,
        members.first_message_at,
        members.first_active_at,
        members.first_paid_at,
        members.first_referred_at,
        members.was_customer,
        community_stays.left_at,
        community_stays.left_after,
        community_stays.exit_kind
    from members
    join community_stays on members.member_id = community_stays.member_id
        and community_stays.stay_number = 1
    where members.is_counted and members.is_join_known
    union all
    select
        group_joins.group_id,
        group_joins.member_id,
        group_joins.joined_at,
        group_posts.first_message_at,
        least(group_posts.first_active_at, group_purchases.first_paid_at) as first_active_at,
        group_purchases.first_paid_at,
        group_referrals.first_referred_at,
        coalesce(members.first_purchase_at < group_joins.joined_at, false) as was_customer,
        group_joins.left_at,
        group_joins.left_after,
        group_joins.exit_kind
    from group_joins
    join members on group_joins.member_id = members.member_id
    left join group_posts
        on group_joins.group_id = group_posts.group_id
        and group_joins.member_id = group_posts.member_id
    left join group_referrals
        on group_joins.group_id = group_referrals.group_id
        and group_joins.member_id = group_referrals.member_id
    left join group_purchases
        on group_joins.group_id = group_purchases.group_id
        and group_joins.member_id = group_purchases.member_id
)

select
    joiners.group_id, -- group; NULL for the community
    joiners.member_id, -- member
    joiners.joined_at, -- known first join, naive UTC
    calendar.week_start as cohort_week, -- its week
    joiners.first_message_at, -- first meaningful message after it, naive UTC
    joiners.first_active_at, -- first activity after it, naive UTC
    joiners.first_paid_at, -- first paid order after it, naive UTC
    roles.is_refuser, -- whether they refused message archiving
    joiners.first_referred_at, -- first join of somebody they invited, naive UTC
    joiners.was_customer, -- whether they bought before it
    joiners.left_at, -- end of the first stay, naive UTC; NULL while it lasts
    joiners.left_after, -- its lower bound where only two member lists show the end, naive UTC
    joiners.exit_kind -- how it ended
from joiners
join roles on joiners.member_id = roles.member_id
join calendar
    on joiners.joined_at >= calendar.day_start_at
    and joiners.joined_at < calendar.day_end_at
