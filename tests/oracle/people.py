"""Stays, community stays and members, by metrics.md §1."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tests.oracle.world import COUNTED, HOUR, World

RANK = {"join": 0, "leave": 1, "kick": 2, "message": 3, "invite": 4, "order": 5}


@dataclass(frozen=True)
class Stay:
    """Member in group from joined_at until left_at. `group_id` is None for the community."""

    member_id: str
    group_id: str | None
    stay_number: int
    joined_at: datetime
    left_at: datetime | None
    exit_kind: str | None
    is_join_known: bool
    is_opened: bool

    def holds(self, at: datetime) -> bool:
        """In at this instant: joined at or before, not left."""
        return self.joined_at <= at and (self.left_at is None or self.left_at > at)

    def held_before(self, at: datetime) -> bool:
        """In just before this instant: the members of a period that starts or ends at it."""
        return (self.joined_at < at or not self.is_opened) and (self.left_at is None or self.left_at >= at)


@dataclass(frozen=True)
class Sign:
    """A group event of a member."""

    at: datetime
    kind: str
    row: int
    group_id: str

    @property
    def order(self) -> tuple[datetime, int, int]:
        """Ties break by kind, then source row."""
        return self.at, RANK[self.kind], self.row


@dataclass(frozen=True)
class People:
    """Who is where when."""

    roles: dict[str, str]
    stays: list[Stay]
    community: list[Stay]
    signs: dict[str, list[Sign]]
    export_start: datetime | None

    def is_counted(self, member: str | None) -> bool:
        """Whether a person is a member in the sense of the metrics."""
        return member is not None and self.roles.get(member, "member") in COUNTED


def read_people(world: World) -> People:
    """Stays in groups and in the community of everybody seen."""
    signs: dict[str, list[Sign]] = defaultdict(list)
    for j in world.joins:
        signs[j.member_id].append(Sign(j.occurred_at, j.action, j.row_number, j.group_id))
    for m in world.messages:
        signs[m.member_id].append(Sign(m.occurred_at, "message", m.row_number, m.group_id))
    for i in world.invites:
        signs[i.inviter_id].append(Sign(i.invited_at, "invite", i.row_number, i.group_id))
    for found in signs.values():
        found.sort(key=lambda s: s.order)
    days = world.days("join") or world.days("message")
    start = world.calendar.start(min(days)) if days else None
    stays: list[Stay] = []
    community: list[Stay] = []
    if start is not None:
        for member, found in signs.items():
            mine = _of_member(world, member, found, start)
            stays += mine
        stays = _moved(world, stays)
        by_member: dict[str, list[Stay]] = defaultdict(list)
        for stay in stays:
            by_member[stay.member_id].append(stay)
        for member, mine in by_member.items():
            community += _community(world, mine, _is_known(signs[member], start))
    return People(_roles(world), stays, community, signs, start)


def _roles(world: World) -> dict[str, str]:
    roles: dict[str, str] = {}
    rows = sorted([*world.joins, *world.messages], key=lambda r: r.occurred_at)
    for row in rows:
        if row.role is not None:
            roles[row.member_id] = row.role
    for member, row in world.people.items():
        if row.role is not None:
            roles[member] = row.role
    return roles


def _is_known(signs: list[Sign], start: datetime) -> bool:
    return signs[0].kind == "join" and signs[0].at >= start


def _of_member(world: World, member: str, signs: list[Sign], start: datetime) -> list[Stay]:
    begin = signs[0].at if _is_known(signs, start) else start
    by_group: dict[str, list[Sign]] = defaultdict(list)
    for sign in signs:
        by_group[sign.group_id].append(sign)
    stays: list[Stay] = []
    for group, mine in by_group.items():
        if all(sign.kind == "invite" for sign in mine):
            continue  # an invite sent to a group does not put the inviter into it
        spans = _spans(world, mine, begin, start)
        for number, (joined, left, kind, known) in enumerate(spans, start=1):
            opened = known or joined > start
            stays.append(Stay(member, group, number, joined, left, kind, known, opened))
    return stays


def _spans(
    world: World, signs: list[Sign], begin: datetime, start: datetime
) -> list[tuple[datetime, datetime | None, str | None, bool]]:
    """(joined, left, kind, known) of one member in one group, rejoins within 24 h continued."""
    merge = timedelta(hours=world.settings["rejoin_hours"])
    spans: list[list] = []
    group = world.groups.get(signs[0].group_id)
    closed_at = group.closed_at if group else None
    if not _is_known(signs, start):
        early = [s for s in signs if s.at < start and s.kind in ("join", "leave", "kick")]
        later = [s for s in signs if s.at >= start]
        if not early or early[-1].kind == "join" or (later and later[0].kind != "join"):
            spans.append([begin, None, None, False])
        signs = later
    for sign in _first_of_day(world, signs):
        is_in = bool(spans) and spans[-1][1] is None
        is_back = bool(spans) and not is_in and sign.at - spans[-1][1] < merge
        if sign.kind == "join" and is_back:
            spans[-1][1:3] = [None, None]
        elif sign.kind == "join" and not is_in:
            spans.append([sign.at, None, None, True])
        elif sign.kind == "message" and not is_in and not is_back:
            # Whoever writes in a group is in it; a line moments after the exit is late, not a return.
            spans.append([sign.at, None, None, False])
        elif sign.kind in ("leave", "kick") and is_in:
            spans[-1][1:3] = [sign.at, sign.kind]
    if closed_at is not None:
        spans = [s for s in spans if s[0] < closed_at]
        if spans and (spans[-1][1] is None or spans[-1][1] >= closed_at):
            spans[-1][1:3] = [closed_at, "dissolved"]
    return [tuple(s) for s in spans]


def _first_of_day(world: World, signs: list[Sign]) -> list[Sign]:
    """The signs of a member in a group; of messages the first of each day."""
    seen: set[date] = set()
    kept = []
    for sign in signs:
        day = world.calendar.day(sign.at)
        if sign.kind != "message" or day not in seen:
            kept.append(sign)
        if sign.kind == "message":
            seen.add(day)
    return kept


def _moved(world: World, stays: list[Stay]) -> list[Stay]:
    window = world.settings["moved_hours"] * HOUR
    starts: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for stay in stays:
        starts[stay.member_id, str(stay.group_id)].append(stay.joined_at)
    done = []
    for stay in stays:
        group = world.groups.get(str(stay.group_id))
        if stay.left_at is not None and stay.exit_kind != "dissolved" and group is not None:
            targets = {group.parent_group_id, group.successor_group_id} - {None}
            if any(
                abs(at - stay.left_at) <= window
                for t in targets
                for at in starts.get((stay.member_id, t), [])
            ):
                stay = replace(stay, exit_kind="moved")
        done.append(stay)
    return done


def _community(world: World, stays: list[Stay], known: bool) -> list[Stay]:
    merge = timedelta(hours=world.settings["rejoin_hours"])
    merged: list[Stay] = []
    for stay in sorted(stays, key=lambda s: (s.joined_at, s.left_at or datetime.max)):
        last = merged[-1] if merged else None
        if last is not None and (last.left_at is None or stay.joined_at - last.left_at < merge):
            if last.left_at is not None and (stay.left_at is None or stay.left_at > last.left_at):
                merged[-1] = replace(last, left_at=stay.left_at, exit_kind=stay.exit_kind)
        else:
            is_known = known if last is None else stay.is_join_known
            merged.append(
                replace(
                    stay,
                    group_id=None,
                    stay_number=len(merged) + 1,
                    is_join_known=is_known,
                    is_opened=is_known or stay.is_opened,
                )
            )
    return merged
