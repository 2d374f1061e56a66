"""One page per group: its numbers against its type's median, its last twelve weeks, its cohorts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.report.context import CHART_WEEKS, Build, safe_id, type_word
from pipelines.report.figures import Figure, bars, figure, money_axis
from pipelines.report.grouplist import Group, group_list
from pipelines.report.kpis import WEEKS
from pipelines.report.lacks import left_out
from pipelines.report.metrics import Metric, metric
from pipelines.report.numbers import known, week_label, week_short, written
from pipelines.report.pages.acquisition import CLOSING, flow_figure, plain_table, weekly_table
from pipelines.report.pages.funnel import Stage, pooled_funnel
from pipelines.report.pages.retention import cohort_rows, heatmap
from pipelines.report.read import Row, Warehouse
from pipelines.report.render import Page
from pipelines.report.text import Text, plain, word

KPIS = (
    "members",
    "participation_7d",
    "lurker_rate",
    "reply_rate",
    "top3_share",
    "median_first_response_minutes",
    "exit_rate_28d",
    "conversion_30d",
    "net_revenue_28d",
    "score",
)
COHORTS, TINY = 10, 10


@dataclass(frozen=True)
class Weeks:
    """Each group's last weeks: its flow, its sales, the stages of its cohorts; whether exits are exported."""

    flow: dict[str, list[Row]]
    sales: dict[str, list[Row]]
    stages: dict[str, list[Row]]
    exits: bool


@dataclass(frozen=True)
class Versus:
    """One number of a group beside the median of its type; `share` and `tick` place both on the gauge."""

    metric: Metric
    value: float | None
    why: Text
    median: float | None
    share: float | None
    tick: float | None
    verdict: str


def pages(build: Build) -> list[Page]:
    """Return a page for every group.

    Raises ValueError when two group ids would share a file, all but impossible with a digest of the id.
    """
    groups = group_list(build)
    by_type: dict[str, list[Group]] = {}
    for group in groups:
        by_type.setdefault(group.group_type, [])
        if group.members:
            by_type[group.group_type].append(group)
    names = [safe_id(group.group_id) for group in groups]
    if len(set(names)) < len(names):
        raise ValueError(
            "two groups would share one page: their ids differ only in characters a file name cannot hold"
        )
    weeks = Weeks(
        build.by_group("acquisition.weekly_by_group", weeks=WEEKS),
        build.by_group("revenue.weekly_by_group", weeks=WEEKS),
        build.by_group("scorecard.aarrr_by_group", "cohort_week", CHART_WEEKS, to_pool=True),
        build.exits_known,
    )
    return [_page(build, group, by_type[group.group_type], weeks) for group in groups]


def _page(build: Build, group: Group, peers: list[Group], weeks: Weeks) -> Page:
    flow = [row for row in weeks.flow.get(group.group_id, []) if row["is_complete"]]
    sales = [row for row in weeks.sales.get(group.group_id, []) if row["is_complete"]]
    figures: list[Figure] = []
    if flow and "join" in build.facts.kinds:
        figures.append(flow_figure(flow, "fig-flow", weeks.exits))
    if sales and "order" in build.facts.kinds:
        figures.append(sales_figure(sales, build.currency))
    stages_of = weeks.stages.get(group.group_id, []) if "join" in build.facts.kinds else []
    span, stages = pooled_funnel(stages_of, WEEKS, build.facts.limits.small_n, build.warehouse)
    cohorts = cohort_rows(build, group.group_id) if "join" in build.facts.kinds else []
    tables = []
    if flow:
        tables.append(
            weekly_table(
                "flow",
                [row | {"members": row["members_at_end"]} for row in reversed(flow)],
                ("new_members", "opened", "closed", "net_members", "members", "exit_rate"),
                "week_start",
                {"exit_rate": "members_at_start"},
                kinds=build.facts.kinds,
                hidden=() if weeks.exits else CLOSING,
                note=None if weeks.exits else word("lacks.exits"),
            )
        )
    small = build.facts.limits.small_n
    compared = [versus(metric(key), group, peers, small) for key in KPIS]
    return Page(
        f"groups/{safe_id(group.group_id)}.html",
        "group.html.j2",
        {
            "here": "groups",
            "title": plain(group.name),
            "group": group,
            "about": about(group, build.facts.zone),
            "versus": [one for one in compared if one.value is not None or one.median is not None],
            "versus_left_out": left_out(
                [one.metric.key for one in compared if one.value is None and one.median is None],
                build.facts.kinds,
                {} if weeks.exits else {"exit_rate_28d": "exits_not_exported"},
            ),
            "versus_note": word("group.kpis.note", type=type_word(group.group_type), n=len(peers)),
            "figures": figures,
            "tables": tables,
            "funnel": stages,
            "funnel_note": funnel_note(span, stages),
            **_retention(cohorts, build.facts.limits.small_n, build.warehouse),
            "has_figures": bool(figures),
        },
    )


