-- One row per week and product with orders or complaints: is it sent back or complained of too
-- often?
-- grain: week_start, action, subject
-- The 30 days before the week's end: refunds dated in them / paid amounts of the same days, against
-- all products of the category. Products without a category are one category.
with

order_lines as (select * from core.order_lines),

products as (select * from core.products),

complaints as (select * from revenue.complaints),

action_weeks as (select * from scorecard.action_weeks),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

sums as (
    select
        action_weeks.week_start,
        order_lines.product_id,
        coalesce(products.category, 'unknown') as category,
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

bursts as (
    select complaints.week_start, complaints.product_id, max(complaints.complainers_24h)
        as complainers, bool_or(complaints.is_burst) as is_burst
    from complaints
    join action_weeks on complaints.week_start = action_weeks.week_start
    where complaints.product_id is not null
    group by complaints.week_start, complaints.product_id
),

joined as (
    select
        coalesce(rated.week_start, bursts.week_start) as week_start,
        coalesce(rated.product_id, bursts.product_id) as product_id,
        rated.orders,
        rated.refunded,
        rated.refund_rate,
        rated.category_rate,
        coalesce(bursts.is_burst, false) as is_burst,
        cast(bursts.complainers as varchar) as complainers
    from rated
    full outer join bursts on rated.week_start = bursts.week_start
        and rated.product_id = bursts.product_id
),

written as (
    select
        joined.*,
        coalesce(products.product_name, joined.product_id) as product_name,
        cast(orders as varchar) as orders_text,
        cast(cast(round(100.0 * refund_rate, 1) as decimal(9, 1)) as varchar) || ' %' as rate,
        cast(cast(round(100.0 * category_rate, 1) as decimal(9, 1)) as varchar) || ' %'
            as category_text
    from joined
    left join products on joined.product_id = products.product_id
),

said as (
    select
        written.*,
        coalesce('refunds ' || rate || ' of sales over ' || orders_text
            || ' orders in 30 days, its category ' || category_text, '') as refund_words,
        coalesce('30 天退款 ' || rate || '（' || orders_text || ' 单），同类目 ' || category_text,
            '') as refund_words_zh,
        coalesce(complainers || ' people complained in one group within 24 hours', '')
            as burst_words,
        coalesce('24 小时内同一群 ' || complainers || ' 人投诉', '') as burst_words_zh
    from written
    where (refund_rate is not null and category_rate is not null) or complainers is not null
)

select
    said.week_start, -- week at whose end it is judged
    'pull_link' as action, -- pull_link
    'product' as subject_kind, -- product
    said.product_id as subject, -- product
    said.product_name as subject_name, -- its name
    coalesce(said.orders >= settings.refund_min_orders
        and said.refunded > 0
        and said.refund_rate >= settings.refund_ratio * said.category_rate, false)
        as is_refunded, -- whether it is sent back too often
    said.is_burst, -- whether too many complained at once
    coalesce(said.orders >= settings.refund_min_orders
        and said.refunded > 0
        and said.refund_rate >= settings.refund_ratio * said.category_rate, false)
        or said.is_burst as is_due, -- whether either is so
    said.refund_rate as value, -- refunds / paid amounts, 30 days
    cast(said.orders as double) as base, -- paid orders with it, 30 days
    said.refund_words || case when said.refund_words <> '' and said.burst_words <> ''
        then '; ' else '' end || said.burst_words as evidence, -- the numbers in words
    said.refund_words_zh || case when said.refund_words <> '' and said.burst_words <> ''
        then '；' else '' end || said.burst_words_zh as evidence_zh -- the same in Chinese
from said
cross join settings
