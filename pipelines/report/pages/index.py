"""The first page: what happened last week, and what to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.report.context import Build, safe_id, shallow
from pipelines.report.drawings import shown_share
from pipelines.report.grouplist import ATTENTION, Group, group_columns, group_list
from pipelines.report.kpis import CARDS, WEEKS, Card, cards, changes, judged, latest
from pipelines.report.lacks import is_kind_missing, left_out
from pipelines.report.metrics import Metric, metric, registry
from pipelines.report.numbers import known, week_label, written
from pipelines.report.pages.answers import answers
from pipelines.report.pages.bridge import bridge
from pipelines.report.pages.findings import Change, finding, told_once, warnings
from pipelines.report.pages.funnel import funnel
from pipelines.report.pages.revenue_split import revenue_split, sources, split_figure
from pipelines.report.pages.stakes import alerts, stake_of
from pipelines.report.pages.todo import SHOWN, todo
from pipelines.report.read import Row
from pipelines.report.render import Page
from pipelines.report.text import Text, plain, word

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
LOOK = 8


def page(build: Build) -> Page:
    """Return the first page."""
    facts = build.facts
    groups = group_list(build)
    findings = changes(build.scores, facts, build.orders)
    cohort, stages = funnel(build)
    sales = [row for row in build.weekly("revenue.weekly", limit=WEEKS) if row["is_complete"]]
    parts = sources(facts.kinds)
    split = revenue_split(sales[-1], parts) if sales and "order" in facts.kinds else []
    hidden = frozenset() if build.exits_known else frozenset({"net_members", "exit_rate"})
    shown = cards(build.scores, facts, build.orders, hidden)
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
            "cards": [with_label(one, facts.currency) for one in shown],
            "columns": 4 if len(shown) not in (5, 6) else 3,
            "lacks": build.lacking(),
            "left_out": without_value(build),
            "changes": by_stake(build, findings) + warnings(build, groups),
            "found": [finding(one, others, facts.currency) for one, others in told_once(findings)],
            "answers": answers(build),
            "actions": todo(build),
            "actions_shown": SHOWN,
            "actions_none": word("index.do.none")
            if build.warehouse.has("scorecard.actions")
            else word("index.do.need"),
            "bridge": bridge(build),
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
            "funnel_need": None
            if build.missing("join", tables=("scorecard.aarrr",))
            else word("funnel.none"),
            "split": split,
            "split_note": plain(week_label(sales[-1]["week_start"])) if split else None,
            "split_total": sum(part.amount for part in split),
            "split_figure": split_figure(sales, facts.currency, parts) if split else None,
            "strip": strip(build, hidden),
            "group_rows": [look_row(group, look) for group in look],
            "group_total": len(groups),
            "has": group_columns(look),
            "has_figures": bool(split),
        },
    )


def by_stake(build: Build, findings: list[Card]) -> list[Change]:
    """Return what changed, numbers and alerts, by the net revenue of a week at stake; unpriced ones last."""
    told = [
        (stake_of(one, build, build.facts.week_start), finding(one, others, build.currency))
        for one, others in told_once(findings)
    ]
    found = told + alerts(build)
    return [change for _, change in sorted(found, key=lambda entry: -(entry[0] or 0.0))]


def without_value(build: Build) -> Text | None:
    """Name the cards that have no value although their export is there, and why; None without any."""
    given: dict[str, object] = {}
    for name in CARDS:
        rows = build.scores.get(name, [])
        if rows and latest(rows) is None:
            given[name] = rows[-1]["reason"] or next((r["reason"] for r in rows[::-1] if r["reason"]), None)
    names = [name for name in given if not is_kind_missing(name, given[name], build.facts.kinds)]
    return left_out(names, build.facts.kinds, given)


def with_label(one: Card, currency: str) -> dict[str, Any]:
    """Add the sentence a screen reader says for the sparkline."""
    values = [value for _, value in one.history if value is not None]
    label = None
    if len(values) > 1:
        unit = one.metric.unit
        label = word(
            "card.spark",
            metric=one.metric.label,
            n=len(one.history),
            first=written(values[0], unit, currency),
            last=written(values[-1], unit, currency),
        )
    return shallow(one) | {"spark_label": label}


def funnel_note(cohort: date | None, stages: list[Any]) -> Text | None:
    """Name the funnel's cohort and its size."""
    if cohort is None:
        return None
    return word("index.funnel.note", week=week_label(cohort), n=f"{stages[0].members:,}")


@dataclass(frozen=True)
class StripCell:
    """One week of one metric in the strip."""

    value: Any
    why: Any
    base: float | None
    is_open: bool
    is_unusual: bool


def strip(build: Build, hidden: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the last twelve weeks of the scorecard: weeks as columns, metrics as rows."""
    weeks = sorted({row["week_start"] for rows in build.scores.values() for row in rows})[-WEEKS:]
    table: list[dict[str, Any]] = []
    for name in STRIP:
        by_week = {row["week_start"]: row for row in build.scores.get(name, [])}
        if (
            name in hidden
            or name not in registry()
            or all(known(row["value"]) is None for row in by_week.values())
        ):
            continue
        item: Metric = metric(name)
        table.append({"metric": item, "cells": [_strip_cell(item, by_week.get(week)) for week in weeks]})
    cells = [cell for row in table for cell in row["cells"]]
    return {
        "weeks": weeks,
        "rows": table,
        "has_open": any(cell.is_open for cell in cells),
        "has_unusual": any(cell.is_unusual for cell in cells),
    }


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
