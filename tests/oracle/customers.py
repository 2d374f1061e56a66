"""revenue.rfm, cohort_value, returning, stored_value, preorders, leaders, products: what buyers are worth."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import floor
from typing import Any

from tests.oracle.book import WEEK, Book, ratio
from tests.oracle.money import ZERO, Order
from tests.oracle.world import DAY

Row = dict[str, Any]


def purchases(book: Book, end: datetime) -> dict[str, list[Order]]:
    """Paid orders before an instant by counted, identified buyer."""
    found: dict[str, list[Order]] = defaultdict(list)
    for order in book.orders.values():
        if order.is_paid and order.is_counted and order.member_id and order.paid_at and order.paid_at < end:
            found[order.member_id].append(order)
    return found


def rfm(book: Book) -> list[Row]:
    """Rows of revenue.rfm, as of R of orders."""
    end = book.world.report("order")
    if end is None:
        return []
    calendar = book.world.calendar
    last = calendar.day(end) - DAY
    net: dict[str, Decimal] = defaultdict(Decimal)
    for order in book.orders.values():
        if order.member_id is not None:
            net[order.member_id] += sum((x.amount for x in order.lines or [] if x.at < end), ZERO)
    rows: list[Row] = []
    for member, mine in purchases(book, end).items():
        spent: dict[date, Decimal] = defaultdict(Decimal)
        for order in mine:
            assert order.paid_at is not None
            spent[calendar.day(order.paid_at)] += sum(
                (x.amount for x in order.lines or [] if x.at < end), ZERO
            )
        days = sorted(spent)
        repeat = len(days) - 1
        rows.append(
            {
                "member_id": member,
                "recency_days": (last - days[-1]).days,
                "frequency": len(mine),
                "monetary": net[member],
                "clv_frequency": repeat,
                "clv_recency_days": (days[-1] - days[0]).days,
                "clv_age_days": (last - days[0]).days,
                "clv_monetary": cents(ratio(sum((spent[d] for d in days[1:]), ZERO), repeat)),
            }
        )
    for score, column, sign in (("r", "recency_days", -1), ("f", "frequency", 1), ("m", "monetary", 1)):
        values = sorted(sign * row[column] for row in rows)
        for row in rows:
            row[score] = 1 + floor(5 * bisect_left(values, sign * row[column]) / len(rows))
    return rows


def cents(amount: float | None) -> Decimal | None:
    """A quotient of doubles in cents; half a cent, as the double of a hundred times it has it, is rounded up."""
    return None if amount is None else Decimal(floor(amount * 100 + 0.5)) / 100
