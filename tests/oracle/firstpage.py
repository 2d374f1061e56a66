"""scorecard.weekly: the values of the first page and their expected range."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from tests.oracle import joining, referring, selling
from tests.oracle.book import WEEK, Book, ratio
from tests.oracle.health import between
from tests.oracle.states import health_of
from tests.oracle.world import DAY

Row = dict[str, Any]
Value = tuple[Any, Any, Any, date | None]  # value, numerator, denominator, cohort week
KEYS = (
    "new_members",
    "net_members",
    "exit_rate",
    "activated_7d_rate",
    "first_order_7d_rate",
    "first_order_30d_rate",
    "retention_week4",
    "participation_rate",
    "lurker_rate",
    "dau_wau",
    "stay_30d_rate",
    "gmv",
    "margin",
    "net_revenue",
    "buyers",
    "average_order_value",
    "spend_per_buyer",
    "repurchase_90d_rate",
    "link_coverage",
    "invites_per_active",
    "k_factor",
    "healthy_groups",
    "dying_or_dead_groups",
)
COUNTED_BY = {"gmv", "net_revenue", "margin"}
RATES = {k for k in KEYS if k.endswith(("_rate", "_coverage", "_value", "_buyer", "_active", "_factor"))} | {
    "retention_week4",
    "dau_wau",
}
CAN_BE_NEGATIVE = {"net_members", "margin", "net_revenue"}


def weekly(book: Book) -> list[Row]:
    """Rows of scorecard.weekly for every complete week of any kind of export."""
    world = book.world
    reports = [
        r for k in ("join", "message", "order", "invite") if k in world.kinds and (r := world.report(k))
    ]
    if not reports:
        return []
    last = world.calendar.week(world.calendar.day(max(reports)) - DAY)
    weeks = sorted({w for k in ("join", "message", "order", "invite") for w in book.weeks(k) if w <= last})
    found: dict[tuple[date, str], Value] = {}
    for week, metric, value in (
        *_flows(book),
        *_cohorts(book),
        *_invites(book),
        *_groups(book, weeks),
        *_customers(book, weeks),
    ):
        found[week, metric] = value
    rows: list[Row] = []
    for metric in KEYS:
        history: list[float] = []
        bases: list[float] = []
        previous: float | None = None
        for week in weeks:
            value, numerator, denominator, cohort = found.get((week, metric), (None, None, None, None))
            if value is None:
                numerator = denominator = cohort = None
            else:
                value = float(value)
            low, high = _limits(world.settings, metric, history) if value is not None else (None, None)
            # A collapse leaves a small number: what it usually is counts as well, except for rates.
            base = abs(float((denominator if metric in RATES or metric in COUNTED_BY else value) or 0))
            recent = bases[-world.settings["unusual_weeks"] :]
            if metric not in RATES and recent:
                base = max(base, sum(recent) / len(recent))
            unusual = False
            if value is not None and low is not None and high is not None:
                big = base >= world.settings["unusual_min_base"]
                unusual = bool(big and not low <= value <= high)
            rows.append(
                {
                    "week_start": week,
                    "metric": metric,
                    "value": value,
                    "numerator": numerator,
                    "denominator": denominator,
                    "previous_value": previous,
                    "change": None if value is None or previous is None else value - previous,
                    "expected_low": low,
                    "expected_high": high,
                    "is_unusual": unusual,
                    "target": world.targets.get((metric, week)),
                    "is_complete": value is not None,
                    "cohort_week": cohort,
                }
            )
            previous = value
            if value is not None:
                history.append(value)
                own = denominator if metric in RATES or metric in COUNTED_BY else value
                bases.append(abs(float(own or 0)))
    return rows


def _limits(settings: dict[str, Any], metric: str, history: list[float]) -> tuple[float | None, float | None]:
    recent = history[-settings["unusual_weeks"] :]
    if len(recent) < settings["unusual_min_weeks"]:
        return None, None
    mean = sum(recent) / len(recent)
    moves = [abs(b - a) for a, b in itertools.pairwise(recent)]
    reach = 2.66 * sum(moves) / len(moves)
    low = mean - reach
    return (low if metric in CAN_BE_NEGATIVE else max(0.0, low)), mean + reach


def _flows(book: Book) -> Iterator[tuple[date, str, Value]]:
    for row in joining.acquisition(book, False):
        if row["is_complete"]:
            week = row["week_start"]
            yield week, "new_members", (row["new_members"], None, None, None)
            yield week, "net_members", (row["net_members"], row["opened"], row["closed"], None)
            yield week, "exit_rate", (row["exit_rate"], row["left_members"], row["members_at_start"], None)
    for row in selling.weekly(book, False):
        if row["is_complete"]:
            week, orders = row["week_start"], row["paid_orders"]
            yield week, "gmv", (row["gmv"], row["gmv"], orders, None)
            yield week, "net_revenue", (row["net_revenue"], row["net_revenue"], orders, None)
            yield week, "margin", (row["margin"], row["margin"], row["net_revenue"], None)
            yield week, "buyers", (row["buyers"], row["buyers"], orders, None)
            yield week, "average_order_value", (row["average_order_value"], row["gmv"], orders, None)
            spend = (row["spend_per_buyer"], row["identified_gmv"], row["buyers"], None)
            yield week, "spend_per_buyer", spend


def _cohorts(book: Book) -> Iterator[tuple[date, str, Value]]:
    """A cohort metric stands in the week in which its window ended for the whole cohort."""
    for row in joining.activation(book, False):
        cohort, size = row["cohort_week"], row["cohort_size"]
        for metric, name, weeks in (
            ("activated_7d_rate", "activated_7d", 1),
            ("first_order_7d_rate", "first_order_7d", 1),
            ("first_order_30d_rate", "first_order_30d", 5),
        ):
            if row[f"{name}_members"] is not None:
                value = (row[f"{name}_rate"], row[f"{name}_members"], size, cohort)
                yield cohort + weeks * WEEK, metric, value
    for row in joining.retention(book, False):
        if row["week_index"] == 4 and row["is_complete"]:
            value = (row["retention_rate"], row["active_members"], row["cohort_size"], row["cohort_week"])
            yield row["cohort_week"] + 4 * WEEK, "retention_week4", value
    stays = defaultdict(list)
    for stay in book.stays.get(None, []):
        stays[stay.member_id].append(stay)
    for cohort, members in book.cohorts(None).items():
        start, end = book.span(cohort)
        if book.world.is_covered("join", start, end + 30 * DAY) and _knows_exits(book):
            kept = sum(any(s.holds(m.joined_at + 30 * DAY) for s in stays[m.member_id]) for m in members)
            yield cohort + 5 * WEEK, "stay_30d_rate", (ratio(kept, len(members)), kept, len(members), cohort)


def _knows_exits(book: Book) -> bool:
    return any(j.action in ("leave", "kick") for j in book.world.joins)


def _invites(book: Book) -> Iterator[tuple[date, str, Value]]:
    for row in referring.weekly(book, False):
        if row["is_complete"]:
            week, active = row["week_start"], row["active_members"]
            sent = (row["invites_per_active"], row["invites_sent"], active, week)
            yield week + WEEK, "invites_per_active", sent
            yield week + WEEK, "k_factor", (row["k_factor"], row["invites_joined"], active, week)


def _groups(book: Book, weeks: list[date]) -> Iterator[tuple[date, str, Value]]:
    health = health_of(book)
    for week in weeks:
        end = book.span(week)[1]
        if health.report_at is None or end > health.report_at:
            continue
        if book.covers_week("activity", week):
            active: dict[date, set[str]] = defaultdict(set)
            for member, acts in book.acts.items():
                for act in acts:
                    if week <= act.day < week + WEEK:
                        active[act.day].add(member)
            everybody = set().union(*active.values())
            mean = sum(len(x) for x in active.values()) / 7
            yield week, "dau_wau", (ratio(mean, len(everybody)), mean, len(everybody), None)
        if (
            not book.world.days("message")
            or book.world.calendar.start(min(book.world.days("message"))) >= end
        ):
            continue
        rows = health.at(end)
        heard = [r for r in rows.values() if r["participation_7d"] is not None]
        if heard:
            posters, base = sum(r["posters_7d"] for r in heard), sum(r["archived_members"] for r in heard)
            yield week, "participation_rate", (ratio(posters, base), posters, base, None)
        lurkers, old = _lurkers(book, end, [g for g, r in rows.items() if r["lurker_rate"] is not None])
        if old:
            yield week, "lurker_rate", (ratio(lurkers, old), lurkers, old, None)
        states = [s for g in rows if (s := health.state(g, end)) != "unknown"]
        if states:
            healthy, dying = states.count("healthy"), sum(s in ("dying", "dead") for s in states)
            yield week, "healthy_groups", (healthy, healthy, len(states), None)
            yield week, "dying_or_dead_groups", (dying, dying, len(states), None)


def _lurkers(book: Book, at: datetime, groups: list[str]) -> tuple[int, int]:
    posts = health_of(book).said.posts
    lurkers = old = 0
    for group in groups:
        for s in book.stays.get(group, []):
            consents = book.members[s.member_id].consent is not False
            if s.held_before(at) and s.joined_at <= at - 30 * DAY and consents:
                old += 1
                lurkers += between(posts.get((group, s.member_id), []), at - 30 * DAY, at) == 0
    return lurkers, old


def _customers(book: Book, weeks: list[date]) -> Iterator[tuple[date, str, Value]]:
    calendar = book.world.calendar
    days: dict[str, set[date]] = defaultdict(set)
    for order in book.orders.values():
        if order.is_paid and order.is_counted and order.member_id and order.paid_at:
            days[order.member_id].add(calendar.day(order.paid_at))
    histories = {m: sorted(found) for m, found in days.items()}
    for week in weeks:
        end = book.span(week)[1]
        if not book.covers_week("order", week):
            continue
        after = week + WEEK
        # The first day after the 90 days that follow the day of the first purchase.
        over = {m: h[0] + 91 * DAY for m, h in histories.items()}
        mature = [m for m, day in over.items() if after - 28 * DAY < day <= after]
        again = sum(any((d - histories[m][0]).days < 90 for d in histories[m][1:]) for m in mature)
        if mature and book.world.is_covered("order", calendar.start(after - 118 * DAY), end):
            yield week, "repurchase_90d_rate", (ratio(again, len(mature)), again, len(mature), None)
        whole_year = book.world.is_covered("order", calendar.start(after - 365 * DAY), end)
        if book.covers_week("join", week) and whole_year:
            inside = set(book.members_before(end))
            buyers = [m for m, h in histories.items() if any(after - 365 * DAY <= d < after for d in h)]
            linked = sum(m in inside for m in buyers)
            yield week, "link_coverage", (ratio(linked, len(buyers)), linked, len(buyers), None)
