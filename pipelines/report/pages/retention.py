"""Do they come back: the cohort heat-map, and the curve pooled over complete cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pipelines.report.context import Build
from pipelines.report.figures import Figure, Table, figure, line
from pipelines.report.kpis import card, latest
from pipelines.report.lacks import left_out
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, week_label, written
from pipelines.report.pages.index import with_label
from pipelines.report.pages.stickiness import stickiness_figures
from pipelines.report.read import Row, Warehouse
from pipelines.report.reasons import reason
from pipelines.report.render import Page
from pipelines.report.share import HIDDEN, is_few
from pipelines.report.text import Text, plain, word

CARDS = ("stay_30d_rate", "retention_week4", "dau_wau", "exit_rate")
COHORTS, WEEKS = 20, 12
KINDS = (
    ("active_members", "ret.active", "main"),
    ("posting_members", "ret.posting", "c1"),
    ("buying_members", "ret.buying", "c2"),
)


@dataclass(frozen=True)
class Cell:
    """One cohort in one week: a share, or open, or NULL with its reason."""

    share: float | None
    is_open: bool
    why: Text | None
    is_hidden: bool = False


@dataclass(frozen=True)
class Line:
    """One cohort of the heat-map; `stayed` is its share still in a group 30 days after joining."""

    week: Text | str
    size: float | None
    is_small: bool
    cells: tuple[Cell, ...]
    stayed: Cell | None = None


@dataclass(frozen=True)
class Heatmap:
    """Cohorts down, weeks after joining across; the average weighted by size, over all `members`."""

    weeks: tuple[int, ...]
    rows: tuple[Line, ...]
    average: tuple[float | None, ...]
    members: float | None
    has_stayed: bool = False


def page(build: Build) -> Page:
    """Return the retention page."""
    need = build.missing("join", "message|order", tables=("retention.cohorts",))
    rows = [] if need else cohort_rows(build)
    known_ = [name for name in CARDS if latest(build.scores.get(name, [])) is not None]
    pair = [
        with_label(card(metric(name), build.scores[name], build.facts, build.orders), build.facts.currency)
        for name in known_
    ]
    given = {
        name: build.scores[name][-1]["reason"]
        for name in CARDS
        if build.scores.get(name) and name not in known_
    }
    return Page(
        "retention.html",
        "retention.html.j2",
        {
            "here": "retention",
            "title": word("title.retention"),
            "need": need or (None if rows else word("need.rows")),
            "heatmap": with_stays(rows, build) if rows else None,
            "figures": [
                curve_figure(rows, build.facts.kinds, build.warehouse.is_shared),
                *stickiness_figures(build),
            ]
            if rows
            else [],
            "cards": pair if rows else [],
            "left_out": left_out(given, build.facts.kinds, given),
            "has_figures": bool(rows),
        },
    )


def cohort_rows(build: Build, group_id: str | None = None) -> list[Row]:
    """Return retention cells up to week 12 of every cohort up to the report week, not protected yet."""
    table = "retention.cohorts" if group_id is None else "retention.cohorts_by_group"
    if not build.warehouse.has(table):
        return []
    values: list[object] = [build.facts.week_start]
    condition = ""
    if group_id is not None:
        condition = " and group_id = ?"
        values.append(group_id)
    return build.warehouse.unprotected().rows(
        f"""
        select * from {table}
        where cohort_week <= ?{condition} and week_index between 0 and {WEEKS} and cohort_size > 0
        order by cohort_week, week_index
        """,
        values,
    )


def heatmap(
    rows: list[Row],
    small: int,
    warehouse: Warehouse,
    cohorts: int = COHORTS,
    label: Callable[[Any], Text | str] = week_label,
) -> Heatmap:
    """Lay the newest `cohorts` cohorts out, oldest first; open weeks are open, cohorts under `small` grey."""
    by_cohort: dict[date, dict[int, Row]] = {}
    for row in warehouse.protected(rows):
        by_cohort.setdefault(row["cohort_week"], {})[int(row["week_index"])] = row
    weeks = tuple(range(max(int(row["week_index"]) for row in rows) + 1))
    members = sum({row["cohort_week"]: known(row["cohort_size"]) or 0.0 for row in rows}.values())
    lines = []
    for week in sorted(by_cohort)[-cohorts:]:
        cells = by_cohort[week]
        size = known(next(iter(cells.values()))["cohort_size"])
        lines.append(
            Line(label(week), size, (size or 0.0) < small, tuple(_cell(cells.get(k)) for k in weeks))
        )
    average = tuple(_pooled_safely(rows, k, "active_members", warehouse.is_shared) for k in weeks)
    return Heatmap(weeks, tuple(lines), average, None if warehouse.is_shared and is_few(members) else members)


def with_stays(rows: list[Row], build: Build) -> Heatmap:
    """Lay the cohorts out with the share of each still in a group after 30 days, where any has one."""
    grid = heatmap(rows, build.facts.limits.small_n, build.warehouse)
    weeks = sorted({row["cohort_week"] for row in rows})[-COHORTS:]
    stays = {row["cohort_week"]: row for row in build.scores.get("stay_30d_rate", [])}
    if not any(week in stays and known(stays[week]["value"]) is not None for week in weeks):
        return grid
    lines = tuple(
        replace(one, stayed=_stay(stays.get(week))) for week, one in zip(weeks, grid.rows, strict=True)
    )
    return replace(grid, rows=lines, has_stayed=True)


def _stay(row: Row | None) -> Cell:
    """Return a cohort's cell of the share still in a group; a cohort without a row is not mature yet."""
    if row is None or not row["is_complete"]:
        return Cell(None, True, None)
    share, why = known(row["value"]), row["reason"]
    return Cell(share, False, None if share is not None else reason(why), share is None and why == HIDDEN)


