"""revenue.campaigns, group_health.fatigue_waves and fatigue: what campaigns brought, and who still comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import log, sqrt
from types import SimpleNamespace
from typing import Any

from scipy import stats

from tests.oracle.book import Book, ratio
from tests.oracle.money import ZERO, Line, Order
from tests.oracle.people import Stay
from tests.oracle.selling import margin_of
from tests.oracle.world import DAY

Row = dict[str, Any]
Key = tuple[str, int]
PEOPLE = (
    "participants", "groups", "members", "participants_at_start", "participation_rate", "starters",
    "helpers", "helpers_per_starter", "teams", "teams_completed", "completed_share", "new_members",
    "new_members_per_starter",
)  # fmt: skip
STAFF = {"staff", "owner", "admin"}


@dataclass(frozen=True)
class Deed:
    """An act of a campaign: a paid order, a message that stands, an invite sent, a gift claimed."""

    kind: str
    member_id: str | None
    group_id: str | None
    at: datetime


def limits(book: Book) -> dict[str, datetime]:
    """R of each kind, and of any kind."""
    marks = {k: r for k in ("join", "message", "order", "invite") if (r := book.world.report(k))}
    return marks | {"any": max(marks.values(), default=datetime.min)}


class Waves:
    """Which wave of its campaign an instant belongs to."""

    def __init__(self, book: Book) -> None:
        self.listed: dict[str, list[SimpleNamespace]] = defaultdict(list)
        for c in book.world.campaigns:
            self.listed[c.campaign_id].append(c)

    def of(self, campaign: str, at: datetime) -> Key:
        """The wave that started last at or before; the first has what came before."""
        known = self.listed.get(campaign, [])
        started = sorted((c.starts_at, c.wave_number) for c in known if c.starts_at is not None)
        if not started:
            return campaign, min((c.wave_number for c in known), default=1)
        before = [n for start, n in started if start <= at]
        return campaign, before[-1] if before else started[0][1]

    def over_at(self, campaign: SimpleNamespace) -> datetime | None:
        """End of a wave, else the start of the next."""
        later = [
            c.starts_at
            for c in self.listed[campaign.campaign_id]
            if c.starts_at and campaign.starts_at and c.starts_at > campaign.starts_at
        ]
        return campaign.ends_at or min(later, default=None)


def deeds(book: Book) -> dict[Key, list[Deed]]:
    """Acts by campaign and wave, as of the report."""
    waves, until = Waves(book), limits(book)
    found: dict[Key, list[Deed]] = defaultdict(list)

    def note(campaign: str | None, deed: Deed, kind: str) -> None:
        if campaign is not None and kind in until and deed.at < until[kind]:
            found[waves.of(campaign, deed.at)].append(deed)

    for o in book.orders.values():
        if o.is_paid and o.paid_at is not None:
            note(o.campaign_id, Deed("order", o.member_id, o.group_id, o.paid_at), "order")
    for m in book.world.messages:
        if m.revoked_at is None and m.kind != "system":
            note(m.campaign_id, Deed("message", m.member_id, m.group_id, m.occurred_at), "message")
    for i in book.invites:
        note(i.campaign_id, Deed("invite", i.inviter_id, i.group_id, i.invited_at), "invite")
    for g in book.world.gifts:
        if g.claimed_at is not None:
            note(g.campaign_id, Deed("gift", g.member_id, None, g.claimed_at), "any")
    return found


def takes_part(book: Book, deed: Deed) -> bool:
    """Whether an act makes its author a participant."""
    if not book.people.is_counted(deed.member_id):
        return False
    refuses = book.members[str(deed.member_id)].consent is False if deed.member_id in book.members else False
    return not (deed.kind == "message" and refuses)


def campaigns(book: Book) -> list[Row]:
    """Rows of revenue.campaigns; the one without campaign holds the other orders."""
    waves, acts, until = Waves(book), deeds(book), limits(book)
    info = {(c.campaign_id, c.wave_number): c for c in book.world.campaigns}
    lines: dict[Key | None, list[Line]] = defaultdict(list)
    orders: dict[Key | None, list[Order]] = defaultdict(list)
    for order in book.orders.values():
        at = order.paid_at or min((x.at for x in order.lines or []), default=order.ordered_at)
        key = None if order.campaign_id is None else waves.of(order.campaign_id, at)
        if order.is_paid and order.paid_at and order.paid_at < until["order"]:
            orders[key].append(order)
        lines[key] += [x for x in order.lines or [] if x.at < until["order"]]
    outlays = _outlays(book, waves, until)
    stays = _stays(book)
    rows: list[Row] = []
    helpers, new = _helpers(book, waves, until), _new_members(book, waves, until)
    keys: set[Key | None] = set(info) | set(acts) | set(lines) | set(outlays)
    for key in keys:
        listed = info.get(key) if key else None
        out = outlays[key] if key else defaultdict(Decimal)
        spend = (listed.spend if listed and _has_started(listed, until["any"]) else None) or ZERO
        cost = out["gift"] + out["reward"] + out["packet"] + spend
        margin, _ = margin_of(lines[key])
        gmv = sum((x.amount for x in lines[key] if not x.is_refund), ZERO)
        costed = sum((x.amount for x in lines[key] if not x.is_refund and x.cost is not None), ZERO)
        row: Row = {
            "campaign_id": key[0] if key else None,
            "wave_number": key[1] if key else None,
            "orders": len(orders[key]),
            "attributed_net": sum((x.amount for x in lines[key]), ZERO),
            "margin": margin,
            "cost_known_share": ratio(costed, gmv),
            "gift_cost": out["gift"],
            "reward_cost": out["reward"],
            "red_packet_cost": out["packet"],
            "spend": spend,
            "total_cost": cost,
            "contribution": None if margin is None else margin - cost,
            "roi": None if margin is None else ratio(margin - cost, cost),
        }
        if key:
            row |= _people(book, listed, acts[key], stays)
            row |= _coupons(book, waves, key, until["any"])
            row |= helpers[key]
            row |= {"new_members": len(new[key])}
            row |= {"new_members_per_starter": ratio(len(new[key]), row["starters"])}
        if not key:
            row |= {"contribution": None, "roi": None, **dict.fromkeys(PEOPLE)}
            row |= dict.fromkeys(("coupons_issued", "coupons_claimed", "coupons_redeemed"), 0)
        rows.append(row)
    return rows


def _stays(book: Book) -> dict[str, list[Stay]]:
    return {g: found for g, found in book.stays.items() if g is not None}


def _outlays(book: Book, waves: Waves, until: dict[str, datetime]) -> dict[Key, dict[str, Decimal]]:
    found: dict[Key, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    gifts = book.world.gifts
    for g in gifts:
        field = "redeemed_at" if g.gift_kind == "coupon" else "claimed_at"
        has_times = any(getattr(x, field) is not None for x in gifts if x.gift_kind == g.gift_kind)
        at = getattr(g, field) if has_times else g.issued_at
        if g.campaign_id is not None and at is not None and at < until["any"]:
            found[waves.of(g.campaign_id, at)]["gift"] += g.unit_cost or ZERO
    has_times = any(i.rewarded_at is not None for i in book.invites)
    for i in book.invites:
        at = i.rewarded_at if has_times else (i.joined_at if i.outcome == "joined" else None)
        if i.campaign_id is not None and at is not None and "invite" in until and at < until["invite"]:
            found[waves.of(i.campaign_id, at)]["reward"] += i.reward_cost or ZERO
    for m in book.world.messages:
        is_ours = book.people.roles.get(m.member_id) in STAFF and m.revoked_at is None
        is_known = "message" in until and m.occurred_at < until["message"]
        if m.kind == "red_packet" and is_ours and is_known and m.campaign_id is not None:
            found[waves.of(m.campaign_id, m.occurred_at)]["packet"] += m.amount or ZERO
    return found


def _people(
    book: Book, listed: SimpleNamespace | None, acts: list[Deed], stays: dict[str, list[Stay]]
) -> Row:
    who = {a.member_id for a in acts if takes_part(book, a)}
    groups = {a.group_id for a in acts if a.group_id is not None}
    start = listed.starts_at if listed else None
    row: Row = {"participants": len(who), "groups": len(groups)}
    begun = book.people.export_start
    if start is None or begun is None or start < begun:
        members: set[str] | None = None
    else:
        members = {s.member_id for g in groups for s in stays.get(g, []) if s.holds(start)}
    inside = None if members is None else len(members & who)
    size = None if members is None else len(members)
    return row | {
        "members": size,
        "participants_at_start": inside,
        "participation_rate": ratio(inside, size),
    }


def _helpers(book: Book, waves: Waves, until: dict[str, datetime]) -> dict[Key, Row]:
    """Starters, those they moved, and teams, by campaign and wave."""
    starters: dict[Key, set[str]] = defaultdict(set)
    pairs: dict[Key, set[tuple[str, str]]] = defaultdict(set)
    over: dict[Key, list[bool]] = defaultdict(list)
    for i in book.invites:
        at = i.invited_at
        if i.campaign_id is None or "invite" not in until or at >= until["invite"]:
            continue
        key = waves.of(i.campaign_id, at)
        if book.people.is_counted(i.inviter_id):
            starters[key].add(i.inviter_id)
            if i.outcome == "joined":
                pairs[key].add((i.inviter_id, str(i.invitee_id)))
    for key, opener, others, is_over, done in _teams(book, waves, until):
        if book.people.is_counted(opener):
            starters[key].add(str(opener))
            pairs[key] |= {(str(opener), m) for m in others if m != opener}
        if is_over:
            over[key].append(done)
    found: dict[Key, Row] = {}
    for key in {
        *starters,
        *pairs,
        *over,
        *deeds(book),
        *((c.campaign_id, c.wave_number) for c in book.world.campaigns),
    }:
        found[key] = {
            "starters": len(starters[key]),
            "helpers": len(pairs[key]),
            "helpers_per_starter": ratio(len(pairs[key]), len(starters[key])),
            "teams": len(over[key]),
            "teams_completed": sum(over[key]),
            "completed_share": ratio(sum(over[key]), len(over[key])),
        }
    return found


def _teams(
    book: Book, waves: Waves, until: dict[str, datetime]
) -> list[tuple[Key, str | None, set[str], bool, bool]]:
    """Teams of the campaign of the order that opened them; whoever else bought in one is a helper."""
    teams: dict[tuple[str, str], dict[str, Order]] = defaultdict(dict)
    done: set[tuple[str, str]] = set()
    for row in book.world.orders:
        order = book.orders.get(row.order_id)
        if row.team_id is None or order is None or not order.is_paid or order.paid_at is None:
            continue
        if order.paid_at < until["order"]:
            team = (row.source, row.team_id)
            teams[team][order.order_id] = order
            if row.team_completed_at is not None and row.team_completed_at < until["order"]:
                done.add(team)
    found = []
    info = {(c.campaign_id, c.wave_number): c for c in book.world.campaigns}
    for team, orders in teams.items():
        opening = min(orders.values(), key=lambda o: (o.paid_at or datetime.max, o.order_id))
        if opening.campaign_id is None or opening.paid_at is None:
            continue
        key = waves.of(opening.campaign_id, opening.paid_at)
        listed = info.get(key)
        end = (listed.ends_at if listed else None) or opening.paid_at + 7 * DAY
        others = {o.member_id for o in orders.values() if o.member_id is not None}
        found.append((key, opening.member_id, others, end <= until["order"], team in done))
    return found


def _new_members(book: Book, waves: Waves, until: dict[str, datetime]) -> dict[Key, set[str]]:
    """Known first joins that name a campaign, on the join or on the invitation that won."""
    by_invite = {i.invitee_id: i.campaign_id for i in book.invites if i.outcome == "joined"}
    found: dict[Key, set[str]] = defaultdict(set)
    for m in book.members.values():
        at = m.first_joined_at
        if not (m.is_counted and m.is_join_known and at and "join" in until and at < until["join"]):
            continue
        for campaign in {m.campaign_id, by_invite.get(m.member_id)} - {None}:
            found[waves.of(str(campaign), at)].add(m.member_id)
    return found


def _has_started(campaign: SimpleNamespace, end: datetime) -> bool:
    return campaign.starts_at is None or campaign.starts_at < end


def _by_then(book: Book, mine: list[SimpleNamespace], what: str, end: datetime) -> int | None:
    """How many were claimed (redeemed) by then; None where that is told of no coupon at all."""
    coupons = [g for g in book.world.gifts if g.gift_kind == "coupon"]
    if mine and all(getattr(g, what) is None for g in coupons):
        return None
    return sum(getattr(g, what) is not None and getattr(g, what) < end for g in mine)


def _coupons(book: Book, waves: Waves, key: Key, end: datetime) -> Row:
    mine = [
        g
        for g in book.world.gifts
        if g.gift_kind == "coupon"
        and g.campaign_id == key[0]
        and g.issued_at is not None
        and g.issued_at < end
        and waves.of(key[0], g.issued_at) == key
    ]
    return {
        "coupons_issued": len(mine),
        "coupons_claimed": _by_then(book, mine, "claimed_at", end),
        "coupons_redeemed": _by_then(book, mine, "redeemed_at", end),
    }


def fatigue_waves(book: Book) -> list[Row]:
    """Rows of group_health.fatigue_waves, waves that are over only."""
    waves, end = Waves(book), limits(book)["any"]
    ran: dict[tuple[str, int, str], list[tuple[SimpleNamespace, Deed]]] = defaultdict(list)
    info = {(c.campaign_id, c.wave_number): c for c in book.world.campaigns}
    for key, acts in deeds(book).items():
        listed = info.get(key)
        over = waves.over_at(listed) if listed else None
        if listed is None or over is None or over > end or listed.starts_at is None:
            continue
        for deed in acts:
            if deed.group_id is not None:
                ran[listed.campaign_type, listed.wave_number, deed.group_id].append((listed, deed))
    stays = _stays(book)
    rows: list[Row] = []
    for (kind, wave, group), acts_there in ran.items():
        start = min(c.starts_at for c, _ in acts_there)
        inside = {s.member_id: s for s in stays.get(group, []) if s.holds(start)}
        who = {d.member_id for _, d in acts_there if takes_part(book, d)} & set(inside)
        is_known = book.world.is_covered("join", start, start + DAY, group)
        exits = sum(
            s.left_at is not None and s.left_at < start + DAY and s.exit_kind in ("leave", "kick")
            for s in inside.values()
        )
        rows.append(
            {
                "campaign_type": kind,
                "group_id": group,
                "wave_number": wave,
                "starts_at": start,
                "groups": 1,
                "participants": len(who),
                "members": len(inside),
                "participation_rate": ratio(len(who), len(inside)),
                "exits_24h": exits if is_known and inside else None,
                "followed_members": len(inside) if is_known else 0,
                "exit_24h_rate": ratio(exits, len(inside)) if is_known else None,
            }
        )
    return rows + _pooled(rows)


def _pooled(rows: list[Row]) -> list[Row]:
    whole: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        whole[row["campaign_type"], row["wave_number"]].append(row)
    found: list[Row] = []
    for (kind, wave), parts in whole.items():
        names = ("groups", "participants", "members", "followed_members")
        n = {name: sum(p[name] for p in parts) for name in names}
        known = [p["exits_24h"] for p in parts if p["exits_24h"] is not None]
        exits = sum(known) if known else None
        found.append(
            {
                "campaign_type": kind,
                "group_id": None,
                "wave_number": wave,
                "starts_at": min(p["starts_at"] for p in parts),
                **n,
                "participation_rate": ratio(n["participants"], n["members"]),
                "exits_24h": exits,
                "exit_24h_rate": ratio(exits, n["followed_members"]),
            }
        )
    return found


def fatigue(book: Book) -> list[Row]:
    """Rows of group_health.fatigue."""
    by_type: dict[str, list[Row]] = defaultdict(list)
    for row in fatigue_waves(book):
        if row["group_id"] is not None:
            by_type[row["campaign_type"]].append(row)
    found: list[Row] = []
    for kind, rows in by_type.items():
        groups = sorted({r["group_id"] for r in rows})
        slope = _slope(_pooled(rows))
        without = [
            v for g in groups if (v := _slope(_pooled([r for r in rows if r["group_id"] != g]))) is not None
        ]
        low = high = None
        if slope is not None and len(without) >= 3:
            n = len(without)
            mean = sum(without) / n
            half = student(n - 1) * sqrt((n - 1) / n * sum((v - mean) ** 2 for v in without))
            low, high = slope - half, slope + half
        waves = len({r["wave_number"] for r in rows})
        enough = waves >= book.world.settings["fatigue_min_waves"]
        found.append(
            {
                "campaign_type": kind,
                "group_id": None,
                "waves": waves,
                "groups": len(groups),
                "slope": slope,
                "slope_low": low,
                "slope_high": high,
                "is_fatigued": None if high is None or not enough else high < 0,
                "slope_rank": None,
            }
        )
        own = {g: _slope([r for r in rows if r["group_id"] == g]) for g in groups}
        ranked = sorted((v, g) for g, v in own.items() if v is not None)
        for g in groups:
            found.append(
                {
                    "campaign_type": kind,
                    "group_id": g,
                    "waves": sum(r["group_id"] == g for r in rows),
                    "groups": 1,
                    "slope": own[g],
                    "slope_low": None,
                    "slope_high": None,
                    "is_fatigued": None,
                    "slope_rank": None if own[g] is None else 1 + sum(v < own[g] for v, _ in ranked),  # type: ignore[operator]
                }
            )
    return found


def _slope(rows: Iterable[Row]) -> float | None:
    points = [(r["wave_number"], log(r["participation_rate"])) for r in rows if r["participation_rate"]]
    if len({x for x, _ in points}) < 2:
        return None
    n = len(points)
    mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    return sum((x - mx) * (y - my) for x, y in points) / sum((x - mx) ** 2 for x, _ in points)


def student(n: int) -> float:
    """97.5 % quantile of Student's t: exact for 2 and 3, else by its expansion (Cornish and Fisher)."""
    if n in (2, 3):
        return float(stats.t.ppf(0.975, n))
    z = 1.959963984540054
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * n**4)
    )
