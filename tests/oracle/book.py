"""Everything the oracle derives from the exports once, for the tables of the stages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from math import sqrt
from typing import Any

import duckdb

from tests.oracle.activity import Act, add_firsts, read_acts
from tests.oracle.invites import Invite, Member, read_invites, read_members
from tests.oracle.money import Order, read_orders
from tests.oracle.people import People, Stay, read_people
from tests.oracle.world import DAY, World, read_world

WEEK = 7 * DAY


@dataclass(frozen=True)
class Book:
    """World, people, orders, invites, members and what they did."""

    world: World
    people: People
    orders: dict[str, Order]
    invites: list[Invite]
    members: dict[str, Member]
    acts: dict[str, list[Act]]
    stays: dict[str | None, list[Stay]]

    @property
    def groups(self) -> list[str]:
        """Groups that anybody ever was in or that the export names."""
        return sorted({g for g in self.stays if g is not None} | set(self.world.groups))

    def scopes(self, by_group: bool) -> list[str | None]:
        """The community, or each group."""
        return list(self.groups) if by_group else [None]

    def weeks(self, kind: str) -> list[date]:
        """Weeks that the project's coverage of a kind touches, holes included."""
        days = self.world.days(kind)
        if not days:
            return []
        first, last = self.world.calendar.week(min(days)), self.world.calendar.week(max(days))
        return [first + WEEK * i for i in range((last - first).days // 7 + 1)]

    def span(self, week: date) -> tuple[datetime, datetime]:
        """Start and end of a week, naive UTC."""
        return self.world.calendar.start(week), self.world.calendar.start(week + WEEK)

    def covers_week(self, kind: str, week: date, group: str | None = None) -> bool:
        """Whether the whole week was exported."""
        days = self.world.days(kind, group)
        return all(week + DAY * i in days for i in range(7))

    def members_before(self, at: datetime, group: str | None = None) -> list[str]:
        """Counted members of a scope just before an instant."""
        return [s.member_id for s in self.stays.get(group, []) if s.held_before(at)]

    def cohorts(self, group: str | None) -> dict[date, list[Stay]]:
        """Known first joins of counted members by week, of the community or of a group."""
        found: dict[date, list[Stay]] = defaultdict(list)
        for stay in self.stays.get(group, []):
            if stay.stay_number == 1 and stay.is_join_known:
                found[self.world.calendar.week_at(stay.joined_at)].append(stay)
        return found

    def acts_of(self, member: str, group: str | None) -> Iterable[Act]:
        """A member's activity, in a group or anywhere."""
        return (a for a in self.acts.get(member, []) if group is None or a.group_id == group)


def read_book(connection: duckdb.DuckDBPyConnection) -> Book:
    """Read a warehouse's `raw.*` and derive the rest by metrics.md."""
    world = read_world(connection)
    people = read_people(world)
    orders = read_orders(world, people)
    invites = read_invites(world, people)
    members = read_members(world, people, orders, invites)
    acts = read_acts(world, members, orders)
    add_firsts(world, members, orders, acts)
    stays: dict[str | None, list[Stay]] = defaultdict(list)
    for stay in [*people.stays, *people.community]:
        if people.is_counted(stay.member_id):
            stays[stay.group_id].append(stay)
    return Book(world, people, orders, invites, members, acts, dict(stays))


def ratio(numerator: Any, denominator: Any) -> float | None:
    """Numerator / denominator; None where either is missing or nothing is below the line."""
    if numerator is None or denominator is None or denominator == 0:
        return None
    return float(numerator) / float(denominator)


def wilson(k: int, n: int) -> tuple[float | None, float | None]:
    """Wilson interval of 95 %."""
    if n == 0:
        return None, None
    z, p = 1.959963984540054, k / n
    centre, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def median(values: Iterable[float]) -> float | None:
    """Median, the mean of the middle two."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def covers(book: Book, end: datetime | None, days: int) -> bool:
    """Whether all orders of the days before an instant were exported."""
    if end is None:
        return False
    start = end - days * DAY
    return (
        book.world.is_covered("order", start, end)
        and book.world.calendar.start(min(book.world.days("order"))) <= start
    )
