-- One row per paid deposit of a preorder: when its balance was due and paid, and whether it was
-- paid back.
-- grain: order_id
-- Due at the due date of the deposit, or of the balance where the deposit has none. Refunded = a
-- refund of the order by the due date (without one: within 30 d), before any balance was paid.
with

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

lines as (
    select
        order_id,
        coalesce(
            max(case when line_kind = 'preorder_deposit' then due_at end),
            max(due_at)
        ) as due_at,
        min(case when line_kind = 'preorder_balance' then effective_at end) as balance_paid_at,
        min(case when is_refund then effective_at end) as refunded_at
    from order_lines
    group by order_id
)

select
    orders.order_id, -- order of the deposit
    orders.paid_at, -- when the deposit was paid, naive UTC
    orders.paid_day, -- its business day
    lines.due_at, -- when the balance is due, naive UTC; NULL where not exported
    coalesce(lines.due_at, orders.paid_at + interval 30 day)
        as refundable_until, -- until when a refund is one of the deposit, naive UTC
    coalesce(lines.balance_paid_at <= lines.due_at, false)
        as is_on_time, -- whether the balance was paid by the due date
    coalesce(
        lines.refunded_at <= coalesce(lines.due_at, orders.paid_at + interval 30 day)
            and (lines.balance_paid_at is null or lines.refunded_at < lines.balance_paid_at),
        false
    ) as is_refunded -- whether the deposit was paid back
from orders
join lines on orders.order_id = lines.order_id
where orders.is_paid and orders.kind = 'preorder_deposit'
