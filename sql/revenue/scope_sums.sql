-- One row per week and scope (everything: group_id NULL, or a group) with its sums of money.
-- grain: group_id, week_start
-- GMV = paid amounts dated in the week; refunds are negative and dated at the refund. Buyers are
-- identified customers; an order of nobody known counts in the sums only. A refund without a cost
-- of its own takes its whole amount off the margin: whether the goods came back is not exported.
with

order_lines as (select * from core.order_lines),

orders as (select * from core.orders),

calendar as (select * from core.calendar),

line_weeks as (
    select
        calendar.week_start,
        orders.group_id,
        orders.buyer_kind,
        case when orders.is_counted then orders.member_id end as buyer_id,
        order_lines.is_refund,
        order_lines.amount,
        order_lines.cost
    from order_lines
    join orders on order_lines.order_id = orders.order_id
    join calendar on order_lines.effective_day = calendar.day
    where order_lines.is_revenue
),

scoped_lines as (
    select week_start, cast(null as varchar)
        as group_id, buyer_kind, buyer_id, is_refund, amount, cost from line_weeks
    union all
    select week_start, group_id, buyer_kind, buyer_id, is_refund, amount, cost
    from line_weeks
    where group_id is not null
),

sums as (
    select
        group_id,
        week_start,
        sum(case when not is_refund then amount else 0 end) as gmv,
        sum(case when is_refund then amount else 0 end) as refunds,
        sum(amount) as net_revenue,
        sum(case when not is_refund and buyer_id is not null then amount else 0 end)
            as identified_gmv,
        case when bool_or(not is_refund and cost is not null)
            then sum(case when cost is not null then amount - cost end) end as margin,
        sum(case when cost is not null then amount end) as costed_net,
        sum(case when not is_refund and cost is not null then amount else 0 end) as costed_gmv,
        sum(case when buyer_kind = 'group' then amount else 0 end) as group_revenue,
        sum(case when buyer_kind = 'member' then amount else 0 end) as member_revenue,
        sum(case when buyer_kind = 'non_member' then amount else 0 end) as non_member_revenue,
        sum(case when buyer_kind = 'unknown' then amount else 0 end) as unknown_revenue
    from scoped_lines
    group by group_id, week_start
),

order_weeks as (
    select
        calendar.week_start,
        orders.group_id,
        orders.member_id,
        case when orders.is_counted then orders.member_id end as buyer_id,
        orders.is_first_purchase
    from orders
    join calendar on orders.paid_day = calendar.day
    where orders.is_paid
),

scoped_orders as (
    select week_start, cast(null as varchar) as group_id, member_id, buyer_id, is_first_purchase
        from order_weeks
    union all
    select week_start, group_id, member_id, buyer_id, is_first_purchase from order_weeks
        where group_id is not null
),

counts as (
    select
        group_id,
        week_start,
        count(*) as paid_orders,
        count(member_id) as matched_orders,
        count(buyer_id) as identified_orders,
        count(distinct buyer_id) as buyers,
        count(distinct case when is_first_purchase then buyer_id end) as first_buyers
    from scoped_orders
    group by group_id, week_start
),

keys as (
    select group_id, week_start from sums
    union
    select group_id, week_start from counts
)

select
    keys.group_id, -- group; NULL for everything
    keys.week_start, -- first day of the week
    coalesce(sums.gmv, 0) as gmv, -- paid amounts
    coalesce(sums.refunds, 0) as refunds, -- refunds, negative
    coalesce(sums.net_revenue, 0) as net_revenue, -- gmv + refunds
    coalesce(sums.identified_gmv, 0) as identified_gmv, -- gmv of known buyers
    sums.margin, -- net revenue less cost over lines of known cost; NULL where no cost is known
    sums.costed_net, -- net revenue of lines of known cost
    coalesce(sums.costed_gmv, 0) as costed_gmv, -- gmv of lines of known cost
    coalesce(sums.group_revenue, 0) as group_revenue, -- net of members, in a group
    coalesce(sums.member_revenue, 0) as member_revenue, -- net of members, in no group in particular
    coalesce(sums.non_member_revenue, 0) as non_member_revenue, -- net of known non-members
    coalesce(sums.unknown_revenue, 0) as unknown_revenue, -- net of unknown buyers
    coalesce(counts.paid_orders, 0) as paid_orders, -- paid orders
    coalesce(counts.matched_orders, 0) as matched_orders, -- those whose buyer is known
    coalesce(counts.identified_orders, 0) as identified_orders, -- those of buyers, staff left out
    coalesce(counts.buyers, 0) as buyers, -- known buyers
    coalesce(counts.first_buyers, 0) as first_buyers -- of them, on their first purchase day known
from keys
left join sums on keys.week_start = sums.week_start and keys.group_id is not distinct
    from sums.group_id
left join counts on keys.week_start = counts.week_start and keys.group_id is not distinct
    from counts.group_id
