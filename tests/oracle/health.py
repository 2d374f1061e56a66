"""group_health.groups at any instant, by metrics.md §3 and M11–M21, M37, M47, M89."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from tests.oracle.book import Book, median, ratio
from tests.oracle.money import Order
from tests.oracle.world import DAY, HOUR, MEANINGFUL

Row = dict[str, Any]
STAFF = {"staff", "owner", "admin"}
SILENT = {"bot", "alt"}  # they answer nobody
INPUTS = ("participation_7d", "lurker_rate", "top3_share", "exit_rate_28d", "conversion_30d", "reply_rate")


@dataclass(frozen=True)
class Said:
    """Messages and orders of a book, ordered for windows."""

    book: Book
    messages: dict[str, list[SimpleNamespace]]
    posts: dict[tuple[str, str], list[datetime]]
    paid: dict[str, list[Order]]
    group_paid: dict[str, list[datetime]]
    spoken: dict[str, list[datetime]]
    parents: dict[tuple[str, str], SimpleNamespace]
    has_replies: bool


def read_said(book: Book) -> Said:
    """Index a book's messages and paid orders."""
    messages: dict[str, list[SimpleNamespace]] = defaultdict(list)
    posts: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for m in book.world.messages:
        if m.revoked_at is None and m.kind != "system":
            messages[m.group_id].append(m)
    for found in messages.values():
        found.sort(key=lambda m: (m.occurred_at, m.row_number))
    for member, acts in book.acts.items():
        for act in acts:
            if act.kind == "post" and act.group_id is not None:
                posts[act.group_id, member].append(act.at)
    paid: dict[str, list[Order]] = defaultdict(list)
    group_paid: dict[str, list[datetime]] = defaultdict(list)
    for order in book.orders.values():
        if order.is_paid and order.paid_at is not None:
            if order.group_id is not None:
                group_paid[order.group_id].append(order.paid_at)
            if order.member_id is not None and order.is_in:
                paid[order.member_id].append(order)
    for times in group_paid.values():
        times.sort()
    counted = book.people.is_counted
    spoken = {g: [m.occurred_at for m in found if counted(m.member_id)] for g, found in messages.items()}
    parents: dict[tuple[str, str], SimpleNamespace] = {}
    for group, found in messages.items():
        for m in found:
            if m.thread_id is not None:
                parents.setdefault((group, m.thread_id), m)
    has_replies = any(
        m.reply_to_message_id is not None or (m.thread_id is not None and parents[g, m.thread_id] is not m)
        for g, found in messages.items()
        for m in found
    )
    return Said(book, dict(messages), dict(posts), dict(paid), dict(group_paid), spoken, parents, has_replies)


def between(times: list[datetime], start: datetime, end: datetime) -> int:
    """How many of the ordered times lie in [start, end)."""
    return bisect_left(times, end) - bisect_left(times, start)


def bucket(members: int) -> str:
    """Size bucket."""
    for limit, name in ((50, "<50"), (150, "50–149"), (250, "150–249"), (400, "250–399")):
        if members < limit:
            return name
    return "400+"


@cache
def _covered(book_id: int, kind: str, start: datetime, end: datetime, group: str | None) -> bool:
    book = BOOKS[book_id]
    return (
        kind in (*book.world.kinds, "activity")
        and book.world.is_covered(kind, start, end, group)
        and (book.world.calendar.start(min(book.world.days(kind))) <= start)
    )


BOOKS: dict[int, Book] = {}


def covered(book: Book, kind: str, start: datetime, end: datetime, group: str | None = None) -> bool:
    """Whether [start, end) lies within the export of a kind, without a hole."""
    BOOKS[id(book)] = book
    if not book.world.days(kind):
        return False
    return _covered(id(book), kind, start, end, group)


def inputs(said: Said, group: str, at: datetime) -> Row:
    """Inputs of one group at an instant; None where its window was not exported."""
    book = said.book
    held = [s for s in book.stays.get(group, []) if s.held_before(at)]
    members = [s.member_id for s in held]
    archived = [s for s in held if book.members[s.member_id].consent is not False]

    def posted(member: str, days: int) -> int:
        return between(said.posts.get((group, member), []), at - days * DAY, at)

    def heard(days: int) -> bool:
        return covered(book, "message", at - days * DAY, at, group)

    week = {s.member_id: n for s in archived if (n := posted(s.member_id, 7))}
    old = [s for s in archived if s.joined_at <= at - 30 * DAY]
    lurkers = sum(posted(s.member_id, 30) == 0 for s in old)
    buyers = [
        m
        for m in members
        if any(at - 30 * DAY <= o.paid_at < at for o in said.paid.get(m, []) if o.paid_at is not None)
    ]
    sold = covered(book, "order", at - 30 * DAY, at, group)
    visible = [m for m in buyers if book.members[m].consent is not False]
    silent = sum(posted(m, 30) == 0 for m in visible)
    then = at - 28 * DAY
    before = [s for s in book.stays.get(group, []) if s.held_before(then) and s.joined_at < then]
    left = sum(s.left_at is not None and s.left_at < at and s.exit_kind in ("leave", "kick") for s in before)
    exits = any(j.action in ("leave", "kick") for j in book.world.joins)
    joins = covered(book, "join", at - 28 * DAY, at, group)
    info = book.world.groups.get(group)
    capacity = (info.capacity if info else None) or book.world.settings["default_capacity"]
    net = [
        x.amount
        for o in book.orders.values()
        if o.group_id == group
        for x in o.lines or []
        if at - 28 * DAY <= x.at < at
    ]
    row: Row = {
        "members": len(members),
        "capacity": capacity,
        "capacity_fill": ratio(len(members), capacity),
        "size_bucket": bucket(len(members)),
        "archived_members": len(archived),
        "posters_7d": len(week) if heard(7) else None,
        "messages_7d": sum(week.values()) if heard(7) else None,
        "participation_7d": ratio(len(week), len(archived)) if heard(7) else None,
        "lurker_rate": ratio(lurkers, len(old)) if heard(30) else None,
        "silent_buyer_rate": ratio(silent, len(visible)) if heard(30) and sold else None,
        "buyers_30d": len(buyers) if sold else None,
        "conversion_30d": ratio(len(buyers), len(members)) if sold else None,
        "net_revenue_28d": sum(net, start=type(net[0])(0) if net else 0)
        if covered(book, "order", at - 28 * DAY, at, group)
        else None,
        "exit_rate_28d": ratio(left, len(before)) if joins and exits else None,
    }
    return row | _talk(said, group, at, [s.member_id for s in archived], heard(28))


