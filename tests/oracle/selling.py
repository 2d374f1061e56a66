"""revenue.weekly (also by group), revenue.repurchase and revenue.concentration."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from tests.oracle.book import Book, covers, median, ratio
from tests.oracle.money import ZERO, Line, Order
from tests.oracle.world import DAY

Row = dict[str, Any]
SHARES = {
    "group_revenue": "group",
    "member_revenue": "member",
    "non_member_revenue": "non_member",
    "unknown_revenue": "unknown",
}


def weekly(book: Book, by_group: bool) -> list[Row]:
    """Rows of revenue.weekly; of a group from the week of its first line on."""
    calendar = book.world.calendar
    rows: list[Row] = []
    lines: dict[tuple[str | None, date], list[tuple[Order, Line]]] = defaultdict(list)
    paid: dict[tuple[str | None, date], list[Order]] = defaultdict(list)
    for order in book.orders.values():
        scopes = (None,) if order.group_id is None else (None, order.group_id)
        for scope in scopes:
            for line in order.lines or []:
                lines[scope, calendar.week(line.day)].append((order, line))
            if order.is_paid and order.paid_at is not None:
                paid[scope, calendar.week_at(order.paid_at)].append(order)
    weeks = book.weeks("order")
    for group in book.scopes(by_group):
        first = min((week for scope, week in lines if scope == group), default=None)
        for week in weeks:
            if by_group and (first is None or week < first):
                continue
            row: Row = {"group_id": group} if by_group else {}
            row["week_start"] = week
            row |= _week(book, group, week, lines[group, week], paid[group, week])
            rows.append(row)
    return rows


def _week(
    book: Book, group: str | None, week: date, lines: list[tuple[Order, Line]], paid: list[Order]
) -> Row:
    days = book.world.days("order", group)
    any_day = any(week + DAY * i in days for i in range(7))
    gmv = sum((x.amount for _, x in lines if not x.is_refund), ZERO)
    refunds = sum((x.amount for _, x in lines if x.is_refund), ZERO)
    known_gmv = sum((x.amount for _, x in lines if not x.is_refund and x.cost is not None), ZERO)
    margin, base = margin_of(x for _, x in lines)
    ours = [o for o in paid if o.is_counted]
    buyers = {o.member_id for o in ours}
    new = {o.member_id for o in ours if o.purchase_number == 1}
    has_history = bool(days) and week >= min(days) + DAY * book.world.settings["order_history_days"]
    identified = sum((x.amount for o, x in lines if not x.is_refund and o.is_counted), ZERO)
    shares = {
        name: sum((x.amount for o, x in lines if o.buyer_kind == kind), ZERO) for name, kind in SHARES.items()
    }
    members = len(book.members_before(book.span(week)[1], group))
    knows_members = book.covers_week("join", week, group)
    of_members = shares["group_revenue"] + shares["member_revenue"]
    row: Row = {
        "gmv": gmv,
        "refunds": refunds,
        "net_revenue": gmv + refunds,
        "margin": margin,
        "margin_rate": ratio(margin, base),
        "cost_known_share": ratio(known_gmv, gmv),
        "paid_orders": len(paid),
        "buyers": len(buyers),
        "new_buyers": len(new) if has_history else None,
        "repeat_buyers": len(buyers - new) if has_history else None,
        "average_order_value": ratio(gmv, len(paid)),
        "identified_gmv": identified,
        "spend_per_buyer": ratio(identified, len(buyers)),
        "revenue_per_member": ratio(of_members, members) if knows_members else None,
        "frequency": ratio(len(ours), len(buyers)),
        **shares,
        "unmatched_share": ratio(sum(o.member_id is None for o in paid), len(paid)),
    }
    if not any_day:
        row = dict.fromkeys(row)
    return row | {"is_complete": book.covers_week("order", week, group)}


def margin_of(lines: Iterable[Line]) -> tuple[Decimal | None, Decimal | None]:
    """Margin and the net it is of. A refund without a cost takes its whole amount off the margin."""
    margin, base, is_known = ZERO, ZERO, False
    for line in lines:
        if line.is_refund or line.cost is not None:
            margin += line.amount - (line.cost or ZERO)
            base += line.amount
            is_known = is_known or not line.is_refund
    return (margin, base) if is_known else (None, None)


def repurchase(book: Book) -> list[Row]:
    """Rows of revenue.repurchase."""
    calendar, end = book.world.calendar, book.world.watermark("order")
    if end is None:
        return []
    days: dict[str, dict[str, set[date]]] = defaultdict(lambda: defaultdict(set))
    for order in book.orders.values():
        if not (order.is_paid and order.is_counted and order.member_id and order.paid_at):
            continue
        day = calendar.day(order.paid_at)
        days["all"][order.member_id].add(day)
        for line in order.lines or []:
            product = book.world.products.get(line.product_id or "")
            if not line.is_refund and product is not None and product.category is not None:
                days[product.category][order.member_id].add(day)
    rows: list[Row] = []
    last = calendar.day(end)  # the first day that is not covered any more
    covered = sorted(book.world.days("order", None))
    for category, buyers in days.items():
        histories = [sorted(found) for found in buyers.values()]
        gaps = sorted((b - a).days for h in histories for a, b in itertools.pairwise(h))
        window = gaps[ceil(0.8 * len(gaps)) - 1] if gaps else None
        months: dict[date | None, list[list[date]]] = defaultdict(list)
        for history in histories:
            months[history[0].replace(day=1)].append(history)
            months[None].append(history)
        for month, found in months.items():
            # 90 days after the day of the first, of which 89 can hold a purchase that counts.
            mature = [
                h for h in found if h[0] + 91 * DAY <= last and _all_covered(covered, h[0], h[0] + 90 * DAY)
            ]
            month_end = None if month is None else (month + timedelta(days=31)).replace(day=1)
            first = min(h[0] for h in found)
            complete = (
                bool(mature)
                if month_end is None
                else month_end + 90 * DAY <= last and _all_covered(covered, first, month_end + 89 * DAY)
            )
            again = sum(_returned(h, 89) for h in mature)
            rows.append(
                {
                    "cohort_month": month,
                    "category": category,
                    "buyers": len(found),
                    "mature_buyers": len(mature),
                    "repurchased_90d_buyers": again if complete else None,
                    "repurchase_90d_rate": ratio(again, len(mature)) if complete else None,
                    "category_window_days": window,
                    "repurchase_window_rate": _window_rate(found, window, month_end, last, covered),
                    "lifetime_repurchase_rate": ratio(sum(len(h) > 1 for h in found), len(found)),
                    "median_days_between": median(gaps),
                    "is_complete": complete,
                }
            )
    return rows


def _returned(history: list[date], days: int) -> bool:
    return any((later - history[0]).days <= days for later in history[1:])


def _all_covered(covered: Sequence[date], first: date, end: date) -> bool:
    """Whether every day from `first` up to but not including `end` is among the covered ones, in order."""
    return bisect_left(covered, end) - bisect_left(covered, first) == (end - first).days


def _window_rate(
    found: list[list[date]], window: int | None, month_end: date | None, last: date, covered: Sequence[date]
) -> float | None:
    """Of the buyers whose own window is known, who came back in it; a month needs all its days."""
    if window is None:
        return None
    first = min(h[0] for h in found)
    if month_end is not None and not (
        month_end + window * DAY <= last and _all_covered(covered, first, month_end + window * DAY)
    ):
        return None
    mature = [
        h
        for h in found
        if h[0] + (window + 1) * DAY <= last and _all_covered(covered, h[0], h[0] + (window + 1) * DAY)
    ]
    return ratio(sum(_returned(h, window) for h in mature), len(mature))


CONCENTRATION = ("products", "top_2pct_share", "top_20pct_share", "product_share_for_80pct")


def concentration(book: Book) -> list[Row]:
    """Rows of revenue.concentration."""
    end = book.world.report("order")
    rows: list[Row] = []
    for period in ("all", "90d"):
        if end is None or (period == "90d" and not covers(book, end, 90)):
            rows.append(dict.fromkeys(CONCENTRATION) | {"period": period})
            continue
        net: dict[str, Decimal] = defaultdict(Decimal)
        sold: set[str] = set()
        for order in book.orders.values():
            for line in order.lines or []:
                inside = period == "all" or end - 90 * DAY <= line.at < end
                if inside and line.product_id is not None:
                    net[line.product_id] += line.amount
                    # Given away for nothing is not sold.
                    if not line.is_refund and line.amount > 0:
                        sold.add(line.product_id)
        ordered = sorted((net[p] for p in sold), reverse=True)
        total, count = sum(ordered, ZERO), len(ordered)
        running, needed = ZERO, None
        for place, value in enumerate(ordered, start=1):
            running += value
            if running >= Decimal("0.8") * total:
                needed = place
                break
        rows.append(
            {
                "period": period,
                "products": count,
                "top_2pct_share": ratio(sum(ordered[: ceil(count * 2 / 100)], ZERO), total),
                "top_20pct_share": ratio(sum(ordered[: ceil(count * 20 / 100)], ZERO), total),
                "product_share_for_80pct": ratio(needed, count),
            }
        )
    return rows
