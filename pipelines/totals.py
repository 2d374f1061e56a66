"""Orders whose lines do not add up to the total that the export states: their lines are rejected."""

from __future__ import annotations

import duckdb

from pipelines.cells import NO_TOTAL
from pipelines.mapping import Resolved

TOLERANCE = "0.01"


def reject_wrong_totals(connection: duckdb.DuckDBPyConnection, resolved: Resolved) -> None:
    """Mark the lines of such orders in temp table `typed` with their problem.

    Refunds and refused lines count for nothing; an order without a total is not looked at.
    """
    if resolved.kind.name != "order" or not {"order_total", "amount"} <= resolved.has:
        return
    number = next(i for i, problem in enumerate(resolved.problems, start=1) if problem[2] == NO_TOTAL)
    is_sale = "coalesce(kind, 'sale') <> 'refund'" if "kind" in resolved.has else "amount >= 0"
    connection.execute(
        f"""
        update typed set wrong = {number}
        where wrong is null and order_id in (
            select order_id from typed where wrong is null
            group by order_id
            having abs(max(order_total) - coalesce(sum(amount) filter ({is_sale}), 0)) > {TOLERANCE}
        )
        """
    )