def _talk(said: Said, group: str, at: datetime, archived: list[str], heard: bool) -> Row:
    book = said.book
    start = at - 28 * DAY
    times = {m: n for m in archived if (n := between(said.posts.get((group, m), []), start, at))}
    total = sum(times.values())
    top3 = sum(sorted(times.values(), reverse=True)[:3])
    counts = sorted(times.get(m, 0) for m in archived)
    spread = sum((2 * i - len(counts) - 1) * n for i, n in enumerate(counts, start=1))
    recent = [m for m in said.messages.get(group, []) if start <= m.occurred_at < at]
    staff = sum(book.people.roles.get(m.member_id) in STAFF for m in recent)
    others = sum(book.people.is_counted(m.member_id) for m in recent)
    inside = set(archived)
    ours = [m for m in recent if m.member_id in inside and _is_meaningful(book, m)]
    replies = sum(_is_reply(said, m) for m in ours)
    last = max(
        (
            found[i - 1]
            for (g, _), found in said.posts.items()
            if g == group and (i := bisect_left(found, at))
        ),
        default=None,
    )
    calendar = book.world.calendar
    final = calendar.day(at) - DAY
    waits, questions, unanswered = responses(said, group, start, at)
    row: Row = {
        "top3_share": ratio(top3, total),
        "gini": ratio(spread, len(counts) * sum(counts)),
        "staff_share": ratio(staff, staff + others),
        "reply_rate": ratio(replies, len(ours)) if said.has_replies else None,
        "median_first_response_minutes": median(waits),
        "unanswered_rate": ratio(unanswered, questions),
    }
    if not heard:
        row = dict.fromkeys(row)
    row["days_since_member_message"] = None if last is None else (final - calendar.day(last)).days
    return row


def _is_meaningful(book: Book, m: SimpleNamespace) -> bool:
    member = book.members[m.member_id]
    is_kind = (m.kind or "text") in MEANINGFUL and not m.is_emoji_only
    return is_kind and member.is_counted and member.consent is not False


def _is_reply(said: Said, m: SimpleNamespace) -> bool:
    if m.reply_to_message_id is not None:
        return True
    return m.thread_id is not None and said.parents[m.group_id, m.thread_id] is not m


def responses(said: Said, group: str, start: datetime, end: datetime) -> tuple[list[float], int, int]:
    """Minutes to the first answer of day questions (9–21 h), questions, and those without one in 24 h.

    Only questions whose 24 hours are over and were exported.
    """
    book, messages = said.book, said.messages.get(group, [])
    times = [m.occurred_at for m in messages]
    waits: list[float] = []
    questions = unanswered = 0
    for position in range(bisect_left(times, start), bisect_left(times, end)):
        asked = messages[position]
        if not (asked.is_question and book.people.is_counted(asked.member_id)):
            continue
        if not covered(book, "message", asked.occurred_at, asked.occurred_at + 24 * HOUR, group):
            continue
        questions += 1
        later = messages[position + 1 : bisect_left(times, asked.occurred_at + 24 * HOUR)]
        others = [
            m
            for m in later
            if m.member_id != asked.member_id and book.people.roles.get(m.member_id) not in SILENT
        ]
        direct = [
            m
            for m in others
            if (asked.message_id is not None and m.reply_to_message_id == asked.message_id)
            or (asked.thread_id is not None and m.thread_id == asked.thread_id)
        ]
        answer = (direct or others or [None])[0]
        if answer is None:
            unanswered += 1
        elif 9 <= _local_hour(book, asked.occurred_at) < 21:
            waits.append((answer.occurred_at - asked.occurred_at).total_seconds() / 60)
    return waits, questions, unanswered


def _local_hour(book: Book, at: datetime) -> float:
    return (at - book.world.calendar.start(book.world.calendar.day(at))) / HOUR


def score(book: Book, group_type: str, row: Row) -> tuple[float | None, int, str | None]:
    """Health score, inputs used, and the inputs with a weight that are missing."""
    weights = total = 0.0
    used, missing = 0, []
    for name in INPUTS:
        weight, at_0, at_100 = book.world.health[group_type, name]
        if weight == 0:
            continue
        value = row[name]
        if value is None:
            missing.append(name)
            continue
        used += 1
        weights += weight
        total += weight * 100 * min(1.0, max(0.0, (value - at_0) / (at_100 - at_0)))
    return (total / weights if used >= 3 else None), used, ", ".join(missing) or None
