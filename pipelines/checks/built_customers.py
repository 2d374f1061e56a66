"""Gate 2: buyers are scored and valued once each, campaigns add up to all orders, groups to all groups."""

from __future__ import annotations

from pipelines.checks.model import Check, rows

_AGAIN = "Build again with `groupfunnel run --full`; if it stays, open the model."


def customer_checks() -> tuple[Check, ...]:
    """Identities of revenue.rfm, revenue.lifetime_value, revenue.campaigns and group_health.fatigue."""
    return _CHECKS


_CHECKS = (
    rows(
        "revenue.rfm.holds_every_buyer", "revenue.rfm",
        """
with told as (
    select count(*) as buyers, coalesce(sum(frequency), 0) as orders from revenue.rfm
),
counted as (
    select count(distinct orders.member_id) as buyers, count(*) as orders
    from core.orders as orders
    cross join core.settings as settings
    where orders.is_paid and orders.is_counted and orders.member_id is not null
        and orders.paid_at < settings.report_order_at
)
select told.buyers, counted.buyers as buyers_counted, told.orders, counted.orders as orders_counted
from told
cross join counted
where told.buyers <> counted.buyers or told.orders <> counted.orders
order by told.buyers, buyers_counted, told.orders, orders_counted
""",
        "Every identified buyer up to the report is scored once, with all of their paid orders.",
        _AGAIN, needs=("order",),
    ),
    rows(
        "revenue.rfm.scores_follow_values", "revenue.rfm",
        """
with scored as (
    select
        f, min(frequency) as least, max(frequency) as most,
        lag(max(frequency)) over (order by f) as most_before
    from revenue.rfm
    group by f
)
select f, least, most_before
from scored
where least <= most_before
order by f, least, most_before
""",
        "Buyers of a higher quintile of frequency ordered more often than all of the quintile below.",
        "Open the model: equal values have different scores.", needs=("order",),
    ),
    rows(
        "revenue.lifetime_value.one_row_per_buyer", "revenue.lifetime_value",
        """
select rfm.member_id, lifetime.is_shown
from revenue.rfm as rfm
left join revenue.lifetime_value as lifetime on lifetime.member_id = rfm.member_id
where lifetime.member_id is null
    or (lifetime.reason is null) <> (lifetime.expected_value_365d is not null)
    or (lifetime.reason is null) <> (lifetime.probability_alive is not null)
    or lifetime.expected_purchases_90d < 0
    or lifetime.expected_value_365d < 0
order by rfm.member_id, lifetime.is_shown
""",
        "Every buyer has a lifetime value that is not negative, or a reason why not.",
        _AGAIN, needs=("order",),
    ),
    rows(
        "revenue.campaigns.sum_to_all_orders", "revenue.campaigns",
        """
with told as (
    select coalesce(sum(orders), 0) as orders, coalesce(sum(attributed_net), 0) as net
    from revenue.campaigns
),
counted as (
    select count(*) as orders
    from core.orders as orders
    cross join core.settings as settings
    where orders.is_paid and orders.paid_at < settings.report_order_at
),
summed as (
    select coalesce(sum(lines.amount), 0) as net
    from core.order_lines as lines
    cross join core.settings as settings
    where lines.effective_at < settings.report_order_at
        and lines.line_kind not in ('recharge', 'recharge_refund')
)
select told.orders, counted.orders as orders_counted, told.net, summed.net as net_counted
from told
cross join counted
cross join summed
where told.orders <> counted.orders or told.net <> summed.net
order by told.orders, orders_counted, told.net, net_counted
""",
        "Campaigns and the row without one sum to all paid orders and all net revenue up to the report.",
        "Open revenue.campaign_acts: an order is left out or falls on two waves.", needs=("order",),
    ),
    rows(
        "revenue.campaigns.contribution_is_margin_less_costs", "revenue.campaigns",
        """
select campaign_id, wave_number, margin, total_cost, contribution
from revenue.campaigns
where total_cost <> gift_cost + reward_cost + red_packet_cost + spend
    or contribution <> margin - total_cost
order by campaign_id, wave_number, margin, total_cost, contribution
""",
        "The contribution of a campaign is margin less gifts, rewards, red packets and spend, to the cent.",
        _AGAIN, needs=("campaigns",),
    ),
    rows(
        "group_health.fatigue_waves.groups_make_all", "group_health.fatigue_waves",
        """
with groups as (
    select campaign_type, wave_number, sum(participants) as participants, sum(members) as members
    from group_health.fatigue_waves
    where group_id is not null
    group by campaign_type, wave_number
)
select waves.campaign_type, waves.wave_number, waves.participants, groups.participants as of_groups
from group_health.fatigue_waves as waves
left join groups on groups.campaign_type = waves.campaign_type and groups.wave_number = waves.wave_number
where waves.group_id is null
    and (groups.members is null
        or waves.participants <> groups.participants
        or waves.members <> groups.members
        or waves.participants > waves.members)
order by waves.campaign_type, waves.wave_number, waves.participants, of_groups
""",
        "Participants and members of a wave in all groups are those of its groups, added up.",
        _AGAIN, needs=("campaigns",),
    ),
)  # fmt: skip
