-- Products.
select product_id, product_name, category,
    case when is_cost_known then round(price::double * cost_ratio, 2)::decimal(18, 2) end as cost,
        is_entry,
    ts(launch_t) as launched_at, ts(launch_t + 259200) as on_sale_at
from products order by product_id
