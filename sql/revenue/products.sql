-- One row per product of any order line; product_id NULL holds the lines that name none.
-- grain: product_id
-- Net revenue over the whole history. Rank and shares are among the products sold for more than
-- nothing, of their net: the curve of revenue.concentration, period all. refund_rate = refunds
-- dated in the 30 days to R / paid amounts of these days. A hit is one of the best ceil(2 %).
-- concept: M55 = revenue_share, cumulative_share, product_share
-- concept: M63 = refund_rate
-- concept: M93 = margin, margin_rate, cost_known_share
with

order_lines as (select * from core.order_lines),

orders as (select * from core.orders),

products as (select * from core.products),

exported as (select * from core.exported),

windows as (select * from revenue.windows where period = '30d'),

lines as (
    select
        order_lines.*,
        orders.member_id,
        coalesce(order_lines.effective_at < windows.end_at
            and order_lines.effective_at >= windows.start_at, false) as is_recent
    from order_lines
    cross join windows
    left join orders on order_lines.order_id = orders.order_id
    where order_lines.is_revenue
),

sums as (
    select
        product_id,
        sum(case when not is_refund then amount else 0 end) as gmv,
        sum(amount) as net_revenue,
        case when bool_or(not is_refund and cost is not null)
            then sum(case when cost is not null then amount - cost end) end as margin,
        sum(case when cost is not null then amount end) as costed_net,
        sum(case when not is_refund and cost is not null then amount else 0 end) as costed_gmv,
        count(distinct case when not is_refund then order_id end) as orders,
        count(distinct case when not is_refund then member_id end) as buyers,
        count(distinct case when is_recent and not is_refund then order_id end) as orders_30d,
        sum(case when is_recent and not is_refund then amount else 0 end) as gmv_30d,
        sum(case when is_recent and is_refund then amount else 0 end) as refunds_30d,
        product_id is not null and bool_or(not is_refund and amount > 0) as is_sold
    from lines
    group by product_id
),

ranked as (
    select
        product_id,
        row_number() over (order by net_revenue desc, product_id) as place,
        count(*) over () as products,
        sum(net_revenue) over () as total,
        sum(net_revenue) over (
            order by net_revenue desc, product_id
            rows between unbounded preceding and current row
        ) as running
    from sums
    where is_sold
)

select
    sums.product_id, -- product; NULL where the line names none
    products.product_name, -- name
    products.category, -- category
    cast(sums.gmv as decimal(18, 2)) as gmv, -- paid amounts
    cast(sums.net_revenue as decimal(18, 2)) as net_revenue, -- gmv and refunds
    cast(sums.margin as decimal(18, 2)) as margin, -- net less cost, over lines of known cost
    cast(sums.margin as double) / nullif(cast(sums.costed_net as double), 0)
        as margin_rate, -- of net revenue of known cost
    cast(sums.costed_gmv as double) / nullif(cast(sums.gmv as double), 0)
        as cost_known_share, -- share of gmv whose cost is known
    sums.orders, -- orders with the product
    sums.buyers, -- known people who ordered it
    ranked.place as rank, -- place by net revenue, 1 is best; NULL where never sold
    cast(sums.net_revenue as double) / nullif(cast(ranked.total as double), 0)
        as revenue_share, -- net_revenue / net of all products sold
    cast(ranked.running as double) / nullif(cast(ranked.total as double), 0)
        as cumulative_share, -- the same of all products up to this rank
    cast(ranked.place as double) / ranked.products
        as product_share, -- products up to this rank / products sold
    coalesce(ranked.place <= ceil(0.02 * ranked.products), false)
        as is_hit, -- whether it is one of the best ceil(2 %) of the products sold
    sums.orders_30d, -- orders with the product in 30 days
    cast(sums.gmv_30d as decimal(18, 2)) as gmv_30d, -- paid amounts of 30 days
    cast(sums.refunds_30d as decimal(18, 2)) as refunds_30d, -- refunds of 30 days, negative
    case when windows.is_covered and exported.has_refunds
        then cast(-sums.refunds_30d as double) / nullif(cast(sums.gmv_30d as double), 0) end
        as refund_rate, -- -refunds_30d / gmv_30d; refunds of earlier sales are among them
    case
        when sums.product_id is null then 'no_product'
        when not sums.is_sold then 'not_sold'
        when not windows.is_covered then 'not_covered'
        when not exported.has_refunds then 'no_refunds'
        when sums.gmv_30d = 0 then 'no_paid_orders'
        when sums.margin is null then 'no_costs'
    end as reason -- why a value of the row is missing
from sums
cross join windows
cross join exported
left join ranked on sums.product_id = ranked.product_id
left join products on sums.product_id = products.product_id
