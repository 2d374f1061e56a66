-- One row per campaign and wave, and one for all orders without: money and coupons.
-- grain: campaign_id, wave_number
-- As of the report, orders by campaign_id only, margin over the lines of known cost. A gift costs
-- once claimed (where no claim is exported: once issued), a reward once given (where no time is
-- exported: once joined), a red packet when sent by staff.
with

acts as (select * from revenue.campaign_acts),

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

gifts as (select * from core.gifts),

settings as (select * from core.settings),

other_lines as (
    select
        order_lines.amount,
        order_lines.cost,
        order_lines.is_refund
    from orders
    join order_lines on orders.order_id = order_lines.order_id
    cross join settings
    where orders.campaign_id is null
        and order_lines.is_revenue
        and order_lines.effective_at < settings.report_order_at
),

others as (
    select
        sum(amount) as net_revenue,
        case when bool_or(not is_refund and cost is not null)
            then sum(case when cost is not null then amount - cost end) end as margin,
        sum(case when not is_refund then amount else 0 end) as gmv,
        sum(case when not is_refund and cost is not null then amount else 0 end) as costed_gmv
    from other_lines
),

other_orders as (
    select count(*) as orders
    from orders
    cross join settings
    where campaign_id is null and is_paid and paid_at < settings.report_order_at
),

money as (
    select
        campaign_id,
        wave_number,
        count(case when is_paid_order then 1 end) as orders,
        sum(net_revenue) as net_revenue,
        sum(margin) as margin,
        sum(gmv) as gmv,
        sum(costed_gmv) as costed_gmv,
        sum(case when act = 'gift' then outlay else 0 end) as gift_cost,
        sum(case when act = 'invite' then outlay else 0 end) as reward_cost,
        sum(case when act = 'red_packet' then outlay else 0 end) as red_packet_cost
    from acts
    group by campaign_id, wave_number
    union all
    select null, null, other_orders.orders, others.net_revenue, others.margin, others.gmv,
        others.costed_gmv, 0, 0, 0
    from others
    cross join other_orders
    where other_orders.orders > 0 or others.net_revenue is not null
),

coupon_claims as (
    select count(claimed_at) > 0 as has_claims, count(redeemed_at) > 0 as has_redemptions
    from gifts
    where gift_kind = 'coupon'
),

coupons as (
    select
        acts.campaign_id,
        acts.wave_number,
        count(*) as issued,
        case when bool_or(coupon_claims.has_claims)
            then count(case when gifts.claimed_at < settings.report_at then 1 end) end as claimed,
        case when bool_or(coupon_claims.has_redemptions)
            then count(case when gifts.redeemed_at < settings.report_at then 1 end) end as redeemed
    from acts
    join gifts on acts.act = 'gift' and acts.act_id = gifts.gift_id
    cross join settings
    cross join coupon_claims
    where gifts.gift_kind = 'coupon'
    group by acts.campaign_id, acts.wave_number
)

select
    money.campaign_id, -- campaign; NULL for orders without one
    money.wave_number, -- which repetition
    money.orders, -- paid orders
    cast(coalesce(money.net_revenue, 0) as decimal(18, 2)) as net_revenue, -- refunds taken off
    cast(money.margin as decimal(18, 2)) as margin, -- net revenue less cost, lines of known cost
    cast(coalesce(money.gmv, 0) as decimal(18, 2)) as gmv, -- paid amounts
    cast(coalesce(money.costed_gmv, 0) as decimal(18, 2)) as costed_gmv, -- those of known cost
    cast(money.gift_cost as decimal(18, 2)) as gift_cost, -- gifts
    cast(money.reward_cost as decimal(18, 2)) as reward_cost, -- rewards of invites
    cast(money.red_packet_cost as decimal(18, 2)) as red_packet_cost, -- red packets of staff
    coalesce(coupons.issued, 0) as coupons_issued, -- coupons given out
    case when coupons.issued > 0 then coupons.claimed else 0 end
        as coupons_claimed, -- claimed; NULL where no claim of a coupon is exported
    case when coupons.issued > 0 then coupons.redeemed else 0 end
        as coupons_redeemed -- used; NULL where no use is exported
from money
left join coupons
    on money.campaign_id = coupons.campaign_id
    and money.wave_number = coupons.wave_number
