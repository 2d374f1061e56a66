"""The league table: every group, its state, and the short lists of what to do with whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from pipelines.report.context import Build, safe_id, shallow, type_word
from pipelines.report.drawings import shown_share
from pipelines.report.figures import Figure, Table, figure, numbers, safe_text
from pipelines.report.kpis import WEEKS
from pipelines.report.metrics import registry
from pipelines.report.numbers import known, written
from pipelines.report.reasons import reason
from pipelines.report.render import Page
from pipelines.report.text import Text, joined, plain, word, words

STATES = ("dead", "dying", "no_sales", "watch", "quiet_seller", "new", "healthy", "unknown")
SHOWN_STATES = ("healthy", "quiet_seller", "watch", "dying", "no_sales", "dead", "new", "unknown")
ATTENTION = ("dead", "dying", "no_sales", "watch")
NEARLY_FULL = 0.9
IN_PAGE, IN_SCRIPT, SPARK_LIMIT, LIST_LIMIT, MAP_LIMIT = 150, 2_000, 500, 6, 1_000


@dataclass(frozen=True)
class Group:
    """One group at the report date: names are data, numbers None where unknown, `trend` 12 weeks."""

    group_id: str
    name: str
    group_type: str
    owner: str
    state: str
    members: float | None
    fill: float | None
    participation: float | None
    lurkers: float | None
    conversion: float | None
    net: float | None
    exit_rate: float | None
    score: float | None
    why: Text
    row: dict[str, Any]
    trend: tuple[float | None, ...]


def group_list(build: Build) -> list[Group]:
    """Return all groups, those in the worst state first, then by size, then by id."""
    if not build.warehouse.has("group_health.groups", "core.groups"):
        return []
    rows = build.warehouse.rows(
        """
        select h.*, g.group_name, g.group_type, g.owner_id, g.capacity, g.created_at, g.closed_at
        from group_health.groups as h
        left join core.groups as g on g.group_id = h.group_id
        """
    )
    trends = _trends(build)
    found = [_group(row, trends.get(str(row["group_id"]), ())) for row in rows]
    return sorted(found, key=lambda group: (STATES.index(group.state), -(group.members or 0), group.group_id))


def _group(row: dict[str, Any], trend: tuple[float | None, ...]) -> Group:
    state = str(row["state"]) if row["state"] in STATES else "unknown"
    return Group(
        group_id=str(row["group_id"]),
        name=str(row["group_name"] or row["group_id"]),
        group_type=str(row["group_type"] or "other"),
        owner=str(row["owner_id"] or ""),
        state=state,
        members=known(row["members"]),
        fill=known(row["capacity_fill"]),
        participation=known(row["participation_7d"]),
        lurkers=known(row["lurker_rate"]),
        conversion=known(row["conversion_30d"]),
        net=known(row["net_revenue_28d"]),
        exit_rate=known(row["exit_rate_28d"]),
        score=known(row["score"]),
        why=_why(row["reason"]),
        row=row,
        trend=trend,
    )


def _why(value: object) -> Text:
    """Translate the names of score inputs; any other reason goes through the list of reasons."""
    if value is None or not str(value).strip():
        return plain("")
    parts = [part.strip() for part in str(value).replace(";", ",").split(",") if part.strip()]
    if parts and all(part in registry() for part in parts):
        return joined([registry()[part].label for part in parts])
    return reason(value)


def _trends(build: Build) -> dict[str, tuple[float | None, ...]]:
    """Return each group's last twelve weeks: net revenue, or members where orders are not exported."""
    table, column = "revenue.weekly_by_group", "net_revenue"
    if "order" not in build.facts.kinds or not build.warehouse.has(table):
        table, column = "acquisition.weekly_by_group", "members_at_end"
    if not build.warehouse.has(table):
        return {}
    rows = build.warehouse.rows(
        f"""
        select group_id, week_start, {column} as value from {table}
        where week_start <= ? and week_start > cast(? as date) - 7 * {WEEKS}
        order by week_start
        """,
        [build.facts.week_start, build.facts.week_start],
    )
    weeks: list[date] = sorted({row["week_start"] for row in rows})
    values: dict[str, dict[date, float | None]] = {}
    for row in rows:
        values.setdefault(str(row["group_id"]), {})[row["week_start"]] = known(row["value"])
    return {group: tuple(by_week.get(week) for week in weeks) for group, by_week in values.items()}


def page(build: Build) -> Page:
    """Return the league table's page."""
    groups = group_list(build)
    need = (
        None
        if groups
        else build.missing("join|message|order", tables=("group_health.groups",)) or word("need.rows")
    )
    counts = Counter(group.state for group in groups)
    return Page(
        "groups.html",
        "groups.html.j2",
        {
            "here": "groups",
            "title": word("title.groups"),
            "subtitle": None,
            "need": need,
            "states": [(state, counts[state]) for state in SHOWN_STATES if counts[state]],
            "unknown_note": word("groups.unknown.note", n=counts["unknown"]) if counts["unknown"] else None,
            "lists": short_lists(groups),
            "rows": league_rows(groups)[:IN_PAGE],
            "types": sorted({group.group_type for group in groups}),
            "type_word": type_word,
            "total": len(groups),
            "has_script": len(groups) > IN_PAGE,
            "map": size_map(groups),
            "has_figures": size_map(groups) is not None,
        },
    )


