"""What was sold: products and hits with the links to pull, pre-orders week by week, stored value."""

from __future__ import annotations

from typing import Any

from pipelines.report.context import Build
from pipelines.report.lacks import left_out
from pipelines.report.metrics import metric
from pipelines.report.numbers import known
from pipelines.report.pages.acquisition import weekly_table
from pipelines.report.pages.todo import Proposal, proposals
from pipelines.report.read import Row
from pipelines.report.share import HIDDEN
from pipelines.report.text import plain, word

TOP = 15
PRODUCT = {
    "product_orders": None,
    "product_buyers": None,
    "product_net": None,
    "product_revenue_share": None,
    "product_refund_rate": "orders_30d",
}
PREORDERS = ("deposits", "deposit_share", "balances_due", "on_time_rate", "deposit_refund_rate")
STORED = (
    ("stored_holders", "holders"),
    ("recharged", "recharged"),
    ("recharge_bonus", "bonus"),
    ("balance_spent", "spent"),
    ("recharge_refunded", "refunded"),
    ("open_balance", "open_balance"),
)


def products(build: Build) -> dict[str, Any] | None:
    """Return the best products by net revenue and those whose link to pull; None where there are none."""
    proposed = {one.subject: one for one in proposals(build, "pull_link")}
    rows = _product_rows(build, list(proposed))
    found = {str(raw["product_id"]) for raw, _ in rows}
    absent = [one for one in proposed.values() if one.subject not in found]
    if not rows and not absent:
        return None
    names = [key for key in PRODUCT if any(known(raw[metric(key).column]) is not None for raw, _ in rows)]
    missing = [key for key in PRODUCT if rows and key not in names]
    table = [_product(raw, row, names, proposed.get(str(raw["product_id"]))) for raw, row in rows]
    table += [
        {"name": one.name, "cells": [_nothing(key) for key in names], "is_hit": False, "proposal": one}
        for one in absent
    ]
    cells = [cell for row in table for cell in row["cells"]]
    return {
        "names": names,
        "rows": table,
        "top": TOP,
        "has_proposals": bool(proposed),
        "has_open": False,
        "least": min(
            (
                known(cell["base"]) or 0.0
                for cell in cells
                if known(cell["value"]) is not None and cell["base"] is not None
            ),
            default=None,
        ),
        "note": None,
        "left_out": left_out(
            missing,
            build.facts.kinds,
            {key: next((raw["reason"] for raw, _ in rows if raw["reason"]), None) for key in missing},
        ),
    }


def _product_rows(build: Build, proposed: list[str]) -> list[tuple[Row, Row]]:
    """Return products, each as it is and as it is shown."""
    table = "revenue.products"
    if not build.warehouse.has(table):
        return []
    wanted = ("net_revenue", "orders", "buyers", "revenue_share", "refund_rate", "orders_30d", "reason")
    given = ", ".join(build.warehouse.column(table, name) for name in wanted)
    rows = build.warehouse.unprotected().rows(
        f"""
        select product_id, product_name, rank, {given}, {build.warehouse.column(table, "is_hit", "false")}
        from {table}
        where product_id is not null and (rank <= {TOP} or list_contains(?, product_id))
        order by rank nulls last, product_id
        """,
        [proposed],
    )
    return list(zip(rows, build.warehouse.protected(rows), strict=True))


def _product(raw: Row, row: Row, names: list[str], proposal: Proposal | None) -> dict[str, Any]:
    return {
        "name": proposal.name if proposal else plain(str(row["product_name"] or row["product_id"])),
        "cells": [
            {
                "value": row[metric(key).column],
                "unit": metric(key).unit,
                "why": HIDDEN if known(raw[metric(key).column]) is not None else raw["reason"],
                "base": row[base] if (base := PRODUCT[key]) else None,
            }
            for key in names
        ],
        "is_hit": bool(raw["is_hit"]),
        "proposal": proposal,
    }


def _nothing(key: str) -> dict[str, Any]:
    return {"value": None, "unit": metric(key).unit, "why": "not_sold", "base": None}


def preorder_table(build: Build) -> list[dict[str, Any]]:
    """Return the table of the last 12 weeks of pre-orders; nothing where nobody paid a deposit in them."""
    rows = [row for row in build.weekly("revenue.preorders", limit=12) if row["is_complete"]][::-1]
    if not any(known(row["deposits"]) or known(row["balances_due"]) for row in rows):
        return []
    table = weekly_table(
        "preorders",
        rows,
        PREORDERS,
        "week_start",
        {"deposit_share": "paid_orders", "on_time_rate": "balances_due", "deposit_refund_rate": "deposits"},
        flags={"deposit_refund_rate": "is_refund_complete"},
        kinds=build.facts.kinds,
    )
    return [table | {"title": word("rev.preorders")}]


def stored_value(build: Build) -> list[dict[str, Any]]:
    """Return the sums of recharges and balances at the end of the report week; nothing without any."""
    if not build.warehouse.has("revenue.stored_value"):
        return []
    raw = build.warehouse.unprotected().one(
        """
        select count(member_id) as holders, sum(recharged) as recharged, sum(bonus) as bonus,
            sum(spent) as spent, sum(refunded) as refunded, sum(open_balance) as open_balance,
            count(*) as ledgers
        from revenue.stored_value
        """
    )
    if not raw.pop("ledgers"):
        return []
    (row,) = build.warehouse.protected([raw])
    return [
        {"key": key, "value": row[column], "unit": metric(key).unit, "why": HIDDEN, "base": None}
        for key, column in STORED
    ]
