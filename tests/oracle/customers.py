"""revenue.rfm, cohort_value and returning: what buyers are worth, and whether they come back."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import floor
from typing import Any

from tests.oracle.book import Book, ratio
from tests.oracle.money import ZERO, Order
from tests.oracle.world import DAY

Row = dict[str, Any]
SEGMENTS = (
    ("champions", (5,), (4, 5)),
    ("loyal_customers", (3, 4), (4, 5)),
    ("potential_loyalists", (4, 5), (2, 3)),
    ("new_customers", (5,), (1,)),
    ("promising", (4,), (1,)),
    ("need_attention", (3,), (3,)),
    ("about_to_sleep", (3,), (1, 2)),
    ("cannot_lose_them", (1, 2), (5,)),
    ("at_risk", (1, 2), (3, 4)),
    ("hibernating", (1, 2), (1, 2)),
)


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
    for row in rows:
        row["segment"] = _segment(row["r"], row["f"])
    return rows


def _segment(r: int, f: int) -> str:
    """The name of a pair of scores, the first of the published list that fits."""
    for name, recent, often in SEGMENTS:
        if r in recent and f in often:
            return name
    raise AssertionError((r, f))


def cents(amount: float | None) -> Decimal | None:
    """A quotient of doubles in cents, half a cent (of the hundredfold double) up."""
    return None if amount is None else Decimal(floor(amount * 100 + 0.5)) / 100


def returning(book: Book) -> list[Row]:
    """Rows of revenue.returning: buyers of a month who bought in the month before."""
    calendar, days, end = book.world.calendar, book.world.days("order"), book.world.watermark("order")
    if end is None:
        return []
    last = calendar.day(end)
    months: dict[date, set[str]] = defaultdict(set)
    for member, mine in purchases(book, datetime.max).items():
        for order in mine:
            assert order.paid_at is not None
            months[calendar.day(order.paid_at).replace(day=1)].add(member)
    rows: list[Row] = []
    month = min(days).replace(day=1)
    while (month := _next(month)) <= max(days):
        before, after = (month - DAY).replace(day=1), _next(month)
        known = all(before + DAY * i in days for i in range((after - before).days))
        done = after <= last and known
        again = len(months[before] & months[month]) if done else None
        rows.append(
            {
                "month_start": month,
                "buyers_before": len(months[before]),
                "bought_again": again,
                "return_rate": ratio(again, len(months[before])),
                "is_complete": done,
            }
        )
    return rows


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def starts(book: Book) -> dict[str, dict[str, datetime]]:
    """Kind of cohort -> who is in one -> from when: the known first join or the first purchase."""
    members = [m for m in book.members.values() if m.is_counted]
    return {
        "join": {m.member_id: m.first_joined_at for m in members if m.is_join_known and m.first_joined_at},
        "first_purchase": {m.member_id: m.first_purchase_at for m in members if m.first_purchase_at},
    }


def cohort_value(book: Book) -> list[Row]:
    """Rows of revenue.cohort_value; cohort None holds what is of no cohort."""
    calendar, weeks = book.world.calendar, book.weeks("order")
    end = book.world.watermark("order")
    rows: list[Row] = []
    if end is None:
        return rows
    for kind, started in starts(book).items():
        if kind == "join" and "join" not in book.world.kinds:
            started = {}
        cohorts: dict[date | None, list[datetime]] = defaultdict(list)
        for at in started.values():
            cohorts[calendar.week_at(at)].append(at)
        net: dict[date | None, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for order, line in ((o, x) for o in book.orders.values() for x in o.lines or []):
            begun = started.get(order.member_id or "")
            counts_at = line.at if order.kind == "refund" or order.paid_at is None else order.paid_at
            inside = begun is not None and counts_at >= begun
            net[calendar.week_at(begun) if inside and begun else None][calendar.week(line.day)] += line.amount
        if net:
            cohorts[None] = [min(calendar.start(w) for found in net.values() for w in found)]
        for cohort, since in cohorts.items():
            first = calendar.week_at(min(since))
            for week in (w for w in weeks if w >= first):
                over = book.span(week)[1]
                done = over <= end and book.world.is_covered("order", min(since), over)
                if kind == "join" and cohort is not None:
                    mark = book.world.watermark("join")
                    done = done and mark is not None and book.span(cohort)[1] <= mark
                total = sum((v for w, v in net[cohort].items() if w <= week), ZERO)
                size = len(since) if cohort is not None else None
                rows.append(
                    {
                        "cohort_kind": kind,
                        "cohort_week": cohort,
                        "week_index": (week - first).days // 7,
                        "week_start": week,
                        "cohort_size": size,
                        "cumulative_net": total,
                        "value_per_member": ratio(total, size) if done else None,
                        "is_complete": done,
                    }
                )
    return rows
