"""activation.levers and its steps, by docs/metrics.md, "Levers: what a post stirs"."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from math import sqrt
from types import SimpleNamespace
from typing import Any

from tests.oracle.book import Book, ratio
from tests.oracle.health import STAFF
from tests.oracle.world import DAY, HOUR

Row = dict[str, Any]
BY_KIND = ("red_packet", "checkin", "mini_program")
BY_CONTENT = ("video", "image", "link")


@dataclass(frozen=True)
class Post:
    """A measured lever post."""

    group_id: str
    group_type: str
    lever: str
    author_role: str
    tag: str | None
    actual: int
    expected: float


def lever_of(m: SimpleNamespace) -> str | None:
    """Lever that a message carries, the first that fits."""
    kind = m.kind or "text"
    if kind in BY_KIND:
        return str(kind)
    if m.product_id is not None:
        return "product"
    if kind in BY_CONTENT:
        return str(kind)
    return "notice" if m.topic == "notice" else None


def type_of(book: Book, group: str) -> str:
    """Type of a group; other where not exported."""
    info = book.world.groups.get(group)
    return (info.group_type if info else None) or "other"


def hour_of(at: datetime) -> datetime:
    """Its UTC hour."""
    return at.replace(minute=0, second=0, microsecond=0)


class Levers:
    """Profiles and levels of the groups of a book, and the posts measured against them."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.settings = book.world.settings
        self.posters = self._posters()
        self.heads = self._heads()
        self.known = self._known_days()
        self.profile = self._profiles()

    def _posters(self) -> dict[str, dict[datetime, set[str]]]:
        found: dict[str, dict[datetime, set[str]]] = defaultdict(lambda: defaultdict(set))
        for member, acts in self.book.acts.items():
            for act in acts:
                if act.kind == "post" and act.group_id is not None:
                    found[act.group_id][hour_of(act.at)].add(member)
        return found

    def _heads(self) -> dict[str, dict[datetime, SimpleNamespace]]:
        """First lever post of staff or a KOL of each group and hour."""
        found: dict[str, dict[datetime, SimpleNamespace]] = defaultdict(dict)
        roles = self.book.people.roles
        for m in sorted(self.book.world.messages, key=lambda m: (m.occurred_at, m.event_key)):
            if m.revoked_at is None and roles.get(m.member_id) in {*STAFF, "kol"} and lever_of(m):
                found[m.group_id].setdefault(hour_of(m.occurred_at), m)
        return found

    def _known_days(self) -> dict[str, set[date]]:
        world, people = self.book.world, self.book.people
        end = world.report("message")
        first: dict[str, datetime] = {}
        for m in world.messages:
            is_ours = people.is_counted(m.member_id) or people.roles.get(m.member_id) in STAFF
            if is_ours and m.revoked_at is None and m.kind != "system":
                first[m.group_id] = min(m.occurred_at, first.get(m.group_id, m.occurred_at))
        known: dict[str, set[date]] = {}
        for group, at in first.items():
            info = world.groups.get(group)
            closed = info.closed_at if info else None
            known[group] = {
                day
                for day in world.days("message", group)
                if end is not None
                and day >= world.calendar.day(at)
                and world.calendar.start(day + DAY) <= end
                and (closed is None or world.calendar.start(day) < closed)
            }
        return known

    def is_known(self, group: str, hour: datetime) -> bool:
        """Whether an hour is of a known day."""
        return self.book.world.calendar.day(hour) in self.known.get(group, set())

    def is_levered(self, group: str, hour: datetime) -> bool:
        """The hour of a lever post, or the one after it."""
        heads = self.heads.get(group, {})
        return hour in heads or hour - HOUR in heads

    def place(self, hour: datetime) -> int:
        """Hour of the business week."""
        calendar = self.book.world.calendar
        day = calendar.day(hour)
        return day.weekday() * 24 + int((hour - calendar.start(day)) / HOUR)

    def hours(self, day: date) -> list[datetime]:
        """UTC hours that begin in a business day."""
        start, end = self.book.world.calendar.start(day), self.book.world.calendar.start(day + DAY)
        hour = hour_of(start)
        if hour < start:
            hour += HOUR
        return [hour + HOUR * i for i in range(25) if hour + HOUR * i < end]

    def _profiles(self) -> dict[tuple[str, int], float]:
        free: dict[tuple[str, int], int] = defaultdict(int)
        posters: dict[tuple[str, int], int] = defaultdict(int)
        for group, days in self.known.items():
            kind = type_of(self.book, group)
            for day in days:
                for hour in self.hours(day):
                    if not self.is_levered(group, hour):
                        key = kind, self.place(hour)
                        free[key] += 1
                        posters[key] += len(self.posters[group].get(hour, ()))
        return {key: posters[key] / n for key, n in free.items()}

    def days(self, group: str) -> dict[date, tuple[int, float]]:
        """Posters in the free hours of each known day, and what the profile says for these hours."""
        kind, found = type_of(self.book, group), {}
        for day in self.known.get(group, ()):
            hours = [h for h in self.hours(day) if not self.is_levered(group, h)]
            found[day] = (
                sum(len(self.posters[group].get(h, ())) for h in hours),
                sum(self.profile[kind, self.place(h)] for h in hours),
            )
        return found

    def posts(self) -> list[Post]:
        """Every post that is measured."""
        found = []
        for group, heads in self.heads.items():
            kind, days = type_of(self.book, group), self.days(group)
            window = self.settings["lever_weeks"] * 7
            position = 0
            for hour in sorted(heads):
                position = position + 1 if hour - HOUR in heads else 1
                both = hour, hour + HOUR
                if position % 2 == 0 or not all(self.is_known(group, h) for h in both):
                    continue
                usual = [self.profile.get((kind, self.place(h))) for h in both]
                day = self.book.world.calendar.day(hour)
                before = [days[d] for i in range(1, window + 1) if (d := day - DAY * i) in days]
                level = ratio(sum(p for p, _ in before), sum(w for _, w in before))
                if len(before) < 14 or level is None or usual[0] is None or usual[1] is None:
                    continue
                head = heads[hour]
                found.append(
                    Post(
                        group,
                        kind,
                        lever_of(head) or "",
                        "kol" if self.book.people.roles[head.member_id] == "kol" else "staff",
                        head.tag,
                        sum(len(self.posters[group].get(h, set()) - {head.member_id}) for h in both),
                        level * (usual[0] + usual[1]),
                    )
                )
        return found


