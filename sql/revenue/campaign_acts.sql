-- One row per act that names a campaign: an order, a message, an invite or a gift.
-- grain: act, act_id
-- As of the report, each kind up to its own. The wave is that of revenue.campaign_waves; a campaign
-- that is in no list has wave 1.
with

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

messages as (select * from staging.messages where campaign_id is not null),

invites as (select * from core.invites),

gifts as (select * from core.gifts),

roles as (select * from core.roles),

waves as (select * from revenue.campaign_waves),

settings as (select * from core.settings),

known_gifts as (select count(claimed_at) > 0 as has_claims from gifts),

known_rewards as (select count(rewarded_at) > 0 as has_reward_times from invites),

order_values as (
    select
        orders.order_id,
        sum(order_lines.amount) as net_revenue,
        sum(case when order_lines.cost is not null then order_lines.amount - order_lines.cost end)
            as margin,
        sum(case when not order_lines.is_refund then order_lines.amount else 0 end) as gmv,
        sum(case when not order_lines.is_refund and order_lines.cost is not null
            then order_lines.amount else 0 end) as costed_gmv,
        bool_or(not order_lines.is_refund and order_lines.cost is not null) as has_cost
    from orders
    join order_lines on orders.order_id = order_lines.order_id
    cross join settings
    where orders.campaign_id is not null
        and order_lines.is_revenue
        and order_lines.effective_at < settings.report_order_at
    group by orders.order_id
),

acts as (
    select
        'order' as act, orders.order_id as act_id, orders.campaign_id, orders.group_id,
        orders.member_id, coalesce(orders.paid_at, orders.ordered_at) as acted_at,
        coalesce(orders.is_paid and orders.paid_at < settings.report_order_at, false) as is_done,
        true as is_shown, cast(0 as decimal(18, 2)) as outlay
    from orders
    cross join settings
    left join order_values on orders.order_id = order_values.order_id
    where orders.campaign_id is not null
        and (order_values.order_id is not null or orders.paid_at < settings.report_order_at)
    union all
    select
        case when messages.kind = 'red_packet' and roles.is_staff then 'red_packet'
            else 'message' end as act,
        messages.group_id || '/' || messages.event_key as act_id, messages.campaign_id,
        messages.group_id, messages.member_id, messages.occurred_at as acted_at,
        messages.kind <> 'system' and messages.revoked_at is null as is_done,
        not roles.is_refuser as is_shown,
        case when messages.kind = 'red_packet' and roles.is_staff
            then coalesce(messages.amount, 0) else 0 end as outlay
    from messages
    join roles on messages.member_id = roles.member_id
    cross join settings
    where messages.occurred_at < settings.report_message_at
    union all
    select
        'invite' as act, invites.invite_id as act_id, invites.campaign_id, invites.group_id,
        invites.inviter_id as member_id, invites.invited_at as acted_at, true as is_done,
        true as is_shown,
        case
            when invites.rewarded_at < settings.report_at
                or (not known_rewards.has_reward_times and invites.outcome = 'joined')
                then coalesce(invites.reward_cost, 0)
            else 0
        end as outlay
    from invites
    cross join settings
    cross join known_rewards
    where invites.campaign_id is not null and invites.invited_at < settings.report_at
    union all
    select
        'gift' as act, gifts.gift_id as act_id, gifts.campaign_id,
        cast(null as varchar) as group_id, gifts.member_id,
        coalesce(gifts.claimed_at, gifts.issued_at) as acted_at,
        coalesce(gifts.claimed_at < settings.report_at, not known_gifts.has_claims) as is_done,
        true as is_shown,
        case when coalesce(gifts.claimed_at < settings.report_at, not known_gifts.has_claims)
            then coalesce(gifts.unit_cost, 0) else 0 end as outlay
    from gifts
    cross join settings
    cross join known_gifts
    where gifts.campaign_id is not null
        and coalesce(gifts.issued_at, gifts.claimed_at) < settings.report_at
)

select
    acts.act, -- order, message, red_packet (of staff), invite or gift
    acts.act_id, -- which
    acts.campaign_id, -- campaign
    coalesce(waves.wave_number, 1) as wave_number, -- its wave
    acts.group_id, -- group it was in; NULL for gifts and orders without one
    acts.member_id, -- who did it
    acts.acted_at, -- when, naive UTC
    acts.is_done, -- whether it counts: paid, standing, sent or claimed
    acts.is_done and acts.is_shown and coalesce(roles.is_counted, false)
        as is_participation, -- whether it makes a counted member a participant
    acts.act = 'order' and acts.is_done as is_paid_order, -- whether it is a paid order
    cast(acts.outlay as decimal(18, 2)) as outlay, -- what it cost: packet, reward or gift
    cast(coalesce(order_values.net_revenue, 0) as decimal(18, 2))
        as net_revenue, -- of the order, refunds taken off
    cast(case when order_values.has_cost then order_values.margin end as decimal(18, 2))
        as margin, -- of its lines of known cost; NULL where none is
    cast(coalesce(order_values.gmv, 0) as decimal(18, 2)) as gmv, -- paid amounts of the order
    cast(coalesce(order_values.costed_gmv, 0) as decimal(18, 2))
        as costed_gmv -- those of lines of known cost
from acts
left join order_values on acts.act = 'order' and acts.act_id = order_values.order_id
left join roles on acts.member_id = roles.member_id
left join waves
    on acts.campaign_id = waves.campaign_id
    and acts.acted_at >= waves.acts_from_at
    and acts.acted_at < waves.acts_until_at
