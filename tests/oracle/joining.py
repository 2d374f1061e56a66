"""acquisition.weekly, activation.cohorts, retention.cohorts and scorecard.aarrr, each also by group."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.oracle.book import WEEK, Book, median, ratio, wilson
from tests.oracle.people import Stay
from tests.oracle.world import DAY, HOUR

Row = dict[str, Any]
STAGES = ("acquired", "activated", "retained", "paid", "referred")


def acquisition(book: Book, by_group: bool) -> list[Row]:
    """Rows of acquisition.weekly."""
    exits = knows_exits(book)
    rows: list[Row] = []
    for group in book.scopes(by_group):
        stays = book.stays.get(group, [])
        cohorts = book.cohorts(group)
        first = min((book.world.calendar.week_at(s.joined_at) for s in stays), default=None)
        for week in book.weeks("join"):
            if by_group and (first is None or week < first):
                continue
            start, end = book.span(week)
            closed = [s for s in stays if s.left_at is not None and start <= s.left_at < end]
            lost = [s for s in closed if s.exit_kind in ("leave", "kick")]
            opened = sum(s.is_opened and start <= s.joined_at < end for s in stays)
            at_start = sum(s.held_before(start) for s in stays)
            left = sum(s.held_before(start) for s in lost)
            complete = book.covers_week("join", week, group)
            row: Row = {"group_id": group} if by_group else {}
            row |= {
                "week_start": week,
                "new_members": len(cohorts.get(week, [])),
                "opened": opened,
                "closed": len(closed),
                "leaves": sum(s.exit_kind == "leave" for s in closed),
                "kicks": sum(s.exit_kind == "kick" for s in closed),
                "dissolved": sum(s.exit_kind == "dissolved" for s in closed),
                "moved": sum(s.exit_kind == "moved" for s in closed),
                "lost_members": len({s.member_id for s in lost}),
                "net_members": opened - len(closed),
                "members_at_start": at_start,
                "members_at_end": at_start + opened - len(closed),
                "left_members": left,
                "exit_rate": ratio(left, at_start) if complete and exits else None,
                "net_growth_rate": ratio(opened - len(closed), at_start) if complete else None,
                "is_complete": complete,
            }
            rows.append(row)
    return rows


def knows_exits(book: Book) -> bool:
    """Whether anybody exported a leave or a removal."""
    return any(j.action in ("leave", "kick") for j in book.world.joins)


def _over(book: Book, kind: str, week: date, window: timedelta, group: str | None) -> bool:
    start, end = book.span(week)
    return book.world.is_covered(kind, start, end + window, group)


def activation(book: Book, by_group: bool) -> list[Row]:
    """Rows of activation.cohorts."""
    rows: list[Row] = []
    for group in book.scopes(by_group):
        for week, cohort in sorted(book.cohorts(group).items()):
            row: Row = {"group_id": group} if by_group else {}
            row |= {"cohort_week": week, "cohort_size": len(cohort)}
            row |= {"former_customers": sum(_was_customer(book, s) for s in cohort)}
            for name, window in (("24h", 24 * HOUR), ("7d", 7 * DAY), ("30d", 30 * DAY)):
                done = _over(book, "activity", week, window, group)
                row[f"is_complete_{name}"] = done
                if name != "30d":
                    k = sum(_acted(book, s, group, window) for s in cohort) if done else None
                    row |= {f"activated_{name}_members": k, f"activated_{name}_rate": ratio(k, len(cohort))}
                if name == "7d":
                    low, high = wilson(k, len(cohort)) if k is not None else (None, None)
                    row |= {"activated_7d_low": low, "activated_7d_high": high}
                row |= _spoken(book, cohort, group, name, window, done)
                if name != "24h":
                    row |= _ordered(
                        book, cohort, group, name, window, _over(book, "order", week, window, group)
                    )
            rows.append(row)
    return rows


def _was_customer(book: Book, stay: Stay) -> bool:
    first = book.members[stay.member_id].first_purchase_at
    return first is not None and first < stay.joined_at


def _acted(book: Book, stay: Stay, group: str | None, window: timedelta, kinds: tuple[str, ...] = ()) -> bool:
    end = stay.joined_at + window
    return any(
        stay.joined_at <= a.at < end and (not kinds or a.kind in kinds)
        for a in book.acts_of(stay.member_id, group)
    )


def _spoken(
    book: Book, cohort: list[Stay], group: str | None, name: str, window: timedelta, done: bool
) -> Row:
    heard = [s for s in cohort if book.members[s.member_id].consent is not False]
    spoke = sum(_acted(book, s, group, window, ("post",)) for s in heard)
    row: Row = {f"spoken_{name}_share": ratio(spoke, len(heard)) if done else None}
    if name == "30d":
        hours = []
        for s in heard:
            posts = [a.at - s.joined_at for a in book.acts_of(s.member_id, group) if a.kind == "post"]
            posts = [p for p in posts if timedelta(0) <= p < window]
            if posts:
                hours.append(min(posts) / HOUR)
        row["median_hours_to_first_message"] = median(hours) if done else None
    return row


def _ordered(
    book: Book, cohort: list[Stay], group: str | None, name: str, window: timedelta, done: bool
) -> Row:
    buyers = [s for s in cohort if _acted(book, s, group, window, ("order",))]
    former = sum(_was_customer(book, s) for s in buyers)
    row: Row = {
        f"first_order_{name}_members": len(buyers) if done else None,
        f"first_order_{name}_rate": ratio(len(buyers), len(cohort)) if done else None,
        f"is_order_complete_{name}": done,
    }
    if name == "30d":
        row |= {
            "first_order_30d_new_members": len(buyers) - former if done else None,
            "first_order_30d_former_members": former if done else None,
        }
    return row


def retention(book: Book, by_group: bool) -> list[Row]:
    """Rows of retention.cohorts."""
    rows: list[Row] = []
    week_of = book.world.calendar.week
    for group in book.scopes(by_group):
        for week, cohort in sorted(book.cohorts(group).items()):
            for k in range(book.world.settings["retention_weeks"] + 1):
                target = week + WEEK * k
                done = _over(book, "activity", target, timedelta(0), group)
                posted, bought = (done and kind in book.world.kinds for kind in ("message", "order"))
                kinds = [
                    {
                        a.kind
                        for a in book.acts_of(s.member_id, group)
                        if a.at >= s.joined_at and week_of(a.day) == target
                    }
                    for s in cohort
                ]
                active = sum(bool(found) for found in kinds) if done else None
                row: Row = {"group_id": group} if by_group else {}
                row |= {
                    "cohort_week": week,
                    "week_index": k,
                    "cohort_size": len(cohort),
                    "active_members": active,
                    "posting_members": sum("post" in found for found in kinds) if posted else None,
                    "buying_members": sum("order" in found for found in kinds) if bought else None,
                    "retention_rate": ratio(active, len(cohort)),
                    "is_complete": done,
                }
                rows.append(row)
    return rows


def aarrr(book: Book, by_group: bool) -> list[Row]:
    """Rows of scorecard.aarrr."""
    rows: list[Row] = []
    for group in book.scopes(by_group):
        for week, cohort in sorted(book.cohorts(group).items()):
            over = {
                "acquired": _over(book, "join", week, timedelta(0), group),
                "activated": _over(book, "activity", week, 7 * DAY, group),
                "retained": _over(book, "activity", week + 4 * WEEK, timedelta(0), group),
                "paid": _over(book, "order", week, 30 * DAY, group),
                "referred": all(_over(book, kind, week, 30 * DAY, group) for kind in ("join", "invite")),
            }
            reached = {s.member_id: _stages(book, s, group, week) for s in cohort}
            closed = set(reached)
            closed_over = True
            for place, stage in enumerate(STAGES, start=1):
                here = {m: found[stage] for m, found in reached.items() if stage in found}
                closed &= set(here)
                closed_over = closed_over and over[stage]
                counts = over[stage] or stage == "acquired"  # the size of a cohort is always everyone in it
                former = sum(_was_customer(book, s) for s in cohort if s.member_id in here)
                row: Row = {"group_id": group} if by_group else {}
                row |= {
                    "cohort_week": week,
                    "stage": stage,
                    "place": place,
                    "members": len(here) if counts else None,
                    "former_customers": former if counts else None,
                    "share_of_acquired": ratio(len(here), len(cohort)) if over[stage] else None,
                    "closed_members": len(closed) if closed_over or place == 1 else None,
                    "closed_share": ratio(len(closed), len(cohort)) if closed_over else None,
                    "median_days_from_join": median(here.values())
                    if over[stage] and stage != "retained"
                    else None,
                    "is_complete": over[stage],
                    "is_closed_complete": closed_over,
                }
                rows.append(row)
    return rows


def _stages(book: Book, stay: Stay, group: str | None, week: date) -> dict[str, float]:
    """Stage -> days from the join at which it was reached."""
    joined = stay.joined_at
    acts = [a for a in book.acts_of(stay.member_id, group) if a.at >= joined]
    week_of = book.world.calendar.week
    times = {
        "acquired": [joined],
        "activated": [a.at for a in acts if a.at < joined + 7 * DAY],
        "retained": [a.at for a in acts if week_of(a.day) == week + 4 * WEEK],
        "paid": [a.at for a in acts if a.kind == "order" and a.at < joined + 30 * DAY],
        "referred": [
            i.joined_at
            for i in book.invites
            if i.outcome == "joined"
            and i.inviter_id == stay.member_id
            and i.joined_at is not None
            and joined <= i.joined_at < joined + 30 * DAY
            and (group is None or i.group_id == group)
        ],
    }
    return {stage: (min(found) - joined) / DAY for stage, found in times.items() if found}
