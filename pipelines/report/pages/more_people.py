"""For analysts: what members do after they join, as curves, bars and a matrix."""

from __future__ import annotations

from typing import Any

from pipelines.report.context import Build
from pipelines.report.figures import Figure, Table, bars, figure, line
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, week_label, week_short, written
from pipelines.report.read import Row
from pipelines.report.share import HIDDEN
from pipelines.report.text import Text, plain, word

STATES = ("none", "new", "daily", "weekly", "monthly", "dormant", "left")
LIFECYCLE = (
    ("new", "lifecycle_new", "c5"),
    ("returning", "lifecycle_returning", "main"),
    ("resurrecting", "lifecycle_resurrecting", "c2"),
    ("dormant", "lifecycle_dormant", "c4"),
)
# Colour is never alone: each curve has a dash of its own as well, and the newest is the main colour.
STROKES = (
    ("c3", "dot"),
    ("c5", "dash"),
    ("c1", "dashdot"),
    ("c2", "longdash"),
    ("c4", "dot"),
    ("c6", "dash"),
    ("main", "solid"),
)
TOLD_DAYS = (0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180)
MONTHS, WAIT_WEEKS = 6, 4


def months_followed(build: Build) -> list[Row]:
    """Return the days of the survival curves: all members first, then the last months, oldest first."""
    if not build.warehouse.has("retention.survival"):
        return []
    return build.warehouse.rows(
        f"""
        with months as (
            select cohort_month from retention.survival where cohort_month is not null
            group by cohort_month order by cohort_month desc limit {MONTHS}
        )
        select cohort_month, day, cohort_size, at_risk, exited_members, stay_probability, reason
        from retention.survival
        where cohort_month is null or cohort_month in (select cohort_month from months)
        order by cohort_month nulls first, day
        """
    )


def survival_figure(rows: list[Row], small: int) -> Figure | None:
    """Draw how long stays last (Kaplan-Meier), each curve as long as `small` members are still followed."""
    curves: dict[Any, dict[int, Row]] = {}
    for row in rows:
        if known(row["stay_probability"]) is not None and (known(row["at_risk"]) or 0) >= small:
            curves.setdefault(row["cohort_month"], {})[int(row["day"])] = row
    if None not in curves:
        return None
    every = curves[None]
    last = max(every)
    days = list(range(last + 1))
    months = [month for month in curves if month is not None]
    names: list[tuple[Any, Text, str, dict[str, Any]]] = [
        (None, word("more.all"), "ink", {"width": 3}),
        *(
            (month, plain(f"{month:%Y-%m}"), role, {"width": 1.5, "dash": dash})
            for month, (role, dash) in zip(months, STROKES[len(STROKES) - len(months) :], strict=True)
        ),
    ]

    def at(curve: dict[int, Row], day: int) -> Text:
        return written(curve[day]["stay_probability"] if day in curve else None, "rate")

    told = [day for day in TOLD_DAYS if day <= last]
    return figure(
        "fig-more-survival",
        word("more.survival"),
        word("more.survival.take", seven=at(every, 7), thirty=at(every, 30), ninety=at(every, 90), n=small),
        [
            line(
                days,
                [curves[key][day]["stay_probability"] if day in curves[key] else None for day in days],
                name,
                role,
                mode="lines",
                line={**stroke, "shape": "hv"},
            )
            for key, name, role, stroke in names
        ],
        Table(
            (
                word("more.days"),
                word("more.followed"),
                word("more.exited"),
                *(name for _, name, _, _ in names),
            ),
            tuple(
                (
                    str(day),
                    written(every[day]["at_risk"] if day in every else None, "count"),
                    written(every[day]["exited_members"] if day in every else None, "count"),
                    *(at(curves[key], day) for key, _, _, _ in names),
                )
                for day in told
            ),
        ),
        terms=("stay_probability",),
        hovermode="closest",
        xaxis={"type": "linear", "rangemode": "tozero"},
        yaxis={"tickformat": ".0%", "hoverformat": ".1%", "range": [0, 1.02]},
        meta={"xaxis": {"zh": word("more.days").zh, "en": word("more.days").en}},
    )


def lifecycle_figure(rows: list[Row]) -> Figure | None:
    """Draw the active members of each week by where they come from, and below zero who fell silent."""
    told = [row for row in rows if known(row["active"]) is not None]
    if not told:
        return None
    last = told[-1]
    labels = [week_short(row["week_start"]) for row in told]
    columns = tuple((column, metric(key).label, role) for column, key, role in LIFECYCLE)
    lost = known(last["dormant"])
    return figure(
        "fig-more-lifecycle",
        word("more.lifecycle"),
        word(
            "more.lifecycle.take",
            week=week_label(last["week_start"]),
            active=written(last["active"], "count"),
            new=written(last["new"], "count"),
            returning=written(last["returning"], "count"),
            back=written(last["resurrecting"], "count"),
            lost=written(None if lost is None else -lost, "count"),
        ),
        [bars(labels, [row[column] for row in told], name, role) for column, name, role in columns],
        Table(
            (word("col.week"), *(name for _, name, _ in columns)),
            tuple(
                (
                    week_label(row["week_start"]),
                    *(written(row[column], "count") for column, _, _ in columns),
                )
                for row in told
            ),
        ),
        terms=tuple(key for _, key, _ in LIFECYCLE),
        barmode="relative",
        yaxis={"tickformat": ",d"},
    )


