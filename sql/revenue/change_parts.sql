-- One row per period (week, 30d) and its number: its net, and that of the period before, by what
-- became of the buyers.
-- grain: period, number
-- A buyer of a period is a known customer with a paid order in it; all other net is others'. Weeks
-- carry their consecutive number; of the 30 days to R and the 30 before, the later is number 2.
with

order_lines as (select * from core.order_lines),

orders as (select * from core.orders),

weeks as (select * from core.weeks),

calendar as (select * from core.calendar),

windows as (select * from revenue.windows where period = '30d'),

moves as (
    select
        case when orders.is_counted then orders.member_id end as buyer_id,
        order_lines.effective_day as day,
        order_lines.effective_at as moment_at,
        order_lines.amount,
        0 as orders
    from order_lines
    join orders on order_lines.order_id = orders.order_id
    where order_lines.is_revenue
    union all
    select
        case when is_counted then member_id end as buyer_id,
        paid_day as day,
        paid_at as moment_at,
        cast(0 as decimal(18, 2)) as amount,
        1 as orders
    from orders
    where is_paid
),

placed as (
    select 'week' as period, weeks.week_number as number, moves.buyer_id, moves.amount,
        moves.orders
    from moves
    join calendar on moves.day = calendar.day
    join weeks on calendar.week_start = weeks.week_start
    union all
    select '30d' as period, case when moves.moment_at >= windows.start_at then 2 else 1 end
        as number, moves.buyer_id, moves.amount, moves.orders
    from moves
    join windows
        on moves.moment_at < windows.end_at
        and moves.moment_at >= windows.start_at - windows.days * interval 1 day
),

persons as (
    select period, number, buyer_id, sum(amount) as net, sum(orders) as orders
    from placed
    group by period, number, buyer_id
),

told as (
    select period, number, buyer_id, net as net_now, 0 as net_before, orders as orders_now,
        0 as orders_before
    from persons
    union all
    select period, number + 1, buyer_id, 0, net, 0, orders
    from persons
),

pairs as (
    select
        period,
        number,
        buyer_id,
        sum(net_now) as net_now,
        sum(net_before) as net_before,
        sum(orders_now) as orders_now,
        sum(orders_before) as orders_before,
        buyer_id is not null and sum(orders_now) > 0 as is_buyer_now,
        buyer_id is not null and sum(orders_before) > 0 as is_buyer_before
    from told
    group by period, number, buyer_id
)

select
    period, -- week or 30d
    number, -- consecutive number of the week; 2 for the 30 days to R
    cast(sum(net_now) as decimal(18, 2)) as net_now, -- net revenue of the period
    cast(sum(net_before) as decimal(18, 2)) as net_before, -- of the period before
    count(case when is_buyer_now then 1 end) as buyers_now, -- buyers of the period
    count(case when is_buyer_before then 1 end) as buyers_before, -- of the period before
    count(case when is_buyer_before and not is_buyer_now then 1 end)
        as lost_buyers, -- only in the period before
    count(case when is_buyer_now and not is_buyer_before then 1 end)
        as won_buyers, -- only in this one
    cast(sum(case when is_buyer_now then orders_now else 0 end) as bigint)
        as orders_now, -- orders of buyers
    cast(sum(case when is_buyer_before then orders_before else 0 end) as bigint)
        as orders_before, -- in the period before
    cast(sum(case when is_buyer_now then net_now else 0 end) as decimal(18, 2))
        as buyer_net_now, -- net of buyers
    cast(sum(case when is_buyer_before then net_before else 0 end) as decimal(18, 2))
        as buyer_net_before, -- in the period before
    cast(sum(case when is_buyer_before and not is_buyer_now then net_before else 0 end)
        as decimal(18, 2)) as lost_net, -- net before of the lost
    cast(sum(case when is_buyer_now and not is_buyer_before then net_now else 0 end)
        as decimal(18, 2)) as won_net, -- net now of the won
    cast(sum(case when is_buyer_now and is_buyer_before then orders_now else 0 end) as bigint)
        as kept_orders_now, -- orders of the kept
    cast(sum(case when is_buyer_now and is_buyer_before then orders_before else 0 end) as bigint)
        as kept_orders_before, -- in the period before
    cast(sum(case when is_buyer_now and is_buyer_before then net_now else 0 end)
        as decimal(18, 2)) as kept_net_now, -- net of the kept
    cast(sum(case when is_buyer_now and is_buyer_before then net_before else 0 end)
        as decimal(18, 2)) as kept_net_before -- in the period before
from pairs
group by period, number
