-- One row per period: how much of the net revenue the best products bring.
-- grain: period
-- M55. Products sold at least once in the period, for more than nothing, by net revenue, best
-- first; top 2 % = ceil(2 %) of them. Lines without a product are left out.
-- concept: M55 = top_2pct_share, top_20pct_share, product_share_for_80pct
with

order_lines as (select * from core.order_lines),

settings as (select * from core.settings),

product_lines as (
    select 'all' as period, product_id, amount, is_refund
    from order_lines
    where is_revenue and product_id is not null
    union all
    select '90d' as period, order_lines.product_id, order_lines.amount, order_lines.is_refund
    from order_lines
    cross join settings
    where order_lines.is_revenue
        and order_lines.product_id is not null
        and order_lines.effective_at < settings.report_order_at
        and order_lines.effective_at >= settings.report_order_at - interval 90 day
),

products as (
    select period, product_id, sum(amount) as net_revenue
    from product_lines
    group by period, product_id
    having count(case when not is_refund and amount > 0 then 1 end) > 0
),

ranked as (
    select
        period,
        net_revenue,
        row_number() over (partition by period order by net_revenue desc, product_id) as place,
        count(*) over (partition by period) as products,
        sum(net_revenue) over (partition by period) as total,
        sum(net_revenue) over (
            partition by period order by net_revenue desc, product_id
            rows between unbounded preceding and current row
        ) as running
    from products
)

select
    period, -- all, or 90d at report_at
    max(products) as products, -- products sold
    cast(sum(case when place <= ceil(0.02 * products) then net_revenue else 0 end) as double)
        / nullif(cast(max(total) as double), 0)
            as top_2pct_share, -- net of the best ceil(2 %) of products / net
    cast(sum(case when place <= ceil(0.20 * products) then net_revenue else 0 end) as double)
        / nullif(cast(max(total) as double), 0) as top_20pct_share, -- the same at 20 %
    cast(min(case when cast(running as double) >= 0.8 * cast(total as double) then place end)
        as double)
        / max(products)
            as product_share_for_80pct -- smallest share of products that reaches 80 % of net
from ranked
group by period
