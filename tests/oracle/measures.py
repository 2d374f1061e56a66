"""Rows of scorecard.catalogue: M05, M10, M11, M13, M17, M18 and M94, by metrics.md §4 and docs/metrics.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.oracle import leading
from tests.oracle.book import Book, ratio
from tests.oracle.joining import knows_exits
from tests.oracle.returning import LOST
from tests.oracle.states import health_of
from tests.oracle.world import DAY, HOUR

Row = dict[str, Any]
KEYS = ("concept_id", "measure", "subject_kind", "subject", "period")
MEASURES = (
    "early_exit_48h_rate",
    "members_in_type",
    "overlap_share",
    "seats_per_member",
    "lost_contact_rate",
    "region_match_rate",
    "capacity_fill",
    "full_group_share",
    "dead_group_share",
    "no_sales_group_share",
    "unknown_group_share",
    "dying_group_share",
)
STATES = (("M17", "dead"), ("M17", "no_sales"), ("M18", "dying"))


def rows(book: Book) -> list[Row]:
    """The measures that have a value; why others have none is not looked at here."""
    found = []
    for (*key, value), (numerator, denominator) in (
        *_early(book),
        *_matrix(book),
        *_lost(book),
        *_regions(book),
        *_groups(book),
    ):
        said = ratio(numerator, denominator) if value is None else float(value)
        if said is not None:
            row = dict(zip(KEYS, key, strict=True))
            found.append(row | {"value": said, "numerator": numerator, "denominator": denominator})
    return found


Measure = tuple[tuple[Any, ...], tuple[int, int | None]]


def _early(book: Book) -> Iterator[Measure]:
    left = size = 0
    for week, cohort in book.cohorts(None).items():
        start, end = book.span(week)
        if knows_exits(book) and book.world.is_covered("join", start, end + 48 * HOUR):
            k = sum(
                s.left_at is not None and s.exit_kind in LOST and s.left_at - s.joined_at < 48 * HOUR
                for s in cohort
            )
            left, size = left + k, size + len(cohort)
            yield ("M05", "early_exit_48h_rate", "community", "all", str(week), None), (k, len(cohort))
    yield ("M05", "early_exit_48h_rate", "community", "all", "all", None), (left, size)


def _matrix(book: Book) -> Iterator[Measure]:
    at = book.world.report("join")
    if at is None:
        return
    groups: dict[str, set[str]] = defaultdict(set)
    for group in book.groups:
        for member in book.members_before(at, group):
            groups[member].add(group)
    members = len(book.members_before(at))
    types: Counter[str] = Counter()
    for mine in groups.values():
        types.update({_type(book, group) for group in mine})
    for kind, count in types.items():
        yield ("M13", "members_in_type", "group_type", kind, "at_report", count), (count, None)
    several = sum(len(mine) > 1 for mine in groups.values())
    seats = sum(len(mine) for mine in groups.values())
    yield ("M13", "overlap_share", "community", "all", "at_report", None), (several, members)
    yield ("M13", "seats_per_member", "community", "all", "at_report", None), (seats, members)


def _type(book: Book, group: str) -> str:
    info = book.world.groups.get(group)
    return (info.group_type if info else None) or "other"


def _lost(book: Book) -> Iterator[Measure]:
    at = book.world.report("join", "order")
    if at is None:
        return
    end = book.world.calendar.day(at)
    if not book.world.is_covered("order", book.world.calendar.start(end - 365 * DAY), at):
        return
    days: dict[str, set[date]] = defaultdict(set)
    for order in book.orders.values():
        if order.is_paid and order.is_counted and order.member_id and order.paid_at:
            days[order.member_id].add(book.world.calendar.day(order.paid_at))
    buyers = {m for m, mine in days.items() if any(end - 365 * DAY <= d < end for d in mine)}
    recent = {m for m, mine in days.items() if any(end - 90 * DAY <= d < end for d in mine)}
    lost = buyers - recent - set(book.members_before(at))
    yield ("M94", "lost_contact_rate", "community", "all", "90d", None), (len(lost), len(buyers))


def _regions(book: Book) -> Iterator[Measure]:
    at = book.world.report("join")
    if at is None:
        return
    fits: dict[str, bool] = {}
    for group in book.groups:
        info = book.world.groups.get(group)
        if info is None or info.region is None:
            continue
        k = n = 0
        for member in book.members_before(at, group):
            person = region_of(book, member)
            if person is None:
                continue
            fit = person == info.region
            k, n = k + fit, n + 1
            fits[member] = fits.get(member, False) or fit
        yield ("M10", "region_match_rate", "group", group, "at_report", None), (k, n)
    yield ("M10", "region_match_rate", "community", "all", "at_report", None), (sum(fits.values()), len(fits))


def region_of(book: Book, member: str) -> str | None:
    """Region of a person: of the member export, else of the latest join that has one."""
    person = book.world.people.get(member)
    if person is not None and person.region is not None:
        return str(person.region)
    said = [
        j for j in book.world.joins if j.member_id == member and j.region is not None and j.action == "join"
    ]
    return str(max(said, key=lambda j: (j.occurred_at, j.row_number)).region) if said else None


def _groups(book: Book) -> Iterator[Measure]:
    health = health_of(book)
    if health.report_at is None:
        return
    weeks: dict[date, list[Row]] = defaultdict(list)
    for row in leading.weekly(book):
        kind = _type(book, row["group_id"])
        end = book.span(row["week_start"])[1]
        weeks[row["week_start"]].append(
            row
            | {
                "group_type": kind,
                "capacity": health.at(end)[row["group_id"]]["capacity"],
                "is_judged": health.is_covered(row["group_id"], end) and row["state"] != "new",
            }
        )
    last = book.world.calendar.week(book.world.calendar.day(health.report_at) - DAY)
    for week, found in weeks.items():
        for kind in (None, *sorted({r["group_type"] for r in found})):
            mine = [r for r in found if kind in (None, r["group_type"])]
            judged = [r for r in mine if r["is_judged"]]
            members, places = sum(r["members"] for r in mine), sum(r["capacity"] for r in mine)
            full = sum(r["members"] >= 0.95 * r["capacity"] for r in mine)
            subject = ("community", "all") if kind is None else ("group_type", kind)
            periods = (str(week), "at_report") if week == last else (str(week),)
            for period in periods:
                yield ("M11", "capacity_fill", *subject, period, None), (members, places)
                yield ("M11", "full_group_share", *subject, period, None), (full, len(mine))
                for concept, state in STATES:
                    if state == "no_sales" and "order" not in book.world.kinds:
                        continue
                    k = sum(r["state"] == state for r in judged)
                    yield (concept, f"{state}_group_share", *subject, period, None), (k, len(judged))
                k = sum(r["state"] == "unknown" for r in mine)
                yield ("M17", "unknown_group_share", *subject, period, None), (k, len(mine))
