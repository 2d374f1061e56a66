"""referral.weekly (also by group), referral.tree and quality.reconciliation."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.book import Book, median, ratio
from tests.oracle.invites import Invite
from tests.oracle.world import DAY

Row = dict[str, Any]


def weekly(book: Book, by_group: bool) -> list[Row]:
    """Rows of referral.weekly: invitations by counted members, by week of sending."""
    world, week_of = book.world, book.world.calendar.week_at
    window = timedelta(hours=world.settings["invite_hours"])
    marks = [m for k in ("invite", "join") if k in world.kinds and (m := world.watermark(k))]
    sent: dict[tuple[str | None, date], list[Invite]] = defaultdict(list)
    for invite in book.invites:
        if book.people.is_counted(invite.inviter_id):
            for scope in (None, invite.group_id):
                sent[scope, week_of(invite.invited_at)].append(invite)
    rows: list[Row] = []
    invited_to = {group for group, _ in sent}
    for group in book.scopes(by_group):
        if by_group and group not in invited_to:
            continue  # nobody was ever invited to it
        active = _active(book, group)
        for week in book.weeks("invite"):
            _, end = book.span(week)
            done = book.covers_week("invite", week, group) and end + window <= min(marks)
            mine = sent[group, week]
            joined = [
                i
                for i in mine
                if i.outcome == "joined" and i.joined_at and i.joined_at < i.invited_at + window
            ]
            actives = len(active[week]) if book.covers_week("activity", week, group) else None
            successes_only = any(i.accepted_only for i in mine)
            inviters = len({i.inviter_id for i in mine})
            costs = [i.reward_cost for i in joined if i.reward_cost is not None]
            cost = sum(costs, Decimal(0)) if costs else None
            kept = _kept(book, joined) if end + window + 30 * DAY <= min(marks) else None
            row: Row = {"group_id": group} if by_group else {}
            row |= {
                "week_start": week,
                "invites_sent": len(mine),
                "inviters": inviters,
                "invites_joined": len(joined) if done else None,
                "invites_pending": sum(i.outcome == "pending" for i in mine),
                "acceptance_rate": ratio(len(joined), len(mine)) if done and not successes_only else None,
                "active_members": actives,
                "invites_per_active": ratio(len(mine), actives) if done else None,
                "k_factor": ratio(len(joined), actives) if done else None,
                "fission_multiple": ratio(len(joined), inviters) if done else None,
                "median_days_to_join": median(
                    (i.joined_at - i.invited_at) / DAY for i in joined if i.joined_at
                )
                if done
                else None,
                "reward_cost": cost if done else None,
                "cost_per_joined": ratio(cost, len(joined)) if done else None,
                "cost_per_kept_30d": ratio(cost, kept) if done else None,
                "is_complete": done,
            }
            rows.append(row)
    return rows


def _active(book: Book, group: str | None) -> dict[date, set[str]]:
    found: dict[date, set[str]] = defaultdict(set)
    for member in book.acts:
        for act in book.acts_of(member, group):
            found[book.world.calendar.week(act.day)].add(member)
    return found


def _kept(book: Book, joined: list[Invite]) -> int:
    """Invitees who are in any group 30 days after they joined."""
    kept = {
        s.member_id
        for i in joined
        for s in book.stays.get(None, [])
        if s.member_id == i.invitee_id and i.joined_at is not None and s.holds(i.joined_at + 30 * DAY)
    }
    return len(kept)


def tree(book: Book) -> list[Row]:
    """Rows of referral.tree: counted members who ever were in a group, staff invites cut off."""
    parents: dict[str, str | None] = {}
    for stay in book.stays.get(None, []):
        inviter = book.members[stay.member_id].inviter_id
        parents[stay.member_id] = inviter if inviter and book.people.is_counted(inviter) else None
    _cut_cycles(book, parents)
    for inviter in [p for p in parents.values() if p is not None]:
        parents.setdefault(inviter, None)
    children: dict[str, list[str]] = defaultdict(list)
    for member, parent in parents.items():
        if parent is not None:
            children[parent].append(member)
    rows: list[Row] = []
    below: dict[str, int] = {}
    for root in [m for m, p in parents.items() if p is None]:
        order = [(root, 0)]
        for member, generation in order:
            order += [(child, generation + 1) for child in children[member]]
        for member, _ in reversed(order):
            below[member] = sum(1 + below[child] for child in children[member])
        rows += [
            {
                "member_id": member,
                "inviter_id": parents[member],
                "root_member_id": root,
                "generation": generation,
                "direct_invitees": len(children[member]),
                "descendants": below[member],
                "tree_size": below[root] + 1,
            }
            for member, generation in order
        ]
    return rows


def _cut_cycles(book: Book, parents: dict[str, str | None]) -> None:
    """A cycle is cut above the member who joined first."""
    for start in sorted(parents):
        seen: list[str] = []
        member: str | None = start
        while member is not None and member not in seen:
            seen.append(member)
            member = parents.get(member)
        if member is not None:
            cycle = seen[seen.index(member) :]
            parents[min(cycle, key=lambda m: (book.members[m].first_joined_at, m))] = None


def reconciliation(book: Book) -> list[Row]:
    """Rows of quality.reconciliation: the platform's own numbers beside ours, with staff and bots."""
    world = book.world
    messages: dict[tuple[str | None, date], int] = defaultdict(int)
    posters: dict[tuple[str | None, date], set[str]] = defaultdict(set)
    for m in world.messages:
        if m.kind != "system":  # the platform counts what was sent, taken back or not
            for scope in (None, m.group_id):
                messages[scope, world.calendar.day(m.occurred_at)] += 1
                posters[scope, world.calendar.day(m.occurred_at)].add(m.member_id)
    firsts = [s for s in book.people.community if s.stay_number == 1 and s.is_join_known]
    rows: list[Row] = []
    for stat in world.platform:
        group, day = stat.group_id, stat.day
        start, end = world.calendar.start(day), world.calendar.start(day + DAY)
        own: float | None = None
        if stat.metric in ("messages", "posters", "active_members"):
            if day in world.days("message", group):
                own = messages[group, day] if stat.metric == "messages" else len(posters[group, day])
        elif day not in world.days("join", group):
            own = None
        elif stat.metric == "members":
            inside = (s for s in book.people.stays if group is None or s.group_id == group)
            own = len({s.member_id for s in inside if s.held_before(end)})
        elif stat.metric == "seats":
            own = sum(s.held_before(end) for s in book.people.stays if group is None or s.group_id == group)
        elif stat.metric == "new_members" and group is None:
            own = sum(start <= s.joined_at < end for s in firsts)
        value = float(stat.value)
        rows.append(
            {
                "day": day,
                "group_id": group,
                "metric": stat.metric,
                "own_value": own,
                "platform_value": value,
                "difference": None if own is None else own - value,
                "difference_rate": None if own is None else ratio(own - value, value),
            }
        )
    return rows
