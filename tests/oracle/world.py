"""What the exports say, read from `raw.*` into plain Python: events, coverage, watermarks."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MEANINGFUL = {"text", "image", "video", "voice", "link", "file", "note", "poll", "order_chain"}
COUNTED = {"member", "kol"}
TABLE = {"join": "joins", "message": "messages", "order": "orders", "invite": "invites"}
TIME = {"join": "occurred_at", "message": "occurred_at", "order": "ordered_at", "invite": "invited_at"}


class Calendar:
    """Business days and weeks of a time zone; instants are naive UTC."""

    def __init__(self, zone: str, week_starts: str) -> None:
        self.zone = ZoneInfo(zone)
        self.first_weekday = 0 if week_starts == "monday" else 6
        self.day = lru_cache(maxsize=None)(self._day)
        self.start = lru_cache(maxsize=None)(self._start)

    def _day(self, at: datetime) -> date:
        return at.replace(tzinfo=UTC).astimezone(self.zone).date()

    def _start(self, day: date) -> datetime:
        local = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return local.astimezone(UTC).replace(tzinfo=None)

    def week(self, day: date) -> date:
        """First day of the week a day lies in."""
        return day - DAY * ((day.weekday() - self.first_weekday) % 7)

    def week_at(self, at: datetime) -> date:
        """First day of the week an instant lies in."""
        return self.week(self.day(at))


@dataclass(frozen=True)
class World:
    """All that the oracle knows: settings, calendar, events, attributes, covered days."""

    settings: dict[str, Any]
    calendar: Calendar
    joins: list[SimpleNamespace]
    messages: list[SimpleNamespace]
    orders: list[SimpleNamespace]
    invites: list[SimpleNamespace]
    groups: dict[str, SimpleNamespace]
    people: dict[str, SimpleNamespace]
    products: dict[str, SimpleNamespace]
    refund_seen: dict[tuple[str, str], datetime]
    covered: dict[tuple[str, str | None], frozenset[date]]
    kinds: frozenset[str]
    accepted_sources: frozenset[str]
    health: dict[tuple[str, str], tuple[float, float, float]]
    targets: dict[tuple[str, date], float]
    platform: list[SimpleNamespace]
    campaigns: list[SimpleNamespace]
    gifts: list[SimpleNamespace]
    merge: Callable[[str, datetime | None], str]

    def days(self, kind: str, group: str | None = None) -> frozenset[date]:
        """Covered days of a kind, of a group where its coverage differs from that of the project."""
        if kind == "activity":
            parts = [self.days(k, group) for k in ("message", "order") if k in self.kinds]
            return frozenset.intersection(*parts) if parts else frozenset()
        return self.covered.get((kind, group), self.covered.get((kind, None), frozenset()))

    def watermark(self, kind: str) -> datetime | None:
        """End of the last covered day of a kind at project level."""
        if kind == "activity":
            marks = [m for k in ("message", "order") if (m := self.watermark(k))]
            return min(marks) if marks else None
        days = self.days(kind)
        return self.calendar.start(max(days) + DAY) if days else None

    def report(self, *kinds: str) -> datetime | None:
        """R of a metric that needs these kinds: end of the last complete week they all reach."""
        marks = [self.watermark(k) for k in kinds]
        if not marks or None in marks:
            return None
        limit = min(m for m in marks if m)
        as_of = self.settings["as_of"]
        if as_of is not None:
            limit = min(limit, self.calendar.start(as_of + DAY))
        week = self.calendar.week(self.calendar.day(limit))
        return self.calendar.start(week)

    def is_covered(self, kind: str, start: datetime, end: datetime, group: str | None = None) -> bool:
        """Whether every business day of [start, end) was exported, from the first covered day on."""
        days, last = self.days(kind, group), self.calendar.day(end - DAY / 86_400)
        whole = self.days(kind)
        day = max(self.calendar.day(start), min(whole, default=date.max))
        if last > max(whole, default=date.min):
            return False
        while day <= last:
            if day not in days:
                return False
            day += DAY
        return True


def read_world(connection: duckdb.DuckDBPyConnection) -> World:
    """Read `raw.*`. Needs raw.settings and raw.health_weights, which a build writes."""
    settings = vars(_rows(connection, "raw.settings")[0])
    calendar = Calendar(settings["time_zone"], settings["week_starts"])
    merge = _alias(_rows(connection, "raw.aliases"))
    events = {kind: _rows(connection, f"raw.{table}") for kind, table in TABLE.items()}
    loads = _rows(connection, "raw.loads")
    covered, kinds = _coverage(calendar, settings, events, loads, _rows(connection, "raw.coverage"))
    for kind, rows in events.items():
        for row in rows:
            for name in ("member_id", "inviter_id", "invitee_id", "leader_id"):
                if getattr(row, name, None) is not None:
                    setattr(row, name, merge(getattr(row, name), getattr(row, TIME[kind])))
    return World(
        settings=settings,
        calendar=calendar,
        joins=events["join"],
        messages=events["message"],
        orders=events["order"],
        invites=events["invite"],
        groups={g.group_id: g for g in _rows(connection, "raw.groups")},
        people={merge(m.member_id, None): m for m in _rows(connection, "raw.members")},
        products={p.product_id: p for p in _rows(connection, "raw.products")},
        refund_seen=_refunds_seen(connection),
        covered=covered,
        kinds=kinds,
        accepted_sources=frozenset(load.source for load in loads if load.accepted_only),
        health={
            (w.group_type, w.input): (w.weight, w.at_0, w.at_100)
            for w in _rows(connection, "raw.health_weights")
        },
        targets={(t.metric, t.period_start): float(t.value) for t in _rows(connection, "raw.targets")},
        platform=_rows(connection, "raw.platform_stats"),
        campaigns=_campaigns(_rows(connection, "raw.campaigns")),
        gifts=_gifts(_rows(connection, "raw.gifts"), merge),
        merge=merge,
    )


def _campaigns(rows: list[SimpleNamespace]) -> list[SimpleNamespace]:
    for row in rows:
        row.campaign_type = row.campaign_type or "other"
        row.wave_number = 1 if row.wave_number is None else row.wave_number
    return sorted(rows, key=lambda c: (c.campaign_id, c.wave_number))


def _gifts(rows: list[SimpleNamespace], merge: Any) -> list[SimpleNamespace]:
    for row in rows:
        if row.member_id is not None:
            row.member_id = merge(row.member_id, row.issued_at)
    return rows


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[SimpleNamespace]:
    cursor = connection.execute(f"select * from {table}")
    names = [column[0] for column in cursor.description or []]
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _alias(rows: list[SimpleNamespace]) -> Any:
    known: dict[str, list[SimpleNamespace]] = defaultdict(list)
    for row in rows:
        known[row.alias_id].append(row)

    def merge(member: str, at: datetime | None) -> str:
        seen = {member}
        while True:
            fits = [
                row.member_id
                for row in known.get(member, [])
                if at is None
                or (
                    (row.valid_from is None or row.valid_from <= at)
                    and (row.valid_to is None or at < row.valid_to)
                )
            ]
            if not fits or fits[0] in seen:
                return member
            member = fits[0]
            seen.add(member)

    return merge


def _coverage(
    calendar: Calendar,
    settings: dict[str, Any],
    events: dict[str, list[SimpleNamespace]],
    loads: list[SimpleNamespace],
    declared: list[SimpleNamespace],
) -> tuple[dict[tuple[str, str | None], frozenset[date]], frozenset[str]]:
    inferred: dict[str, set[date]] = defaultdict(set)
    for kind, rows in events.items():
        for row in rows:
            inferred[row.source].add(calendar.day(getattr(row, TIME[kind])))
    for source, days in inferred.items():
        inferred[source] = _without_gaps(sorted(days), settings["gap_days"])
    covered: dict[tuple[str, str | None], set[date]] = {}
    for kind in TABLE:
        mine = [load for load in loads if load.event_kind == kind]
        for source in {load.source for load in mine}:
            days = covered.setdefault((kind, None), set())
            spoken = [r for r in declared if r.event_kind in (kind, None) and r.source in (source, None)]
            told = [load for load in mine if load.source == source and load.is_coverage_declared]
            whole = [row for row in spoken if row.group_id is None]
            for row in told + whole:
                days |= _range(row.covered_from, row.covered_to)
            if not told and not whole:
                days |= inferred[source]
            for row in spoken:
                if row.group_id is not None:
                    covered.setdefault((kind, row.group_id), set()).update(
                        _range(row.covered_from, row.covered_to)
                    )
    kinds = frozenset(kind for (kind, group), days in covered.items() if group is None and days)
    return {key: frozenset(days) for key, days in covered.items()}, kinds


def _without_gaps(days: list[date], gap: int) -> set[date]:
    found: set[date] = set(days)
    for before, after in itertools.pairwise(days):
        if (after - before).days - 1 < gap:
            found |= _range(before, after)
    return found


def _range(first: date | None, last: date | None) -> set[date]:
    if first is None or last is None:
        return set()
    return {first + DAY * i for i in range((last - first).days + 1)}


def _refunds_seen(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], datetime]:
    """(source, order) -> exported_at of the first file that shows the order as refunded."""
    rows = connection.execute(
        """
        with shown as (
            select distinct source, order_id, order_hash from raw.orders where status = 'refunded'
            union
            select distinct source, order_id, order_hash from raw.orders_history where status = 'refunded'
        )
        select source, order_id, min(loads.exported_at)
        from shown join raw.order_versions as versions using (source, order_id, order_hash)
        join raw.loads as loads on loads.load_id = versions.first_load_id
        group by source, order_id
        """
    ).fetchall()
    return {(source, order): at for source, order, at in rows}
