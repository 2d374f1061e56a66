"""Invites and their outcome, and members' firsts, by metrics.md §1 and §3."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tests.oracle.money import Order
from tests.oracle.people import People, Stay
from tests.oracle.world import World


@dataclass
class Invite:
    """One invitation; `joined_at` is the invitee's first join in the community."""

    key: tuple[str, str, str | None, datetime]
    group_id: str
    inviter_id: str
    invitee_id: str | None
    invited_at: datetime
    row: int
    reward_cost: Decimal | None
    source: str
    accepted_only: bool
    joined_at: datetime | None = None
    outcome: str = ""
    is_mature: bool = False
    campaign_id: str | None = None
    rewarded_at: datetime | None = None
    reward_kind: str | None = None
    invite_id: str = ""


def first_seen(world: World) -> dict[str, datetime]:
    """First event of any kind of each member, as exported."""
    seen: dict[str, datetime] = {}

    def note(member: str | None, at: datetime) -> None:
        if member is not None and (member not in seen or at < seen[member]):
            seen[member] = at

    for j in world.joins:
        note(j.member_id, j.occurred_at)
    for m in world.messages:
        note(m.member_id, m.occurred_at)
    for o in world.orders:
        note(o.member_id, o.ordered_at)
    for i in world.invites:
        note(i.inviter_id, i.invited_at)
    return seen


def read_invites(world: World, people: People) -> list[Invite]:
    """Exported invites, and joins that name an inviter where `invites` lacks that group and invitee."""
    found = [
        Invite(
            (i.group_id, i.inviter_id, i.invitee_id, i.invited_at),
            i.group_id,
            i.inviter_id,
            i.invitee_id,
            i.invited_at,
            i.row_number,
            i.reward_cost,
            i.source,
            i.source in world.accepted_sources,
            campaign_id=i.campaign_id,
            rewarded_at=i.rewarded_at,
            reward_kind=i.reward_kind,
            invite_id=i.invite_id or i.event_key,
        )
        for i in world.invites
    ]
    known = {(i.group_id, i.invitee_id) for i in found}
    for j in world.joins:
        if j.action == "join" and j.inviter_id is not None and (j.group_id, j.member_id) not in known:
            found.append(
                Invite(
                    (j.group_id, j.inviter_id, j.member_id, j.occurred_at),
                    j.group_id,
                    j.inviter_id,
                    j.member_id,
                    j.occurred_at,
                    j.row_number,
                    None,
                    j.source,
                    True,
                    campaign_id=j.campaign_id,
                    invite_id=j.event_key,
                )
            )
    first = {s.member_id: s for s in people.community if s.stay_number == 1}
    seen = first_seen(world)
    window = timedelta(hours=world.settings["invite_hours"])
    marks = [m for k in ("join", "invite") if (m := world.watermark(k))]
    end = min(marks) if marks else datetime.max
    won: set[str] = set()
    for invite in sorted(found, key=lambda i: (i.invited_at, i.row)):
        invite.is_mature = invite.invited_at + window <= end
        invite.outcome = _outcome(invite, first, seen, won)
        if invite.outcome == "joined":
            won.add(str(invite.invitee_id))
        if not invite.outcome:
            invite.outcome = "expired" if invite.is_mature else "pending"
    return found


def _outcome(invite: Invite, first: dict[str, Stay], seen: dict[str, datetime], won: set[str]) -> str:
    if invite.invitee_id is None:
        return "unknown_invitee"
    if invite.invitee_id == invite.inviter_id:
        return "self"
    stay = first.get(invite.invitee_id)
    if stay is None:
        return ""
    if not stay.is_join_known or stay.joined_at < invite.invited_at:
        return "not_new"
    invite.joined_at = stay.joined_at
    if not seen.get(invite.inviter_id, datetime.max) < stay.joined_at:
        return "late_inviter"
    return "later_invite" if invite.invitee_id in won else "joined"


@dataclass
class Member:
    """A person with the firsts of core.members."""

    member_id: str
    role: str
    is_counted: bool
    first_seen_at: datetime | None
    stay: Stay | None
    first_group_id: str | None
    scene: str | None
    channel: str | None
    campaign_id: str | None
    inviter_id: str | None
    first_purchase_at: datetime | None
    consent: bool | None
    first_message_at: datetime | None = None
    first_active_at: datetime | None = None
    first_paid_at: datetime | None = None
    second_paid_at: datetime | None = None
    first_prepaid_at: datetime | None = None
    first_referred_at: datetime | None = None

    @property
    def first_joined_at(self) -> datetime | None:
        """First join, or the start of the export where it is unknown."""
        return self.stay.joined_at if self.stay else None

    @property
    def is_join_known(self) -> bool:
        """Whether the first join is known."""
        return self.stay is not None and self.stay.is_join_known

    @property
    def was_customer(self) -> bool:
        """Bought before the join."""
        joined, bought = self.first_joined_at, self.first_purchase_at
        return joined is not None and bought is not None and bought < joined


def read_members(
    world: World, people: People, orders: dict[str, Order], invites: list[Invite]
) -> dict[str, Member]:
    """Everybody seen in an event or the member export, without activity (see `activity.add_firsts`)."""
    seen = first_seen(world)
    everybody = set(seen) | set(world.people) | {i.invitee_id for i in world.invites if i.invitee_id}
    stays = {s.member_id: s for s in people.community if s.stay_number == 1}
    rows = {(j.member_id, j.group_id, j.occurred_at): j for j in world.joins if j.action == "join"}
    inviter = {i.invitee_id: i.inviter_id for i in invites if i.outcome == "joined"}
    bought: dict[str, datetime] = {}
    for order in orders.values():
        if order.is_paid and order.member_id and order.paid_at:
            bought[order.member_id] = min(order.paid_at, bought.get(order.member_id, order.paid_at))
    members = {}
    for m in sorted(everybody):
        signs, stay, person = people.signs.get(m, []), stays.get(m), world.people.get(m)
        sign = signs[0] if signs else None
        join = rows.get((m, sign.group_id, sign.at)) if sign else None
        members[m] = Member(
            m,
            people.roles.get(m, "member"),
            people.is_counted(m),
            seen.get(m),
            stay,
            sign.group_id if sign else None,
            join.scene if join else None,
            join.channel if join else None,
            join.campaign_id if join else None,
            inviter.get(m),
            bought.get(m),
            person.archive_consent if person else None,
        )
    referred: dict[str, list[datetime]] = defaultdict(list)
    for invite in invites:
        if invite.outcome == "joined" and invite.joined_at:
            referred[invite.inviter_id].append(invite.joined_at)
    for m, times in referred.items():
        joined = members[m].first_joined_at
        after = [t for t in times if joined is not None and t >= joined]
        members[m].first_referred_at = min(after, default=None)
    return members
