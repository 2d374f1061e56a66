"""Retention, lifecycle, stickiness and attribution a second time, by brute force.

Written from docs/analysts.md and the macros' comments alone, not from their SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from tests.explore.second_reading import (
    Clock,
    Event,
    Row,
    Span,
    day_start,
    in_order,
    is_between,
    names_of,
)
from tests.explore.second_reading_counts import wilson

ROLLING = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


def later_period(first_day: date, period: str, count: int) -> date:
    """First day of the period so many after another."""
    if period == "month":
        years, month = divmod(first_day.year * 12 + first_day.month - 1 + count, 12)
        return date(years, month + 1, 1)
    return first_day + timedelta(days=count * (7 if period == "week" else 1))


def is_over(first_day: date, period: str, clock: Clock) -> bool:
    """Whether the period that starts on a day is over."""
    return day_start(later_period(first_day, period, 1), clock.zone) <= clock.end


def per_member(events: Iterable[Event], clock: Clock, names: list[frozenset[str]]) -> list[list[Event]]:
    """The events up to the end of the data, in order, member by member."""
    found = defaultdict(list)
    for event in events:
        if event.at < clock.end:
            found[event.member].append(event)
    return [in_order(mine, names) for mine in found.values()]


@dataclass(frozen=True)
class Retention:
    """The parameters of explore.retention."""

    start: str
    back: str
    period: str = "week"
    cohort: str = "first_time"
    criteria: str = "on"
    clock: str = "calendar"
    by: bool = False
    periods: int = 12
    from_day: date | None = None
    to_day: date | None = None
    mature_only: bool = True


def starts_of(question: Retention, line: list[Event], clock: Clock) -> list[int]:
    """Where in a member's events the cohorts of the member start."""
    starts = [place for place, event in enumerate(line) if event.name in names_of(question.start)]
    if question.cohort == "first_time":
        starts = starts[:1]
    asked: dict[date, int] = {}
    for place in starts:
        day = clock.day(line[place].at)
        if is_between(day, question.from_day, question.to_day):
            asked.setdefault(clock.period(day, question.period), place)
    return list(asked.values())


def is_back(question: Retention, line: list[Event], start: int, index: int, clock: Clock) -> bool:
    """Whether the member came back in a period (or in it and later ones)."""
    if index == 0 and names_of(question.start) == names_of(question.back):
        return True
    began = line[start].at
    for event in line[start + 1 :]:
        if event.name not in names_of(question.back):
            continue
        if question.clock == "rolling":
            length = ROLLING[question.period]
            first = event.at >= began + index * length
            last = event.at < began + (index + 1) * length
        else:
            cohort = clock.period_of(began, question.period)
            there = clock.period_of(event.at, question.period)
            first = there >= later_period(cohort, question.period, index)
            last = there <= later_period(cohort, question.period, index)
        if first and (last or question.criteria == "on_or_after"):
            return True
    return False


def is_complete(question: Retention, cohort: date, index: int, clock: Clock) -> bool:
    """Whether a period is over for everyone who may be in a cohort."""
    if question.clock == "calendar":
        return is_over(later_period(cohort, question.period, index), question.period, clock)
    end = day_start(later_period(cohort, question.period, 1), clock.zone)
    return end + (index + 1) * ROLLING[question.period] <= clock.end


def retention(question: Retention, events: Iterable[Event], clock: Clock) -> list[Row]:
    """Rows of explore.retention."""
    cohorts = defaultdict(list)
    for line in per_member(events, clock, [names_of(question.start), names_of(question.back)]):
        for start in starts_of(question, line, clock):
            value = line[start].value if question.by else None
            cohorts[clock.period_of(line[start].at, question.period), value].append((line, start))
    rows: list[Row] = []
    for (cohort, value), members in cohorts.items():
        for index in range(question.periods + 1):
            complete = is_complete(question, cohort, index, clock)
            back = sum(is_back(question, line, start, index, clock) for line, start in members)
            shown = complete or not question.mature_only
            rows.append((
                cohort, value, len(members), index, back if shown else None,
                back / len(members) if shown else None, complete,
            ))  # fmt: skip
    return rows


def retention_average(question: Retention, events: Iterable[Event], clock: Clock) -> list[Row]:
    """Rows of explore.retention_average."""
    pools = defaultdict(list)
    for _, value, size, index, members, _, complete in retention(question, events, clock):
        if complete:
            pools[value, index].append((size, members))
    rows: list[Row] = []
    for (value, index), cells in pools.items():
        size, members = sum(cell[0] for cell in cells), sum(cell[1] for cell in cells)
        rows.append((value, index, len(cells), size, members, members / size, *wilson(members, size)))
    return rows


