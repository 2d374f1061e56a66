"""What members do: activity of counted members, and the firsts that follow from it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from tests.oracle.invites import Member
from tests.oracle.money import Order
from tests.oracle.world import MEANINGFUL, World


@dataclass(frozen=True)
class Act:
    """One thing that makes a counted member active: post, checkin, mini_program or order."""

    at: datetime
    day: date
    group_id: str | None
    kind: str


def read_acts(world: World, members: dict[str, Member], orders: dict[str, Order]) -> dict[str, list[Act]]:
    """Activity by member, in time. Orders count from the member's first join on."""
    acts: dict[str, list[Act]] = defaultdict(list)
    for m in world.messages:
        member = members[m.member_id]
        if not member.is_counted or m.revoked_at is not None or member.consent is False:
            continue
        kind = m.kind or "text"
        if kind in MEANINGFUL and not m.is_emoji_only:
            acts[m.member_id].append(
                Act(m.occurred_at, world.calendar.day(m.occurred_at), m.group_id, "post")
            )
        elif kind in ("checkin", "mini_program"):
            acts[m.member_id].append(Act(m.occurred_at, world.calendar.day(m.occurred_at), m.group_id, kind))
    for order in orders.values():
        if order.is_paid and order.is_counted and order.member_id and order.paid_at:
            joined = members[order.member_id].first_joined_at
            if joined is not None and order.paid_at >= joined:
                day = world.calendar.day(order.paid_at)
                acts[order.member_id].append(Act(order.paid_at, day, order.group_id, "order"))
    for found in acts.values():
        found.sort(key=lambda a: (a.at, a.kind))
    return acts


def add_firsts(
    world: World, members: dict[str, Member], orders: dict[str, Order], acts: dict[str, list[Act]]
) -> None:
    """Fill the first_* columns; all count from the first join on."""
    prepaid: dict[str, list[datetime]] = defaultdict(list)
    paid: dict[str, list[datetime]] = defaultdict(list)
    for row in world.orders:
        is_prepaid = row.kind in ("preorder_deposit", "recharge") and row.status != "cancelled"
        if is_prepaid and row.paid_at is not None and row.member_id is not None:
            prepaid[row.member_id].append(row.paid_at)
    for order in orders.values():
        if order.is_paid and order.member_id and order.paid_at:
            paid[order.member_id].append(order.paid_at)
    for m, member in members.items():
        joined = member.first_joined_at
        if joined is None:
            continue
        mine = [a for a in acts.get(m, []) if a.at >= joined]
        member.first_message_at = min((a.at for a in mine if a.kind == "post"), default=None)
        member.first_active_at = min((a.at for a in mine), default=None)
        after = sorted(t for t in paid.get(m, []) if t >= joined)
        if after:
            member.first_paid_at = after[0]
            first_day = world.calendar.day(after[0])
            member.second_paid_at = min((t for t in after if world.calendar.day(t) > first_day), default=None)
        member.first_prepaid_at = min((t for t in prepaid.get(m, []) if t >= joined), default=None)
