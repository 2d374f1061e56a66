"""referral.generations, inviters, flows, quality and abuse: what invitations brought."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.oracle.book import WEEK, Book, ratio, wilson
from tests.oracle.invites import Invite
from tests.oracle.money import ZERO, Order
from tests.oracle.people import Stay
from tests.oracle.referring import tree
from tests.oracle.world import DAY, HOUR

Row = dict[str, Any]


@dataclass
class Judged:
    """An invitation by a counted member and what became of it; None = not known."""

    invite: Invite
    is_joined: bool
    is_kept: bool | None = None
    has_bought: bool | None = None
    revenue: Decimal | None = None
    is_gone: bool | None = None
    is_rewarded: bool = False
    is_paid_twice: bool = False


def knows_exits(book: Book) -> bool:
    """Whether anybody exported leaves or kicks."""
    return any(j.action in ("leave", "kick") for j in book.world.joins)


def report_at(book: Book) -> datetime | None:
    """R of joins and invites."""
    return book.world.report(*(k for k in ("join", "invite") if k in book.world.kinds))


def first_stays(book: Book) -> dict[str, list[Stay]]:
    """Community stays of everybody, in time."""
    found: dict[str, list[Stay]] = defaultdict(list)
    for stay in sorted(book.people.community, key=lambda s: (s.member_id, s.stay_number)):
        found[stay.member_id].append(stay)
    return found


def orders_of(book: Book) -> dict[str, list[Order]]:
    """Orders of identified customers."""
    found: dict[str, list[Order]] = defaultdict(list)
    for order in book.orders.values():
        if order.member_id is not None and order.is_counted:
            found[order.member_id].append(order)
    return found


def judge(book: Book) -> list[Judged]:
    """All invitations by counted members, looked at once."""
    world = book.world
    exits, stays, orders = knows_exits(book), first_stays(book), orders_of(book)
    end = world.watermark("join")
    has_times = any(i.rewarded_at is not None for i in book.invites)
    found: list[Judged] = []
    for invite in book.invites:
        if not book.people.is_counted(invite.inviter_id):
            continue
        one = Judged(invite, invite.outcome == "joined")
        cost = invite.reward_cost
        one.is_rewarded = invite.rewarded_at is not None if has_times else cost is not None and cost > 0
        one.is_gone = None if one.is_joined and one.is_rewarded else False
        found.append(one)
        if not one.is_joined:
            continue
        at = invite.joined_at
        assert at is not None and invite.invitee_id is not None
        mine = stays[invite.invitee_id]
        later = at + 720 * HOUR
        # Of somebody whom no join export knows nobody can say whether they stayed.
        if mine and exits and end is not None and later <= end and world.is_covered("join", at, later):
            one.is_kept = any(s.holds(later) for s in mine)
        if "order" in world.kinds:
            _money(one, at, orders.get(invite.invitee_id, []))
        told = invite.rewarded_at
        if not (mine and one.is_rewarded and told is not None and exits and end is not None):
            continue
        over = told + 48 * HOUR
        if over <= end and world.is_covered("join", at, max(at, over)):
            first = mine[0]
            one.is_gone = (
                first.left_at is not None and first.exit_kind in ("leave", "kick") and first.left_at < over
            )
    _paid_twice(found)
    return found


def _money(one: Judged, at: datetime, orders: list[Order]) -> None:
    one.has_bought = any(o.is_paid and o.paid_at is not None and o.paid_at >= at for o in orders)
    one.revenue = ZERO
    for order in orders:
        if order.kind == "refund":
            one.revenue += sum((x.amount for x in order.lines or [] if x.at >= at), ZERO)
        elif order.paid_at is not None and order.paid_at >= at:
            one.revenue += order.gmv + order.refunded


def _paid_twice(found: list[Judged]) -> None:
    seen: set[str] = set()
    rewarded = [j for j in found if j.is_rewarded and j.invite.outcome != "self" and j.invite.invitee_id]
    for one in sorted(rewarded, key=lambda j: _paid_order(j.invite)):
        invitee = str(one.invite.invitee_id)
        one.is_paid_twice = invitee in seen
        seen.add(invitee)


def _paid_order(invite: Invite) -> tuple[datetime, datetime, str]:
    return invite.rewarded_at or datetime.max, invite.invited_at, invite.invite_id


def generations(book: Book) -> list[Row]:
    """Rows of referral.generations: the members of the trees by their distance from the root."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in tree(book):
        found[row["generation"]].append(row)
    return [
        {
            "generation": generation,
            "members": len(members),
            "inviters": sum(m["direct_invitees"] > 0 for m in members) if book.invites else None,
            "joined_invitees": (
                joined := sum(m["direct_invitees"] for m in members) if book.invites else None
            ),
            "k_factor": ratio(joined, len(members)),
        }
        for generation, members in found.items()
    ]


