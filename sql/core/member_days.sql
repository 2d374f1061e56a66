-- One row per business day, group and member with a message, an order or a refund.
-- grain: day, group_id, member_id
-- partition: day
-- group_id is NULL for orders without a group. Active = a meaningful message, check-in,
-- mini-program event, or a paid order by somebody who had joined the community by then.
with

message_days as (select * from core.message_days),

roles as (select * from core.roles),

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
        order_lines.amount as net_revenue
    from order_lines
    join orders on order_lines.order_id = orders.order_id
    where order_lines.is_revenue and orders.is_counted
),

parts as (
    select
        message_days.day,
        message_days.group_id,
        message_days.member_id,
        message_days.messages,
        message_days.meaningful_messages,
        message_days.characters,
        message_days.replies_sent,
        message_days.check_ins,
        message_days.mini_program_events,
        message_days.red_packets,
        0 as paid_orders,
        0 as member_orders,
        cast(0 as decimal(18, 2)) as net_revenue
    from message_days
    join roles on message_days.member_id = roles.member_id
    where roles.is_counted
    union all
    select day, group_id, member_id, 0, 0, 0, 0, 0, 0, 0, paid_orders, member_orders, net_revenue
    from payments
),

days as (
    select
        day,
        group_id,
        member_id,
        cast(sum(messages) as bigint) as messages,
        cast(sum(meaningful_messages) as bigint) as meaningful_messages,
        cast(sum(characters) as bigint) as characters,
        cast(sum(replies_sent) as bigint) as replies_sent,
        cast(sum(check_ins) as bigint) as check_ins,
        cast(sum(mini_program_events) as bigint) as mini_program_events,
        cast(sum(red_packets) as bigint) as red_packets,
        cast(sum(paid_orders) as bigint) as paid_orders,
        cast(sum(member_orders) as bigint) as member_orders,
        sum(net_revenue) as net_revenue
    from parts
    group by day, group_id, member_id
)

select
    day, -- business day
    group_id, -- group; NULL for orders without a group
    member_id, -- member
    messages, -- messages that stand
    meaningful_messages, -- those that count as activity
    characters, -- their characters
    replies_sent, -- those that answer somebody
    check_ins, -- check-ins
    mini_program_events, -- mini-program posts
    red_packets, -- red packets sent
    paid_orders, -- paid orders
    cast(net_revenue as decimal(18, 2)) as net_revenue, -- paid amounts and refunds of the day
    meaningful_messages > 0 as is_posting_active, -- posted something that counts
    member_orders > 0 as is_buying_active, -- paid an order after joining the community
    meaningful_messages > 0 or check_ins > 0 or mini_program_events > 0 or member_orders > 0
        as is_active -- any of these
from days
