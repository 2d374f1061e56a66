"""group_health.kol_scores and candidates: lists for a person to go through."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil, floor
from types import SimpleNamespace
from typing import Any

from tests.oracle.book import Book, covers, ratio
from tests.oracle.bringing import judge, report_at, seed_facts
from tests.oracle.customers import purchases
from tests.oracle.health import MEANINGFUL
from tests.oracle.money import ZERO
from tests.oracle.referring import tree
from tests.oracle.states import health_of
from tests.oracle.world import DAY, HOUR

Row = dict[str, Any]
MOMENT = timedelta(microseconds=1)
EVIDENCE = (
    "is_in_group", "net_90d", "orders_90d", "percentile", "tier", "days_in_group", "packets_taken",
    "rewards_received", "messages_near_packets", "messages_outside_packets", "joined_invitees", "joined_90d",
    "descendants", "repliers", "replies", "orders_attributed", "descendants_90d", "kol_score", "reach_24h",
    "members", "capacity", "capacity_fill", "days_silent", "state",
)  # fmt: skip


def candidates(book: Book) -> list[Row]:
    """Rows of group_health.candidates."""
    found = [*_vips(book), *_freeloaders(book), *_seeds(book), *_kols(book), *_groups(book)]
    return [dict.fromkeys(EVIDENCE) | row for row in found]


def present(book: Book, at: datetime) -> set[str]:
    """Counted members who are in a group at an instant."""
    return {s.member_id for s in book.stays.get(None, []) if s.held_before(at)}


def _vips(book: Book) -> list[Row]:
    end, settings = book.world.report("order"), book.world.settings
    if end is None or not covers(book, end, 90):
        return []
    start = end - 90 * DAY
    orders = {
        m: n
        for m, mine in purchases(book, end).items()
        if (n := sum(o.paid_at is not None and o.paid_at >= start for o in mine))
    }
    net: dict[str, Decimal] = dict.fromkeys(orders, ZERO)
    for order in book.orders.values():
        if order.member_id in net:
            net[order.member_id] += sum((x.amount for x in order.lines or [] if start <= x.at < end), ZERO)
    values = sorted(net.values())
    share = {m: sum(v <= net[m] for v in values) / len(values) for m in net}
    good = [
        m for m in net if share[m] >= settings["vip_percentile"] and orders[m] >= settings["vip_min_orders"]
    ]
    good.sort(key=lambda m: (-net[m], -orders[m], m))
    here = present(book, end)
    return [
        {
            "kind": "vip",
            "subject": m,
            "is_in_group": m in here if "join" in book.world.kinds else None,
            "net_90d": net[m],
            "orders_90d": orders[m],
            "percentile": share[m],
            "tier": book.world.people[m].tier if m in book.world.people else None,
        }
        for m in good[: floor(settings["vip_max_share"] * len(net))]
    ]


def _is_meaningful(book: Book, m: SimpleNamespace) -> bool:
    author = book.members[m.member_id]
    fits = (m.kind or "text") in MEANINGFUL and not m.is_emoji_only and m.revoked_at is None
    return fits and author.is_counted and author.consent is not False


def claimers(book: Book, m: SimpleNamespace) -> set[str]:
    """Who took a red packet, but for its giver."""
    names = [n.strip() for n in (m.claimed_by or "").replace(";", ",").split(",") if n.strip()]
    return {book.world.merge(n, m.occurred_at) for n in names} - {m.member_id}


def _freeloaders(book: Book) -> list[Row]:
    world = book.world
    end = world.report("join", "message", "order")
    if end is None:
        return []
    judged = judge(book)
    taken: dict[str, int] = defaultdict(int)
    packets: dict[str, list[datetime]] = defaultdict(list)
    for m in world.messages:
        if m.kind == "red_packet" and m.occurred_at < end:
            packets[m.group_id].append(m.occurred_at)
            for who in claimers(book, m):
                taken[who] += 1
    for times in packets.values():
        times.sort()
    rewards: dict[str, int] = defaultdict(int)
    for j in judged:
        rewards[j.invite.inviter_id] += j.is_rewarded
    for g in world.gifts:
        if g.gift_kind == "reward" and g.member_id is not None:
            rewards[g.member_id] += 1
    bought, brought = set(purchases(book, datetime.max)), {j.invite.inviter_id for j in judged if j.is_joined}
    near: dict[str, int] = defaultdict(int)
    outside: dict[str, int] = defaultdict(int)
    for m in world.messages:
        if _is_meaningful(book, m):
            times = packets[m.group_id]
            place = bisect_left(times, m.occurred_at + MOMENT)
            close = place > 0 and m.occurred_at < times[place - 1] + HOUR
            (near if close else outside)[m.member_id] += 1
    return [
        {
            "kind": "freeloader",
            "subject": s.member_id,
            "is_in_group": True,
            "days_in_group": (end - s.joined_at).days,
            "packets_taken": taken[s.member_id],
            "rewards_received": rewards[s.member_id],
            "messages_near_packets": near[s.member_id],
            "messages_outside_packets": 0,
        }
        for s in book.stays.get(None, [])
        if s.held_before(end)
        and s.joined_at <= end - world.settings["freeloader_days"] * DAY
        and book.members[s.member_id].consent is not False
        and taken[s.member_id] + rewards[s.member_id] > 0
        and s.member_id not in bought
        and s.member_id not in brought
        and outside[s.member_id] == 0
    ]


def _seeds(book: Book) -> list[Row]:
    end = report_at(book)
    if end is None:
        return []
    below = {row["member_id"]: row["descendants"] for row in tree(book)}
    joined: dict[str, int] = defaultdict(int)
    senders = set()
    for j in judge(book):
        joined[j.invite.inviter_id] += j.is_joined
        senders.add(j.invite.inviter_id)
    here = present(book, end)
    return [
        {
            "kind": "seed",
            "subject": m,
            "is_in_group": m in here,
            "joined_invitees": joined[m],
            "joined_90d": recent,
            "descendants": below.get(m, 0),
        }
        for m, (recent, is_seed) in seed_facts(book).items()
        if is_seed and m in senders
    ]


def kol_scores(book: Book) -> list[Row]:
    """Rows of group_health.kol_scores."""
    world = book.world
    end = world.report(*(k for k in ("join", "message", "order", "invite") if k in world.kinds))
    if end is None or not {"join", "message"} & world.kinds:
        return []
    start = end - 90 * DAY
    who = {m for m in present(book, end) if book.members[m].consent is not False}
    replies, soon, has_replies = _replies(book, start, end)
    counts: dict[str, dict[str, int]] = {
        "repliers": {m: len(set(replies[m])) for m in who},
        "replies": {m: len(replies[m]) for m in who},
    }
    if "order" in world.kinds:
        counts["orders_attributed"] = _attributed(book, who, start, end)
    if book.invites:
        counts["descendants_90d"] = _descendants(book, who, start, end)
    ranks: dict[str, list[float]] = defaultdict(list)
    for values in counts.values():
        ordered = sorted(values.values())
        for m in who:
            if len(who) > 1:
                ranks[m].append(bisect_left(ordered, values[m]) / (len(who) - 1))
    return [
        {
            "member_id": m,
            "repliers": counts["repliers"][m] if has_replies else None,
            "replies": counts["replies"][m] if has_replies else None,
            "orders_attributed": counts["orders_attributed"][m] if "orders_attributed" in counts else None,
            "descendants_90d": counts["descendants_90d"][m] if "descendants_90d" in counts else None,
            "reach_24h": len(soon[m]) if has_replies else None,
            "kol_score": ratio(sum(ranks[m]), len(ranks[m])) if has_replies else None,
        }
        for m in who
    ]


def _replies(
    book: Book, start: datetime, end: datetime
) -> tuple[dict[str, list[str]], dict[str, set[str]], bool]:
    """Whom each was answered by, and within 24 hours; and whether any message answers another."""
    by_id: dict[tuple[str, str], SimpleNamespace] = {}
    first: dict[tuple[str, str], SimpleNamespace] = {}
    messages = sorted(book.world.messages, key=lambda m: (m.occurred_at, m.row_number))
    for m in messages:
        if m.message_id is not None:
            by_id.setdefault((m.group_id, m.message_id), m)
        if m.thread_id is not None:
            first.setdefault((m.group_id, m.thread_id), m)
    replies: dict[str, list[str]] = defaultdict(list)
    soon: dict[str, set[str]] = defaultdict(set)
    has_replies = False
    for m in messages:
        if m.reply_to_message_id is not None:
            parent = by_id.get((m.group_id, m.reply_to_message_id))
            has_replies = True
        else:
            parent = first.get((m.group_id, m.thread_id)) if m.thread_id is not None else None
            parent = None if parent is m else parent
            has_replies = has_replies or parent is not None
        if parent is None or not start <= m.occurred_at < end or not _is_meaningful(book, m):
            continue
        asked = book.members.get(parent.member_id)
        if asked is None or not asked.is_counted or asked.consent is False or parent.member_id == m.member_id:
            continue
        replies[parent.member_id].append(m.member_id)
        if m.occurred_at < parent.occurred_at + DAY:
            soon[parent.member_id].add(m.member_id)
    return replies, soon, has_replies


def _attributed(book: Book, who: set[str], start: datetime, end: datetime) -> dict[str, int]:
    found = dict.fromkeys(who, 0)
    for order in book.orders.values():
        if not (order.is_paid and order.paid_at and start <= order.paid_at < end):
            continue
        buyer = book.members.get(order.member_id or "")
        joined = buyer.first_joined_at if buyer and order.is_counted else None
        inviter = buyer.inviter_id if buyer and joined and order.paid_at >= joined else None
        for m in {order.leader_id, inviter} - {None, order.member_id}:
            if m in found:
                found[m] += 1
    return found


def _descendants(book: Book, who: set[str], start: datetime, end: datetime) -> dict[str, int]:
    parents = {row["member_id"]: row["inviter_id"] for row in tree(book)}
    found = dict.fromkeys(who, 0)
    for m, parent in parents.items():
        joined = book.members[m].first_joined_at
        if parent is None or joined is None or not start <= joined < end:
            continue
        above = parent
        while above is not None:
            if above in found:
                found[above] += 1
            above = parents[above]
    return found


def _kols(book: Book) -> list[Row]:
    scores = [r for r in kol_scores(book) if r["kol_score"] is not None]
    scores.sort(key=lambda r: (-r["kol_score"], -r["repliers"], -r["replies"], r["member_id"]))
    best = scores[: ceil(book.world.settings["kol_max_share"] * len(scores))]
    return [
        {"kind": "kol", "subject": r["member_id"], "is_in_group": True}
        | {k: v for k, v in r.items() if k != "member_id"}
        for r in best
        if r["repliers"] > 0
    ]


def _groups(book: Book) -> list[Row]:
    health = health_of(book)
    if health.report_at is None:
        return []
    rows: list[Row] = []
    for group, row in health.at(health.report_at).items():
        state = health.state(group, health.report_at)
        full = row["capacity_fill"] is not None
        full = full and row["capacity_fill"] >= book.world.settings["over_capacity_share"]
        for kind, fits in (("dead_group", state == "dead"), ("over_capacity", full)):
            if fits:
                evidence = {k: row[k] for k in ("members", "capacity", "capacity_fill")}
                silent = row["days_since_member_message"]
                rows.append(
                    {"kind": kind, "subject": group, **evidence, "days_silent": silent, "state": state}
                )
    return rows