def inviters(book: Book) -> list[Row]:
    """Rows of referral.inviters."""
    sent: dict[str, list[Judged]] = defaultdict(list)
    for one in judge(book):
        sent[one.invite.inviter_id].append(one)
    below = {row["member_id"]: row["descendants"] for row in tree(book)}
    seeds = seed_facts(book)
    rows: list[Row] = []
    for inviter, mine in sent.items():
        joined = [j for j in mine if j.is_joined]
        outcomes = [j.invite.outcome for j in mine]
        matured = [j for j in joined if j.is_kept is not None]
        has_orders = "order" in book.world.kinds
        joined_90d, is_seed = seeds[inviter]
        rows.append(
            {
                "inviter_id": inviter,
                "invites": len(mine),
                "joined": len(joined),
                "pending": outcomes.count("pending"),
                "expired": outcomes.count("expired"),
                "not_counted": sum(o not in ("joined", "pending", "expired") for o in outcomes),
                "matured_30d": len(matured),
                "retained_30d": (kept := sum(bool(j.is_kept) for j in matured) if matured else None),
                "retained_30d_rate": ratio(kept, len(matured)),
                "buyers": sum(bool(j.has_bought) for j in joined) if has_orders else None,
                "invitee_revenue": sum((j.revenue or ZERO for j in joined), ZERO) if has_orders else None,
                "descendants": below.get(inviter, 0),
                "joined_90d": joined_90d,
                "reward_cost": sum_known(j.invite.reward_cost for j in joined),
                "other_reward_cost": sum_known(j.invite.reward_cost for j in mine if not j.is_joined),
                "is_seed": is_seed,
            }
        )
    return rows


def seed_facts(book: Book) -> dict[str, tuple[int, bool]]:
    """Member -> (invitees who joined in the 90 days before R, whether a seed user)."""
    settings, end = book.world.settings, report_at(book)
    recent: dict[str, int] = defaultdict(int)
    for invite in book.invites:
        if (
            invite.outcome == "joined"
            and invite.joined_at
            and end
            and end - 90 * DAY <= invite.joined_at < end
        ):
            recent[invite.inviter_id] += 1
    below = {row["member_id"]: row["descendants"] for row in tree(book)}
    everybody = set(below) | {i.inviter_id for i in book.invites}
    return {
        m: (
            recent[m],
            below.get(m, 0) >= settings["seed_min_descendants"] or recent[m] >= settings["seed_min_invitees"],
        )
        for m in everybody
    }


def sum_known(costs: Any) -> Decimal | None:
    """Sum of what is known, None where nothing is."""
    known = [c for c in costs if c is not None]
    return sum(known, ZERO) if known else None


