-- One row per week and product with orders: is it sent back too often?
-- grain: week_start, action, subject
-- The 30 days before the week's end: refunds dated in them / paid amounts of the same days, against
-- all products of the category. Products without a category are one category.
with

order_lines as (select * from core.order_lines),

products as (select * from core.products),

action_weeks as (select * from scorecard.action_weeks),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

sums as (
    select
        action_weeks.week_start,
        order_lines.product_id,
        coalesce(products.category, 'unknown') as category,
        coalesce(max(products.product_name), order_lines.product_id) as product_name,
        count(distinct case when not order_lines.is_refund then order_lines.order_id end)
            as orders,
        cast(sum(case when not order_lines.is_refund then order_lines.amount else 0 end)
            as double) as paid,
        -cast(sum(case when order_lines.is_refund then order_lines.amount else 0 end)
            as double) as refunded
    from action_weeks
    join calendar on calendar.day_number < action_weeks.end_number
        and calendar.day_number >= action_weeks.end_number - 30
    join order_lines on calendar.day = order_lines.effective_day
    left join products on order_lines.product_id = products.product_id
    where action_weeks.has_orders and order_lines.is_revenue
        and order_lines.product_id is not null
    group by action_weeks.week_start, order_lines.product_id, products.category
),

rated as (
    select
        sums.*,
        refunded / nullif(paid, 0) as refund_rate,
        sum(refunded) over (partition by week_start, category)
            / nullif(sum(paid) over (partition by week_start, category), 0) as category_rate
    from sums
),

written as (
    select
        rated.*,
        cast(orders as varchar) as orders_text,
        cast(cast(round(100.0 * refund_rate, 1) as decimal(9, 1)) as varchar) || ' %' as rate,
        cast(cast(round(100.0 * category_rate, 1) as decimal(9, 1)) as varchar) || ' %'
            as category_text
    from rated
    where refund_rate is not null and category_rate is not null
)

select
    written.week_start, -- week at whose end it is judged
    'pull_link' as action, -- pull_link
    'product' as subject_kind, -- product
    written.product_id as subject, -- product
    written.product_name as subject_name, -- its name
    written.orders >= settings.refund_min_orders
        and written.refunded > 0
        and written.refund_rate >= settings.refund_ratio * written.category_rate
        as is_due, -- whether the thresholds are passed
    written.refund_rate as value, -- refunds / paid amounts, 30 days
    cast(written.orders as double) as base, -- paid orders with it, 30 days
    'refunds ' || written.rate || ' of sales over ' || written.orders_text
        || ' orders in 30 days, its category ' || written.category_text
        as evidence, -- the numbers in words
    '30 天退款 ' || written.rate || '（' || written.orders_text || ' 单），同类目 '
        || written.category_text as evidence_zh -- the same in Chinese
from written
cross join settings
