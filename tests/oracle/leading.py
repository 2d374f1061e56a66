"""group_health.weekly, sizes and owners, and scorecard.bridge, by metrics.md §3 and M12."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.oracle import joining
from tests.oracle.book import Book, median, ratio, wilson
from tests.oracle.health import between, bucket, covered, responses
from tests.oracle.states import health_of
from tests.oracle.world import DAY

Row = dict[str, Any]
WEEKS = 26
SIZES = ("<50", "50–149", "150–249", "250–399", "400+")


def weekly(book: Book) -> list[Row]:
    """Rows of group_health.weekly: every group at the end of each of the last 26 weeks."""
    health = health_of(book)
    if health.report_at is None:
        return []
    calendar = book.world.calendar
    flows = {(r["group_id"], r["week_start"]): r for r in joining.acquisition(book, True)}
    sales, posts = _sales(book), _posts(book)
    known = all_weeks(book)
    rows: list[Row] = []
    for back in range(WEEKS):
        end = health.back(health.report_at, back)
        week = calendar.week(calendar.day(end) - DAY)
        if week < known[0]:
            break
        start = calendar.start(week)
        for group, looked in health.at(end).items():
            flow = flows.get((group, week), {})
            heard = covered(book, "message", start, end, group)
            sold = covered(book, "order", start, end, group)
            paid, buyers, net = sales[group, week]
            rows.append(
                {
                    "group_id": group,
                    "week_start": week,
                    "members": looked["members"],
                    "members_at_start": flow.get("members_at_start"),
                    "opened": flow.get("opened"),
                    "closed": flow.get("closed"),
                    "net_members": flow.get("net_members"),
                    "left_members": flow.get("left_members"),
                    "exit_rate": flow.get("exit_rate"),
                    "messages": posts[group, week] if heard else None,
                    "posters": looked["posters_7d"],
                    "archived_members": looked["archived_members"],
                    "participation_rate": looked["participation_7d"],
                    "paid_orders": paid if sold else None,
                    "buyers": len(buyers) if sold else None,
                    "net_revenue": net if sold else None,
                    "buyers_30d": looked["buyers_30d"],
                    "conversion_30d": looked["conversion_30d"],
                    "score": looked["score"],
                    "state": health.state(group, end),
                }
            )
    return rows


def all_weeks(book: Book) -> list[date]:
    """Weeks that any export touches and that are over at the latest R."""
    kinds = ("join", "message", "order", "invite")
    ends = [r for k in kinds if k in book.world.kinds and (r := book.world.report(k))]
    if not ends:
        return []
    return sorted({w for k in kinds for w in book.weeks(k) if book.span(w)[1] <= max(ends)})


def _posts(book: Book) -> Counter[tuple[str | None, date]]:
    """Meaningful messages of members by group and week."""
    week_of = book.world.calendar.week
    return Counter(
        (a.group_id, week_of(a.day)) for acts in book.acts.values() for a in acts if a.kind == "post"
    )


def _sales(book: Book) -> dict[tuple[str, date], list[Any]]:
    calendar = book.world.calendar
    found: dict[tuple[str, date], list[Any]] = defaultdict(lambda: [0, set(), Decimal(0)])
    for order in book.orders.values():
        if order.group_id is None:
            continue
        for line in order.lines or []:
            found[order.group_id, calendar.week(line.day)][2] += line.amount
        if order.is_paid and order.paid_at is not None:
            cell = found[order.group_id, calendar.week_at(order.paid_at)]
            cell[0] += 1
            if order.is_counted:
                cell[1].add(order.member_id)
    return found


def sizes(book: Book) -> list[Row]:
    """Rows of group_health.sizes: pooled over the groups of a size at R; a size without any has one too."""
    health = health_of(book)
    at = health.report_at
    groups: dict[str, list[Row]] = {size: [] for size in SIZES}
    if at is not None:
        for group, row in health.at(at).items():
            groups[bucket(row["members"])].append(row | _silence(book, group, at))
    rows = []
    for size, found in groups.items():
        row = {
            "size_bucket": size,
            "position": SIZES.index(size) + 1,
            "groups": len(found),
            "members": sum(r["members"] for r in found),
        }
        for rate, decides, above, below in (
            ("participation", "participation_7d", "posters_7d", "archived_members"),
            ("lurker", "lurker_rate", "lurkers", "settled_members"),
            ("conversion", "conversion_30d", "buyers_30d", "members"),
        ):
            known = [r for r in found if r[decides] is not None]
            k, n = sum(r[above] for r in known), sum(r[below] for r in known)
            low, high = wilson(k, n)
            row |= {f"{rate}_rate": ratio(k, n), f"{rate}_low": low, f"{rate}_high": high}
        rows.append(row)
    return rows


def _silence(book: Book, group: str, at: datetime) -> Row:
    """Members in the group for 30 days, and those of them without a message in 30 days."""
    posts = health_of(book).said.posts
    settled = [
        s.member_id
        for s in book.stays.get(group, [])
        if s.held_before(at)
        and s.joined_at <= at - 30 * DAY
        and book.members[s.member_id].consent is not False
    ]
    silent = sum(between(posts.get((group, m), []), at - 30 * DAY, at) == 0 for m in settled)
    return {"settled_members": len(settled), "lurkers": silent}


def owners(book: Book) -> list[Row]:
    """Rows of group_health.owners: sums over group_health.weekly."""
    health = health_of(book)
    calendar = book.world.calendar
    teams: dict[tuple[str, date], list[Row]] = defaultdict(list)
    for row in weekly(book):
        info = book.world.groups.get(row["group_id"])
        teams[(info.owner_id if info else None) or "unknown", row["week_start"]].append(row)
    rows = []
    for (owner, week), found in teams.items():
        start, end = book.span(week)
        people = set().union(*(book.members_before(end, r["group_id"]) for r in found))
        exits = [r for r in found if r["exit_rate"] is not None]
        talk = [r for r in found if r["participation_rate"] is not None]
        net = [r["net_revenue"] for r in found if r["net_revenue"] is not None]
        flows = [r for r in found if r["opened"] is not None]
        row = {
            "owner_id": owner,
            "week_start": week,
            "groups": len(found),
            "members": sum(r["members"] for r in found),
            "unique_members": len(people),
            "net_members": sum(r["net_members"] for r in flows) if flows else None,
            "exit_rate": _pooled(exits, "left_members", "members_at_start"),
            "participation_rate": _pooled(talk, "posters", "archived_members"),
            "net_revenue": sum(net) if net else None,
            "groups_on_watch": sum(r["state"] in ("watch", "dying", "dead") for r in found),
            "groups_unknown": sum(r["state"] == "unknown" for r in found),
        }
        heard = [r["group_id"] for r in found if covered(book, "message", start, end, r["group_id"])]
        rows.append(row | _answers(book, heard, start, end))
    assert health.report_at is not None or not rows
    assert all(calendar.week(r["week_start"]) == r["week_start"] for r in rows)
    return rows


def _answers(book: Book, groups: list[str], start: datetime, end: datetime) -> Row:
    """First answers to the questions of a week; those whose 24 hours are not over are left out."""
    waits: list[float] = []
    questions = unanswered = 0
    for group in groups:
        found = responses(health_of(book).said, group, start, end)
        waits += found[0]
        questions += found[1]
        unanswered += found[2]
    return {
        "questions": questions if groups else None,
        "unanswered": unanswered if groups else None,
        "median_first_response_minutes": median(waits),
        "unanswered_rate": ratio(unanswered, questions) if groups else None,
    }


def bridge(book: Book) -> list[Row]:
    """Rows of scorecard.bridge: the way from the platform's seats to people."""
    rows = []
    for week in all_weeks(book):
        end = book.span(week)[1]
        seats = sum(s.held_before(end) for s in book.people.stays)
        everybody = [s.member_id for s in book.people.community if s.held_before(end)]
        counted = sum(book.people.is_counted(m) for m in everybody)
        total = _platform(book, week + DAY * 6)
        own: tuple[int | None, ...] = (seats, seats - len(everybody), len(everybody) - counted, counted)
        if week + DAY * 6 not in book.world.days("join"):
            own = (None, None, None, None)
        difference = None if total is None or own[0] is None else total - own[0]
        steps = (
            "platform_total",
            "difference",
            "own_seats",
            "minus_overlap",
            "minus_staff",
            "unique_members",
        )
        for position, (step, value) in enumerate(zip(steps, (total, difference, *own), strict=True), start=1):
            rows.append({"week_start": week, "step": step, "position": position, "value": value})
    return rows


def _platform(book: Book, day: date) -> float | None:
    """Seats by the platform: of the whole project, else the members of its groups added up."""
    said = [p for p in book.world.platform if p.day == day]
    whole = [p.value for p in said if p.metric == "seats" and p.group_id is None]
    whole = whole or [p.value for p in said if p.metric == "members" and p.group_id is not None]
    return float(sum(whole)) if whole else None


def _pooled(rows: list[Row], numerator: str, denominator: str) -> float | None:
    return ratio(sum(r[numerator] for r in rows), sum(r[denominator] for r in rows))
