-- One row per order that an export showed as refunded, and when one first did.
-- grain: source, order_id
with

lines as (
    select source, order_id, order_hash, status, refunded_amount from raw.orders
    union
    select source, order_id, order_hash, status, refunded_amount from raw.orders_history
),

versions as (select * from raw.order_versions),

loads as (select * from raw.loads)

select
    lines.source, -- where the export comes from
    lines.order_id, -- order
    min(loads.exported_at) as refund_seen_at -- end of the first export that shows it as refunded
from lines
join versions
    on lines.source = versions.source
    and lines.order_id = versions.order_id
    and lines.order_hash = versions.order_hash
join loads on versions.first_load_id = loads.load_id
where lines.status = 'refunded' or lines.refunded_amount > 0
group by lines.source, lines.order_id
