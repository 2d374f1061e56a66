-- One row per group leader and week; leader_id NULL holds the orders that name none.
-- grain: leader_id, week_start
-- M65. By the leader the order names, from the week of the leader's first order to the last that
-- the orders reach into: a quiet week is zero, a week that nobody exported is NULL. Money by the
-- week of the line, orders and buyers by the week of payment.
-- concept: M65 = net_revenue, paid_orders, buyers, new_buyers
with

order_lines as (select * from core.order_lines),

orders as (select * from core.orders),

weeks as (select * from core.weeks),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

history as (select min(paid_day) as first_day from orders where is_paid),

sums as (
    select orders.leader_id, calendar.week_start, sum(order_lines.amount) as net_revenue
    from order_lines
    join orders on order_lines.order_id = orders.order_id
    join calendar on order_lines.effective_day = calendar.day
    where order_lines.is_revenue
    group by orders.leader_id, calendar.week_start
),

counts as (
    select
        orders.leader_id,
        calendar.week_start,
        count(*) as paid_orders,
        count(distinct case when orders.is_counted then orders.member_id end) as buyers,
        count(distinct case when orders.is_counted and orders.is_first_purchase
            then orders.member_id end) as new_buyers
    from orders
    join calendar on orders.paid_day = calendar.day
    where orders.is_paid
    group by orders.leader_id, calendar.week_start
),

leader_weeks as (
    select leader_id, week_start from sums
    union
    select leader_id, week_start from counts
),

leaders as (
    select leader_id, min(week_start) as first_week from leader_weeks group by leader_id
),

filled as (
    select
        leaders.leader_id,
        weeks.week_start,
        weeks.is_order_complete,
        weeks.order_days > 0 or sums.week_start is not null or counts.week_start is not null
            as is_seen,
        coalesce(sums.net_revenue, 0) as net_revenue,
        coalesce(counts.paid_orders, 0) as paid_orders,
        coalesce(counts.buyers, 0) as buyers,
        coalesce(counts.new_buyers, 0) as new_buyers,
        weeks.week_start >= history.first_day + settings.order_history_days * interval 1 day
            as has_history
    from leaders
    cross join settings
    cross join history
    join weeks on weeks.week_start >= leaders.first_week
        and weeks.week_start_at < settings.watermark_order_at
    left join sums on leaders.leader_id is not distinct from sums.leader_id
        and weeks.week_start = sums.week_start
    left join counts on leaders.leader_id is not distinct from counts.leader_id
        and weeks.week_start = counts.week_start
)

select
    leader_id, -- group leader; NULL where the order names none
    week_start, -- first day of the week
    case when is_seen then cast(net_revenue as decimal(18, 2)) end
        as net_revenue, -- paid amounts and refunds dated in the week
    case when is_seen then paid_orders end as paid_orders, -- paid orders
    case when is_seen then buyers end as buyers, -- known buyers
    case when is_seen and has_history then new_buyers end
        as new_buyers, -- buyers on their first purchase day ever; NULL at first
    is_order_complete as is_complete, -- whether all orders of the week are known
    case
        when not is_seen then 'not_covered'
        when not is_order_complete then 'incomplete_week'
        when not has_history then 'short_order_history'
    end as reason -- why a value of the row is missing or preliminary
from filled
