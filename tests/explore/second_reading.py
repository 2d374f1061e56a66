"""The funnel macros a second time, by brute force: every chain of every entry is walked event by event.

Written from docs/analysts.md and the macros' comments alone, not from their SQL. Rows come back as tuples
in the order of the macros' columns, so that a test compares them row by row.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Event:
    """One row of a table of events."""

    member: int
    name: str
    at: datetime
    value: str | None = None
    order: int | None = None
    row: int | None = None


@dataclass(frozen=True)
class Span:
    """A length of time as SQL knows it: months are added by the calendar, the rest is exact."""

    months: int = 0
    exact: timedelta = timedelta()

    def after(self, moment: datetime) -> datetime:
        """The instant so much later; the 31st becomes the last day of a shorter month."""
        months = moment.year * 12 + moment.month - 1 + self.months
        year, month = divmod(months, 12)
        day = min(moment.day, monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day) + self.exact


@dataclass(frozen=True)
class Clock:
    """Where the business is, and until when there are data: events before `end` are known, no others."""

    end: datetime
    zone: str = "UTC"
    week_starts: str = "monday"

    def day(self, moment: datetime) -> date:
        """The business day of an instant."""
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone)).date()

    def period(self, day: date, period: str) -> date:
        """First day of the period that a day is in."""
        if period == "month":
            return day.replace(day=1)
        if period == "week":
            return day - timedelta(days=(day.weekday() + (self.week_starts == "sunday")) % 7)
        return day

    def period_of(self, moment: datetime, period: str) -> date:
        """First day of the period that an instant is in."""
        return self.period(self.day(moment), period)


@cache
def day_start(day: date, zone: str) -> datetime:
    """The first instant, naive UTC, that is of this business day or a later one."""
    moment = datetime(day.year, day.month, day.day) - timedelta(hours=30)
    while moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date() < day:
        moment += timedelta(minutes=15)
    return moment


def names_of(step: str) -> frozenset[str]:
    """The event names of a step."""
    return frozenset(step.split("|"))


@dataclass(frozen=True)
class Exclude:
    """What must not happen between two steps."""

    event: str
    after_step: int = 1
    before_step: int | None = None
    policy: str = "drop_member"


@dataclass(frozen=True)
class Question:
    """The parameters of a funnel."""

    steps: tuple[str, ...]
    within: Span | None
    mode: str = "ordered"
    entry: str = "best"
    from_day: date | None = None
    to_day: date | None = None
    exclude: Exclude | None = None
    by: bool = False
    mature_only: bool = True


@dataclass(frozen=True)
class Path:
    """How far a member came: the instants of the steps, in open funnels None where a step is not there."""

    member: int
    entry: Event
    times: tuple[datetime | None, ...]
    is_open: bool = False

    @property
    def reached(self) -> int:
        """How many steps are there."""
        return sum(time is not None for time in self.times)


def in_order(events: Iterable[Event], names: Sequence[frozenset[str]]) -> list[Event]:
    """One member's events one after another: names of no step come last among equals.

    What is the same in all of that goes by name and value, so that an answer does not depend on chance.
    """

    def key(event: Event) -> Row:
        place = next((k for k, step in enumerate(names) if event.name in step), len(names))
        number = event.row is None, event.row or 0
        value = event.value is None, event.value or ""
        return event.at, event.order is None, event.order or 0, place, *number, event.name, *value

    return sorted(events, key=key)


def is_between(day: date, first: date | None, last: date | None) -> bool:
    """Whether a day is in a range that may be open."""
    return (first is None or day >= first) and (last is None or day <= last)


def chain(question: Question, events: list[Event], start: int, until: datetime) -> list[datetime]:
    """The instants of the steps that follow from one entry, each the first event that fits."""
    later = [event for event in events[start + 1 :] if event.at <= until]
    times = [events[start].at]
    for step in map(names_of, question.steps[1:]):
        fitting = [place for place, event in enumerate(later) if event.name in step]
        if question.mode == "strict":
            fitting = [place for place in fitting if place == 0]
        if fitting:
            times.append(later[fitting[0]].at)
            if question.mode == "any":
                del later[fitting[0]]
            else:
                later = later[fitting[0] + 1 :]
        elif question.mode != "any":
            break
    return sorted(times)


def excluded_at(
    question: Question, events: list[Event], times: list[datetime], until: datetime
) -> datetime | None:
    """When the excluded event happens to a chain, if it does."""
    rule = question.exclude
    if rule is None or len(times) < rule.after_step:
        return None
    after = times[rule.after_step - 1]
    before = rule.before_step or len(question.steps)
    for event in events:
        is_before = event.at < times[before - 1] if len(times) >= before else event.at <= until
        if event.name in names_of(rule.event) and event.at > after and is_before:
            return event.at
    return None


def best_path(question: Question, events: list[Event], entries: list[int], clock: Clock) -> Path | None:
    """The path of one member (in one slot) from these entries; None where the member is left out."""
    if question.entry == "first":
        entries = entries[:1]
    within = question.within
    over = [place for place in entries if within is None or within.after(events[place].at) < clock.end]
    is_open = question.mature_only and not over
    best: tuple[Event, list[datetime], bool] | None = None
    for place in over if question.mature_only and over else entries:
        until = datetime.max if within is None else within.after(events[place].at)
        times = chain(question, events, place, until)
        excluded = excluded_at(question, events, times, until)
        if excluded is not None:  # cut there before the longest is chosen
            times = [time for time in times if time <= excluded]
        if best is None or len(times) > len(best[1]):
            best = events[place], times, excluded is not None
    assert best is not None
    entry, times, is_hit = best
    if is_hit and question.exclude and question.exclude.policy == "drop_member":
        return None
    return Path(entry.member, entry, tuple(times), is_open)


def paths(question: Question, events: Iterable[Event], clock: Clock, slot: str | None = None) -> list[Path]:
    """All paths, one per member, or one per member and period of entry."""
    names = [names_of(step) for step in question.steps]
    by_member = defaultdict(list)
    for event in events:
        if event.at < clock.end:
            by_member[event.member].append(event)
    found: list[Path | None] = []
    for member, mine in by_member.items():
        line = in_order(mine, names)
        wanted = frozenset().union(*names) if question.mode == "open" else names[0]
        slots = defaultdict(list)
        for place, event in enumerate(line):
            if event.name in wanted and is_between(clock.day(event.at), question.from_day, question.to_day):
                slots[clock.period_of(event.at, slot) if slot else None].append(place)
        for entries in slots.values():
            if question.mode == "open":
                there = [line[place] for place in entries]
                times = []
                for k, step in enumerate(names):
                    fitting = [event.at for event in there if event.name in step]
                    copies = names[:k].count(step)  # the same step again takes the next event
                    times.append(fitting[copies] if len(fitting) > copies else None)
                found.append(Path(member, there[0], tuple(times)))
            else:
                found.append(best_path(question, line, entries, clock))
    return [path for path in found if path is not None]


def funnel_members(question: Question, events: Iterable[Event], clock: Clock) -> list[Row]:
    """Rows of explore.funnel_members."""
    return [
        (p.member, p.entry.at, p.reached, list(p.times), p.entry.value if question.by else None)
        for p in paths(question, events, clock)
        if not p.is_open
    ]
