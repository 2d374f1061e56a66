"""Gate 2: money adds up to the cent, from the lines of an order to the week on the first page."""

from __future__ import annotations

from pipelines.checks.model import Check, rows

_ADVICE = "Open both models: an order is left out, counted twice or dated in another week."

# Lines that are revenue: dated, and not of a recharge, which is revenue only when it is spent.
_DATED_LINES = """
    select order_id, amount, effective_at
    from core.order_lines
    where effective_at is not null and line_kind not in ('recharge', 'recharge_refund')
"""


def money_checks() -> tuple[Check, ...]:
    """Identities of gross, refunds and net, and what may never be negative or more than its total."""
    return (
        *(_net(twin, key) for twin, key in (("", "week_start"), ("_by_group", "week_start, group_id"))),
        *_CHECKS,
    )


def _net(twin: str, key: str) -> Check:
    table = f"revenue.weekly{twin}"
    return rows(
        f"{table}.net_is_gmv_and_refunds", table,
        f"""
select {key}, gmv, refunds, net_revenue
from {table}
where net_revenue <> gmv + refunds or refunds > 0 or gmv < 0
order by {key}, gmv, refunds, net_revenue
""",
        f"In {table} net revenue is GMV plus refunds, to the cent; refunds are negative.",
        "Open the model: the three are summed over different lines.", needs=("order",),
    )  # fmt: skip


_CHECKS = (
    rows(
        "core.orders.net_is_gmv_and_refunds", "core.orders",
        """
select order_id, paid_at, gmv, refunded, net_revenue
from core.orders
where net_revenue <> gmv + refunded
order by order_id, paid_at, gmv, refunded, net_revenue
""",
        "The net revenue of an order is its GMV plus its refunds, to the cent.",
        "Open the model of core.orders.", needs=("order",),
    ),
    rows(
        "core.orders.net_is_sum_of_lines", "core.orders",
        f"""
with dated as ({_DATED_LINES}),
summed as (
    select order_id, sum(amount) as lines_net
    from dated
    group by order_id
)
select orders.order_id, orders.paid_at, orders.net_revenue, coalesce(summed.lines_net, 0) as lines_net
from core.orders as orders
left join summed on summed.order_id = orders.order_id
where orders.net_revenue <> coalesce(summed.lines_net, 0)
order by orders.order_id, orders.paid_at, orders.net_revenue, lines_net
""",
        "The net revenue of an order is the sum of its paid and refunded lines, to the cent.",
        _ADVICE, needs=("order",),
    ),
    rows(
        "core.orders.refunds_within_paid", "core.orders",
        """
select order_id, paid_at, gmv, refunded, net_revenue
from core.orders
where net_revenue < 0 and kind not in ('refund', 'preorder_balance')
order by order_id, paid_at, gmv, refunded, net_revenue
""",
        "No order was refunded more than was paid for it.",
        "Ask the shop about the orders shown: the refund may belong to another order or be exported twice.",
        severity="warning", needs=("order",),
    ),
    rows(
        "revenue.weekly.buyers_make_net", "revenue.weekly",
        """
select week_start, net_revenue, group_revenue, member_revenue, non_member_revenue, unknown_revenue
from revenue.weekly
where net_revenue <> group_revenue + member_revenue + non_member_revenue + unknown_revenue
order by week_start, net_revenue, group_revenue, member_revenue, non_member_revenue, unknown_revenue
""",
        "Net revenue of a week is that of groups, members without one, non-members and unknown buyers.",
        "Open the model: a kind of buyer is missing from the four.", needs=("order",),
    ),
    rows(
        "revenue.weekly.ties_to_order_lines", "revenue.weekly",
        f"""
with weeks (week_start, from_at, to_at) as (
    values
    $week_ranges
),
dated as ({_DATED_LINES}),
summed as (
    select weeks.week_start, sum(dated.amount) as lines_net
    from weeks
    join dated on dated.effective_at >= weeks.from_at and dated.effective_at < weeks.to_at
    group by weeks.week_start
)
select revenue.week_start, revenue.net_revenue, coalesce(summed.lines_net, 0) as lines_net
from revenue.weekly as revenue
left join summed on summed.week_start = revenue.week_start
where revenue.net_revenue <> coalesce(summed.lines_net, 0)
order by revenue.week_start, revenue.net_revenue, lines_net
""",
        "Net revenue of a week is the sum of the order lines paid or refunded in it, to the cent.",
        _ADVICE, needs=("order",),
    ),
    rows(
        "revenue.weekly.total_ties_to_orders", "revenue.weekly",
        f"""
with weeks (week_start, from_at, to_at) as (
    values
    $week_ranges
),
period as (
    select min(from_at) as from_at, max(to_at) as to_at from weeks
),
dated as ({_DATED_LINES}),
outside as (
    select coalesce(sum(dated.amount), 0) as net
    from dated
    cross join period
    where dated.effective_at < period.from_at or dated.effective_at >= period.to_at
),
told as (
    select coalesce(sum(net_revenue), 0) as net from revenue.weekly
),
counted as (
    select coalesce(sum(net_revenue), 0) as net from core.orders
)
select told.net as weeks_net, outside.net as outside_net, counted.net as orders_net
from told
cross join outside
cross join counted
where told.net + outside.net <> counted.net
order by weeks_net, outside_net, orders_net
""",
        "The weeks of revenue.weekly, and what lies outside them, sum to the net revenue of all orders.",
        _ADVICE, needs=("order",),
    ),
    rows(
        "revenue.stored_value.balance_not_negative", "revenue.stored_value",
        """
select member_id, recharged, bonus, spent, refunded, open_balance
from revenue.stored_value
where open_balance < 0
order by member_id, recharged, bonus, spent, refunded, open_balance
""",
        "Nobody has spent more stored value than was recharged and granted.",
        "Export older recharges as well: a balance below zero means that one is missing.",
        severity="warning", needs=("order",),
    ),
    rows(
        "revenue.campaigns.orders_counted_once", "revenue.campaigns",
        """
with told as (
    select campaign_id, sum(orders) as orders
    from revenue.campaigns
    where campaign_id is not null
    group by campaign_id
),
counted as (
    select campaign_id, count(*) as orders
    from core.orders
    where campaign_id is not null
    group by campaign_id
)
select told.campaign_id, told.orders, coalesce(counted.orders, 0) as counted
from told
left join counted on counted.campaign_id = told.campaign_id
where told.orders > coalesce(counted.orders, 0)
order by told.campaign_id, told.orders, counted
""",
        "No order is attributed to two waves or two campaigns.",
        "Open the model: the dates of two waves overlap.", needs=("order", "campaigns"),
    ),
)  # fmt: skip
