"""acquisition.channels, activation.curve and scorecard.stages: metrics.md §3, M03, M05, M06, M24, M79."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.oracle.book import WEEK, Book, median, ratio, wilson
from tests.oracle.chances import Ends, reached
from tests.oracle.joining import knows_exits
from tests.oracle.people import Stay
from tests.oracle.returning import LOST, month, next_month
from tests.oracle.world import DAY, HOUR

Row = dict[str, Any]
Cell = tuple[date, str, str]  # cohort week, channel, scene
HOURS = (1, 3, 6, 12, 24, 48, 72, 96, 120, 144, 168, 336, 504, 720)
MOMENT = timedelta(microseconds=1)
UNKNOWN = "unknown"
CENT = Decimal("0.01")


def channels(book: Book) -> list[Row]:
    """Rows of acquisition.channels."""
    cells: dict[Cell, list[Stay]] = defaultdict(list)
    sizes: dict[date, int] = {}
    for week, cohort in book.cohorts(None).items():
        sizes[week] = len(cohort)
        for stay in cohort:
            cells[_cell(book, week, stay)].append(stay)
    costs = _costs(book, cells)
    rows = []
    for cell in sorted(set(cells) | set(costs or {})):
        week, channel, scene = cell
        start, end = book.span(week)
        cohort = cells.get(cell, [])
        cost = None if costs is None else costs.get(cell, Decimal(0))

        def over(kind: str, window: timedelta, start: datetime = start, end: datetime = end) -> bool:
            return book.world.is_covered(kind, start, end + window)

        joined = book.covers_week("join", week)
        exits = over("join", 7 * DAY)
        orders = over("order", 30 * DAY)
        row: Row = {
            "cohort_week": week,
            "channel": channel,
            "scene": scene,
            "new_members": len(cohort),
            "share": ratio(len(cohort), sizes.get(week)),
            "is_exit_complete_7d": exits,
            "is_complete_7d": over("activity", 7 * DAY),
            "is_order_complete_30d": orders,
            "is_complete_30d": over("activity", 30 * DAY),
            "is_complete": joined,
        }
        early = sum(
            s.left_at is not None and s.exit_kind in LOST and s.left_at - s.joined_at < WEEK for s in cohort
        )
        row |= _rate("early_exit", early if exits and knows_exits(book) else None, len(cohort), True)
        active = sum(_does(book, s, WEEK) for s in cohort)
        row |= _rate("activated", active if row["is_complete_7d"] else None, len(cohort))
        buyers = sum(_does(book, s, 30 * DAY, ("order",)) for s in cohort) if orders else None
        row |= {"buyers": buyers, "buyer_rate": ratio(buyers, len(cohort))}
        heard = [s for s in cohort if book.members[s.member_id].consent is not False]
        silent = sum(not _does(book, s, 30 * DAY, ("order", "post")) for s in heard)
        whole = row["is_complete_30d"] and {"message", "order"} <= book.world.kinds
        row |= _rate("untargeted", silent if whole else None, len(heard))
        row |= {"archived_members": len(heard), "cost": cost}
        row["cost_per_member"] = ratio(cost, len(cohort)) if joined else None
        row["cost_per_buyer"] = ratio(cost, buyers)
        rows.append(row)
    return rows


def _rate(name: str, count: int | None, base: int, has_interval: bool = False) -> Row:
    row: Row = {f"{name}_members": count, f"{name}_rate": ratio(count, base)}
    if has_interval:
        low, high = (None, None) if count is None else wilson(count, base)
        row |= {f"{name}_low": low, f"{name}_high": high}
    return row


def _cell(book: Book, week: date, stay: Stay) -> Cell:
    member = book.members[stay.member_id]
    return week, member.channel or UNKNOWN, member.scene or UNKNOWN


def _does(book: Book, stay: Stay, window: timedelta, kinds: tuple[str, ...] = ()) -> bool:
    """Whether somebody is active within a window after the join, in one of the ways."""
    return any(
        stay.joined_at <= a.at < stay.joined_at + window and (not kinds or a.kind in kinds)
        for a in book.acts_of(stay.member_id, None)
    )


def _costs(book: Book, cells: dict[Cell, list[Stay]]) -> dict[Cell, Decimal] | None:
    """Lead gifts and spend by row; None where nobody exported a cost."""
    world = book.world
    spent = [c for c in world.campaigns if c.spend is not None]
    if not spent and all(g.unit_cost is None for g in world.gifts):
        return None
    home = {s.member_id: cell for cell, cohort in cells.items() for s in cohort}
    channel_of = {c.campaign_id: c.channel for c in reversed(world.campaigns)}
    found: dict[Cell, Decimal] = defaultdict(Decimal)
    shared: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for gift in world.gifts:
        if gift.gift_kind != "lead" or gift.unit_cost is None:
            continue
        if gift.member_id in home:
            found[home[gift.member_id]] += gift.unit_cost
        elif gift.issued_at is not None:
            week = world.calendar.week_at(gift.issued_at)
            shared[week, channel_of.get(gift.campaign_id) or UNKNOWN] += gift.unit_cost
    for campaign in spent:
        if campaign.starts_at is None:
            continue
        first = world.calendar.day(campaign.starts_at)
        last = first
        if campaign.ends_at is not None:
            last = max(first, world.calendar.day(campaign.ends_at - MOMENT))
        days = [world.calendar.week(first + DAY * i) for i in range((last - first).days + 1)]
        parts = shared_out(campaign.spend, [days.count(week) for week in sorted(set(days))])
        for week, part in zip(sorted(set(days)), parts, strict=True):
            shared[week, campaign.channel or UNKNOWN] += part
    for (week, channel), amount in shared.items():
        scenes = sorted(cell for cell in cells if cell[:2] == (week, channel))
        parts = shared_out(amount, [len(cells[cell]) for cell in scenes] or [1])
        for cell, part in zip(scenes or [(week, channel, UNKNOWN)], parts, strict=True):
            found[cell] += part
    return dict(found)


def shared_out(amount: Decimal, weights: list[int]) -> list[Decimal]:
    """Parts of an amount by weight: differences of running sums rounded to cents, so that they add up."""
    total, done, parts = sum(weights), 0, []
    before = Decimal(0)
    for weight in weights:
        done += weight
        running = (amount * done / total).quantize(CENT, ROUND_HALF_UP)
        parts.append(running - before)
        before = running
    return parts


def curve(book: Book) -> list[Row]:
    """Rows of activation.curve."""
    activity = [k for k in ("message", "order") if k in book.world.kinds]
    end = end_of(book, "join", *activity) if activity else None
    spoken_end = end_of(book, "join", "message") if "message" in activity else None
    rows: list[Row] = []
    cohorts = book.cohorts(None)
    whole: list[Stay] = []
    for week, cohort in sorted(cohorts.items()):
        start, after = book.span(week)
        if end is not None and _is_whole(book, start, min(after + HOURS[-1] * HOUR, max(end, start))):
            whole += cohort
        rows += _curve(book, week, cohort, end, spoken_end)
    return rows + _curve(book, None, whole, end, spoken_end) if cohorts else []


def end_of(book: Book, *kinds: str) -> datetime | None:
    """The earliest watermark of some kinds."""
    marks = [book.world.watermark(k) for k in kinds]
    return None if None in marks else min(m for m in marks if m is not None)


def _is_whole(book: Book, start: datetime, end: datetime) -> bool:
    return all(book.world.is_covered(kind, start, end) for kind in ("join", "activity"))


def _curve(
    book: Book, week: date | None, cohort: list[Stay], end: datetime | None, spoken_end: datetime | None
) -> list[Row]:
    heard = [s for s in cohort if book.members[s.member_id].consent is not False]
    acted = ends_of(book, cohort, end, ())
    left: Ends = [(time, {1: 2, 2: 1}.get(kind, kind)) for time, kind in acted]
    spoke = ends_of(book, heard, spoken_end, ("post",))
    active, gone, spoken = reached(acted), reached(left), reached(spoke)
    rows: list[Row] = []
    for hours in HOURS:
        time = hours * HOUR
        at_risk = sum(t >= time for t, _ in acted)
        over, heard_over = False, False
        if week is not None:
            start, after = book.span(week)
            over = end is not None and after + time <= end and _is_whole(book, start, after + time)
            heard_over = spoken_end is not None and after + time <= spoken_end and over
        else:
            over = any(t >= time for t, _ in acted)
            heard_over = any(t >= time for t, _ in spoke)
        rows.append(
            {
                "cohort_week": week,
                "hour": hours,
                "cohort_size": len(cohort),
                "at_risk": at_risk if over else None,
                "activated_share": active(time - MOMENT) if over and acted else None,
                "left_share": gone(time - MOMENT) if over and acted and knows_exits(book) else None,
                "spoken_share": spoken(time - MOMENT) if heard_over and spoke else None,
            }
        )
    return rows


def ends_of(book: Book, cohort: list[Stay], end: datetime | None, kinds: tuple[str, ...]) -> Ends:
    """How long each was followed: 1 active first, 2 left first, 0 still followed at W."""
    found = []
    for stay in cohort:
        if end is None or stay.joined_at >= end:
            continue
        acts = [
            a.at
            for a in book.acts_of(stay.member_id, None)
            if a.at >= stay.joined_at and (not kinds or a.kind in kinds)
        ]
        left = stay.left_at if stay.exit_kind in LOST else None
        times = [
            (t, order) for t, order in ((left, 2), (min(acts, default=None), 1)) if t is not None and t < end
        ]
        if not times:
            found.append((end - stay.joined_at, 0))
        else:
            first = min(t for t, _ in times)
            found.append((first - stay.joined_at, 2 if left == first else 1))
    return found


STAGES = {
    "in_group": ("join",),
    "warmed": ("join", "message"),
    "returned": ("join", "message", "order"),
    "prepaid": ("join", "message", "order"),
    "referred": ("join", "message", "order", "invite"),
}


def stages(book: Book) -> list[Row]:
    """Rows of scorecard.stages: each stage needs all before it, in time."""
    cohorts: dict[date, list[Stay]] = defaultdict(list)
    for cohort in book.cohorts(None).values():
        for stay in cohort:
            if book.members[stay.member_id].consent is not False:
                cohorts[month(book.world.calendar.day(stay.joined_at))].append(stay)
    prepaid = _prepaid(book)
    rows: list[Row] = []
    for first, cohort in sorted(cohorts.items()):
        walks = [_walk(book, s, prepaid.get(s.member_id, [])) for s in cohort]
        start = book.world.calendar.start(first)
        end = book.world.calendar.start(next_month(first)) + 180 * DAY
        for place, (stage, kinds) in enumerate(STAGES.items()):
            done = all(k in book.world.kinds and book.world.is_covered(k, start, end) for k in kinds)
            if place == 0:  # a size needs no window: it is known once the month is over
                done = book.world.is_covered("join", start, end - 180 * DAY)
            is_exported = all(k in book.world.kinds for k in kinds)
            here = [w for w in walks if len(w) > place]
            waits = [(w[place] - w[max(place - 1, 0)]) / DAY for w in here]
            rows.append(
                {
                    "cohort_month": first,
                    "stage": stage,
                    "members": len(here) if done or place == 0 else None,
                    "members_so_far": len(here) if is_exported else None,
                    "share": ratio(len(here), len(cohort)) if done else None,
                    "median_days": median(waits) if done else None,
                    "is_complete": done,
                }
            )
    return rows


def _prepaid(book: Book) -> dict[str, list[tuple[datetime, str]]]:
    found: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for row in book.world.orders:
        is_prepaid = row.kind in ("preorder_deposit", "recharge") and row.status != "cancelled"
        if is_prepaid and row.paid_at is not None and row.member_id is not None:
            found[row.member_id].append((row.paid_at, row.order_id))
    return found


def _walk(book: Book, stay: Stay, prepaid: list[tuple[datetime, str]]) -> list[datetime]:
    """Instants of the stages reached one after the other, within 180 days of the join."""
    end = stay.joined_at + 180 * DAY
    steps = [stay.joined_at]
    posts = [a.at for a in book.acts_of(stay.member_id, None) if a.kind == "post"]
    steps += _earliest(posts, steps[-1], end)
    if len(steps) < 2:
        return steps
    orders = sorted(
        (o.paid_at, o.order_id)
        for o in book.orders.values()
        if o.is_paid
        and o.member_id == stay.member_id
        and o.paid_at is not None
        and o.paid_at >= stay.joined_at
    )
    day = book.world.calendar.day
    if not book.members[stay.member_id].was_customer:
        orders = [o for o in orders if day(o[0]) > day(orders[0][0])]
    back = next((o for o in orders if steps[-1] <= o[0] < end), None)
    if back is None:
        return steps
    steps.append(back[0])
    ahead = _earliest([at for at, order in prepaid if order != back[1]], steps[-1], end)
    if not ahead:
        return steps
    steps += ahead
    brought = [
        i.joined_at
        for i in book.invites
        if i.outcome == "joined" and i.inviter_id == stay.member_id and i.joined_at is not None
    ]
    return steps + _earliest(brought, steps[-1], end)


def _earliest(times: list[datetime], start: datetime, end: datetime) -> list[datetime]:
    return sorted(t for t in times if start <= t < end)[:1]
