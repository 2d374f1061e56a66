-- One row per business day, group and member with a message, an order or a refund.
-- grain: day, group_id, member_id
-- partition: day
-- reach: 0d..0d
-- group_id is NULL for orders without a group. Active = a meaningful message, check-in,
-- mini-program event, or a paid order by somebody who had joined the community by then.
with

message_days as (select * from core.message_days),

roles as (select * from core.roles),

paid as (select * from core.payment_days),

posted as (
    select message_days.*
    from message_days
    join roles on message_days.member_id = roles.member_id
    where roles.is_counted
),

-- Both are by day, group and member already: joining the few that paid to the many that posted
-- takes less than grouping all again. Orders without a group match nothing, and stay.
days as (
    select
        coalesce(posted.day, paid.day) as day,
        coalesce(posted.group_id, paid.group_id) as group_id,
        coalesce(posted.member_id, paid.member_id) as member_id,
        coalesce(posted.messages, 0) as messages,
        coalesce(posted.meaningful_messages, 0) as meaningful_messages,
        coalesce(posted.characters, 0) as characters,
        coalesce(posted.replies_sent, 0) as replies_sent,
        coalesce(posted.check_ins, 0) as check_ins,
        coalesce(posted.mini_program_events, 0) as mini_program_events,
        coalesce(posted.red_packets, 0) as red_packets,
        coalesce(paid.paid_orders, 0) as paid_orders,
        coalesce(paid.member_orders, 0) as member_orders,
        coalesce(paid.net_revenue, 0) as net_revenue
    from posted
    full join paid
        on posted.day = paid.day
        and posted.group_id = paid.group_id
        and posted.member_id = paid.member_id
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
