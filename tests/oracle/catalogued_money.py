"""Measures of the catalogue that have no table of their own: orders, recharges, refunds."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.oracle.book import Book, covers
from tests.oracle.catalogued import measure
from tests.oracle.customers import purchases
from tests.oracle.money import ZERO
from tests.oracle.world import DAY

Row = dict[str, Any]
MONEY = """(
    select * from scorecard.catalogue
    where value is not null and measure in ('net_by_order_week', 'refunded_share_by_order_week',
        'orders_per_buyer', 'recharging_share', 'recharge_spent_90d_share')
        or (value is not null and concept_id = 'M63' and measure = 'refund_rate')
)"""


def orders(book: Book) -> list[Row]:
    """Rows of scorecard.catalogue of M48, M51, M54 and of the refund rate of M63, those with a value."""
    end = book.world.report("order")
    if end is None:
        return []
    rows = [*_by_order_week(book, end), *_recharging(book), *_spent(book)]
    if covers(book, end, 30):
        start = end - 30 * DAY
        mine = {
            m: n
            for m, found in purchases(book, end).items()
            if (n := sum(o.paid_at is not None and o.paid_at >= start for o in found))
        }
        rows.append(measure("M51", "orders_per_buyer", sum(mine.values()), len(mine)) | {"period": "30d"})
        lines = [x for o in book.orders.values() for x in o.lines or [] if start <= x.at < end]
        paid = sum((x.amount for x in lines if not x.is_refund), ZERO)
        back = -sum((x.amount for x in lines if x.is_refund), ZERO)
        rows.append(measure("M63", "refund_rate", back, paid) | {"period": "30d"})
    return [r | {"subject_kind": "community", "subject": "all"} for r in rows if r["value"] is not None]


def _by_order_week(book: Book, end: datetime) -> list[Row]:
    net: dict[str, Decimal] = defaultdict(Decimal)
    paid: dict[str, Decimal] = defaultdict(Decimal)
    back: dict[str, Decimal] = defaultdict(Decimal)
    for order in book.orders.values():
        lines = order.lines or []
        if not lines:
            continue
        at = order.paid_at or min(x.at for x in lines)
        if at >= end:
            continue
        week = book.world.calendar.week_at(at)
        for period in (week.isoformat(), "all") if book.covers_week("order", week) else ("all",):
            net[period] += order.gmv + order.refunded
            paid[period] += order.gmv
            back[period] -= order.refunded
    rows: list[Row] = []
    for period, value in net.items():
        rows.append(
            measure("M48", "net_by_order_week", value, None) | {"period": period, "value": float(value)}
        )
        share = measure("M48", "refunded_share_by_order_week", back[period], paid[period])
        rows.append(share | {"period": period})
    return rows


def _recharging(book: Book) -> list[Row]:
    """Who recharged in a week / who recharged or bought in it."""
    world = book.world
    charged: dict[date | None, set[str]] = defaultdict(set)
    active: dict[date | None, set[str]] = defaultdict(set)
    if not any(r.kind == "recharge" for r in world.orders):
        return []
    for row in world.orders:
        good = row.kind == "recharge" and row.paid_at is not None and row.status != "cancelled"
        if good and book.people.is_counted(row.member_id):
            charged[world.calendar.week_at(row.paid_at)].add(row.member_id)
    for member, mine in purchases(book, datetime.max).items():
        for order in mine:
            assert order.paid_at is not None
            active[world.calendar.week_at(order.paid_at)].add(member)
    rows: list[Row] = []
    weeks = [w for w in book.weeks("order") if book.covers_week("order", w)]
    for week in weeks:
        both = charged[week] | active[week]
        rows.append(
            measure("M54", "recharging_share", len(charged[week]), len(both)) | {"period": week.isoformat()}
        )
    above, below = sum(r["numerator"] for r in rows), sum(r["denominator"] for r in rows)
    return [*rows, measure("M54", "recharging_share", above, below) | {"period": "all"}]


def _spent(book: Book) -> list[Row]:
    """Of recharges whose 90 days are over: what was spent in them, first charged first spent."""
    world = book.world
    end = world.watermark("order")
    ledger: dict[str | None, list[tuple[datetime, int, Decimal]]] = defaultdict(list)
    for row in world.orders:
        if row.paid_at is None or row.status == "cancelled" or row.member_id is None:
            continue
        if row.kind == "recharge":
            ledger[row.member_id].append((row.paid_at, 0, row.amount + (row.bonus_amount or ZERO)))
        elif row.kind == "balance_spend":
            ledger[row.member_id].append((row.paid_at, 1, row.amount))
    total = used = ZERO
    for entries in ledger.values():
        before = ZERO
        for at, kind, amount in sorted(entries):
            if kind == 1:
                continue
            if end is not None and at + 90 * DAY <= end:
                spent = sum((v for t, k, v in entries if k == 1 and t < at + 90 * DAY), ZERO)
                total += amount
                used += min(amount, max(ZERO, spent - before))
            before += amount
    return [measure("M54", "recharge_spent_90d_share", used, total) | {"period": "all"}]
