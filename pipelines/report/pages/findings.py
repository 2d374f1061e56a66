"""What changed: numbers that left their usual range and groups that need a decision, as sentences."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.report.context import Build
from pipelines.report.grouplist import Group
from pipelines.report.kpis import Card
from pipelines.report.numbers import written
from pipelines.report.text import Text, joined, plain, word

FOLLOWERS = {
    "net_revenue": ("gmv", "margin", "average_order_value", "spend_per_buyer", "buyers"),
    "new_members": ("net_members",),
    "k_factor": ("invites_per_active",),
}


@dataclass(frozen=True)
class Change:
    """One finding: its bold part, the rest of the sentence, and where to look further."""

    tone: str
    headline: Text
    detail: Text
    href: str
    link: Text
    before: Text | None = None
    change: Text | None = None
    also: Text | None = None


def finding(one: Card, followers: list[Card], currency: str) -> Change:
    """Write one number that left its usual range as a sentence."""
    unit = one.metric.unit
    detail = word(
        "index.changed.range",
        low=written(one.low, unit, currency, compact=True),
        high=written(one.high, unit, currency, compact=True),
    )
    before = None
    if one.change is not None and len(one.history) > 1 and one.history[-2][1] is not None:
        before = word("index.changed.from", before=written(one.history[-2][1], unit, currency, compact=True))
    also = plain("")
    if followers:
        parts = [
            Text(f"{f.metric.label.zh} {f.value.zh}", f"{f.metric.label.en} {f.value.en}") for f in followers
        ]
        also = word("index.changed.also", way=word(f"index.changed.also.{one.status}"), parts=joined(parts))
    head = word(f"index.changed.{one.status}", metric=one.metric.label, value=one.value)
    if one.when is not None:
        head = head + word("index.changed.lag", week=one.when)
    target = one.metric.page
    link = word("index.see", page=word(f"nav.{target}"))
    return Change(one.tone, head, detail, f"{target}.html", link, before, one.change, also + Text("。", "."))


def told_once(cards_: list[Card]) -> list[tuple[Card, list[Card]]]:
    """Fold numbers that move because another one moved the same way into that one's sentence."""
    by_key = {one.metric.key: one for one in cards_}
    leader = {follower: lead for lead, followers in FOLLOWERS.items() for follower in followers}
    folded: dict[str, list[Card]] = {}
    heads: list[Card] = []
    for one in cards_:
        lead = by_key.get(leader.get(one.metric.key, ""))
        if lead is not None and lead.status == one.status:
            folded.setdefault(lead.metric.key, []).append(one)
        else:
            heads.append(one)
    return [(one, folded.get(one.metric.key, [])) for one in heads]


def warnings(build: Build, groups: list[Group]) -> list[Change]:
    """Return what is no number: failed checks, and groups in a state that calls for a decision."""
    found: list[Change] = []
    broken = sum(n for outcome, n in build.facts.checks.items() if outcome != "passed")
    if broken:
        found.append(
            Change(
                "bad",
                word("index.changed.checks", n=broken),
                word("index.changed.checks.detail"),
                "quality.html#checks",
                word("index.see", page=word("nav.quality")),
            )
        )
    states = [
        (state, sum(1 for group in groups if group.state == state)) for state in ("dead", "dying", "no_sales")
    ]
    parts = [word(f"group.{state}") + f" {n}" for state, n in states if n]
    if parts:
        total = sum(n for _, n in states)
        found.append(
            Change(
                "bad",
                word("index.changed.states", n=total),
                word("index.changed.states.detail", parts=joined(parts)),
                "groups.html",
                word("index.see", page=word("nav.groups")),
            )
        )
    return found