def flows(book: Book) -> list[Row]:
    """Rows of referral.flows: all joined invitations by group invited to and first group of the invitee."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in judge(book):
        if one.is_joined:
            first = book.members[str(one.invite.invitee_id)].first_group_id
            found[one.invite.group_id, first or "unknown"].append(one.invite.inviter_id)
    return [
        {"from_group": a, "to_group": b, "joined": len(by), "inviters": len(set(by))}
        for (a, b), by in found.items()
    ]


def quality(book: Book) -> list[Row]:
    """Rows of referral.quality."""
    world = book.world
    rows: list[Row] = []
    for week, cohort in book.cohorts(None).items():
        start, end = book.span(week)
        sources: dict[str, list[Stay]] = (
            {"invited": [], "not_invited": []} if book.invites else {"unknown": []}
        )
        for stay in cohort:
            inviter = book.members[stay.member_id].inviter_id
            brought = inviter is not None and book.people.is_counted(inviter)
            source = ("invited" if brought else "not_invited") if book.invites else "unknown"
            sources[source].append(stay)
        over = {
            "is_join_complete_7d": world.is_covered("join", start, end + WEEK),
            "is_complete_7d": world.is_covered("activity", start, end + WEEK),
            "is_complete_30d": world.is_covered("activity", start, end + 30 * DAY),
            "is_order_complete_30d": world.is_covered("order", start, end + 30 * DAY),
        }
        for source, mine in sources.items():
            row: Row = {"source": source, "cohort_week": week, "members": len(mine), **over}
            known = over["is_join_complete_7d"] and knows_exits(book)
            row |= _rate("survived_7d", "survival_7d", [_survived(s) for s in mine], known)
            for name, hours, flag in (("7d", 168, "is_complete_7d"), ("30d", 720, "is_complete_30d")):
                acted = [_acted(book, s, hours, None) for s in mine]
                row |= _rate(f"activated_{name}", f"activated_{name}", acted, over[flag], "_rate")
            bought = [_acted(book, s, 720, "order") for s in mine]
            row |= _rate("buyer_30d", "buyer_30d", bought, over["is_order_complete_30d"], "_rate")
            rows.append(row)
    return rows


def _rate(count: str, name: str, facts: list[bool], known: bool, tail: str = "") -> Row:
    k = sum(facts) if known else None
    low, high = wilson(k, len(facts)) if k is not None else (None, None)
    return {
        f"{count}_members": k,
        f"{name}{tail}": ratio(k, len(facts)),
        f"{name}_low": low,
        f"{name}_high": high,
    }


def _survived(stay: Stay) -> bool:
    return not (
        stay.left_at is not None
        and stay.exit_kind in ("leave", "kick")
        and stay.left_at < stay.joined_at + 168 * HOUR
    )


def _acted(book: Book, stay: Stay, hours: int, kind: str | None) -> bool:
    end = stay.joined_at + hours * HOUR
    return any(
        stay.joined_at <= a.at < end and kind in (None, a.kind) for a in book.acts_of(stay.member_id, None)
    )


def abuse(book: Book) -> list[Row]:
    """Rows of referral.abuse."""
    paid: dict[str, list[Judged]] = defaultdict(list)
    for one in judge(book):
        if one.is_rewarded:
            paid[one.invite.inviter_id].append(one)
    rows: list[Row] = []
    for inviter, mine in paid.items():
        judged = [j for j in mine if not j.is_joined or j.is_gone is not None]
        abused = [j for j in judged if j.is_gone or j.is_paid_twice or j.invite.outcome == "self"]
        rows.append(
            {
                "inviter_id": inviter,
                "rewarded": len(mine),
                "left_within_48h": sum(bool(j.is_gone) for j in mine),
                "self_invites": sum(j.invite.outcome == "self" for j in mine),
                "paid_twice": sum(j.is_paid_twice for j in mine),
                "rewarded_not_new": sum(j.invite.outcome == "not_new" and not j.is_paid_twice for j in mine),
                "judged": len(judged),
                "abused": len(abused),
                "abuse_rate": ratio(len(abused), len(judged)),
                "reward_cost": sum_known(j.invite.reward_cost for j in mine),
                "abused_cost": sum_known(j.invite.reward_cost for j in abused),
                "is_complete": len(judged) == len(mine),
            }
        )
    return rows


def invitations(book: Book) -> list[Row]:
    """Rows of referral.invitations."""
    return [
        {
            "invite_id": j.invite.invite_id,
            "group_id": j.invite.group_id,
            "inviter_id": j.invite.inviter_id,
            "invitee_id": j.invite.invitee_id,
            "invited_at": j.invite.invited_at,
            "joined_at": j.invite.joined_at if j.is_joined else None,
            "outcome": j.invite.outcome,
            "is_joined": j.is_joined,
            "is_kept_30d": j.is_kept,
            "is_buyer": j.has_bought,
            "invitee_revenue": j.revenue,
            "is_rewarded": j.is_rewarded,
            "is_gone_48h": j.is_gone,
            "is_paid_again": j.is_paid_twice,
        }
        for j in judge(book)
    ]
