"""group_health.pushes, by docs/metrics.md, "Pushes: who leaves after promotion"."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from types import SimpleNamespace
from typing import Any

from tests.oracle.book import Book, ratio
from tests.oracle.health import STAFF
from tests.oracle.world import DAY

Row = dict[str, Any]
GONE = ("leave", "kick")


def pushes(book: Book) -> list[Row]:
    """Rows of group_health.pushes: a group's first promotion by staff of each business day."""
    calendar, roles = book.world.calendar, book.people.roles
    found: dict[tuple[str, date], list[SimpleNamespace]] = defaultdict(list)
    for m in sorted(book.world.messages, key=lambda m: (m.occurred_at, m.event_key)):
        if m.topic == "promo" and m.revoked_at is None and roles.get(m.member_id) in STAFF:
            found[m.group_id, calendar.day(m.occurred_at)].append(m)
    days = {group: _exit_days(book, group) for group in {g for g, _ in found}}
    return [_push(book, group, day, posts, days[group]) for (group, day), posts in found.items()]


def _is_known(book: Book, group: str, day: date) -> bool:
    """Whether joins of a day are covered, and the group stood on all of it."""
    info = book.world.groups.get(group)
    closed = info.closed_at if info else None
    end = book.world.calendar.start(day + DAY)
    return day in book.world.days("join", group) and (closed is None or closed >= end)


def _exit_days(book: Book, group: str) -> dict[date, tuple[int, int]]:
    """Members at the start of each known day, and of them who left or were removed during it."""
    calendar, found = book.world.calendar, {}
    stays = book.stays.get(group, [])
    for day in book.world.days("join", group):
        if not _is_known(book, group, day):
            continue
        start, end = calendar.start(day), calendar.start(day + DAY)
        held = [s for s in stays if s.holds(start)]
        left = sum(s.left_at is not None and s.left_at < end and s.exit_kind in GONE for s in held)
        found[day] = (len(held), left)
    return found


def _push(
    book: Book,
    group: str,
    day: date,
    posts: list[SimpleNamespace],
    days: dict[date, tuple[int, int]],
) -> Row:
    world, settings = book.world, book.world.settings
    at, end = posts[0].occurred_at, world.report("join")
    held = [s for s in book.stays.get(group, []) if s.holds(at)]
    left = sum(s.left_at is not None and s.left_at < at + DAY and s.exit_kind in GONE for s in held)
    if not any(j.action in GONE for j in world.joins):
        reason = "exits_not_exported"
    elif end is None or at + DAY > end:
        reason = "not_mature" if end is not None else "no_join_export"
    elif not all(_is_known(book, group, d) for d in (day, day + DAY)):
        reason = "not_covered"
    else:
        reason = None
    exits = left if reason is None else None
    before = [days[d] for i in range(1, settings["lever_weeks"] * 7 + 1) if (d := day - DAY * i) in days]
    is_usual_known = reason is None and len(before) >= 14
    rate = ratio(sum(k for _, k in before), sum(n for n, _ in before)) if is_usual_known else None
    usual = None if rate is None else len(held) * rate
    if reason is None:
        if not held:
            reason = "no_members"
        elif not is_usual_known:
            reason = "short_history"
        elif not usual:
            reason = "no_usual_exits"
    return {
        "group_id": group,
        "day": day,
        "pushed_at": at,
        "event_key": posts[0].event_key,
        "promo_posts": len(posts),
        "members": len(held),
        "exits_24h": exits,
        "exit_rate": ratio(exits, len(held)),
        "usual_exit_rate": rate,
        "usual_exits": usual,
        "exit_ratio": ratio(exits, usual),
        "is_too_much": exits is not None
        and usual is not None
        and exits >= settings["push_min_exits"]
        and exits >= settings["push_exit_ratio"] * usual,
        "reason": reason,
    }
