-- Truth: orders and products.
-- Each query is one entry; [] gives a list, {} a table of names and values.

-- orders.paid_orders
select count(*) from true_orders where paid_t >= 0;

-- orders.paid_orders_of_members
select count(*) from true_orders where paid_t >= 0 and buyer = 'person';

-- orders.paid_orders_of_non_members
select count(*) from true_orders where paid_t >= 0 and buyer = 'outsider';

-- orders.paid_orders_of_unknown_buyers
select count(*) from true_orders where paid_t >= 0 and buyer = 'unknown';

-- orders.paid_orders_of_staff
select count(*) from true_orders where paid_t >= 0 and buyer = 'staff';

-- orders.paid_orders_before_the_first_week
select count(*) from true_orders where paid_t < 0;

-- orders.unpaid_orders
select count(distinct order_id) from order_rows where paid_t is null;

-- orders.share_of_orders_not_by_members
select round(avg((buyer <> 'person')::int), 4) from true_orders where paid_t >= 0;

-- orders.unknown_share_by_group_min_max
select [round(min(share), 3), round(max(share), 3)] from (
    select group_id, avg((buyer = 'unknown')::int) as share from true_orders
    where paid_t >= 0 and group_id in (select group_id from groups where closes_t is null)
    group by 1 having count(*) >= 40);

-- orders.amounts_by_kind {}
select kind, sum(amount)::varchar from order_rows where t >= 0 and paid_t is not null group by 1
    order by 1;

-- orders.bonus_spent
select sum(bonus_amount)::varchar from order_rows where kind = 'balance_spend';

-- orders.gmv
select (sum(amount) - coalesce(sum(bonus_amount) filter (where kind = 'balance_spend'), 0))::varchar
from order_rows where paid_t >= 0 and kind not in ('refund', 'recharge');

-- orders.refunds_by_row
select sum(amount)::varchar from order_rows where kind = 'refund' and paid_t >= 0;

-- orders.refunds_known_by_status_only
select coalesce(-sum(amount), 0)::varchar from order_rows join reexports using (order_id)
where new_status = 'refunded' and old_status <> 'refunded';

-- orders.average_order_value_30d
select round(avg(amount::double), 2) from true_orders where paid_t >= end_t() - days(30);

-- orders.order_value_median
select round(median(amount::double), 2) from true_orders where paid_t >= 0 and kind = 'sale';

-- orders.order_value_mean
select round(avg(amount::double), 2) from true_orders where paid_t >= 0 and kind = 'sale';

-- orders.spend_per_buyer_30d
select round(sum(amount)::double / count(distinct member_id), 2) from true_orders
where paid_t >= end_t() - days(30) and member_id is not null;

-- orders.orders_per_buyer_30d
select round(count(*) / count(distinct person), 3) from true_orders
where paid_t >= end_t() - days(30) and person is not null;

-- orders.buyers_among_members_ever
select count(distinct person) from true_orders where person is not null;

-- orders.repurchase_90d
with days as (
    select distinct person, floor(paid_t / 86400.0)::int as day from true_orders where person is
        not null
), firsts as (select person, min(day) as first_day from days group by 1)
select round(avg((exists (select 1 from days as d where d.person = f.person and d.day > f.first_day
    and d.day <= f.first_day + 90))::int), 4)
from firsts as f where first_day + 90 <= end_t() // 86400;

-- orders.median_days_between_purchases
select median(gap) from (
    select day - lag(day) over (partition by person order by day) as gap from (
        select distinct person, floor(paid_t / 86400.0)::int as day from true_orders where
            person is not null));

-- orders.orders_with_discount
select round(avg((discount > 0)::int), 4) from true_orders where paid_t >= 0 and kind = 'sale';

-- orders.margin_rate_where_cost_is_known
select round(1 - sum(cost_amount)::double / sum(amount)::double, 4) from order_rows
where kind in ('sale', 'group_buy') and cost_amount is not null and paid_t >= 0;

-- orders.refund_rate_of_faulty_product_in_its_weeks
select round(count(distinct f.order_no) filter (where f.is_batch) / count(distinct l.order_no), 4)
from lines as l join orders as o using (order_no)
left join refunds as f on f.order_no = l.order_no
where l.product_no = getvariable('faulty_product') and o.is_paid and o.kind in ('sale', 'group_buy')
    and cycle_week(o.t) in (15, 16) and o.t >= 0;

-- orders.partial_share_of_refunds
select round(avg((is_partial)::int), 4) from (select distinct order_no, is_partial from refunds);

-- orders.preorder_deposits
select count(*) from order_rows where kind = 'preorder_deposit' and paid_t is not null;

-- orders.preorder_balances
select count(*) from order_rows where kind = 'preorder_balance';

-- orders.preorder_on_time_rate_of_due
select round(avg((balance_t <= due_t and balance_t is not null)::int), 4) from balances join orders
    using (order_no)
where due_t < end_t() and is_paid;

-- orders.preorder_deposits_refunded
select count(*) from balances where refund_t < end_t();

-- orders.recharges
select count(*) from recharges;

-- orders.recharged
select sum(amount)::varchar from recharges;

-- orders.recharge_bonus
select sum(bonus)::varchar from recharges;

-- orders.stored_value_spent
select sum(spend)::varchar from spends;

-- orders.open_balance_lowest
select min(r.amount + r.bonus - coalesce(s.spent, 0))::varchar from recharges as r
left join (select person, sum(spend) as spent from spends group by 1) as s using (person);

-- products.all
with sold as (
    select product_id, sum(amount) as net from order_rows
    where paid_t is not null and product_id is not null and t >= 0 group by 1 having sum(amount) > 0
), ranked as (
    select net::double as net, row_number() over (order by net desc, product_id) as place,
        count(*) over () as products, sum(net) over ()::double as total,
        sum(net) over (order by net desc, product_id)::double as so_far from sold
)
select {'products': any_value(products),
    'top_2pct_share': round(sum(net) filter (where place <= ceil(products * 0.02))
        / any_value(total), 4),
    'top_20pct_share': round(sum(net) filter (where place <= ceil(products * 0.2))
        / any_value(total), 4),
    'product_share_for_80pct': round((count(*) filter (where so_far < 0.8 * total) + 1)
        / any_value(products), 4)}
from ranked;

-- products.last_90_days
with sold as (
    select product_id, sum(amount) as net from order_rows
    where paid_t is not null and product_id is not null and t >= end_t() - days(90) group by 1
        having sum(amount) > 0
), ranked as (
    select net::double as net, row_number() over (order by net desc, product_id) as place,
        count(*) over () as products, sum(net) over ()::double as total,
        sum(net) over (order by net desc, product_id)::double as so_far from sold
)
select {'products': any_value(products),
    'top_2pct_share': round(sum(net) filter (where place <= ceil(products * 0.02))
        / any_value(total), 4),
    'top_20pct_share': round(sum(net) filter (where place <= ceil(products * 0.2))
        / any_value(total), 4),
    'product_share_for_80pct': round((count(*) filter (where so_far < 0.8 * total) + 1)
        / any_value(products), 4)}
from ranked;
