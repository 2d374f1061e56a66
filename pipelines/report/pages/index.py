"""The first page: what happened last week, and what to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.report.context import Build, safe_id, shallow
from pipelines.report.drawings import shown_share
from pipelines.report.figures import Figure, Table, bars, figure, money_axis
from pipelines.report.grouplist import ATTENTION, Group, group_list
from pipelines.report.kpis import WEEKS, Card, cards, changes, judged
from pipelines.report.metrics import Metric, metric, registry
from pipelines.report.numbers import known, week_label, week_short, written
from pipelines.report.pages.funnel import funnel
from pipelines.report.read import Row
from pipelines.report.render import Page
from pipelines.report.text import Text, joined, plain, word

STRIP = (
    "new_members",
    "net_members",
    "exit_rate",
    "activated_7d_rate",
    "retention_week4",
    "stay_30d_rate",
    "participation_rate",
    "net_revenue",
    "buyers",
    "average_order_value",
    "spend_per_buyer",
    "k_factor",
    "healthy_groups",
    "dying_or_dead_groups",
)
SOURCES = (
    ("group_revenue", "rev.group", "main"),
    ("member_revenue", "rev.member", "c1"),
    ("non_member_revenue", "rev.non_member", "c2"),
    ("unknown_revenue", "rev.unknown", "c3"),
)
LOOK = 8
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


@dataclass(frozen=True)
class Source:
    """One part of net revenue in the week: by whom it was bought."""

    key: str
    label: Text
    role: str
    amount: float
    share: float | None


def page(build: Build) -> Page:
    """Return the first page."""
    facts = build.facts
    groups = group_list(build)
    findings = changes(build.scores, facts, build.orders)
    cohort, stages = funnel(build)
    sales = [row for row in build.weekly("revenue.weekly", limit=WEEKS) if row["is_complete"]]
    split = revenue_split(sales[-1]) if sales and "order" in facts.kinds else []
    look = [group for group in groups if group.state in ATTENTION][:LOOK]
    year, number = facts.week.split("-W")
    count = judged(build.scores)
    return Page(
        "index.html",
        "index.html.j2",
        {
            "here": "index",
            "title": word("title.index", year=year, number=int(number)),
            "subtitle": plain(facts.range),
            "cards": [with_label(one) for one in cards(build.scores, facts, build.orders)],
            "changes": [finding(one, others, facts.currency) for one, others in told_once(findings)]
            + warnings(build, groups),
            "nothing_changed": word("index.changed.none", n=count)
            if count
            else word("index.changed.nothing", weeks=facts.limits.unusual_min_weeks),
            "rule": word(
                "index.changed.rule",
                weeks=facts.limits.unusual_weeks,
                least=facts.limits.unusual_min_weeks,
                base=facts.limits.unusual_min_base,
            ),
            "funnel": stages,
            "funnel_note": funnel_note(cohort, stages),
            "funnel_need": build.missing("join", tables=("scorecard.aarrr",)) or word("funnel.none"),
            "split": split,
            "split_note": plain(week_label(sales[-1]["week_start"])) if split else None,
            "split_total": sum(part.amount for part in split),
            "split_figure": split_figure(sales, facts.currency) if split else None,
            "strip": strip(build),
            "group_rows": [look_row(group, look) for group in look],
            "group_total": len(groups),
            "has_figures": bool(split),
        },
    )


def with_label(one: Card) -> dict[str, Any]:
    """Add the sentence a screen reader says for the sparkline."""
    values = [value for _, value in one.history if value is not None]
    label = None
    if len(values) > 1:
        unit = one.metric.unit
        label = word(
            "card.spark",
            metric=one.metric.label,
            n=len(one.history),
            first=written(values[0], unit),
            last=written(values[-1], unit),
        )
    return shallow(one) | {"spark_label": label}


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


def funnel_note(cohort: date | None, stages: list[Any]) -> Text | None:
    """Name the funnel's cohort and its size."""
    if cohort is None:
        return None
    return word("index.funnel.note", week=week_label(cohort), n=f"{stages[0].members:,}")


def revenue_split(row: Row) -> list[Source]:
    """Return net revenue of a week by who bought; the parts add up to the whole."""
    amounts = [(key, text, role, known(row[key]) or 0.0) for key, text, role in SOURCES]
    total = sum(amount for *_, amount in amounts)
    return [
        Source(key, word(text), role, amount, amount / total if total > 0 else None)
        for key, text, role, amount in amounts
    ]


def split_figure(rows: list[Row], currency: str) -> Figure:
    """Draw net revenue of the last weeks, stacked by who bought."""
    labels = [week_short(row["week_start"]) for row in rows]
    last = rows[-1]
    net = known(last["net_revenue"]) or 0.0
    share = (known(last["group_revenue"]) or 0.0) / net if net > 0 else None
    return figure(
        "fig-revenue-split",
        word("rev.weekly"),
        word(
            "rev.weekly.take",
            week=week_label(last["week_start"]),
            net=written(net, "money", currency, compact=True),
            share=written(share, "rate"),
        ),
        [bars(labels, [row[key] for row in rows], word(text), role, digits=2) for key, text, role in SOURCES],
        Table(
            (word("col.week"), *(word(text) for _, text, _ in SOURCES)),
            tuple(
                (
                    week_label(row["week_start"]),
                    *(written(row[key], "money", currency) for key, _, _ in SOURCES),
                )
                for row in rows
            ),
        ),
        barmode="relative",
        **money_axis(currency),
    )


@dataclass(frozen=True)
class StripCell:
    """One week of one metric in the strip."""

    value: Any
    why: Any
    base: float | None
    is_open: bool
    is_unusual: bool


def strip(build: Build) -> dict[str, Any]:
    """Return the last twelve weeks of the scorecard: weeks as columns, metrics as rows."""
    weeks = sorted({row["week_start"] for rows in build.scores.values() for row in rows})[-WEEKS:]
    table: list[dict[str, Any]] = []
    for name in STRIP:
        by_week = {row["week_start"]: row for row in build.scores.get(name, [])}
        if name not in registry() or all(known(row["value"]) is None for row in by_week.values()):
            continue
        item: Metric = metric(name)
        table.append({"metric": item, "cells": [_strip_cell(item, by_week.get(week)) for week in weeks]})
    return {"weeks": weeks, "rows": table}


def _strip_cell(item: Metric, row: Row | None) -> StripCell:
    if row is None:
        return StripCell(None, None, None, False, False)
    base = row["denominator"] if item.unit in ("rate", "factor") else None
    is_open = known(row["value"]) is None and row["cohort_week"] is not None and not row["is_complete"]
    return StripCell(row["value"], row["reason"], known(base), is_open, bool(row["is_unusual"]))


def look_row(group: Group, shown: list[Group]) -> dict[str, Any]:
    """Return one line of the groups to look at."""
    return shallow(group) | {
        "href": f"groups/{safe_id(group.group_id)}.html",
        "participation_share": shown_share(group.participation, [one.participation for one in shown]),
    }
