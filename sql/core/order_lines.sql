-- One row per line of an order, refunds and balances among the lines of the order they belong to.
-- grain: order_id, line_number
-- A refund that names its order and a balance that shares the deposit's preorder_id are lines of
-- that order. A refund known only by status or amount is a line of its own, dated at the first
-- export that shows it.
-- Spent bonus is a discount: a balance_spend line counts without it. Lines that were never paid
-- have no effective_at and no revenue.
with

lines as (select * from staging.orders),

products as (select * from staging.products),

own_orders as (
    select order_id, bool_or(kind = 'recharge') as is_recharge
    from lines
    where kind <> 'refund'
    group by order_id
),

deposits as (
    select preorder_id, min(order_id) as order_id
    from lines
    where kind = 'preorder_deposit' and preorder_id is not null
    group by preorder_id
),

placed as (
    select
        coalesce(refunded.order_id, deposits.order_id, lines.order_id) as order_id,
        lines.order_id as exported_order_id,
        lines.line_number,
        lines.member_id,
        lines.product_id,
        lines.quantity,
        lines.kind = 'refund' as is_refund,
        case when lines.kind = 'refund' and coalesce(refunded.is_recharge, false)
            then 'recharge_refund'
            else lines.kind end as line_kind,
        case when lines.kind = 'balance_spend' then lines.amount - coalesce(lines.bonus_amount, 0)
            else lines.amount end as amount,
        case
            when lines.cost_amount is not null then lines.cost_amount
            when lines.kind = 'refund' then cast(0 as decimal(18, 2))
            else cast(lines.quantity * products.cost as decimal(18, 2))
        end as cost,
        lines.refunded_amount,
        coalesce(lines.discount_amount, 0)
            + case when lines.kind = 'balance_spend' then coalesce(lines.bonus_amount, 0)
                else 0 end as discount,
        abs(coalesce(lines.bonus_amount, 0)) as bonus,
        lines.preorder_id,
        lines.due_at,
        case
            when coalesce(lines.status, 'paid') = 'cancelled' then null
            when lines.kind = 'refund' then coalesce(lines.paid_at, lines.ordered_at)
            else lines.paid_at
        end as effective_at,
        case
            when coalesce(lines.status, 'paid') = 'cancelled' then null
            when lines.kind = 'refund' then coalesce(lines.paid_day, lines.ordered_day)
            else lines.paid_day
        end as effective_day,
        case when lines.kind <> 'refund'
                and (lines.status = 'refunded' or lines.refunded_amount > 0)
            then lines.refund_seen_at end
            as refund_seen_at,
        case when lines.kind <> 'refund'
                and (lines.status = 'refunded' or lines.refunded_amount > 0)
            then lines.refund_seen_day end
            as refund_seen_day
    from lines
    left join own_orders as refunded
        on lines.kind = 'refund' and lines.refund_of_order_id = refunded.order_id
    left join deposits
        on lines.kind = 'preorder_balance' and lines.preorder_id = deposits.preorder_id
    left join products on lines.product_id = products.product_id
),

refund_orders as (
    select
        order_id,
        max(refund_seen_at) as refund_seen_at,
        max(refund_seen_day) as refund_seen_day,
        bool_or(is_refund) as has_refund_lines
    from placed
    group by order_id
    having max(refund_seen_at) is not null
),

-- By product where the order has no other refund; else the rest of it, of no product in particular.
refunded_by_status as (
    select
        placed.order_id,
        case when not refund_orders.has_refund_lines then placed.product_id end as product_id,
        case when placed.line_kind in ('recharge', 'recharge_refund') then 'recharge_refund'
            else 'refund' end as line_kind,
        max(refund_orders.refund_seen_at) as effective_at,
        max(refund_orders.refund_seen_day) as effective_day,
        sum(case when placed.is_refund then placed.amount
            else coalesce(placed.refunded_amount, placed.amount) end) as remaining,
        sum(case
            when placed.line_kind = 'recharge' then placed.bonus
            when placed.line_kind = 'recharge_refund' then -placed.bonus
            else 0
        end) as bonus
    from placed
    join refund_orders on placed.order_id = refund_orders.order_id
    where placed.effective_at is not null
        and (placed.is_refund or placed.refund_seen_at is not null)
    group by
        placed.order_id,
        case when not refund_orders.has_refund_lines then placed.product_id end,
        case when placed.line_kind in ('recharge', 'recharge_refund') then 'recharge_refund'
            else 'refund' end
),

all_lines as (
    select
        order_id, exported_order_id, line_number, member_id, product_id, quantity, is_refund,
            line_kind, amount,
        cost, discount, bonus, preorder_id, due_at, effective_at, effective_day
    from placed
    union all
    select
        order_id, order_id, 0, null, product_id, null, true, line_kind,
        cast(-remaining as decimal(18, 2)),
        cast(0 as decimal(18, 2)), 0, bonus, null, null, effective_at, effective_day
    from refunded_by_status
    where remaining > 0
)

select
    order_id, -- order the line belongs to
    row_number() over (
        partition by order_id
        order by case when is_refund then 1
            else 0 end, effective_at, exported_order_id, line_number, amount,
            product_id
    ) as line_number, -- lines of one order, refunds last
    product_id, -- product
    quantity, -- how many
    cast(amount as decimal(18, 2)) as amount, -- negative for refunds; without spent bonus
    cost, -- cost of the goods; NULL where unknown
    cast(discount as decimal(18, 2)) as discount, -- discount given, spent bonus included
    cast(bonus as decimal(18, 2)) as bonus, -- bonus granted, spent or taken back with it
    preorder_id, -- links a deposit to its balance
    due_at, -- when the balance is due, naive UTC
    line_kind, -- kind of the line as exported, or recharge_refund
    line_kind not in ('recharge', 'recharge_refund') and effective_at is not null
        as is_revenue, -- whether the line counts in GMV (not a refund) or in refunds
    is_refund, -- whether it is a refund
    effective_at, -- when it was paid or refunded, naive UTC; NULL where neither
    effective_day, -- its business day
    exported_order_id -- order id of the export the line comes from
from all_lines