def funnel_note(span: tuple[date, date] | None, stages: list[Stage]) -> Text | None:
    """Name the cohorts of the funnel and how many people they are."""
    if span is None:
        return None
    first, last = week_label(span[0]), week_label(span[1])
    return word("group.funnel.note", first=first, last=last, n=f"{stages[0].members:,}")


def _retention(cohorts: list[Row], small: int, warehouse: Warehouse) -> dict[str, Any]:
    """Return the group's heat-map; where every cohort is tiny only its pooled line, which says more."""
    if not cohorts:
        return {"heatmap": None, "heatmap_note": None}
    grid = heatmap(cohorts, small, warehouse, COHORTS)
    if any((line.size or 0.0) >= TINY for line in grid.rows):
        return {"heatmap": grid, "heatmap_note": word("ret.map.note")}
    return {"heatmap": replace(grid, rows=()), "heatmap_note": word("group.cohorts.note", n=TINY)}


def about(group: Group, zone: str) -> list[Text]:
    """Return the group's line of facts: type, capacity, first day and last, in the project's zone."""
    row = group.row
    created, closed = _day(row["created_at"], zone), _day(row["closed_at"], zone)
    if created and row["capacity"]:
        parts = [
            word("group.about", type=type_word(group.group_type), capacity=row["capacity"], created=created)
        ]
    else:
        parts = [word("group.about.short", type=type_word(group.group_type))]
    if closed:
        parts.append(word("group.closed", day=closed))
    return parts


def _day(value: Any, zone: str) -> str | None:
    """Write the local day of a naive UTC timestamp."""
    if not isinstance(value, datetime):
        return None
    return f"{value.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def versus(item: Metric, group: Group, peers: Iterable[Group], small: int) -> Versus:
    """Compare a number with its type's median, itself included; no verdict under `small` members."""
    value = known(group.row.get(item.key))
    others = [number for peer in peers if (number := known(peer.row.get(item.key))) is not None]
    middle = float(median(others)) if others else None
    top = max([abs(number) for number in others], default=0.0)
    if item.unit == "rate":
        top = max(top, 1e-9)
    verdict = "level"
    if (
        value is not None
        and middle is not None
        and item.better != "none"
        and len(others) >= 3
        and _stands_out(item, value, middle, group.members, small)
    ):
        verdict = "better" if (value > middle) == (item.better == "up") else "worse"
    return Versus(
        metric=item,
        value=value,
        why=group.why if group.why else word("state.null.short"),
        median=middle,
        share=None if value is None or top <= 0 else max(value, 0.0) / top,
        tick=None if middle is None or top <= 0 else max(middle, 0.0) / top,
        verdict=verdict if item.key != "members" else "level",
    )


def _stands_out(item: Metric, value: float, middle: float, members: float | None, small: int) -> bool:
    """Tell whether a number differs from its type's median by more than chance and more than a trifle.

    A rate by two standard errors of its group's size and a tenth of the median; anything else by a quarter.
    """
    if item.unit != "rate":
        return abs(value - middle) > 0.25 * abs(middle)
    if members is None or members < small:
        return False
    error = math.sqrt(max(middle * (1 - middle), 0.0) / members)
    return abs(value - middle) > max(2 * error, 0.1 * middle)


def sales_figure(rows: list[Row], currency: str) -> Figure:
    """Draw a group's net revenue by week."""
    total = sum(known(row["net_revenue"]) or 0.0 for row in rows)
    most = max((known(row["buyers"]) or 0.0 for row in rows), default=0.0)
    return figure(
        "fig-sales",
        word("group.sales"),
        word(
            "group.sales.take",
            total=written(total, "money", currency, compact=True),
            buyers=written(most, "count"),
        ),
        [
            bars(
                [week_short(row["week_start"]) for row in rows],
                [row["net_revenue"] for row in rows],
                metric("net_revenue").label,
                "main",
                digits=2,
            )
        ],
        plain_table(rows, ("net_revenue", "paid_orders", "buyers"), currency=currency),
        terms=("net_revenue", "buyers"),
        **money_axis(currency),
        showlegend=False,
    )
