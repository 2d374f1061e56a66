"""The league table: every group, its state, and the short lists of what to do with whom."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipelines.report.context import Build, safe_id, shallow, type_word
from pipelines.report.drawings import shown_share
from pipelines.report.grouplist import STATES, Group, group_columns, group_list
from pipelines.report.metrics import registry
from pipelines.report.numbers import known, written
from pipelines.report.pages.group_map import size_map
from pipelines.report.render import Page
from pipelines.report.text import Text, word
from pipelines.tables import Digits

SHOWN_STATES = ("healthy", "quiet_seller", "watch", "dying", "no_sales", "dead", "new", "unknown")
NEARLY_FULL = 0.9
IN_PAGE, IN_SCRIPT, SPARK_LIMIT, LIST_LIMIT = 150, 2_000, 500, 6


def page(build: Build) -> Page:
    """Return the league table's page."""
    groups = group_list(build)
    need = (
        None
        if groups
        else build.missing("join|message|order", tables=("group_health.groups",)) or word("need.rows")
    )
    has = group_columns(groups)
    chart = size_map(groups, build.facts.limits.silent)
    empty = [group for group in groups if group.members == 0]
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
            "sum_note": seats(build, groups),
            "unknown_note": word("groups.unknown.note", n=counts["unknown"]) if counts["unknown"] else None,
            "empty_note": word("groups.empty.note", n=len(empty)) if empty else None,
            "empty": [(group.name, f"groups/{safe_id(group.group_id)}.html") for group in empty[:IN_PAGE]],
            "lists": short_lists(groups, has["conversion"]),
            "has": has,
            "trend_head": word("col.trend.net" if "order" in build.facts.kinds else "col.trend.members"),
            "exits_note": None if build.exits_known or not groups else word("lacks.exits"),
            "rows": league_rows(groups)[:IN_PAGE],
            "owners": sorted({group.owner for group in groups if group.owner and group.members != 0}),
            "top_note": word("groups.top", n=f"{IN_SCRIPT:,}")
            if len(groups) - len(empty) > IN_SCRIPT
            else None,
            "types": sorted({group.group_type for group in groups}),
            "type_word": type_word,
            "total": len(groups) - len(empty),
            "has_script": len(groups) - len(empty) > IN_PAGE,
            "map": chart,
            "has_figures": chart is not None,
        },
    )


def seats(build: Build, groups: list[Group]) -> Text | None:
    """Say how many memberships there are and how many people, None where either is not known."""
    rows = build.weekly("acquisition.weekly", limit=1)
    unique = known(rows[-1]["members_at_end"]) if rows and "join" in build.facts.kinds else None
    total = sum(group.members or 0 for group in groups)
    if unique is None or not total:
        return None
    said = word("groups.sum", seats=written(total, "count"), unique=written(unique, "count"))
    return said + Text("，", ": ") + word("groups.overlap") if total > unique else said


def league_rows(groups: list[Group]) -> list[dict[str, Any]]:
    """Return the league table's rows, ready for the template; sparklines only up to 500 groups.

    Groups without a single member are left out: they are listed under the table.
    """
    groups = [group for group in groups if group.members != 0]
    top = [group.participation for group in groups]
    return [
        shallow(group)
        | {
            "href": f"groups/{safe_id(group.group_id)}.html",
            "type": type_word(group.group_type),
            "participation_share": shown_share(group.participation, top),
            "search": group.group_id.lower(),
            "trend": group.trend if len(groups) <= SPARK_LIMIT else (),
            "order": STATES.index(group.state),
        }
        for group in groups[:IN_SCRIPT]
    ]


def short_lists(groups: list[Group], has_sales: bool = True) -> list[dict[str, Any]]:
    """Return the lists of the page: to save, to merge or close, nearly full; with sales, to leave alone."""
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
        if has_sales or key != "groups.leave"
    ]


def _list_note(key: str, group: Group) -> Text:
    if key == "groups.full":
        return written(group.members, "count") + " · " + written(group.fill, "rate")
    if key == "groups.leave":
        return registry()["conversion_30d"].label + " " + written(group.conversion, "rate")
    return group.why if group.why else type_word(group.group_type)


def csv_rows(groups: list[Group]) -> list[list[str]]:
    """Return the rows of the CSV beside the league table."""
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
        lines.append([written_cell(value) for value in values])
    return lines


def written_cell(value: object) -> str:
    """Write a CSV value: texts as they are, numbers in short form."""
    if isinstance(value, float):
        return Digits(f"{value:.6g}" if abs(value) < 1e6 else f"{value:.2f}")
    return "" if value is None else str(value)
