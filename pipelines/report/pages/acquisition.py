"""Where members come from and where they go: the weekly flow."""

from __future__ import annotations

from typing import Any

from pipelines.report.context import Build
from pipelines.report.figures import Figure, Table, bars, figure, line
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, week_label, week_short, written
from pipelines.report.read import Row
from pipelines.report.render import Page
from pipelines.report.text import word

TABLE = (
    "new_members",
    "opened",
    "leaves",
    "kicks",
    "dissolved",
    "moved",
    "net_members",
    "members_at_end",
    "lost_members",
    "exit_rate",
)
LEAVING = (("leaves", "c1"), ("kicks", "c2"), ("moved", "c3"), ("dissolved", "c5"))
MOST = 5


def page(build: Build) -> Page:
    """Return the acquisition page."""
    need = build.missing("join", tables=("acquisition.weekly",))
    rows = [] if need else [row for row in build.weekly("acquisition.weekly") if row["is_complete"]]
    figures = [flow_figure(rows, "fig-flow"), new_figure(rows), exit_figure(rows)] if rows else []
    return Page(
        "acquisition.html",
        "stage.html.j2",
        {
            "here": "acquisition",
            "title": word("title.acquisition"),
            "need": need or (None if rows else word("need.rows")),
            "figures": figures,
            "tables": [weekly_table("acquisition", rows[::-1][:12], TABLE, "week_start")] if rows else [],
            "movers": movers(build) if rows else [],
            "has_figures": bool(figures),
        },
    )


def flow_figure(rows: list[Row], key: str) -> Figure:
    """Draw stays opened above and stays closed below zero, by kind of exit, with the net as a line."""
    labels = [week_short(row["week_start"]) for row in rows]
    last = rows[-1]
    closing = [
        bars(labels, [_minus(row[name]) for row in rows], metric(name).label, role)
        for name, role in LEAVING
        if any(known(row[name]) for row in rows)
    ]
    columns = ("opened", "leaves", "kicks", "dissolved", "moved", "net_members")
    return figure(
        key,
        word("acq.flow"),
        word(
            "acq.flow.take",
            week=week_label(last["week_start"]),
            opened=written(last["opened"], "count"),
            closed=written(last["closed"], "count"),
            net=written(last["net_members"], "count", signed=True),
            end=written(last["members_at_end"], "count", compact=True),
        ),
        [
            bars(labels, [row["opened"] for row in rows], metric("opened").label, "main"),
            *closing,
            line(
                labels,
                [row["net_members"] for row in rows],
                metric("net_members").label,
                "ink",
                line={"width": 1.5},
            ),
        ],
        plain_table(rows, columns),
        barmode="relative",
        yaxis={"tickformat": ",d"},
    )


def _minus(value: Any) -> float | None:
    number = known(value)
    return -number if number else number


def new_figure(rows: list[Row]) -> Figure:
    """Draw new members by week."""
    last = rows[-1]
    before = [value for row in rows[-13:-1] if (value := known(row["new_members"])) is not None]
    mean = sum(before) / len(before) if before else None
    return figure(
        "fig-new",
        word("acq.new"),
        word(
            "acq.new.take",
            week=week_label(last["week_start"]),
            now=written(last["new_members"], "count"),
            mean=written(mean, "count"),
        ),
        [
            bars(
                [week_short(row["week_start"]) for row in rows],
                [row["new_members"] for row in rows],
                metric("new_members").label,
                "main",
            )
        ],
        plain_table(rows, ("new_members",)),
        yaxis={"tickformat": ",d"},
        showlegend=False,
    )


def exit_figure(rows: list[Row]) -> Figure:
    """Draw the exit rate by week."""
    last = rows[-1]
    return figure(
        "fig-exit",
        word("acq.exit"),
        word("acq.exit.take", now=written(last["exit_rate"], "rate")),
        [
            line(
                [week_short(row["week_start"]) for row in rows],
                [row["exit_rate"] for row in rows],
                metric("exit_rate").label,
                "main",
                digits=5,
            )
        ],
        plain_table(rows, ("exit_rate",)),
        yaxis={"tickformat": ".1%", "hoverformat": ".2%"},
        showlegend=False,
    )


def plain_table(
    rows: list[Row], names: tuple[str, ...], key: str = "week_start", currency: str = "CNY"
) -> Table:
    """Return the numbers of a weekly figure, newest first."""
    return Table(
        (word("col.week"), *(metric(name).label for name in names)),
        tuple(
            (week_label(row[key]), *(written(row[name], metric(name).unit, currency) for name in names))
            for row in reversed(rows)
        ),
    )


def weekly_table(
    key: str,
    rows: list[Row],
    names: tuple[str, ...],
    column: str,
    bases: dict[str, str] | None = None,
    size: str | None = None,
    flags: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return a table of weeks or cohorts for the stage template.

    `bases` maps a rate to the column that counts what it rests on; `size` names a column of plain counts
    printed after the week; `flags` maps a rate to the column that tells whether its window has closed.
    A NULL with a closed window shows the row's own `reason`.
    """
    given, windows = bases or {}, flags or {}
    return {
        "id": f"table-{key}",
        "title": word("act.table") if column == "cohort_week" else word("ref.table"),
        "head": word("col.cohort") if column == "cohort_week" else word("col.week"),
        "size": size,
        "metrics": [metric(name) for name in names],
        "rows": [
            {
                "week": week_label(row[column]),
                "size": row[size] if size else None,
                "cells": [
                    {
                        "value": row[name],
                        "unit": metric(name).unit,
                        "why": row.get("reason"),
                        "base": row.get(given.get(name, "")),
                        "is_open": is_open(row, windows.get(name)),
                    }
                    for name in names
                ],
            }
            for row in rows
        ],
    }


def is_open(row: Row, flag: str | None) -> bool:
    """Tell whether a cell is empty because its window has not closed, by the window's own flag."""
    return flag is not None and row.get(flag) is False and not str(row.get("reason") or "").endswith("export")


def movers(build: Build) -> list[dict[str, Any]]:
    """Return the groups that grew most and shrank most in the report week."""
    if not build.warehouse.has("acquisition.weekly_by_group", "core.groups"):
        return []
    rows = build.warehouse.rows(
        """
        select w.group_id, g.group_name, w.opened, w.closed, w.net_members, w.members_at_end
        from acquisition.weekly_by_group as w
        left join core.groups as g on g.group_id = w.group_id
        where w.week_start = ? and w.net_members is not null
        order by w.net_members desc, w.group_id
        """,
        [build.facts.week_start],
    )
    picked = rows if len(rows) <= 2 * MOST else rows[:MOST] + rows[-MOST:]
    return [
        row
        | {
            "name": str(row["group_name"] or row["group_id"]),
            "href": build.group_page(row["group_id"]),
        }
        for row in picked
    ]
