"""Retention, lifecycle, stickiness and attribution by plain counting, written from the definitions alone.

Definitions: the headers of sql/explore/retention.sql, lifecycle.sql, stickiness.sql and attribution.sql.
Times are naive UTC, days are of the zone given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.explore.funnels import Event, day_of

ROLLING = {"day": timedelta(hours=24), "week": timedelta(hours=168), "month": timedelta(hours=720)}


@dataclass(frozen=True)
class Retention:
    """A question, as explore.retention takes it."""

    start: str
    back: str
    period: str
    cohort: str
    criteria: str
    clock: str
    periods: int
    week_starts: str
    from_day: date | None = None
    to_day: date | None = None


def first_day(day: date, period: str, week_starts: str = "monday") -> date:
    """First day of the period a day is in."""
    if period == "day":
        return day
    if period == "month":
        return day.replace(day=1)
    return day - timedelta(days=(day.isoweekday() % 7) if week_starts == "sunday" else day.weekday())


def next_start(start: date, period: str, steps: int = 1) -> date:
    """First day of the period so many periods later."""
    for _ in range(steps):
        if period == "month":
            start = (start + timedelta(days=31)).replace(day=1)
        else:
            start += timedelta(days=1 if period == "day" else 7)
    return start


def midnight(day: date, zone: str) -> datetime:
    """The instant in naive UTC at which a day begins."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def _periods_between(start: date, end: date, period: str) -> int:
    return next(k for k in range(999) if next_start(start, period, k) == end)


def retention(
    events: list[Event], ask: Retention, end: datetime, zone: str
) -> dict[tuple[date, int], tuple[int, int, bool]]:
    """By cohort and index: its size, the members who came back, and whether the cell is complete."""
    starts, backs = ask.start.split("|"), ask.back.split("|")

    def place(e: Event) -> tuple[object, ...]:
        order = e.order if e.order is not None else 0
        return e.at, order, e.name not in starts, e.name, e.value is None, e.value or ""

    def period_of(e: Event) -> date:
        return first_day(day_of(e.at, zone), ask.period, ask.week_starts)

    sizes: Counter[date] = Counter()
    found: Counter[tuple[date, int]] = Counter()
    by_member: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        by_member[event.member].append(event)
    for own in by_member.values():
        own.sort(key=place)
        seen: set[date] = set()
        for i, start in enumerate(own):
            if start.name not in starts:
                continue
            cohort = period_of(start)
            if cohort in seen or (ask.cohort == "first_time" and seen):
                continue
            seen.add(cohort)
            day = day_of(start.at, zone)
            if (ask.from_day and day < ask.from_day) or (ask.to_day and day > ask.to_day):
                continue
            sizes[cohort] += 1
            indexes = set()
            for back in own[i + 1 :]:
                if back.name in backs:
                    if ask.clock == "rolling":
                        indexes.add((back.at - start.at) // ROLLING[ask.period])
                    else:
                        indexes.add(_periods_between(cohort, period_of(back), ask.period))
            for k in range(ask.periods + 1):
                is_back = k in indexes if ask.criteria == "on" else any(i >= k for i in indexes)
                if is_back or (k == 0 and sorted(starts) == sorted(backs)):
                    found[cohort, k] += 1
    cells = {}
    for cohort, size in sizes.items():
        for k in range(ask.periods + 1):
            if ask.clock == "calendar":
                over = midnight(next_start(cohort, ask.period, k + 1), zone)
            else:
                over = midnight(next_start(cohort, ask.period), zone) + (k + 1) * ROLLING[ask.period]
            cells[cohort, k] = (size, found[cohort, k], over <= end)
    return cells


def lifecycle(
    events: list[Event], period: str, end: datetime, zone: str, week_starts: str
) -> list[tuple[date, int, int, int, int | None, int, bool]]:
    """Rows (period_start, new, returning, resurrecting, dormant, active, is_complete) of all periods."""
    active: dict[int, set[date]] = defaultdict(set)
    for e in events:
        active[e.member].add(first_day(day_of(e.at, zone), period, week_starts))
    start = min(day for days in active.values() for day in days)
    last = max(
        max(day for days in active.values() for day in days),
        first_day(day_of(end - timedelta(microseconds=1), zone), period, week_starts),
    )
    rows = []
    before: date | None = None
    while start <= last:
        new = returning = resurrecting = dormant = 0
        for days in active.values():
            if start in days:
                if min(days) == start:
                    new += 1
                elif before in days:
                    returning += 1
                else:
                    resurrecting += 1
            elif before in days:
                dormant -= 1
        is_complete = midnight(next_start(start, period), zone) <= end
        rows.append(
            (start, new, returning, resurrecting, dormant if is_complete else None,
             new + returning + resurrecting, is_complete)
        )  # fmt: skip
        before, start = start, next_start(start, period)
    return rows


def stickiness(events: list[Event], period: str, zone: str, week_starts: str) -> list[tuple[int, int, int]]:
    """Rows (active_periods, members, members_at_least)."""
    active: dict[int, set[date]] = defaultdict(set)
    for e in events:
        active[e.member].add(first_day(day_of(e.at, zone), period, week_starts))
    counts = [len(days) for days in active.values()]
    return [(n, counts.count(n), sum(c >= n for c in counts)) for n in range(1, max(counts, default=0) + 1)]


@dataclass(frozen=True)
class Touch:
    """A touch of a member."""

    member: int
    channel: str
    at: datetime


@dataclass(frozen=True)
class Order:
    """A paid order, of an unknown buyer where `member` is None."""

    id: int
    member: int | None
    at: datetime
    amount: Decimal


def attribution(
    touches: list[Touch], orders: list[Order], model: str, lookback: timedelta | None
) -> dict[str, tuple[int, float]]:
    """By channel: orders it has a part of, and the unrounded amount credited to it."""
    credit: dict[str, float] = defaultdict(float)
    of_channel: dict[str, set[int]] = defaultdict(set)
    for order in orders:
        path = [
            t for t in sorted(touches, key=lambda t: (t.at, t.channel))
            if t.member == order.member and t.at <= order.at
            and (lookback is None or t.at >= order.at - lookback)
        ]  # fmt: skip
        runs = [t.channel for i, t in enumerate(path) if i == 0 or path[i - 1].channel != t.channel]
        n = len(runs)
        weights = {
            "first": [1.0] + [0.0] * (n - 1),
            "last": [0.0] * (n - 1) + [1.0],
            "linear": [1 / n] * n if n else [],
            "position": {0: [], 1: [1.0], 2: [0.5, 0.5]}.get(n, [0.4, *[0.2 / max(n - 2, 1)] * (n - 2), 0.4]),
        }[model]
        if not runs:
            runs, weights = ["none"], [1.0]
        for channel, weight in zip(runs, weights, strict=True):
            if weight == 0:
                continue
            credit[channel] += weight * float(order.amount)
            of_channel[channel].add(order.id)
    return {channel: (len(of_channel[channel]), credit[channel]) for channel in of_channel}
