"""Where members come from and where they go: the weekly flow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.report.context import Build
from pipelines.report.facts import KINDS
from pipelines.report.figures import Figure, Table, bars, figure, line
from pipelines.report.lacks import given_reason, is_kind_missing, left_out
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, week_label, week_short, written
from pipelines.report.pages.channels import channels
from pipelines.report.read import Row
from pipelines.report.reasons import is_open_reason
from pipelines.report.render import Page
from pipelines.report.share import HIDDEN, STAR
from pipelines.report.text import Text, plain, word

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
LEAVING = (("leaves", "c1"), ("kicks", "c2"), ("moved", "c6"), ("dissolved", "c3"))
CLOSING = ("closed", "leaves", "kicks", "dissolved", "moved", "net_members", "lost_members", "exit_rate")
MOST = 5


def page(build: Build) -> Page:
    """Return the acquisition page."""
    need = build.missing("join", tables=("acquisition.weekly",))
    rows = [] if need else [row for row in build.weekly("acquisition.weekly") if row["is_complete"]]
    exits = build.exits_known
    figures = [flow_figure(rows, "fig-flow", exits), new_figure(rows)] if rows else []
    if any(known(row["exit_rate"]) is not None for row in rows):
        figures.append(exit_figure(rows))
    return Page(
        "acquisition.html",
        "acquisition.html.j2",
        {
            "here": "acquisition",
            "title": word("title.acquisition"),
            "need": need or (None if rows else word("need.rows")),
            "figures": figures,
            "tables": [
                weekly_table(
                    "acquisition",
                    rows[::-1][:12],
                    TABLE,
                    "week_start",
                    kinds=build.facts.kinds,
                    hidden=() if exits else CLOSING,
                    note=None if exits else word("lacks.exits"),
                )
            ]
            if rows
            else [],
            "channels": channels(build),
            "movers": movers(build) if rows else [],
            "exits": exits,
            "has_figures": bool(figures),
        },
    )


def flow_figure(rows: list[Row], key: str, exits: bool = True) -> Figure:
    """Draw stays opened above and stays closed below zero, by kind of exit, with the net as a line.

    Without `exits` in the exports only what is known: stays opened.
    """
    labels = [week_short(row["week_start"]) for row in rows]
    last = rows[-1]
    closing = [
        bars(labels, [_minus(row[name]) for row in rows], metric(name).label, role)
        for name, role in LEAVING
        if any(known(row[name]) for row in rows)
    ]
    columns = ("opened", "leaves", "kicks", "dissolved", "moved", "net_members") if exits else ("opened",)
    net = line(
        labels, [row["net_members"] for row in rows], metric("net_members").label, "ink", line={"width": 1.5}
    )
    return figure(
        key,
        word("acq.flow"),
        word(
            "acq.flow.take" if exits else "acq.flow.take.opened",
            week=week_label(last["week_start"]),
            opened=written(last["opened"], "count"),
            closed=written(last["closed"], "count"),
            net=written(last["net_members"], "count", signed=True),
            end=written(last["members_at_end"], "count", compact=True),
        ),
        [
            bars(labels, [row["opened"] for row in rows], metric("opened").label, "main"),
            *([*closing, net] if exits else []),
        ],
        plain_table(rows, columns),
        terms=("opened", "closed", "net_members") if exits else ("opened",),
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
        terms=("new_members",),
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
        terms=("exit_rate",),
        yaxis={"tickformat": ".1%", "hoverformat": ".2%"},
        showlegend=False,
    )


def plain_table(
    rows: list[Row], names: tuple[str, ...], key: str = "week_start", currency: str = "CNY"
) -> Table:
    """Return the numbers of a weekly figure, newest first."""

    def shown(row: Row, name: str) -> Text:
        is_hidden = known(row[name]) is None and row.get("reason") == HIDDEN
        return plain(STAR) if is_hidden else written(row[name], metric(name).unit, currency)

    return Table(
        (word("col.week"), *(metric(name).label for name in names)),
        tuple((week_label(row[key]), *(shown(row, name) for name in names)) for row in reversed(rows)),
    )


def weekly_table(
    key: str,
    rows: list[Row],
    names: tuple[str, ...],
    column: str,
    bases: dict[str, str] | None = None,
    size: str | None = None,
    flags: dict[str, str] | None = None,
    kinds: Sequence[str] = KINDS,
    hidden: Sequence[str] = (),
    note: Text | None = None,
) -> dict[str, Any]:
    """Return a table of weeks or cohorts for the stage template.

    `bases` maps a rate to the column that counts what it rests on; `size` names a column of plain counts
    printed after the week; `flags` maps a rate to the column that tells whether its window has closed.
    A NULL with a closed window shows the row's own `reason`. A number without a single value, open ones
    left aside, is no column: one line under the table names it and says why, by the exported `kinds`;
    so does it with those `hidden`. `note` is printed before that line.
    """
    given, windows = bases or {}, flags or {}
    empty = [
        name
        for name in names
        if name in hidden
        or all(known(row[name]) is None and not is_open(row, windows.get(name), name, kinds) for row in rows)
        or (all(known(row[name]) is None for row in rows) and is_kind_missing(name, None, kinds))
    ]
    whys = {name: given_reason(name, rows, bool(hidden)) for name in empty}
    names = tuple(name for name in names if name not in empty)
    table: dict[str, Any] = {
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
                        "is_open": is_open(row, windows.get(name), name, kinds),
                    }
                    for name in names
                ],
            }
            for row in rows
        ],
    }
    cells = [cell for row in table["rows"] for cell in row["cells"]]
    return table | {
        "note": note,
        "left_out": left_out(empty, kinds, whys),
        "has_open": any(
            known(cell["value"]) is None and (cell["is_open"] or is_open_reason(cell["why"]))
            for cell in cells
        ),
        "least": min(
            (
                known(cell["base"]) or 0.0
                for cell in cells
                if known(cell["value"]) is not None and cell["base"] is not None
            ),
            default=None,
        ),
    }


def is_open(row: Row, flag: str | None, name: str, kinds: Sequence[str]) -> bool:
    """Tell whether a cell is empty because its window has not closed, by the window's own flag.

    A metric whose export is missing will not come with time.
    """
    return flag is not None and row.get(flag) is False and not is_kind_missing(name, None, kinds)


def movers(build: Build) -> list[dict[str, Any]]:
    """Return the groups that grew most and shrank most in the report week."""
    if not build.warehouse.has("acquisition.weekly_by_group", "core.groups"):
        return []
    rows = build.warehouse.rows(
        """
        select w.group_id, g.group_name, w.opened, w.closed, w.net_members, w.members_at_end, w.reason
        from acquisition.weekly_by_group as w
        left join core.groups as g on g.group_id = w.group_id
        where w.week_start = ? and w.net_members is not null
        order by w.net_members desc, w.group_id
        """,
        [build.facts.week_start],
    )
    rows = [row for row in rows if known(row["opened"]) or known(row["closed"]) or row["reason"] == HIDDEN]
    picked = rows if len(rows) <= 2 * MOST else rows[:MOST] + rows[-MOST:]
    return [
        row
        | {
            "name": str(row["group_name"] or row["group_id"]),
            "href": build.group_page(row["group_id"]),
        }
        for row in picked
    ]
