"""referral.generations, inviters, flows, quality and abuse: what invitations brought and what became of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.book import Book, ratio
from tests.oracle.invites import Invite
from tests.oracle.money import ZERO
from tests.oracle.people import Stay
from tests.oracle.referring import tree
from tests.oracle.world import DAY, HOUR

Row = dict[str, Any]


def generations(book: Book) -> list[Row]:
    """Rows of referral.generations: the members of the trees by their distance from the root."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in tree(book):
        found[row["generation"]].append(row)
    return [
        {
            "generation": generation,
            "members": len(members),
            "joined_invitees": (joined := sum(m["direct_invitees"] for m in members)),
            "k_factor": ratio(joined, len(members)),
        }
        for generation, members in found.items()
    ]


def stays_of(book: Book) -> dict[str, list[Stay]]:
    """Community stays of counted members, in time."""
    found: dict[str, list[Stay]] = defaultdict(list)
    for stay in book.stays.get(None, []):
        found[stay.member_id].append(stay)
    return found


def sent_by_members(book: Book) -> dict[str, list[Invite]]:
    """Invitations by counted members."""
    found: dict[str, list[Invite]] = defaultdict(list)
    for invite in book.invites:
        if book.people.is_counted(invite.inviter_id):
            found[invite.inviter_id].append(invite)
    return found


def won(invites: list[Invite]) -> list[Invite]:
    """Those that brought somebody."""
    return [i for i in invites if i.outcome == "joined"]


def buyers_from_the_join(book: Book) -> tuple[dict[str, list[datetime]], dict[str, Decimal]]:
    """Paid orders and net revenue of each member from the first join on."""
    paid: dict[str, list[datetime]] = defaultdict(list)
    net: dict[str, Decimal] = defaultdict(Decimal)
    for order in book.orders.values():
        member = book.members.get(order.member_id or "")
        if member is None or member.first_joined_at is None:
            continue
        if order.is_paid and order.paid_at is not None and order.paid_at >= member.first_joined_at:
            paid[member.member_id].append(order.paid_at)
        for line in order.lines or []:
            if line.at >= member.first_joined_at:
                net[member.member_id] += line.amount
    return paid, net


def _sum(costs: list[Decimal | None]) -> Decimal | None:
    known = [c for c in costs if c is not None]
    return sum(known, ZERO) if known else None