def active_periods(
    events: Iterable[Event], active: list[str] | None, period: str, clock: Clock,
    from_day: date | None = None, to_day: date | None = None,
) -> dict[int, set[date]]:  # fmt: skip
    """The periods each member was active in."""
    found = defaultdict(set)
    for event in events:
        counts = active is None or any(event.name in names_of(name) for name in active)
        if counts and event.at < clock.end and is_between(clock.day(event.at), from_day, to_day):
            found[event.member].add(clock.period_of(event.at, period))
    return found


def lifecycle(
    period: str, events: Iterable[Event], clock: Clock, active: list[str] | None = None,
    from_day: date | None = None, to_day: date | None = None,
) -> list[Row]:  # fmt: skip
    """Rows of explore.lifecycle."""
    members = active_periods(events, active, period, clock)
    if not members:
        return []
    rows: list[Row] = []
    start = min(min(periods) for periods in members.values())
    while day_start(start, clock.zone) < clock.end:
        before = later_period(start, period, -1)
        new = returning = resurrecting = dormant = 0
        for periods in members.values():
            if start in periods:
                new += start == min(periods)
                returning += before in periods
                resurrecting += start != min(periods) and before not in periods
            else:
                dormant -= before in periods
        over = is_over(start, period, clock)
        last_day = later_period(start, period, 1) - timedelta(days=1)
        if (from_day is None or last_day >= from_day) and (to_day is None or start <= to_day):
            rows.append((
                start, new, returning, resurrecting, dormant if over else None,
                new + returning + resurrecting, over,
            ))  # fmt: skip
        start = later_period(start, period, 1)
    return rows


def stickiness(
    period: str, events: Iterable[Event], clock: Clock, active: list[str] | None = None,
    from_day: date | None = None, to_day: date | None = None,
) -> list[Row]:  # fmt: skip
    """Rows of explore.stickiness."""
    found = active_periods(events, active, period, clock, from_day, to_day)
    counts = [len(periods) for periods in found.values()]
    return [
        (number, counts.count(number), sum(count >= number for count in counts))
        for number in range(1, max(counts, default=0) + 1)
    ]


@dataclass(frozen=True)
class Touch:
    """One row of a table of touches."""

    member: int
    channel: str
    at: datetime


@dataclass(frozen=True)
class Order:
    """One row of a table of orders; net in cents."""

    order: int
    member: int | None
    at: datetime
    net: int
    is_paid: bool = True


def weights(model: str, count: int) -> list[Fraction]:
    """How an order is split over so many touches."""
    if model in ("first", "last"):
        one = 0 if model == "first" else count - 1
        return [Fraction(place == one) for place in range(count)]
    if model == "linear" or count < 3:
        return [Fraction(1, count)] * count
    return [Fraction(2, 5), *[Fraction(1, 5) / (count - 2)] * (count - 2), Fraction(2, 5)]


def attribution(
    model: str, lookback: Span | None, touches: list[Touch], orders: list[Order], clock: Clock,
    from_day: date | None = None, to_day: date | None = None,
) -> dict[str, tuple[int, Fraction]]:  # fmt: skip
    """Per channel the number of orders and the exact credit in cents, not yet rounded."""
    found: dict[str, tuple[set[int], Fraction]] = {}

    def credit(channel: str, order: Order, part: Fraction) -> None:
        numbers, cents = found.get(channel, (set(), Fraction()))
        found[channel] = numbers | {order.order}, cents + part * order.net

    for order in orders:
        if not order.is_paid or order.at >= clock.end:
            continue
        if not is_between(clock.day(order.at), from_day, to_day):
            continue
        mine = sorted(
            (touch for touch in touches if touch.member == order.member and touch.at <= order.at),
            key=lambda touch: (touch.at, touch.channel),
        )
        if lookback is not None:
            first = Span(-lookback.months, -lookback.exact).after(order.at)
            mine = [touch for touch in mine if touch.at >= first]
        channels = [
            touch.channel for n, touch in enumerate(mine) if not n or mine[n - 1].channel != touch.channel
        ]
        for channel, part in zip(channels, weights(model, len(channels)) if channels else [], strict=True):
            if part:
                credit(channel, order, part)
        if not channels:
            credit("none", order, Fraction(1))
    return {channel: (len(numbers), cents) for channel, (numbers, cents) in found.items()}
