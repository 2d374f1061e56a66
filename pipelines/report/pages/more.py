"""For analysts: curves, maps, trees and flows behind the week's few numbers."""

from __future__ import annotations

from typing import Any

from pipelines.report.context import Build
from pipelines.report.figures import Figure, money_axis
from pipelines.report.pages.more_money import concentration_figure, lifetime, rfm_map
from pipelines.report.pages.more_people import (
    cohort_figure,
    lifecycle_figure,
    months_followed,
    survival_figure,
    transitions,
    value_figure,
)
from pipelines.report.pages.more_trees import flows, largest_trees, tree_figure
from pipelines.report.render import Page
from pipelines.report.text import Text, joined, word

WEEKS_AFTER = 12


def page(build: Build) -> Page:
    """Return the analysts' page; what cannot be drawn is left out with one line saying what to export."""
    small = build.facts.limits.small_n
    has_joins = "join" in build.facts.kinds
    has_acts = bool({"message", "order"} & set(build.facts.kinds))
    has_orders = "order" in build.facts.kinds
    has_invites = "invite" in build.facts.kinds
    months = months_followed(build) if has_joins else []
    people = [
        lifecycle_figure(build.weekly("retention.lifecycle")) if has_acts else None,
        survival_figure(months, small),
        cohort_figure(_cohorts(build, "retention.cohorts"), small) if has_joins and has_acts else None,
    ]
    value, value_why = lifetime(build) if has_orders else (None, None)
    money = [
        value_figure(
            _cohorts(build, "revenue.cohort_value", "and cohort_kind = 'join' and is_complete"),
            small,
            build.currency,
            money_axis(build.currency),
        )
        if has_orders and has_joins
        else None,
        concentration_figure(build) if has_orders else None,
        value,
    ]
    trees = [tree_figure(build) if has_invites else None]
    matrix = transitions(build, small) if has_joins and has_acts else None
    rfm = rfm_map(build) if has_orders else None
    moved = flows(build) if has_invites and has_joins else None
    needs = _needs(has_joins, has_acts, has_orders, has_invites)
    figures = [one for one in (*people, *money, *trees) if one is not None]
    return Page(
        "more.html",
        "more.html.j2",
        {
            "here": "more",
            "title": word("title.more"),
            "need": None if figures or matrix or rfm else joined(needs, "", " ") or word("need.rows"),
            "needs": needs,
            "people": _drawn(people),
            "money": _drawn(money),
            "trees": _drawn(trees),
            "matrix": matrix,
            "rfm": rfm,
            "lifetime_why": value_why,
            "branches": largest_trees(build) if has_invites else [],
            "flows": moved,
            "has_figures": bool(figures),
        },
    )


def _drawn(figures: list[Figure | None]) -> list[Figure]:
    return [one for one in figures if one is not None]


def _needs(joins: bool, acts: bool, orders: bool, invites: bool) -> list[Text]:
    """Return what to export for the parts that are left out."""
    missing = (
        ("need.join", joins),
        ("need.activity", acts),
        ("need.order", orders),
        ("need.invite", invites),
    )
    return [word(key) for key, is_there in missing if not is_there]


def _cohorts(build: Build, table: str, also: str = "") -> list[dict[str, Any]]:
    """Return a cohort table's first weeks after joining, complete weeks of known cohorts only."""
    if not build.warehouse.has(table):
        return []
    return build.warehouse.rows(
        f"""
        select * from {table}
        where cohort_week is not null and week_index between 0 and {WEEKS_AFTER} {also}
        order by cohort_week, week_index
        """
    )
