"""revenue.products, preorders, stored_value, leaders and unit_economics: what was sold, and by whom."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.oracle.book import Book, covers, ratio
from tests.oracle.money import ZERO, Line, Order
from tests.oracle.selling import margin_of
from tests.oracle.world import DAY

Row = dict[str, Any]


def lines_of(book: Book) -> list[tuple[Order, Line]]:
    """All lines that are revenue, with their orders."""
    return [(o, x) for o in book.orders.values() for x in o.lines or []]


def products(book: Book) -> list[Row]:
    """Rows of revenue.products; product None holds the lines that name none."""
    end = book.world.report("order")
    lines: dict[str | None, list[tuple[Order, Line]]] = defaultdict(list)
    for order, line in lines_of(book):
        lines[line.product_id].append((order, line))
    net = {p: sum((x.amount for _, x in found), ZERO) for p, found in lines.items()}
    sold = [p for p, found in lines.items() if p and any(x.amount > 0 and not x.is_refund for _, x in found)]
    sold.sort(key=lambda p: (-net[p], p))
    total = sum((net[p] for p in sold), ZERO)
    place = {p: i for i, p in enumerate(sold, start=1)}
    upto = list(itertools.accumulate(net[p] for p in sold))
    known = covers(book, end, 30)
    rows: list[Row] = []
    for product, found in lines.items():
        rank = place.get(product) if product is not None else None
        recent = [(o, x) for o, x in found if known and end and end - 30 * DAY <= x.at < end]
        paid = sum((x.amount for _, x in recent if not x.is_refund), ZERO)
        back = sum((x.amount for _, x in recent if x.is_refund), ZERO)
        gmv = sum((x.amount for _, x in found if not x.is_refund), ZERO)
        costed = sum((x.amount for _, x in found if not x.is_refund and x.cost is not None), ZERO)
        margin, base = margin_of(x for _, x in found)
        info = book.world.products.get(product or "")
        rows.append(
            {
                "product_id": product,
                "product_name": info.product_name if info else None,
                "category": info.category if info else None,
                "gmv": gmv,
                "net_revenue": net[product],
                "margin": margin,
                "margin_rate": ratio(margin, base),
                "cost_known_share": ratio(costed, gmv),
                "orders": len({o.order_id for o, x in found if not x.is_refund}),
                "buyers": len({o.member_id for o, x in found if not x.is_refund and o.member_id}),
                "rank": rank,
                "is_hit": rank is not None and 50 * (rank - 1) < len(sold),
                "revenue_share": ratio(net[product], total) if rank else None,
                "cumulative_share": ratio(upto[rank - 1], total) if rank else None,
                "product_share": ratio(rank, len(sold)) if rank else None,
                "orders_30d": len({o.order_id for o, x in recent if not x.is_refund}) if known else None,
                "gmv_30d": paid if known else None,
                "refunds_30d": back if known else None,
                "refund_rate": ratio(-back, paid) if known else None,
            }
        )
    return rows


def preorders(book: Book) -> list[Row]:
    """Rows of revenue.preorders, from the week of the first deposit on."""
    world, end = book.world, book.world.watermark("order")
    deposits = _deposits(book)
    paid = [_paid(o) for o in book.orders.values() if o.is_paid and o.paid_at is not None]
    rows: list[Row] = []
    first = min((world.calendar.week_at(d.paid_at) for d in deposits), default=None)
    for week in book.weeks("order"):
        if first is None or end is None or week < first:
            continue
        start, over = book.span(week)
        mine = [d for d in deposits if start <= d.paid_at < over]
        due = [d for d in deposits if d.due_at is not None and start <= d.due_at < over]
        since_due = min([start, *(d.paid_at for d in due)])
        due_known = over <= end and world.is_covered("order", since_due, over)
        until = max([over, *(d.last for d in mine)])
        back_known = until <= end and world.is_covered("order", start, until)
        orders = sum(start <= at < over for at in paid)
        seen = any(week + DAY * i in world.days("order") for i in range(7))
        on_time = sum(d.is_on_time for d in due) if due_known else None
        back = sum(d.is_refunded for d in mine) if back_known else None
        rows.append(
            {
                "week_start": week,
                "deposits": len(mine) if seen else None,
                "paid_orders": orders if seen else None,
                "deposit_share": ratio(len(mine), orders) if seen else None,
                "balances_due": len(due) if seen else None,
                "balances_paid_on_time": on_time,
                "on_time_rate": ratio(on_time, len(due)),
                "deposits_refunded": back,
                "deposit_refund_rate": ratio(back, len(mine)),
                "is_complete": book.covers_week("order", week),
                "is_refund_complete": back_known,
            }
        )
    return rows


@dataclass(frozen=True)
class Deposit:
    """A paid deposit; `last` is the instant up to which a refund is one of the deposit."""

    paid_at: datetime
    due_at: datetime | None
    last: datetime
    is_on_time: bool
    is_refunded: bool


def _deposits(book: Book) -> list[Deposit]:
    due: dict[tuple[str, str], datetime] = {}
    names: dict[str, tuple[str, str]] = {}
    balances: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    of_balance: dict[tuple[str, str], datetime] = {}
    for row in book.world.orders:
        name = (row.source, row.preorder_id)
        if row.kind == "preorder_deposit" and row.preorder_id is not None:
            names[row.order_id] = name
            if row.due_at is not None:
                due[name] = row.due_at
        elif row.kind == "preorder_balance" and row.preorder_id is not None:
            if row.due_at is not None:
                of_balance[name] = row.due_at
            if row.paid_at is not None and row.status != "cancelled":
                balances[name].append(row.paid_at)
    found: list[Deposit] = []
    for order in book.orders.values():
        if order.kind != "preorder_deposit" or not order.is_paid:
            continue
        name = names.get(order.order_id, ("", ""))
        due_at = due.get(name) or of_balance.get(name)
        last = due_at or _paid(order) + 30 * DAY
        refunds = [x.at for x in order.lines or [] if x.is_refund and x.at <= last]
        paid_first = any(at < min(refunds) for at in balances[name]) if refunds else False
        on_time = due_at is not None and any(at <= due_at for at in balances[name])
        found.append(Deposit(_paid(order), due_at, last, on_time, bool(refunds) and not paid_first))
    return found


def _paid(order: Order) -> datetime:
    assert order.paid_at is not None
    return order.paid_at


def stored_value(book: Book) -> list[Row]:
    """Rows of revenue.stored_value."""
    end = book.world.report("order")
    sums: dict[str | None, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    charges = {(r.source, r.order_id) for r in book.world.orders if r.kind == "recharge"}
    for row in book.world.orders:
        at = row.paid_at or (row.ordered_at if row.kind == "refund" else None)
        if at is None or row.status == "cancelled" or end is None or at >= end:
            continue
        bonus = row.bonus_amount or ZERO
        if row.kind == "recharge":
            sums[row.member_id]["recharged"] += row.amount
            sums[row.member_id]["bonus"] += bonus
        elif row.kind == "balance_spend":
            sums[row.member_id]["spent"] += row.amount
        elif row.kind == "refund" and (row.source, row.refund_of_order_id) in charges:
            sums[row.member_id]["refunded"] += abs(row.amount) + abs(bonus)
    return [
        {
            "member_id": member,
            **{name: found[name] for name in ("recharged", "bonus", "spent", "refunded")},
            "open_balance": found["recharged"] + found["bonus"] - found["spent"] - found["refunded"],
        }
        for member, found in sums.items()
    ]


def leaders(book: Book) -> list[Row]:
    """Rows of revenue.leaders; leader None holds the orders that name none."""
    calendar, days = book.world.calendar, book.world.days("order")
    orders: dict[str | None, list[Order]] = defaultdict(list)
    for order in book.orders.values():
        orders[order.leader_id].append(order)
    rows: list[Row] = []
    for leader, mine in orders.items():
        lines = [(calendar.week(x.day), x.amount) for o in mine for x in o.lines or []]
        paid = [(calendar.week_at(o.paid_at), o) for o in mine if o.is_paid and o.paid_at is not None]
        first = min([w for w, _ in lines] + [w for w, _ in paid], default=None)
        for week in book.weeks("order"):
            if first is None or week < first:
                continue
            here = [o for w, o in paid if w == week]
            ours = [o for o in here if o.is_counted]
            seen = any(week + DAY * i in days for i in range(7))
            has_history = week >= min(days) + DAY * book.world.settings["order_history_days"]
            new = {o.member_id for o in ours if o.purchase_number == 1}
            row: Row = {
                "net_revenue": sum((v for w, v in lines if w == week), ZERO),
                "paid_orders": len(here),
                "buyers": len({o.member_id for o in ours}),
                "new_buyers": len(new) if has_history else None,
            }
            if not seen:
                row = dict.fromkeys(row)
            row["is_complete"] = book.covers_week("order", week)
            rows.append({"leader_id": leader, "week_start": week, **row})
    return rows
