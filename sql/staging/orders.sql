-- Order lines with one id per person and business days of payment.
-- materialized: view
with

lines as (select * from raw.orders),

settings as (select * from raw.settings),

limits as (select * from staging.limits),

shared_ids as (
    select order_id
    from lines
    group by order_id
    having count(distinct source) > 1
),

refunds_seen as (
    select seen.*
    from staging.order_refunds_seen as seen
    cross join limits
    where seen.refund_seen_at < limits.end_at
),

-- Two shops may use the same order numbers: those carry their source.
orders as (
    select
        lines.* replace (
            case when shared_ids.order_id is null then lines.order_id
                else lines.source || ':' || lines.order_id end as order_id,
            case when shared_of.order_id is null then lines.refund_of_order_id
                else lines.source || ':' || lines.refund_of_order_id end as refund_of_order_id,
            case when lines.paid_at < limits.end_at then lines.paid_at end as paid_at,
            case when lines.team_completed_at < limits.end_at then lines.team_completed_at end
                as team_completed_at
        ),
        lines.order_id as exported_order_id
    from lines
    cross join limits
    left join shared_ids on lines.order_id = shared_ids.order_id
    left join shared_ids as shared_of on lines.refund_of_order_id = shared_of.order_id
    where lines.day <= limits.last_day
        and (lines.kind <> 'refund' or coalesce(lines.paid_at < limits.end_at, true))
),

aliases as (select * from staging.aliases)

select
    orders.source, -- where the export comes from
    orders.order_id, -- order
    orders.line_number, -- line
    coalesce(aliases.member_id, orders.member_id) as member_id, -- buyer, NULL when unknown
    orders.group_id, -- group as exported
    orders.ordered_at, -- when placed, naive UTC
    orders.paid_at, -- when paid, naive UTC
    orders.day as ordered_day, -- business day it was placed
    cast(timezone(settings.time_zone, timezone('UTC', orders.paid_at)) as date)
        as paid_day, -- business day it was paid
    orders.kind, -- what the line is
    orders.status, -- state of the order
    orders.amount, -- amount of the line
    orders.refunded_amount, -- refunded so far without a date
    orders.quantity, -- how many
    orders.product_id, -- product
    orders.discount_amount, -- discount given
    orders.cost_amount, -- cost of the goods
    orders.refund_of_order_id, -- order it refunds
    orders.campaign_id, -- campaign
    orders.channel, -- where it was placed
    orders.leader_id, -- group leader
    orders.preorder_id, -- links deposit and balance
    orders.due_at, -- when the balance is due
    orders.bonus_amount, -- bonus granted or spent
    orders.team_id, -- group-buy team
    orders.team_completed_at, -- when the team was complete
    refunds_seen.refund_seen_at, -- first export that shows the order as refunded, naive UTC
    cast(timezone(settings.time_zone, timezone('UTC', refunds_seen.refund_seen_at)) as date)
        as refund_seen_day, -- its business day
    orders.event_key, -- order
    orders.row_number -- row of the file
from orders
cross join settings
left join aliases
    on orders.member_id = aliases.alias_id
    and orders.ordered_at >= aliases.valid_from
    and orders.ordered_at < aliases.valid_to
left join refunds_seen
    on orders.source = refunds_seen.source
    and orders.exported_order_id = refunds_seen.order_id
