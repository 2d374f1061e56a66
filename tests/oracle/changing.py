"""revenue.changes, and contribution, gift kinds and seed users in the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from tests.oracle.book import WEEK, Book, covers
from tests.oracle.campaigning import STAFF
from tests.oracle.catalogued import measure
from tests.oracle.money import ZERO, Line, Order
from tests.oracle.selling import margin_of
from tests.oracle.shop import lines_of
from tests.oracle.world import DAY

Row = dict[str, Any]
Side = tuple[Decimal, dict[str, tuple[int, Decimal]]]
CENT = Decimal("0.01")
GIVEN = """(
    select * from scorecard.catalogue
    where value is not null and concept_id in ('M61', 'M73', 'M93')
)"""


def changes(book: Book) -> list[Row]:
    """Rows of revenue.changes: every week but the first, and the 30 days to R."""
    rows: list[Row] = []
    days = book.world.days("order")
    weeks = book.weeks("order")
    calendar = book.world.calendar
    lines: dict[date, list[tuple[Order, Line]]] = defaultdict(list)
    paid: dict[date, list[Order]] = defaultdict(list)
    for order, line in lines_of(book):
        lines[calendar.week_at(line.at)].append((order, line))
    for order in book.orders.values():
        if order.paid_at is not None:
            paid[calendar.week_at(order.paid_at)].append(order)
    for week in weeks[1:]:
        known = all(week - WEEK + DAY * i in days for i in range(14))
        sides = [_side(paid[w], lines[w]) for w in (week - WEEK, week)]
        rows.append({"period": "week", "week_start": week} | _change(sides, known))
    end = book.world.report("order")
    if end is not None:
        sides = [
            _side(
                [o for o in book.orders.values() if o.paid_at and start <= o.paid_at < start + 30 * DAY],
                [pair for pair in lines_of(book) if start <= pair[1].at < start + 30 * DAY],
            )
            for start in (end - 60 * DAY, end - 30 * DAY)
        ]
        week = calendar.week(calendar.day(end - timedelta(seconds=1)))
        rows.append({"period": "30d", "week_start": week} | _change(sides, covers(book, end, 60)))
    return rows


def _change(sides: list[Side], is_known: bool) -> Row:
    names = (
        "net_before", "net_revenue", "change", "by_buyers", "by_frequency", "by_order_value",
        "by_unidentified", "lost_buyers", "won_buyers", "by_lost_buyers", "by_won_buyers",
        "by_kept_frequency", "by_kept_order_value",
    )  # fmt: skip
    if not is_known:
        return dict.fromkeys(names) | {"is_complete": False}
    net = [side[0] for side in sides]
    who = [side[1] for side in sides]
    buyers = [len(w) for w in who]
    orders = [sum(n for n, _ in w.values()) for w in who]
    bought = [sum((v for _, v in w.values()), ZERO) for w in who]
    # buyers x orders per buyer x net per order; who has none takes the frequency and amount of the other.
    frequency = [Fraction(o, b) if b else None for o, b in zip(orders, buyers, strict=True)]
    worth = [Fraction(v) / o if o else None for v, o in zip(bought, orders, strict=True)]
    f = [frequency[0] if frequency[0] is not None else frequency[1] or Fraction(0)]
    f.append(frequency[1] if frequency[1] is not None else f[0])
    v = [worth[0] if worth[0] is not None else worth[1] or Fraction(0)]
    v.append(worth[1] if worth[1] is not None else v[0])
    mixed = (f[0] * v[0] + f[1] * v[1]) / 3 + (f[1] * v[0] + f[0] * v[1]) / 6
    by_buyers = _cents((buyers[1] - buyers[0]) * mixed)
    mixed = (buyers[0] * v[0] + buyers[1] * v[1]) / 3 + (buyers[1] * v[0] + buyers[0] * v[1]) / 6
    by_frequency = _cents((f[1] - f[0]) * mixed)
    kept = who[0].keys() & who[1].keys()
    kept_orders = [sum(w[m][0] for m in kept) for w in who]
    kept_net = [sum((w[m][1] for m in kept), ZERO) for w in who]
    by_kept = ZERO
    if kept:
        each = [Fraction(n) / o for n, o in zip(kept_net, kept_orders, strict=True)]
        by_kept = _cents((kept_orders[1] - kept_orders[0]) * (each[0] + each[1]) / 2)
    lost = sum((v for m, (_, v) in who[0].items() if m not in kept), ZERO)
    won = sum((v for m, (_, v) in who[1].items() if m not in kept), ZERO)
    values = (
        net[0], net[1], net[1] - net[0], by_buyers, by_frequency,
        bought[1] - bought[0] - by_buyers - by_frequency,
        (net[1] - bought[1]) - (net[0] - bought[0]), len(who[0].keys() - kept), len(who[1].keys() - kept),
        -lost, won, by_kept, kept_net[1] - kept_net[0] - by_kept,
    )  # fmt: skip
    return dict(zip(names, values, strict=True)) | {"is_complete": True}


def _side(orders: Iterable[Order], lines: Iterable[tuple[Order, Line]]) -> Side:
    """Net of a period, and of each known buyer in it the paid orders and the net of all their lines."""
    paid: dict[str, int] = defaultdict(int)
    for order in orders:
        if order.is_paid and order.is_counted and order.member_id:
            paid[order.member_id] += 1
    net, own = ZERO, defaultdict(Decimal)
    for order, line in lines:
        net += line.amount
        if order.member_id in paid:
            own[order.member_id] += line.amount
    return net, {m: (n, own[m]) for m, n in paid.items()}


def _cents(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(CENT, rounding=ROUND_HALF_UP)


def given(book: Book) -> list[Row]:
    """Rows of scorecard.catalogue of M61, M73 and M93, those with a value."""
    return [*_contribution(book), *_gift_kinds(book), *_seeds(book)]


Outlay = tuple[str, datetime | None, str | None, Decimal]


def outlays(book: Book) -> list[Outlay]:
    """(kind, when, group, amount) of what was spent beside the goods."""
    found: list[Outlay] = []
    gifts = book.world.gifts
    for g in gifts:
        field = "redeemed_at" if g.gift_kind == "coupon" else "claimed_at"
        has_times = any(getattr(x, field) is not None for x in gifts if x.gift_kind == g.gift_kind)
        at = getattr(g, field) if has_times else g.issued_at
        if g.unit_cost is not None and (at is not None or not has_times):
            found.append((f"gift {g.gift_kind}", at, None, g.unit_cost))
    has_times = any(i.rewarded_at is not None for i in book.invites)
    for i in book.invites:
        at = i.rewarded_at if has_times else (i.joined_at if i.outcome == "joined" else None)
        if i.reward_cost is not None and at is not None:
            found.append(("reward", at, i.group_id, i.reward_cost))
    for m in book.world.messages:
        if m.kind == "red_packet" and m.revoked_at is None and book.people.roles.get(m.member_id) in STAFF:
            found.append(("red_packet", m.occurred_at, m.group_id, m.amount or ZERO))
    for c in book.world.campaigns:
        if c.spend is not None:
            found.append(("spend", c.starts_at, None, c.spend))
    return found


def _contribution(book: Book) -> list[Row]:
    """M93 by week, by group and in all: margin of lines of known cost less outlays."""
    calendar = book.world.calendar
    pairs = lines_of(book)
    if not any(x.cost is not None for _, x in pairs if not x.is_refund):
        return []
    spent = outlays(book)
    rows: list[Row] = []

    def add(kind: str, subject: str, period: str, lines: list[Any], costs: list[Decimal]) -> None:
        margin, _ = margin_of(lines)
        out = sum(costs, ZERO)
        base = {"concept_id": "M93", "subject_kind": kind, "subject": subject, "period": period}
        rows.append(base | {"measure": "contribution", "value": float((margin or ZERO) - out)})
        rows.append(base | {"measure": "outlays", "value": float(out)})

    add("community", "all", "all", [x for _, x in pairs], [s[3] for s in spent])
    sold: dict[date, list[Line]] = defaultdict(list)
    for _, line in pairs:
        sold[calendar.week(line.day)].append(line)
    for week in book.weeks("order"):
        if book.covers_week("order", week):
            costs = [s[3] for s in spent if s[1] is not None and calendar.week_at(s[1]) == week]
            add("community", "all", week.isoformat(), sold[week], costs)
    groups = {o.group_id for o, _ in pairs} | {s[2] for s in spent}
    for group in groups:
        add(
            "group", group or "unknown", "all",
            [x for o, x in pairs if o.group_id == group], [s[3] for s in spent if s[2] == group],
        )  # fmt: skip
    return [row | {"numerator": None, "denominator": None} for row in rows]


def _gift_kinds(book: Book) -> list[Row]:
    """M61: what lead gifts, lottery prizes and rewards cost, and per person they brought."""
    spent = outlays(book)
    cost: dict[str, Decimal] = defaultdict(Decimal)
    for kind, _, _, amount in spent:
        if kind == "reward" or kind.startswith("gift "):
            cost[kind.removeprefix("gift ")] += amount
    exported = set(cost)
    gifts = book.world.gifts
    joined = sum(i.outcome == "joined" for i in book.invites)
    lead = {
        g.member_id for g in gifts
        if g.gift_kind == "lead" and g.member_id in book.members and _counts(g, gifts)
        and book.members[g.member_id].is_join_known and book.people.is_counted(g.member_id)
    }  # fmt: skip
    rows = [
        measure("M61", "cost_per_joiner", cost["lead"], len(lead)) | {"subject": "lead"},
        measure("M61", "cost_per_extra_active", cost["lottery"], _woken(book)) | {"subject": "lottery"},
        measure("M61", "cost_per_joined_invitee", cost["reward"], joined) | {"subject": "reward"},
        *(
            measure("M61", "gift_cost", cost[kind], 1) | {"subject": kind}
            for kind in ("lead", "lottery", "reward")
        ),
    ]
    return [
        row | {"subject_kind": "gift_kind", "period": "all"}
        for row in rows
        if row["value"] is not None and row["subject"] in exported
    ]


def _counts(gift: Any, gifts: list[Any]) -> bool:
    """A gift counts once claimed; where no claim of its kind is exported, once issued."""
    has_claims = any(g.claimed_at is not None for g in gifts if g.gift_kind == gift.gift_kind)
    return gift.claimed_at is not None or not has_claims


def _woken(book: Book) -> int:
    """Lottery winners active in the 7 days after the day of their first prize, not in the 7 before."""
    calendar, gifts = book.world.calendar, book.world.gifts
    end = book.world.report("activity")
    first: dict[str, date] = {}
    for g in gifts:
        if g.gift_kind == "lottery" and g.member_id and _counts(g, gifts):
            day = calendar.day(g.claimed_at or g.issued_at)
            first[g.member_id] = min(day, first.get(g.member_id, day))
    woken = 0
    for member, day in first.items():
        if not book.people.is_counted(member) or end is None or calendar.start(day + 8 * DAY) > end:
            continue
        active = {calendar.day(a.at) for a in book.acts.get(member, [])}
        after = any(day + DAY * i in active for i in range(1, 8))
        before = any(day - DAY * i in active for i in range(1, 8))
        woken += after and not before
    return woken


def _seeds(book: Book) -> list[Row]:
    """M73: seed users, and the most and the nearest-rank 99th percentile of their descendants."""
    from tests.oracle.reviewing import candidates

    if not book.invites:
        return []
    seeds = sorted(int(row["descendants"]) for row in candidates(book) if row["kind"] == "seed")
    told: list[tuple[str, str, int]] = [("seed_users", "90d", len(seeds))]
    if seeds:
        told.append(("max_descendants", "all", seeds[-1]))
        told.append(("p99_descendants", "all", seeds[ceil(0.99 * len(seeds)) - 1]))
    return [
        {
            "concept_id": "M73", "measure": name, "subject_kind": "community", "subject": "all",
            "period": period, "value": float(value), "numerator": float(value), "denominator": None,
        }
        for name, period, value in told
    ]  # fmt: skip
