"""Do new members wake up: cohort rates, first orders, first words."""

from __future__ import annotations

from pipelines.report.context import Build
from pipelines.report.figures import Figure, Table, bars, figure, line, open_bars
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, rounded, week_label, week_short, written
from pipelines.report.pages.acquisition import plain_table, weekly_table
from pipelines.report.pages.levers import levers
from pipelines.report.read import Row
from pipelines.report.render import Page
from pipelines.report.text import plain, word

COLUMNS = (
    "activated_24h_rate",
    "activated_7d_rate",
    "first_order_7d_rate",
    "first_order_30d_rate",
    "spoken_24h_share",
    "spoken_7d_share",
    "spoken_30d_share",
    "median_hours_to_first_message",
)


FLAGS = {
    name: f"is_complete_{window}"
    for window in ("24h", "7d", "30d")
    for name in COLUMNS
    if f"_{window}_" in name
}


def page(build: Build) -> Page:
    """Return the activation page."""
    need = build.missing("join", "message|order", tables=("activation.cohorts",))
    rows = (
        []
        if need
        else [row for row in build.weekly("activation.cohorts", "cohort_week") if known(row["cohort_size"])]
    )
    figures: list[Figure] = []
    if rows:
        figures.append(rate_figure(rows, build.facts.limits.small_n))
        if "order" in build.facts.kinds:
            figures.append(order_figure(rows))
        if "message" in build.facts.kinds:
            figures.append(spoken_figure(rows))
    bases = dict.fromkeys(COLUMNS, "cohort_size")
    return Page(
        "activation.html",
        "activation.html.j2",
        {
            "here": "activation",
            "title": word("title.activation"),
            "need": need or (None if rows else word("need.rows")),
            "figures": figures,
            "tables": [
                weekly_table(
                    "cohorts",
                    rows[::-1][:16],
                    COLUMNS,
                    "cohort_week",
                    bases,
                    "cohort_size",
                    FLAGS,
                    build.facts.kinds,
                )
            ]
            if rows
            else [],
            "movers": [],
            "levers": levers(build),
            "has_figures": bool(figures),
        },
    )


def last_with(rows: list[Row], name: str) -> Row | None:
    """Return the newest row in which a column has a value."""
    return next((row for row in reversed(rows) if known(row[name]) is not None), None)


def rate_figure(rows: list[Row], small: int) -> Figure:
    """Draw the 7-day activation rate with its 95 % interval.

    Cohorts still open are hatched, those under `small` people grey.
    """
    labels = [week_short(row["cohort_week"]) for row in rows]
    values = [known(row["activated_7d_rate"]) for row in rows]
    highs = [known(row["activated_7d_high"]) for row in rows]
    lows = [known(row["activated_7d_low"]) for row in rows]
    up = [
        rounded(high - value) if high is not None and value is not None else None
        for high, value in zip(highs, values, strict=True)
    ]
    down = [
        rounded(value - low) if low is not None and value is not None else None
        for low, value in zip(lows, values, strict=True)
    ]
    top = max([high for high in highs if high is not None], default=1.0)
    last = last_with(rows, "activated_7d_rate") or rows[-1]
    few = [(known(row["cohort_size"]) or 0.0) < small for row in rows]
    traces = []
    for wanted, name, role in (
        (False, metric("activated_7d_rate").label, "main"),
        (True, word("fig.small", n=small), "c3"),
    ):
        picked = [value if is_few is wanted else None for value, is_few in zip(values, few, strict=True)]
        if any(value is not None for value in picked) or (not wanted and not any(few)):
            trace = bars(labels, picked, name, role)
            trace["error_y"] = {"type": "data", "symmetric": False, "array": up, "arrayminus": down}
            traces.append(trace)
    return figure(
        "fig-activation",
        word("act.curve"),
        word(
            "act.curve.take",
            week=week_label(last["cohort_week"]),
            n=written(last["cohort_size"], "count"),
            now=written(last["activated_7d_rate"], "rate"),
            low=written(last["activated_7d_low"], "rate"),
            high=written(last["activated_7d_high"], "rate"),
        )
        + (word("act.small", n=small) if any(few) else plain("")),
        [
            *traces,
            open_bars(
                labels, [not row["is_complete_7d"] for row in rows], rounded(top) or 1.0, word("fig.open")
            ),
        ],
        Table(
            (
                word("col.cohort"),
                word("col.size"),
                metric("activated_7d_rate").label,
                word("fig.low"),
                word("fig.high"),
            ),
            tuple(
                (
                    week_label(row["cohort_week"]),
                    written(row["cohort_size"], "count"),
                    *(
                        written(row[name], "rate")
                        for name in ("activated_7d_rate", "activated_7d_low", "activated_7d_high")
                    ),
                )
                for row in reversed(rows)
            ),
        ),
        terms=("activated_7d_rate",),
        barmode="overlay",
        yaxis={"tickformat": ".0%", "hoverformat": ".1%"},
    )


def order_figure(rows: list[Row]) -> Figure:
    """Draw first-order rates in 7 and 30 days by join week."""
    labels = [week_short(row["cohort_week"]) for row in rows]
    last = last_with(rows, "first_order_30d_rate") or rows[-1]
    names = (("first_order_30d_rate", "main"), ("first_order_7d_rate", "c1"))
    return figure(
        "fig-first-orders",
        word("act.order"),
        word(
            "act.order.take",
            week=week_label(last["cohort_week"]),
            now=written(last["first_order_30d_rate"], "rate"),
        ),
        [line(labels, [row[name] for row in rows], metric(name).label, role) for name, role in names],
        plain_table(rows, tuple(name for name, _ in names), "cohort_week"),
        terms=tuple(name for name, _ in names),
        yaxis={"tickformat": ".0%", "hoverformat": ".1%"},
    )


def spoken_figure(rows: list[Row]) -> Figure:
    """Draw the shares that have spoken after 24 hours, 7 and 30 days."""
    labels = [week_short(row["cohort_week"]) for row in rows]
    names = (("spoken_30d_share", "main"), ("spoken_7d_share", "c1"), ("spoken_24h_share", "c3"))
    return figure(
        "fig-spoken",
        word("act.spoken"),
        word("act.spoken.note"),
        [line(labels, [row[name] for row in rows], metric(name).label, role) for name, role in names],
        plain_table(rows, tuple(name for name, _ in names), "cohort_week"),
        terms=tuple(name for name, _ in names),
        yaxis={"tickformat": ".0%", "hoverformat": ".1%"},
    )
