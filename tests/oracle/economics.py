"""revenue.unit_economics: what a new member costs, and what they brought by R."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from tests.oracle.book import WEEK, Book, ratio
from tests.oracle.money import ZERO, Line
from tests.oracle.selling import margin_of
from tests.oracle.sources import channels

Row = dict[str, Any]


def unit_economics(book: Book) -> list[Row]:
    """Rows of revenue.unit_economics, by week of first joins and channel."""
    world = book.world
    end, over = world.report("order"), world.watermark("join")
    sizes: dict[tuple[date, str], list[Any]] = defaultdict(lambda: [0, None])
    for row in channels(book):
        cell = sizes[row["cohort_week"], row["channel"]]
        cell[0] += row["new_members"] or 0
        if row["cost"] is not None:
            cell[1] = (cell[1] or Decimal(0)) + row["cost"]
    lines: dict[tuple[date, str], list[Line]] = defaultdict(list)
    since: dict[tuple[date, str], Any] = {}
    for m in book.members.values():
        if m.is_counted and m.is_join_known and m.first_joined_at is not None:
            key = (world.calendar.week_at(m.first_joined_at), m.channel or "unknown")
            since[key] = min(m.first_joined_at, since.get(key, m.first_joined_at))
    for order in book.orders.values():
        buyer = book.members.get(order.member_id or "")
        if buyer is None or not buyer.is_counted or not buyer.is_join_known or buyer.first_joined_at is None:
            continue
        key = (world.calendar.week_at(buyer.first_joined_at), buyer.channel or "unknown")
        for line in order.lines or []:
            at = line.at if order.kind == "refund" or order.paid_at is None else order.paid_at
            if at >= buyer.first_joined_at:
                lines[key].append(line)
    has_costs = any(x.cost is not None for o in book.orders.values() for x in o.lines or [])
    rows: list[Row] = []
    for (week, channel), (size, cost) in sizes.items():
        mine = lines[week, channel]
        known = end is not None and over is not None and book.span(week)[1] <= over
        first = since.get((week, channel), book.span(week)[0])
        known = known and end is not None and world.is_covered("order", first, end)
        margin = _margin([x for x in mine if end and x.at < end]) if has_costs and size else None
        rows.append(
            {
                "cohort_week": week,
                "channel": channel,
                "cohort_size": size,
                "cost": cost,
                "cac": ratio(cost, size),
                "margin": margin if known else None,
                "margin_per_member": ratio(margin, size) if known else None,
                "ltv_cac": ratio(margin, cost) if known else None,
                "payback_week": _payback(book, week, mine, cost, size) if known and has_costs else None,
                "is_complete": known,
            }
        )
    return rows


def _margin(lines: list[Line]) -> Decimal | None:
    """Nobody bought: nothing was earned. Bought, but at no known cost: not known."""
    return margin_of(lines)[0] if lines else ZERO


def _payback(book: Book, week: date, lines: list[Line], cost: Decimal | None, size: int) -> int | None:
    end = book.world.report("order")
    if cost is None or size == 0 or end is None:
        return None
    index = 0
    while book.span(week + index * WEEK)[1] <= end:
        total = _margin([x for x in lines if x.at < book.span(week + index * WEEK)[1]])
        if total is not None and total >= cost:
            return index
        index += 1
    return None
