-- One row per kind of cohort, cohort week, channel and week with revenue of it.
-- grain: cohort_kind, cohort_week, channel, week_start
-- Lines of orders paid at or after the join or first purchase, by the week they are dated in; an
-- order without a payment counts by the instant of its line. cohort_week NULL holds the rest:
-- unknown buyers, staff, members whose join is unknown, orders of before.
with

order_lines as (select * from core.order_lines),

orders as (select * from core.orders),

cohort_members as (select * from revenue.cohort_members),

calendar as (select * from core.calendar),

lines as (
    select
        orders.member_id,
        coalesce(orders.paid_at, order_lines.effective_at) as moment_at,
        calendar.week_start,
        sum(order_lines.amount) as amount,
        sum(case when order_lines.cost is not null then order_lines.amount - order_lines.cost end)
            as margin,
        count(case when not order_lines.is_refund then 1 end) as sales,
        count(case when not order_lines.is_refund and order_lines.cost is not null then 1 end)
            as costed_sales
    from order_lines
    join orders on order_lines.order_id = orders.order_id
    join calendar on order_lines.effective_day = calendar.day
    where order_lines.is_revenue
    group by
        orders.member_id, coalesce(orders.paid_at, order_lines.effective_at), calendar.week_start
),

kinds as (
    select 'join' as cohort_kind
    union all
    select 'first_purchase' as cohort_kind
),

placed as (
    select kinds.cohort_kind, lines.*, cohort_members.cohort_week, cohort_members.channel
    from lines
    cross join kinds
    left join cohort_members
        on kinds.cohort_kind = cohort_members.cohort_kind
        and lines.member_id = cohort_members.member_id
        and lines.moment_at >= cohort_members.started_at
        and lines.week_start >= cohort_members.cohort_week
)

select
    cohort_kind, -- join or first_purchase
    cohort_week, -- week of the join or first purchase; NULL for what is of no cohort
    channel, -- where members came from; NULL for first purchases and what is of no cohort
    week_start, -- week the lines are dated in
    cast(sum(amount) as decimal(18, 2)) as net_revenue, -- paid amounts and refunds
    cast(sum(margin) as decimal(18, 2)) as margin, -- net less cost, over lines of known cost
    cast(sum(sales) as bigint) as sales, -- lines sold
    cast(sum(costed_sales) as bigint) as costed_sales -- of them, those of known cost
from placed
group by cohort_kind, cohort_week, channel, week_start
