"""Gate 2: every way to break revenue down sums to the same total, and what changed to the change."""

from __future__ import annotations

from pipelines.checks.model import Check, rows

_ADVICE = (
    "Open the model: a line of an order is left out or counted twice; what fits nowhere has a row of its own."
)


def breakdown_checks() -> tuple[Check, ...]:
    """Revenue by product, leader, cohort and group is the revenue of the orders, to the cent."""
    return _CHECKS


_CHECKS = (
    rows(
        "revenue.products.sums_to_orders", "revenue.products",
        """
with told as (select coalesce(sum(net_revenue), 0) as net from revenue.products),
counted as (select coalesce(sum(net_revenue), 0) as net from core.orders)
select told.net as products_net, counted.net as orders_net
from told
cross join counted
where told.net <> counted.net
order by products_net, orders_net
""",
        "The products of revenue.products and the row of none sum to the net revenue of all orders.",
        _ADVICE, needs=("order",),
    ),
    rows(
        "revenue.leaders.sums_to_weeks", "revenue.leaders",
        """
with told as (
    select week_start, sum(net_revenue) as net, sum(paid_orders) as paid_orders
    from revenue.leaders
    group by week_start
)
select weeks.week_start, told.net as leaders_net, weeks.net_revenue, told.paid_orders as leaders_orders,
    weeks.paid_orders
from revenue.weekly as weeks
join told on told.week_start = weeks.week_start
where told.net <> weeks.net_revenue or told.paid_orders <> weeks.paid_orders
order by weeks.week_start, leaders_net, weeks.net_revenue, leaders_orders, weeks.paid_orders
""",
        "In every week the leaders and the row of none sum to the net revenue and paid orders of the week.",
        _ADVICE, needs=("order",),
    ),
    rows(
        "revenue.cohort_value.sums_to_weeks", "revenue.cohort_value",
        """
with told as (
    select cohort_kind, week_start, sum(cumulative_net) as net
    from revenue.cohort_value
    group by cohort_kind, week_start
),
counted as (
    select week_start, sum(net_revenue) over (order by week_start) as net
    from revenue.weekly
)
select told.cohort_kind, told.week_start, told.net as cohorts_net, counted.net as weeks_net
from told
join counted on counted.week_start = told.week_start
where told.net <> counted.net
order by told.cohort_kind, told.week_start, cohorts_net, weeks_net
""",
        "Up to every week the cohorts of a kind, with the row of none, sum to all net revenue so far.",
        _ADVICE, needs=("order",),
    ),
    rows(
        "revenue.weekly_by_group.sums_to_orders", "revenue.weekly_by_group",
        """
with told as (
    select group_id, sum(net_revenue) as net
    from revenue.weekly_by_group
    group by group_id
),
last_weeks as (select max(week_start) as week_start from revenue.weekly),
counted as (
    select orders.group_id, sum(lines.amount) as net
    from core.order_lines as lines
    join core.orders as orders on orders.order_id = lines.order_id
    join core.calendar as days on days.day = lines.effective_day
    cross join last_weeks
    where lines.is_revenue and orders.group_id is not null and days.week_start <= last_weeks.week_start
    group by orders.group_id
)
select counted.group_id, told.net as weeks_net, counted.net as orders_net
from counted
left join told on told.group_id = counted.group_id
where coalesce(told.net, 0) <> counted.net
order by counted.group_id, weeks_net, orders_net
""",
        "The weeks of a group sum to the net revenue of its orders.",
        _ADVICE, needs=("order",),
    ),
    rows(
        "revenue.changes.parts_make_change", "revenue.changes",
        """
select period, week_start, change, by_buyers, by_frequency, by_order_value, by_unidentified,
    by_lost_buyers, by_won_buyers, by_kept_frequency, by_kept_order_value
from revenue.changes
where change <> net_revenue - net_before
    or change <> by_buyers + by_frequency + by_order_value + by_unidentified
    or change <> by_lost_buyers + by_won_buyers + by_kept_frequency + by_kept_order_value
        + by_unidentified
order by period, week_start, change, by_buyers, by_frequency, by_order_value, by_unidentified,
    by_lost_buyers, by_won_buyers, by_kept_frequency, by_kept_order_value
""",
        "Both ways to explain a change of net revenue sum to it, to the cent.",
        "Open the model: a part of the change is in none of the causes, or in two.", needs=("order",),
    ),
    rows(
        "revenue.stored_value.sums_to_lines", "revenue.stored_value",
        """
with told as (
    select coalesce(sum(open_balance), 0) as balance, coalesce(sum(recharged), 0) as recharged
    from revenue.stored_value
),
counted as (
    select
        coalesce(sum(case line_kind
            when 'balance_spend' then -(amount + bonus)
            when 'recharge' then amount + bonus
            else amount - bonus
        end), 0) as balance,
        coalesce(sum(case when line_kind = 'recharge' then amount end), 0) as recharged
    from core.order_lines
    cross join core.settings as settings
    where line_kind in ('recharge', 'recharge_refund', 'balance_spend')
        and effective_at < settings.report_order_at
)
select told.balance, counted.balance as lines_balance, told.recharged, counted.recharged as lines_recharged
from told
cross join counted
where told.balance <> counted.balance or told.recharged <> counted.recharged
order by told.balance, lines_balance, told.recharged, lines_recharged
""",
        "All balances together are what was recharged and granted, less what was spent and paid back.",
        _ADVICE, needs=("order",),
    ),
)  # fmt: skip
