-- Products as exported.
-- materialized: view
with

products as (select * from raw.products)

select
    product_id, -- product
    product_name, -- name
    category, -- category
    cost, -- cost of one
    is_entry, -- whether it is an entry product
    launched_at, -- first shown
    on_sale_at -- first sold
from products
qualify row_number() over (partition by product_id order by source) = 1
