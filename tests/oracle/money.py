"""Orders, their lines and their attribution, by metrics.md §1 (money; which group an order belongs to)."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace

from tests.oracle.people import People, Stay
from tests.oracle.world import World

PAID_KINDS = {"sale", "group_buy", "balance_spend", "preorder_deposit"}
ZERO = Decimal(0)


@dataclass
class Line:
    """A line of an order: positive when paid, negative when refunded. Not paid lines are not kept."""

    product_id: str | None
    amount: Decimal
    cost: Decimal | None
    discount: Decimal
    at: datetime
    day: date
    is_refund: bool
    quantity: Decimal


@dataclass
class Order:
    """An order with its lines; balances and refunds are lines of the order they belong to."""

    order_id: str
    member_id: str | None
    ordered_at: datetime
    paid_at: datetime | None
    kind: str
    is_paid: bool
    is_revenue: bool
    campaign_id: str | None
    own_group: str | None
    row: int
    channel: str | None = None
    leader_id: str | None = None
    group_id: str | None = None
    attributed_by: str = "none"
    buyer_kind: str = "unknown"
    is_in: bool = False
    is_counted: bool = False
    purchase_number: int | None = None
    lines: list[Line] | None = None

    @property
    def gmv(self) -> Decimal:
        """Paid amounts."""
        return sum((x.amount for x in self.lines or [] if not x.is_refund), ZERO)

    @property
    def refunded(self) -> Decimal:
        """Refunds, negative."""
        return sum((x.amount for x in self.lines or [] if x.is_refund), ZERO)


def read_orders(world: World, people: People) -> dict[str, Order]:
    """All orders by id, with lines, attribution and purchase numbers."""
    by_id: dict[tuple[str, str], list[SimpleNamespace]] = defaultdict(list)
    for row in world.orders:
        by_id[row.source, row.order_id].append(row)
    deposits = {
        (rows[0].source, rows[0].preorder_id): key
        for key, rows in by_id.items()
        if rows[0].kind == "preorder_deposit" and rows[0].preorder_id is not None
    }

    def home(key: tuple[str, str]) -> tuple[str, str]:
        """The order whose line an exported order is."""
        row = by_id[key][0]
        if row.kind == "refund" and row.refund_of_order_id is not None:
            target = (row.source, row.refund_of_order_id)
            return home(target) if target in by_id and target != key else key
        if row.kind == "preorder_balance":
            return deposits.get((row.source, row.preorder_id), key)
        return key

    orders: dict[str, Order] = {}
    homes = {key: home(key) for key in by_id}
    for key in sorted(by_id):
        if homes[key] == key:
            orders[key[1]] = _order(world, people, by_id[key])
    for key in sorted(by_id):
        order = orders[homes[key][1]]
        assert order.lines is not None
        for row in sorted(by_id[key], key=lambda r: r.row_number):
            order.lines += _lines(world, row, order)
    for key in sorted(by_id):
        if homes[key] == key and key in world.refund_seen:
            _refund_by_status(world, orders[key[1]], by_id[key], world.refund_seen[key])
    _attribute(people, orders)
    _number(world, orders)
    return orders


def _order(world: World, people: People, rows: list[SimpleNamespace]) -> Order:
    rows = sorted(rows, key=lambda r: r.row_number)
    first = rows[0]
    is_paid = any(r.kind in PAID_KINDS and r.paid_at is not None and r.status != "cancelled" for r in rows)
    return Order(
        order_id=first.order_id,
        member_id=first.member_id,
        ordered_at=first.ordered_at,
        paid_at=first.paid_at,
        kind=first.kind,
        is_paid=is_paid,
        is_revenue=first.kind != "recharge",
        campaign_id=first.campaign_id,
        own_group=first.group_id,
        row=first.row_number,
        channel=first.channel,
        leader_id=first.leader_id,
        is_counted=people.is_counted(first.member_id),
        lines=[],
    )


def _lines(world: World, row: SimpleNamespace, order: Order) -> list[Line]:
    at = row.paid_at or (row.ordered_at if row.kind == "refund" else None)
    if at is None or row.status == "cancelled" or row.kind == "recharge" or not order.is_revenue:
        return []
    cost = row.cost_amount
    if cost is None and row.quantity is not None and row.kind != "refund":
        product = world.products.get(row.product_id)
        if product is not None and product.cost is not None:
            cost = product.cost * row.quantity
    discount = row.discount_amount or ZERO
    amount = row.amount
    is_refund = row.kind == "refund"
    if is_refund:
        amount = -abs(amount)
        cost = None if cost is None else -abs(cost)
    elif row.kind == "balance_spend":
        amount -= row.bonus_amount or ZERO
        discount += row.bonus_amount or ZERO
    quantity = row.quantity if row.quantity is not None else Decimal(1)
    return [Line(row.product_id, amount, cost, discount, at, world.calendar.day(at), is_refund, quantity)]


def _refund_by_status(world: World, order: Order, rows: list[SimpleNamespace], at: datetime) -> None:
    assert order.lines is not None
    if rows[0].status != "refunded" or not order.is_paid or order.refunded != 0:
        return
    day = world.calendar.day(at)
    order.lines += [
        Line(x.product_id, -x.amount, None, ZERO, at, day, True, x.quantity)
        for x in list(order.lines)
        if not x.is_refund
    ]


def _attribute(people: People, orders: dict[str, Order]) -> None:
    stays: dict[str, list[Stay]] = defaultdict(list)
    for stay in people.stays:
        if people.is_counted(stay.member_id):
            stays[stay.member_id].append(stay)
    for order in orders.values():
        at = order.paid_at or order.ordered_at
        within = {str(s.group_id) for s in stays.get(order.member_id or "", []) if s.holds(at)}
        order.is_in = bool(within)
        if order.own_group is not None:
            order.group_id, order.attributed_by = order.own_group, "order"
        elif len(within) == 1:
            order.group_id, order.attributed_by = next(iter(within)), "only_group"
        if order.member_id is None:
            order.buyer_kind = "unknown"
        elif not within or not order.is_counted:
            order.buyer_kind = "non_member"
        else:
            order.buyer_kind = "group" if order.group_id is not None else "member"


def _number(world: World, orders: dict[str, Order]) -> None:
    days: dict[str, set[date]] = defaultdict(set)
    for order in orders.values():
        if order.is_paid and order.member_id is not None and order.paid_at is not None:
            days[order.member_id].add(world.calendar.day(order.paid_at))
    ranked = {member: sorted(found) for member, found in days.items()}
    for order in orders.values():
        if order.is_paid and order.member_id is not None and order.paid_at is not None:
            order.purchase_number = (
                bisect_left(ranked[order.member_id], world.calendar.day(order.paid_at)) + 1
            )