def _cell(row: Row | None) -> Cell:
    if row is None or not row["is_complete"]:
        return Cell(None, True, None)
    share = known(row["retention_rate"])
    if share is not None:
        return Cell(share, False, None)
    return Cell(None, False, reason(row.get("reason")), row.get("reason") == HIDDEN)


def pooled(rows: list[Row], week_index: int, column: str) -> float | None:
    """Return members over cohort sizes, both summed over the complete cells of one week index."""
    cells = [
        row
        for row in rows
        if row["week_index"] == week_index and row["is_complete"] and known(row[column]) is not None
    ]
    size = sum(known(row["cohort_size"]) or 0.0 for row in cells)
    return sum(known(row[column]) or 0.0 for row in cells) / size if size > 0 else None


def _pooled_safely(rows: list[Row], week_index: int, column: str, is_shared: bool) -> float | None:
    """Pool a week, None where a shared report would tell of fewer than five members or of all but those."""
    share = pooled(rows, week_index, column)
    if share is None or not is_shared:
        return share
    cells = [row for row in rows if row["week_index"] == week_index and row["is_complete"]]
    size = sum(known(row["cohort_size"]) or 0.0 for row in cells if known(row[column]) is not None)
    return None if any(map(is_few, (size, share * size, size - share * size))) else share


def curve_figure(rows: list[Row], kinds: tuple[str, ...], is_shared: bool = False) -> Figure:
    """Draw the pooled share active, posting and buying in each week after joining."""
    last = max(int(row["week_index"]) for row in rows)
    weeks = list(range(last + 1))
    needed: dict[str, str | None] = {
        "active_members": None,
        "posting_members": "message",
        "buying_members": "order",
    }
    shown = [entry for entry in KINDS if needed[entry[0]] is None or needed[entry[0]] in kinds]
    curves: dict[str, list[float | None]] = {
        name: [_pooled_safely(rows, week, name, is_shared) for week in weeks] for name, _, _ in shown
    }
    active = curves["active_members"]
    same = "message" in kinds and "order" not in kinds and curves.get("posting_members") == active
    if same:
        shown = [entry for entry in shown if entry[0] != "posting_members"]

    def at(week: int) -> Any:
        return written(active[week] if week < len(active) else None, "rate")

    return figure(
        "fig-retention",
        word("ret.curve"),
        word("ret.curve.take", one=at(1), four=at(4), twelve=at(12))
        + (word("ret.curve.same") if same else plain("")),
        [line([str(week) for week in weeks], curves[name], word(text), role) for name, text, role in shown],
        Table(
            (word("ret.weeks_after"), *(word(text) for _, text, _ in shown)),
            tuple(
                (str(week), *(written(curves[name][week], "rate") for name, _, _ in shown)) for week in weeks
            ),
        ),
        terms=("retention_rate",),
        yaxis={"tickformat": ".0%", "hoverformat": ".1%"},
        meta={"xaxis": {"zh": word("ret.weeks_after").zh, "en": word("ret.weeks_after").en}},
    )
