-- One row per business day, group and member with a paid order, a paid amount or a refund.
-- grain: day, group_id, member_id
-- partition: day
-- group_id is NULL for orders without a group. Apart from core.member_days, so that an order or a
-- first join that is new touches its own days there and no others.
with

first_joins as (select * from core.first_joins),

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

payments as (
    select
        orders.paid_day as day,
        orders.group_id,
        orders.member_id,
        1 as paid_orders,
        case when orders.paid_at >= first_joins.first_joined_at then 1 else 0 end as member_orders,
        case when orders.buyer_kind in ('group', 'member') then 1 else 0 end as seated_orders,
        cast(0 as decimal(18, 2)) as net_revenue
    from orders
    left join first_joins on orders.member_id = first_joins.member_id
    where orders.is_paid and orders.is_counted
    union all
    select
        order_lines.effective_day as day,
        orders.group_id,
        orders.member_id,
        0 as paid_orders,
        0 as member_orders,
        0 as seated_orders,
        order_lines.amount as net_revenue
    from order_lines
    join orders on order_lines.order_id = orders.order_id
    where order_lines.is_revenue and orders.is_counted
)

select
    day, -- business day
    group_id, -- group; NULL for orders without a group
    member_id, -- member
    cast(sum(paid_orders) as bigint) as paid_orders, -- paid orders
    cast(sum(member_orders) as bigint)
        as member_orders, -- of those, since the member joined the community
    cast(sum(seated_orders) as bigint)
        as seated_orders, -- of those, paid while the member was in a group
    cast(sum(net_revenue) as decimal(18, 2)) as net_revenue -- paid amounts and refunds of the day
from payments
group by day, group_id, member_id
