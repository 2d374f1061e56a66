"""retention.average, survival, stickiness, lifecycle and transitions, by metrics.md §3 and M42–M46."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from tests.oracle import joining
from tests.oracle.book import WEEK, Book, ratio
from tests.oracle.chances import Ends, staying
from tests.oracle.people import Stay
from tests.oracle.world import DAY

Row = dict[str, Any]
LOST = ("leave", "kick")


def average(book: Book) -> list[Row]:
    """Rows of retention.average: complete cells of retention.cohorts, their people added up."""
    cells: dict[int, list[Row]] = defaultdict(list)
    for row in joining.retention(book, False):
        cells[row["week_index"]].append(row)
    rows = []
    for k, found in sorted(cells.items()):
        whole = [r for r in found if r["is_complete"]]
        members = sum(r["cohort_size"] for r in whole)
        active = sum(r["active_members"] for r in whole)
        rows.append(
            {
                "week_index": k,
                "cohorts": len(whole),
                "members": members,
                "retention_rate": ratio(active, members),
            }
        )
    return rows


def month(day: date) -> date:
    """First day of the month a day lies in."""
    return day.replace(day=1)


def months_of(book: Book) -> dict[date | None, list[Stay]]:
    """Known first joins by the month of the join; all of them under None."""
    found: dict[date | None, list[Stay]] = defaultdict(list)
    for cohort in book.cohorts(None).values():
        for stay in cohort:
            found[month(book.world.calendar.day(stay.joined_at))].append(stay)
            found[None].append(stay)
    return found


def ends_of_stays(book: Book, cohort: list[Stay]) -> Ends:
    """How long each first stay was followed: 1 where it ended by leaving or removal, else 0."""
    found = []
    for stay in cohort:
        look = horizon(book, stay.joined_at)
        if stay.left_at is not None and stay.left_at < look:
            found.append((stay.left_at - stay.joined_at, int(stay.exit_kind in LOST)))
        else:
            found.append((look - stay.joined_at, 0))
    return found


def horizon(book: Book, at: datetime) -> datetime:
    """Start of the first day after an instant whose joins were not exported."""
    days, day = book.world.days("join"), book.world.calendar.day(at) + DAY
    while day in days:
        day += DAY
    return book.world.calendar.start(day)


def survival(book: Book) -> list[Row]:
    """Rows of retention.survival, days 0 to 180."""
    known = joining.knows_exits(book)
    end = book.world.watermark("join")
    rows: list[Row] = []
    for first, cohort in months_of(book).items():
        ends = ends_of_stays(book, cohort)
        chance = staying(ends)
        over = None if first is None else book.world.calendar.start(next_month(first))
        for day in range(181):
            at_risk = sum(time >= day * DAY for time, _ in ends)
            value = chance(day * DAY)
            reason = None
            if not known:
                reason = "exits_not_exported"
            elif over is not None and end is not None and over + day * DAY > end:
                reason = "not_mature"
            elif (
                first is not None
                and over is not None
                and not book.world.is_covered("join", book.world.calendar.start(first), over + day * DAY)
            ):
                reason = "not_covered"
            elif at_risk == 0 and value > 0:
                reason = "nobody_at_risk"
            rows.append(
                {
                    "cohort_month": first,
                    "day": day,
                    "cohort_size": len(cohort),
                    "at_risk": at_risk if reason is None else None,
                    "stay_probability": value if reason is None else None,
                    "is_exit_exported": known,
                    "reason": reason,
                }
            )
    return rows


def next_month(first: date) -> date:
    """First day of the month after."""
    return month(first + 32 * DAY)


def stickiness(book: Book, by_group: bool) -> list[Row]:
    """Rows of retention.stickiness."""
    rows: list[Row] = []
    for group in book.scopes(by_group):
        days = active_days(book, group)
        for week in weeks_of(book, group, days):
            row: Row = {"group_id": group} if by_group else {}
            row["week_start"] = week
            row |= _level(
                book, group, days, week + WEEK, 7, ("daily_actives_mean", "weekly_actives", "dau_wau")
            )
            names = ("daily_actives_mean_30d", "monthly_actives", "dau_mau")
            rows.append(row | _level(book, group, days, week + WEEK, 30, names))
    return rows


def _level(
    book: Book, group: str | None, days: dict[date, set[str]], end: date, width: int, names: tuple[str, ...]
) -> Row:
    """Mean of daily actives, distinct actives and their ratio over the days before `end`."""
    if not all(is_known(book, group, end - DAY * back) for back in range(1, width + 1)):
        return dict.fromkeys(names)
    mean = sum(len(days.get(end - DAY * back, ())) for back in range(1, width + 1)) / width
    everybody = len(between(days, end - width * DAY, end))
    return dict(zip(names, (mean, everybody, ratio(mean, everybody)), strict=True))


def is_known(book: Book, group: str | None, day: date) -> bool:
    """Whether activity of a day was exported, of the project and of the group."""
    return day in book.world.days("activity") and day in book.world.days("activity", group)


def weeks_of(book: Book, group: str | None, days: dict[date, set[str]]) -> list[date]:
    """Weeks from a scope's first activity to the last that activity reaches into, or to its dissolution."""
    covered = book.world.days("activity")
    if not days or not covered:
        return []
    calendar = book.world.calendar
    week, last = calendar.week(min(days)), calendar.week(max(covered))
    info = book.world.groups.get(group) if group is not None else None
    if info is not None and info.closed_at is not None:
        last = min(last, calendar.week_at(info.closed_at))
    return [week + WEEK * i for i in range((last - week).days // 7 + 1)]


def lifecycle(book: Book, by_group: bool) -> list[Row]:
    """Rows of retention.lifecycle."""
    rows: list[Row] = []
    for group in book.scopes(by_group):
        days = active_days(book, group)
        seen: set[str] = set()
        before: set[str] = set()
        for place, week in enumerate(weeks_of(book, group, days)):
            now = between(days, week, week + WEEK)
            done = all(is_known(book, group, week + DAY * i) for i in range(7))
            linked = place == 0 or all(is_known(book, group, week - DAY * i) for i in range(1, 8))
            row: Row = {"group_id": group} if by_group else {}
            rows.append(
                row
                | {
                    "week_start": week,
                    "new": len(now - seen) if done else None,
                    "returning": len(now & before) if done and linked else None,
                    "resurrecting": len((now & seen) - before) if done and linked else None,
                    "dormant": -len(before - now) if done and linked else None,
                    "active": len(now) if done else None,
                }
            )
            seen |= now
            before = now
    return rows


def transitions(book: Book) -> list[Row]:
    """Rows of retention.transitions."""
    first_sign = {
        s.member_id: book.people.signs[s.member_id][0].at
        for s in book.stays.get(None, [])
        if s.stay_number == 1
    }
    days: dict[str, set[date]] = defaultdict(set)
    for member, acts in book.acts.items():
        days[member] = {a.day for a in acts}
    calendar = book.world.calendar
    covered = book.world.days("join") & book.world.days("activity")
    marks = [m for k in ("join", "activity") if (m := book.world.watermark(k))]
    rows: list[Row] = []
    for this in sorted({month(d) for d in covered}):
        then, after = month(this - DAY), next_month(this)
        if not all(then + DAY * i in covered for i in range((after - then).days)):
            continue
        assert calendar.start(after) <= min(marks)
        counts: dict[tuple[str, str], int] = defaultdict(int)
        inside = {m: set(book.members_before(calendar.start(m))) for m in (this, after)}
        for member, seen in first_sign.items():
            if seen >= calendar.start(after):
                continue
            came = calendar.day(seen)
            to_state = _state(calendar, member in inside[after], came, days[member], this)
            from_state = (
                "none" if came >= this else _state(calendar, member in inside[this], came, days[member], then)
            )
            counts[from_state, to_state] += 1
        for (from_state, to_state), members in counts.items():
            rows.append(
                {"month_start": this, "from_state": from_state, "to_state": to_state, "members": members}
            )
    return rows


def _state(calendar: Any, is_in: bool, came: date, days: set[date], first: date) -> str:
    """State of a member in a month, the first that fits."""
    mine = {d for d in days if first <= d < next_month(first)}
    if not is_in:
        return "left"
    if came >= first:
        return "new"
    if len(mine) >= 12:
        return "daily"
    if len({calendar.week(d) for d in mine}) >= 3:
        return "weekly"
    return "monthly" if mine else "dormant"


def active_days(book: Book, group: str | None) -> dict[date, set[str]]:
    """Day -> members active on it, in a group or anywhere."""
    found: dict[date, set[str]] = defaultdict(set)
    for member, acts in book.acts.items():
        for act in acts:
            if group is None or act.group_id == group:
                found[act.day].add(member)
    return found


def between(days: dict[date, set[str]], first: date, end: date) -> set[str]:
    """Members active on a day of [first, end)."""
    return set().union(*(members for day, members in days.items() if first <= day < end))