def league_rows(groups: list[Group]) -> list[dict[str, Any]]:
    """Return the league table's rows, ready for the template; sparklines only up to 500 groups."""
    top = [group.participation for group in groups]
    return [
        shallow(group)
        | {
            "href": f"groups/{safe_id(group.group_id)}.html",
            "type": type_word(group.group_type),
            "participation_share": shown_share(group.participation, top),
            "search": f"{group.name} {group.owner} {group.group_id}".lower(),
            "trend": group.trend if len(groups) <= SPARK_LIMIT else (),
            "order": STATES.index(group.state),
        }
        for group in groups[:IN_SCRIPT]
    ]


def short_lists(groups: list[Group]) -> list[dict[str, Any]]:
    """Return the four lists of the page: to save, to merge or close, nearly full, to leave alone."""
    picks = (
        ("groups.save", [group for group in groups if group.state in ("dying", "no_sales")]),
        ("groups.close", [group for group in groups if group.state == "dead"]),
        (
            "groups.full",
            sorted(
                (g for g in groups if (g.fill or 0) >= NEARLY_FULL),
                key=lambda g: (-(g.fill or 0), g.group_id),
            ),
        ),
        ("groups.leave", [group for group in groups if group.state == "quiet_seller"]),
    )
    return [
        {
            "title": word(key),
            "items": [
                {
                    "name": group.name,
                    "href": f"groups/{safe_id(group.group_id)}.html",
                    "note": _list_note(key, group),
                }
                for group in chosen[:LIST_LIMIT]
            ],
            "more": max(len(chosen) - LIST_LIMIT, 0),
        }
        for key, chosen in picks
    ]


def _list_note(key: str, group: Group) -> Text:
    if key == "groups.full":
        return written(group.members, "count") + " · " + written(group.fill, "rate")
    if key == "groups.leave":
        return registry()["conversion_30d"].label + " " + written(group.conversion, "rate")
    return group.why if group.why else type_word(group.group_type)


def size_map(groups: list[Group]) -> Figure | None:
    """Draw size against participation, a point per group; None with fewer than three groups to show."""
    shown = [group for group in groups if group.members and group.participation is not None][:MAP_LIMIT]
    if len(shown) < 3:
        return None
    sizes = Counter(group.group_type for group in shown)
    kinds = sorted(sizes, key=lambda kind: (-sizes[kind], kind))
    medians = {
        kind: median(
            [g.conversion for g in shown if g.group_type == kind and g.conversion is not None] or [0.0]
        )
        for kind in kinds
    }
    silent = [group for group in shown if (group.participation or 0) < 0.03]
    buying = [g for g in silent if g.conversion and g.conversion >= medians[g.group_type]]
    roles = ("main", "c1", "c2", "c3", "c5", "c6", "c7")
    traces = []
    for index, kind in enumerate(kinds[: len(roles)]):
        mine = [group for group in shown if group.group_type == kind]
        label = type_word(kind)
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": numbers([group.members for group in mine]),
                "y": numbers([group.participation for group in mine]),
                "text": [safe_text(group.name) for group in mine],
                "hovertemplate": "%{text}<br>%{x:,} · %{y:.1%}<extra></extra>",
                "name": safe_text(label.zh),
                "marker": {"size": 9, "opacity": 0.8},
                "meta": {"role": roles[index], "zh": safe_text(label.zh), "en": safe_text(label.en)},
            }
        )
    metrics = registry()
    return figure(
        "fig-groups-map",
        word("groups.map"),
        word("groups.map.take", n=len(silent), buying=len(buying)),
        traces,
        Table(
            (
                word("col.group"),
                word("col.type"),
                metrics["members"].label,
                metrics["participation_7d"].label,
            ),
            tuple(
                (
                    g.name,
                    type_word(g.group_type),
                    written(g.members, "count"),
                    written(g.participation, "rate"),
                )
                for g in shown[:50]
            ),
        ),
        hovermode="closest",
        xaxis={"type": "linear", "showgrid": True, "rangemode": "tozero", "tickformat": ","},
        yaxis={"tickformat": ".0%"},
        meta={
            "xaxis": {
                "zh": safe_text(metrics["members"].label.zh),
                "en": safe_text(metrics["members"].label.en),
            },
            "yaxis": {
                "zh": safe_text(metrics["participation_7d"].label.zh),
                "en": safe_text(metrics["participation_7d"].label.en),
            },
        },
    )


def csv_rows(groups: list[Group]) -> list[list[str]]:
    """Return the CSV beside the league table; a name that a spreadsheet would run is disarmed."""
    columns = (
        "group_id",
        "group_name",
        "group_type",
        "owner_id",
        "state",
        "members",
        "capacity_fill",
        "participation_7d",
        "lurker_rate",
        "conversion_30d",
        "net_revenue_28d",
        "exit_rate_28d",
        "score",
    )
    lines = [list(columns)]
    for group in groups:
        values: list[object] = [
            group.group_id,
            group.name,
            group.group_type,
            group.owner,
            group.state,
            group.members,
            group.fill,
            group.participation,
            group.lurkers,
            group.conversion,
            group.net,
            group.exit_rate,
            group.score,
        ]
        lines.append([disarmed(value) for value in values])
    return lines


def disarmed(value: object) -> str:
    """Write a CSV value: numbers in short form, texts that start a formula with a quote before them."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.2f}"
    text = str(value)
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def state_word(state: str) -> Text:
    """Return a state's label."""
    return word(f"group.{state}" if f"group.{state}" in words() else "group.unknown")
