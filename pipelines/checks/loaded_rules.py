"""Gate 1: the ledger of loads, freshness, and what one kind of export says about another."""

from __future__ import annotations

from pipelines.checks.model import Check, Severity, rows
from pipelines.contract import CONTRACT, EVENT_KINDS
from pipelines.people import DIGITS
from pipelines.thresholds import Thresholds

LEAST_MATCHED_BUYERS = 0.5
# A second join sooner than this is a connection that came back.
REJOIN_HOURS = 24


def ledger_checks(thresholds: Thresholds) -> tuple[Check, ...]:
    """Checks of raw.loads: the sums add up, not too much was rejected, no kind lags behind."""
    return (
        Check(
            "raw.loads.has_rows", "raw.loads", "critical",
            "At least one file was loaded.",
            "Put exports into the inbox, then run again.",
            "ExpectTableRowCountToBeBetween", {"min_value": 1},
        ),
        Check(
            "raw.loads.load_id_is_unique", "raw.loads", "critical",
            "Every load has an id of its own.",
            "Load everything again with `groupfunnel run --full`.",
            "ExpectColumnValuesToBeUnique", {"column": "load_id"},
        ),
        rows(
            "raw.loads.rows_add_up", "raw.loads",
            """
select load_id, rows_read, rows_kept, rows_duplicate, rows_rejected
from raw.loads
where rows_read <> rows_kept + rows_duplicate + rows_rejected
    or rows_read is null or rows_kept is null or rows_duplicate is null or rows_rejected is null
order by load_id, rows_read, rows_kept, rows_duplicate, rows_rejected
""",
            "Every row read was kept, was a duplicate or was rejected: none vanished.",
            "Load the file again; if it stays, report the file's format.",
        ),
        rows(
            "raw.loads.period_in_order", "raw.loads",
            """
select load_id, covered_from, covered_to
from raw.loads
where covered_from > covered_to
order by load_id, covered_from, covered_to
""",
            "A file's covered period begins before it ends.",
            "Correct the dates in the file's name, in the coverage export or in the settings.",
        ),
        _rejected(thresholds.rejected_share_critical, "critical", "mostly_readable"),
        _rejected(thresholds.rejected_share_warning, "warning", "few_rejects"),
        rows(
            "raw.rejects.counted_in_loads", "raw.loads",
            """
with counted as (
    select load_id, count(distinct row_number) as listed
    from raw.rejects
    group by load_id
)
select loads.load_id, loads.rows_rejected, coalesce(counted.listed, 0) as listed
from raw.loads as loads
left join counted on counted.load_id = loads.load_id
where loads.rows_rejected <> coalesce(counted.listed, 0)
order by loads.load_id, loads.rows_rejected, listed
""",
            "Every rejected row is listed in raw.rejects with its reason.",
            "Load the file again to list its rejects.",
            severity="warning",
        ),
        _freshness(thresholds.lag_days_warning),
    )  # fmt: skip


def _rejected(share: float, severity: Severity, name: str) -> Check:
    return rows(
        f"raw.loads.{name}", "raw.loads",
        f"""
with forgotten as (
    select load_id, count(*) as rows_forgotten
    from raw.rejects
    where reason = 'forgotten'
    group by load_id
)
select loads.load_id, loads.rows_read, loads.rows_rejected
from raw.loads as loads
left join forgotten on forgotten.load_id = loads.load_id
where cast(loads.rows_rejected - coalesce(forgotten.rows_forgotten, 0) as double)
    > {share} * cast(loads.rows_read as double)
order by loads.load_id, loads.rows_read, loads.rows_rejected
""",
        f"No file had more than {share:.0%} of its rows rejected.",
        "See raw.rejects for the reasons; correct the mapping in the settings, or ask for the export again.",
        severity=severity,
    )  # fmt: skip


def _freshness(days: int) -> Check:
    newest = "\n    union all\n    ".join(
        f"select '{name}' as event_kind, max(cast(day as timestamp)) as newest from raw.{table}"
        for name, table in ((name, CONTRACT[name].table) for name in EVENT_KINDS)
    )
    return rows(
        "raw.loads.kinds_are_fresh", "raw.loads",
        f"""
with newest_days as (
    {newest}
    union all
    select event_kind, max(cast(covered_to as timestamp)) as newest
    from raw.loads
    where event_kind in ({", ".join(f"'{name}'" for name in EVENT_KINDS)})
    group by event_kind
),
ends as (
    select event_kind, max(newest) as newest
    from newest_days
    where newest is not null
    group by event_kind
),
latest as (
    select max(newest) as latest from ends
)
select ends.event_kind, cast(ends.newest as date) as newest_day
from ends
cross join latest
where ends.newest + interval '{days}' day < latest.latest
order by ends.event_kind, newest_day
""",
        f"No kind of export ends more than {days} days before the newest one.",
        "Export the kind again up to the same day: its metrics stand still until then.",
        severity="warning",
    )  # fmt: skip


