-- One row per member who took red packets or rewards and neither bought nor brought anybody.
-- grain: member_id
-- M83 without what they wrote. In the community freeloader_days or more without a break at R of
-- joins, messages and orders. No refusers of archiving. Empty without orders or messages.
with

community_stays as (select * from core.community_stays),

roles as (select * from core.roles),

packet_takers as (select * from group_health.packet_takers),

invitations as (select * from referral.invitations),

gifts as (select * from core.gifts),

orders as (select * from core.orders),

exported as (select * from core.exported),

settings as (select * from core.settings),

instants as (
    select
        least(settings.report_join_at, settings.report_message_at, settings.report_order_at)
            as report_at,
        settings.freeloader_days
    from settings
    cross join exported
    where exported.has_orders and exported.has_messages
),

reward_rows as (
    select inviter_id as member_id, coalesce(rewarded_at, invited_at) as rewarded_at
    from invitations
    where is_rewarded
    union all
    select member_id, coalesce(claimed_at, issued_at) as rewarded_at
    from gifts
    where gift_kind = 'reward' and member_id is not null
),

rewards as (
    select reward_rows.member_id, count(*) as rewards
    from reward_rows
    join instants on reward_rows.rewarded_at < instants.report_at
    group by reward_rows.member_id
),

buyers as (
    select distinct orders.member_id
    from orders
    join instants on orders.paid_at < instants.report_at
    where orders.is_paid and orders.member_id is not null
),

bringers as (select distinct inviter_id as member_id from invitations where is_joined),

settled as (
    select
        community_stays.member_id,
        community_stays.joined_at,
        instants.report_at
    from community_stays
    cross join instants
    join roles on community_stays.member_id = roles.member_id and not roles.is_refuser
    where community_stays.joined_at <= instants.report_at
            - instants.freeloader_days * interval 24 hour
        and (community_stays.left_at is null or community_stays.left_at >= instants.report_at)
)

select
    settled.member_id, -- member
    settled.report_at, -- R, naive UTC
    cast(floor(date_diff('microsecond', settled.joined_at, settled.report_at) / 86400000000.0)
        as bigint) as days_in_group, -- days since the present community stay began
    coalesce(packet_takers.packets_taken, 0) as packets_taken, -- red packets of others they took
    coalesce(rewards.rewards, 0)
        as rewards_received -- rewarded invitations and gifts of kind reward
from settled
left join packet_takers on settled.member_id = packet_takers.member_id
left join rewards on settled.member_id = rewards.member_id
left join buyers on settled.member_id = buyers.member_id
left join bringers on settled.member_id = bringers.member_id
where coalesce(packet_takers.packets_taken, 0) + coalesce(rewards.rewards, 0) > 0
    and buyers.member_id is null
    and bringers.member_id is null
