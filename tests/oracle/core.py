"""core.stays, community_stays, members, orders and invites as rows."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tests.oracle.book import Book

Row = dict[str, Any]


def stays(book: Book) -> list[Row]:
    """Rows of core.stays: counted members only."""
    return [
        {**vars(s), "left_after": None, "is_exit_inferred": False}
        for s in book.people.stays
        if book.people.is_counted(s.member_id)
    ]


def community_stays(book: Book) -> list[Row]:
    """Rows of core.community_stays."""
    return [
        {name: value for name, value in vars(s).items() if name != "group_id"}
        for s in book.stays.get(None, [])
    ]


def members(book: Book) -> list[Row]:
    """Rows of core.members. Posts are meaningful by definition only where a counted member wrote them."""
    week_at = book.world.calendar.week_at
    return [
        {
            "member_id": m.member_id,
            "first_seen_at": m.first_seen_at,
            "first_joined_at": m.first_joined_at,
            "is_join_known": m.is_join_known,
            "cohort_week": week_at(m.first_joined_at) if m.is_join_known and m.first_joined_at else None,
            "first_group_id": m.first_group_id,
            "scene": m.scene,
            "channel": m.channel,
            "campaign_id": m.campaign_id,
            "inviter_id": m.inviter_id,
            "role": m.role,
            "is_counted": m.is_counted,
            "first_message_at": m.first_message_at,
            "first_active_at": m.first_active_at,
            "first_paid_at": m.first_paid_at,
            "second_paid_at": m.second_paid_at,
            "first_prepaid_at": m.first_prepaid_at,
            "first_referred_at": m.first_referred_at,
            "first_purchase_at": m.first_purchase_at,
            "was_customer": m.was_customer,
            "archive_consent": m.consent,
        }
        for m in book.members.values()
    ]


def orders(book: Book) -> list[Row]:
    """Rows of core.orders."""
    return [
        {
            "order_id": o.order_id,
            "member_id": o.member_id,
            "group_id": o.group_id,
            "attributed_by": o.attributed_by,
            "buyer_kind": o.buyer_kind,
            "ordered_at": o.ordered_at,
            "paid_at": None if o.kind == "refund" else o.paid_at,
            "kind": o.kind,
            "is_paid": o.is_paid,
            "is_counted": o.is_counted,
            "gmv": o.gmv,
            "refunded": o.refunded,
            "net_revenue": o.gmv + o.refunded,
            "purchase_number": o.purchase_number,
            "is_first_purchase": None if o.purchase_number is None else o.purchase_number == 1,
        }
        for o in book.orders.values()
    ]


def invites(book: Book) -> list[Row]:
    """Rows of core.invites; one that brought nobody has no join. Equal invites have a `place`."""
    rows: list[Row] = []
    places: dict[Any, int] = defaultdict(int)
    for i in sorted(book.invites, key=lambda i: i.outcome):
        places[i.key] += 1
        rows.append(
            {
                "group_id": i.group_id,
                "inviter_id": i.inviter_id,
                "invitee_id": i.invitee_id,
                "invited_at": i.invited_at,
                "place": places[i.key],
                "joined_at": i.joined_at if i.outcome == "joined" else None,
                "outcome": i.outcome,
                "is_mature": i.is_mature,
                "accepted_only": i.accepted_only,
            }
        )
    return rows