def levers(book: Book) -> list[Row]:
    """Rows of activation.levers."""
    found: dict[tuple[str, str, str], list[Post]] = defaultdict(list)
    for post in Levers(book).posts():
        for lever in (post.lever, "all"):
            for role in (post.author_role, "all"):
                for kind in (post.group_type, "all"):
                    found[lever, role, kind].append(post)
    return [
        {"lever": lever, "author_role": role, "group_type": kind} | _lift(book, posts)
        for (lever, role, kind), posts in found.items()
    ]


def _lift(book: Book, posts: list[Post]) -> Row:
    settings = book.world.settings
    groups = sorted({p.group_id for p in posts})
    actual, expected = sum(p.actual for p in posts), sum(p.expected for p in posts)
    lift = ratio(actual, expected)
    without = [
        ratio(
            sum(p.actual for p in posts if p.group_id != g), sum(p.expected for p in posts if p.group_id != g)
        )
        for g in groups
    ]
    left = [x for x in without if x is not None]
    low = high = None
    if lift is not None and len(groups) == len(left) > 1:
        mean, n = sum(left) / len(left), len(left)
        error = sqrt((n - 1) / n * sum((x - mean) ** 2 for x in left))
        low, high = max(0.0, lift - 1.96 * error), lift + 1.96 * error
    return {
        "posts": len(posts),
        "groups": len(groups),
        "actual": actual,
        "expected": expected,
        "lift": lift,
        "lift_low": low,
        "lift_high": high,
        "is_reliable": lift is not None
        and len(groups) >= settings["lever_min_groups"]
        and len(posts) >= settings["lever_min_posts"],
        "reason": "nobody_expected" if lift is None else None,
    }
