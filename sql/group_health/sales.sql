-- One row per group and week with orders before its end: net revenue of 28 days, paid orders of
-- dead_days.
-- grain: group_id, week_start
with

instants as (select * from group_health.instants),

settings as (select * from core.settings),

order_lines as (select * from core.order_lines),

orders as (select * from core.orders),

sales as (
    select
        instants.week_start,
        orders.group_id,
        sum(order_lines.amount) as net_revenue_28d
    from instants
    join order_lines
        on order_lines.is_revenue
        and order_lines.effective_at < instants.week_end_at
        and order_lines.effective_at >= instants.week_end_at - interval 28 day
    join orders on order_lines.order_id = orders.order_id
    where orders.group_id is not null
    group by instants.week_start, orders.group_id
),

recent_orders as (
    select instants.week_start, orders.group_id, count(*) as paid_orders_14d
    from instants
    cross join settings
    join orders
        on orders.is_paid
        and orders.group_id is not null
        and orders.paid_at < instants.week_end_at
        and orders.paid_at >= instants.week_end_at - settings.dead_days * interval 1 day
    group by instants.week_start, orders.group_id
)

select
    coalesce(sales.group_id, recent_orders.group_id) as group_id, -- group
    coalesce(sales.week_start, recent_orders.week_start)
        as week_start, -- week at whose end the windows end
    coalesce(sales.net_revenue_28d, 0)
        as net_revenue_28d, -- net revenue of the group's orders, 28 days
    coalesce(recent_orders.paid_orders_14d, 0)
        as paid_orders_14d -- paid orders of the group, dead_days
from sales
full outer join recent_orders
    on sales.group_id = recent_orders.group_id
    and sales.week_start = recent_orders.week_start