def reference_checks() -> tuple[Check, ...]:
    """Warnings where one kind of export names something that no export knows."""
    return (
        rows(
            "raw.orders.refunded_order_exists", "raw.orders",
            """
select refunds.source, refunds.refund_of_order_id, refunds.day, refunds.amount
from raw.orders as refunds
left join (select distinct order_id from raw.orders) as sales
    on sales.order_id = refunds.refund_of_order_id
where refunds.refund_of_order_id is not null and sales.order_id is null
order by refunds.source, refunds.refund_of_order_id, refunds.day, refunds.amount
""",
            "Every refund names an order that was exported.",
            "Export older orders as well: such refunds lower net revenue without belonging to an order.",
            severity="warning", needs=("order",),
        ),
        rows(
            "raw.orders.no_scientific_ids", "raw.orders",
            """
select order_id, source, load_id, row_number
from raw.orders
where order_id like '_.%E+%' or order_id like '_E+%'
order by order_id, source, load_id, row_number
""",
            "No order id was turned into a number by a spreadsheet (4.2E+27): many orders would share it.",
            "Export again as text or CSV, or format the id column as text before saving.",
            needs=("order",),
        ),
        rows(
            "raw.aliases.one_person_at_a_time", "raw.aliases",
            """
select alias_id, valid_from, count(distinct member_id) as people
from raw.aliases
group by alias_id, valid_from
having count(distinct member_id) > 1
order by alias_id, valid_from, people
""",
            "No two sources give the same id to two people.",
            "Correct one of the aliases files: until then nobody is merged by that id.",
            severity="warning",
        ),
        rows(
            "raw.joins.names_are_unambiguous", "raw.joins",
            f"""
with steps as (
    select
        source, group_id, member_id, action, occurred_at,
        lag(action) over (
            partition by source, group_id, member_id order by occurred_at, event_key) as before,
        lag(occurred_at) over (
            partition by source, group_id, member_id order by occurred_at, event_key) as before_at
    from raw.joins
    where left(member_id, 2) = 'p_' and length(member_id) = {2 + DIGITS}
)
select group_id, member_id, count(*) as times
from steps
where action = 'join' and before = 'join' and occurred_at > before_at + interval {REJOIN_HOURS} hour
group by group_id, member_id
order by group_id, member_id, times
""",
            "Nobody of whom only the name is known joined the same group twice without leaving.",
            "Two people of one name may be counted as one there: tell them apart in the chat, or by an "
            "aliases file.",
            severity="warning", needs=("join",),
        ),
        rows(
            "raw.orders.buyers_are_matched", "raw.orders",
            f"""
with known as (
    select member_id from raw.joins
    union
    select member_id from raw.messages
    union
    select member_id from raw.members
    union
    select alias_id from raw.aliases
),
counted as (
    select
        count(*) as lines,
        count(known.member_id) as matched
    from raw.orders as orders
    left join known on known.member_id = orders.member_id
)
select lines, matched
from counted
where cast(matched as double) < {LEAST_MATCHED_BUYERS} * cast(lines as double)
order by lines, matched
""",
            f"At least {LEAST_MATCHED_BUYERS:.0%} of the order lines are of a buyer seen in a group.",
            "Export an aliases file (shop id to member id): the others are in revenue, in no member metric.",
            severity="warning", needs=("order", "join"),
        ),
        rows(
            "raw.orders.campaign_is_known", "raw.orders",
            """
select orders.campaign_id, count(*) as lines
from raw.orders as orders
left join (select distinct campaign_id from raw.campaigns) as campaigns
    on campaigns.campaign_id = orders.campaign_id
where orders.campaign_id is not null and campaigns.campaign_id is null
group by orders.campaign_id
order by orders.campaign_id, lines
""",
            "Every campaign of an order is in the campaign export.",
            "Add the campaign to the campaign export: its cost and return are not known.",
            severity="warning", needs=("order", "campaigns"),
        ),
        rows(
            "raw.orders.product_is_known", "raw.orders",
            """
select orders.product_id, count(*) as lines
from raw.orders as orders
left join (select distinct product_id from raw.products) as products
    on products.product_id = orders.product_id
where orders.product_id is not null and products.product_id is null
group by orders.product_id
order by orders.product_id, lines
""",
            "Every product of an order is in the product export.",
            "Add the product to the product export: its category and cost are not known.",
            severity="warning", needs=("order", "products"),
        ),
    )  # fmt: skip
