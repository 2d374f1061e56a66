"""Measures of the catalogue that have no table of their own: what invitations cost, bring and become."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from tests.oracle.book import Book, ratio
from tests.oracle.bringing import Judged, judge, sum_known
from tests.oracle.referring import tree
from tests.oracle.world import DAY, HOUR

Row = dict[str, Any]
# Rows with a value: where there is none, what its parts would have been is not part of the definition.
REFERRALS = """(
    select * from scorecard.catalogue
    where value is not null and concept_id in ('M67', 'M70', 'M71', 'M72')
)"""


def referrals(book: Book) -> list[Row]:
    """Rows of scorecard.catalogue of M67, M70, M71 and M72, those with a value; none without invitations."""
    if not book.invites:
        return []
    judged = judge(book)
    scopes: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for j in judged:
        scopes["community", "all"].append(j)
        if j.invite.campaign_id is not None:
            scopes["campaign", j.invite.campaign_id].append(j)
    found: list[Row] = []
    for (kind, subject), mine in scopes.items():
        rows = [*_costs(mine), *_abuse(mine)]
        found += [{"subject_kind": kind, "subject": subject, **row} for row in rows]
    found += _fission(book, scopes)
    found += _shape(book, judged)
    return [row | {"period": "all"} for row in found if row["value"] is not None]


def measure(concept: str, name: str, above: Any, below: Any) -> Row:
    return {
        "concept_id": concept,
        "measure": name,
        "value": ratio(above, below),
        "numerator": None if above is None else float(above),
        "denominator": None if below is None else float(below),
    }


def _costs(mine: list[Judged]) -> list[Row]:
    joined = [j for j in mine if j.is_joined]
    cost = sum_known(j.invite.reward_cost for j in joined)
    return [
        measure("M70", "cost_per_joined", cost, len(joined)),
        measure("M70", "cost_per_kept_30d", cost, sum(bool(j.is_kept) for j in joined)),
        measure("M70", "cost_per_buyer", cost, sum(bool(j.has_bought) for j in joined)),
    ]


def _abuse(mine: list[Judged]) -> list[Row]:
    judged = [j for j in mine if j.is_rewarded and (not j.is_joined or j.is_gone is not None)]
    facts = {
        "left_within_48h_rate": [bool(j.is_gone) for j in judged],
        "self_invite_rate": [j.invite.outcome == "self" for j in judged],
        "paid_twice_rate": [j.is_paid_twice for j in judged],
    }
    facts["abuse_rate"] = [any(one) for one in zip(*facts.values(), strict=True)]
    return [measure("M71", name, sum(one), len(judged)) for name, one in facts.items()]


def _fission(book: Book, scopes: dict[tuple[str, str], list[Judged]]) -> list[Row]:
    window = timedelta(hours=book.world.settings["invite_hours"])
    calendar, totals = book.world.calendar, [0, 0, 0]
    found: list[Row] = []
    days: dict[date, set[str]] = defaultdict(set)
    for member, acts in book.acts.items():
        for act in acts:
            days[act.day].add(member)
    for (kind, campaign), mine in scopes.items():
        if kind != "campaign":
            continue
        listed = [c for c in book.world.campaigns if c.campaign_id == campaign and c.starts_at is not None]
        sent = [calendar.day(j.invite.invited_at) for j in mine]
        first = min((calendar.day(c.starts_at) for c in listed), default=min(sent))
        last = max((calendar.day(c.ends_at - HOUR / 1000) for c in listed if c.ends_at), default=max(sent))
        active = set().union(*(days[first + DAY * i] for i in range((last - first).days + 1)))
        joined = sum(
            j.is_joined
            and j.invite.joined_at is not None
            and j.invite.joined_at < j.invite.invited_at + window
            for j in mine
        )
        numbers = (joined, len({j.invite.inviter_id for j in mine}), len(active))
        totals = [a + b for a, b in zip(totals, numbers, strict=True)]
        found += [{"subject_kind": kind, "subject": campaign, **r} for r in _multiples(*numbers)]
    if found:
        found += [{"subject_kind": "community", "subject": "all", **r} for r in _multiples(*totals)]
    return found


def _multiples(joined: int, inviters: int, active: int) -> list[Row]:
    return [
        measure("M67", "campaign_fission_multiple", joined, inviters),
        measure("M67", "campaign_k_factor", joined, active),
    ]


def _shape(book: Book, judged: list[Judged]) -> list[Row]:
    rows = tree(book)
    inside = [r for r in rows if r["tree_size"] > 1]
    above = {r["member_id"]: r["inviter_id"] for r in rows}
    edges = {(j.invite.inviter_id, j.invite.invitee_id) for j in judged}
    cut = sum(
        j.is_joined and above.get(str(j.invite.invitee_id), j.invite.inviter_id) != j.invite.inviter_id
        for j in judged
    )
    mutual = sum(a < str(b) and (b, a) in edges for a, b in edges if b is not None and a != b)
    largest = max((r["tree_size"] for r in inside), default=0)
    counts = {
        "depth": max((r["generation"] for r in rows), default=0),
        "trees": sum(r["generation"] == 0 for r in inside),
        "self_invites": sum(j.invite.outcome == "self" for j in judged),
        "mutual_invites": mutual,
        "cut_edges": cut,
    }
    found = [
        measure("M72", "in_tree_share", len(inside), len(rows)),
        measure("M72", "largest_tree_share", largest, len(inside)),
    ]
    found += [measure("M72", name, n, None) | {"value": float(n)} for name, n in counts.items()]
    return [{"subject_kind": "community", "subject": "all", **row} for row in found]
