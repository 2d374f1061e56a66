"""Funnels by brute force: every chain of every entry is tried, written from the definitions alone.

Definitions: the header of sql/explore/funnel.sql. Times are naive UTC, days are of the zone given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Event:
    """One thing somebody did; `order` breaks ties where it is given, `value` is what to break down by."""

    member: int
    name: str
    at: datetime
    order: int | None = None
    value: str | None = None


@dataclass(frozen=True)
class Exclude:
    """An event that must not lie between two steps."""

    event: str
    after_step: int
    before_step: int
    policy: str


@dataclass(frozen=True)
class Funnel:
    """A question, as explore.funnel takes it."""

    steps: tuple[str, ...]
    within: timedelta | None
    mode: str = "ordered"
    entry: str = "best"
    from_day: date | None = None
    to_day: date | None = None
    exclude: Exclude | None = None
    mature_only: bool = True


@dataclass(frozen=True)
class Path:
    """The chain of a member that counts."""

    member: int
    times: tuple[datetime | None, ...]
    reached: int
    value: str | None
    is_open: bool


def day_of(at: datetime, zone: str) -> date:
    """The business day of an instant in naive UTC."""
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def paths(events: list[Event], funnel: Funnel, end: datetime, zone: str) -> list[Path]:
    """One path per member who enters, open ones too."""
    names = [step.split("|") for step in funnel.steps]

    def place(event: Event) -> tuple[object, ...]:
        step = next((k for k, own in enumerate(names) if event.name in own), len(names))
        return (
            event.at,
            event.order is None,
            event.order or 0,
            step,
            event.name,
            event.value is None,
            event.value or "",
        )

    found = []
    for member, own in groupby(sorted(events, key=lambda e: e.member), key=lambda e: e.member):
        path = _path(member, sorted(own, key=place), names, funnel, end, zone)
        if path is not None:
            found.append(path)
    return found


def _in_period(event: Event, funnel: Funnel, zone: str) -> bool:
    day = day_of(event.at, zone)
    return (funnel.from_day is None or day >= funnel.from_day) and (
        funnel.to_day is None or day <= funnel.to_day
    )


def _path(
    member: int, events: list[Event], names: list[list[str]], funnel: Funnel, end: datetime, zone: str
) -> Path | None:
    if funnel.mode == "open":
        return _open_path(member, [e for e in events if _in_period(e, funnel, zone)], names)
    entries = [i for i, e in enumerate(events) if e.name in names[0] and _in_period(e, funnel, zone)]
    if not entries:
        return None
    if funnel.entry == "first":
        entries = entries[:1]
    tried = []
    for i in entries:
        at = events[i].at
        is_open = funnel.mature_only and funnel.within is not None and at + funnel.within > end
        chains = [tuple(events[k].at for k in chain) for chain in _chains(events, i, names, funnel)]
        longest = max(len(chain) for chain in chains)
        times = min(chain for chain in chains if len(chain) == longest)
        cut = _cut(times, events, funnel)
        tried.append((is_open, -len(cut or times), i, times if cut is None else cut, cut is not None))
    is_open, _, i, times, is_hit = min(tried)
    if is_hit and funnel.exclude is not None and funnel.exclude.policy == "drop_member":
        return None
    return Path(member, times, len(times), events[i].value, is_open)


def _chains(
    events: list[Event], entry: int, names: list[list[str]], funnel: Funnel
) -> Iterator[tuple[int, ...]]:
    """All chains of an entry within its window, as positions of events; in mode any sorted by time."""
    last = None if funnel.within is None else events[entry].at + funnel.within
    after = [k for k in range(entry + 1, len(events)) if last is None or events[k].at <= last]
    if funnel.mode == "any":
        for picked in _any_order(events, after, names[1:]):
            yield (entry, *sorted(picked))
        return

    def extend(chain: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        yield chain
        if len(chain) == len(names):
            return
        for k in after:
            allowed = k == chain[-1] + 1 if funnel.mode == "strict" else k > chain[-1]
            if allowed and events[k].name in names[len(chain)]:
                yield from extend((*chain, k))

    yield from extend((entry,))


def _any_order(events: list[Event], after: list[int], names: list[list[str]]) -> Iterator[tuple[int, ...]]:
    if not names:
        yield ()
        return
    for rest in _any_order(events, after, names[1:]):
        yield rest
        for k in after:
            if k not in rest and events[k].name in names[0]:
                yield (k, *rest)


def _cut(times: tuple[datetime, ...], events: list[Event], funnel: Funnel) -> tuple[datetime, ...] | None:
    """What is left of a chain with the excluded event in it; None where it is not."""
    exclude = funnel.exclude
    if exclude is None or len(times) < exclude.after_step:
        return None
    begins = times[exclude.after_step - 1]
    for event in events:
        if event.name != exclude.event or event.at <= begins:
            continue
        if len(times) >= exclude.before_step and event.at >= times[exclude.before_step - 1]:
            continue
        if funnel.within is not None and event.at > times[0] + funnel.within:
            continue
        return tuple(t for t in times if t <= event.at)
    return None


def _open_path(member: int, events: list[Event], names: list[list[str]]) -> Path | None:
    """Each stage on its own; an event fills one step."""
    used: set[int] = set()
    times: list[datetime | None] = []
    for own in names:
        free = [i for i, e in enumerate(events) if i not in used and e.name in own]
        used |= set(free[:1])
        times.append(events[free[0]].at if free else None)
    if not used:
        return None
    first = events[min(used)]
    return Path(member, tuple(times), len(used), first.value, False)
