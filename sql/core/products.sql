-- One row per product, as exported.
-- grain: product_id
with

products as (select * from staging.products)

select
    product_id, -- product
    product_name, -- name
    category, -- category
    cost, -- cost of one
    is_entry, -- whether it is an entry product
    launched_at, -- first shown
    on_sale_at -- first sold
from products