def cohort_figure(rows: list[Row], small: int) -> Figure | None:
    """Draw the retention of the last cohorts that have been followed for four weeks, a curve each."""
    curves: dict[Any, dict[int, Row]] = {}
    for row in rows:
        if known(row["retention_rate"]) is not None and (known(row["cohort_size"]) or 0) >= small:
            curves.setdefault(row["cohort_week"], {})[int(row["week_index"])] = row
    chosen = [week for week in sorted(curves) if WAIT_WEEKS in curves[week]][-len(STROKES) :]
    if not chosen:
        return None
    weeks = list(range(max(max(curves[week]) for week in chosen) + 1))
    order = sorted(chosen, key=lambda week: (curves[week][WAIT_WEEKS]["retention_rate"], week))

    def rate(week: Any, index: int) -> float | None:
        return known(curves[week][index]["retention_rate"]) if index in curves[week] else None

    return figure(
        "fig-more-cohorts",
        word("more.cohorts"),
        word(
            "more.cohorts.take",
            best=week_label(order[-1]),
            high=written(rate(order[-1], WAIT_WEEKS), "rate"),
            worst=week_label(order[0]),
            low=written(rate(order[0], WAIT_WEEKS), "rate"),
            n=small,
        ),
        [
            line(
                weeks,
                [rate(week, index) for index in weeks],
                plain(week_label(week)),
                role,
                line={"width": 2.5 if role == "main" else 1.5, "dash": dash},
            )
            for week, (role, dash) in zip(chosen, STROKES[-len(chosen) :], strict=True)
        ],
        Table(
            (word("ret.weeks_after"), *(plain(week_label(week)) for week in chosen)),
            tuple((str(index), *(written(rate(week, index), "rate") for week in chosen)) for index in weeks),
        ),
        terms=("retention_rate",),
        hovermode="closest",
        yaxis={"tickformat": ".0%", "hoverformat": ".1%"},
        meta={"xaxis": {"zh": word("ret.weeks_after").zh, "en": word("ret.weeks_after").en}},
    )


def transitions(build: Build, small: int) -> dict[str, Any] | None:
    """Return the newest month's matrix: states before down, states now across, members and shares."""
    if not build.warehouse.has("retention.transitions"):
        return None
    rows = build.warehouse.rows(
        """
        select month_start, from_state, to_state, members, from_members, share from retention.transitions
        where month_start = (select max(month_start) from retention.transitions)
        """
    )
    if not rows:
        return None
    cells = {(row["from_state"], row["to_state"]): row for row in rows}
    sizes = {row["from_state"]: row["from_members"] for row in rows}
    few = {state for state, size in sizes.items() if (known(size) or 0.0) < small}
    kept = [state for state in STATES if state in sizes]
    across = [state for state in STATES if any((state_from, state) in cells for state_from in kept)]
    return {
        "month": f"{rows[0]['month_start']:%Y-%m}",
        "columns": [word(f"more.state.{state}") for state in across],
        "rows": [
            {
                "name": word(f"more.state.{state}"),
                "size": sizes[state],
                "is_small": state in few,
                "why": None if sizes[state] is not None else HIDDEN,
                "cells": [cells.get((state, other)) for other in across],
            }
            for state in kept
        ],
    }


def value_figure(rows: list[Row], small: int, currency: str, layout: dict[str, Any]) -> Figure | None:
    """Draw net revenue per member of the last cohorts, week by week after joining, complete weeks only."""
    curves: dict[Any, dict[int, Row]] = {}
    for row in rows:
        if known(row["value_per_member"]) is not None and (known(row["cohort_size"]) or 0) >= small:
            curves.setdefault(row["cohort_week"], {})[int(row["week_index"])] = row
    chosen = [week for week in sorted(curves) if WAIT_WEEKS in curves[week]][-len(STROKES) :]
    if not chosen:
        return None
    weeks = list(range(max(max(curves[week]) for week in chosen) + 1))
    first, newest, title = chosen[0], chosen[-1], word("ret.weeks_after")

    def value(week: Any, index: int) -> float | None:
        return known(curves[week][index]["value_per_member"]) if index in curves[week] else None

    return figure(
        "fig-more-value",
        word("more.value"),
        word(
            "more.value.take",
            newest=week_label(newest),
            now=written(value(newest, WAIT_WEEKS), "price", currency),
            first=week_label(first),
            then=written(value(first, WAIT_WEEKS), "price", currency),
        ),
        [
            line(
                weeks,
                [value(week, index) for index in weeks],
                plain(week_label(week)),
                role,
                line={"width": 2.5 if role == "main" else 1.5, "dash": dash},
                digits=2,
            )
            for week, (role, dash) in zip(chosen, STROKES[-len(chosen) :], strict=True)
        ],
        Table(
            (title, *(plain(week_label(week)) for week in chosen)),
            tuple(
                (str(index), *(written(value(week, index), "price", currency) for week in chosen))
                for index in weeks
            ),
        ),
        terms=("value_per_member",),
        hovermode="closest",
        **{**layout, "meta": {**layout["meta"], "xaxis": {"zh": title.zh, "en": title.en}}},
    )
