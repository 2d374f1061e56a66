-- One row per period: how much of the net revenue the best products bring.
-- grain: period
-- M55. Products sold at least once in the period, for more than nothing, by net revenue, best
-- first; top 2 % = ceil(2 %) of them. Lines without a product are left out. The 90 days are known
-- only where orders of all of them were exported.
-- concept: M55 = top_2pct_share, top_20pct_share, product_share_for_80pct
with

order_lines as (select * from core.order_lines),

exported as (select * from core.exported),

windows as (select * from revenue.windows where period = '90d'),

periods as (
    select
        period,
        start_at,
        end_at,
        case when end_at is null then 'no_order_export' when not is_covered then 'not_covered' end
            as missing
    from windows
    union all
    select 'all', cast(null as timestamp), cast(null as timestamp),
        case when end_at is null then 'no_order_export' end
    from windows
),

product_lines as (
    select
        periods.period,
        order_lines.product_id,
        order_lines.amount,
        order_lines.is_refund
    from order_lines
    join periods
        on periods.missing is null
        and (periods.start_at is null or (order_lines.effective_at >= periods.start_at
            and order_lines.effective_at < periods.end_at))
    where order_lines.is_revenue and order_lines.product_id is not null
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
),

shares as (
    select
        period,
        max(products) as products,
        max(total) as total,
        sum(case when place <= ceil(0.02 * products) then net_revenue else 0 end) as top_2pct,
        sum(case when place <= ceil(0.20 * products) then net_revenue else 0 end) as top_20pct,
        min(case when cast(running as double) >= 0.8 * cast(total as double) then place end)
            as place_for_80pct
    from ranked
    group by period
)

select
    periods.period, -- all, or 90d at report_at
    case when periods.missing is null then coalesce(shares.products, 0) end
        as products, -- products sold
    cast(shares.top_2pct as double) / nullif(cast(shares.total as double), 0)
        as top_2pct_share, -- net of the best ceil(2 %) of products / net
    cast(shares.top_20pct as double) / nullif(cast(shares.total as double), 0)
        as top_20pct_share, -- the same at 20 %
    cast(shares.place_for_80pct as double) / shares.products
        as product_share_for_80pct, -- smallest share of products that reaches 80 % of net
    case
        when periods.missing is not null then periods.missing
        when not exported.has_order_products then 'no_order_products'
        when coalesce(shares.total, 0) = 0 then 'no_paid_orders'
    end as reason -- why a value of the row is missing
from periods
cross join exported
left join shares on periods.period = shares.period
