"""For analysts: which customers and products the money comes from."""

from __future__ import annotations

from typing import Any

from pipelines.report.context import Build
from pipelines.report.figures import Figure, Table, bars, figure, line, money_axis, numbers
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, rounded, written
from pipelines.report.read import Row
from pipelines.report.text import Text, word

SEGMENTS = (
    "champions",
    "loyal_customers",
    "potential_loyalists",
    "new_customers",
    "promising",
    "need_attention",
    "about_to_sleep",
    "cannot_lose_them",
    "at_risk",
    "hibernating",
)
QUINTILES = (1, 2, 3, 4, 5)
LEAST_REPEAT = 200
CURVE_POINTS = 400


def rfm_map(build: Build) -> dict[str, Any] | None:
    """Return buyers by recency (down, latest first) and frequency (across), and the segments' sums."""
    if not build.warehouse.has("revenue.rfm"):
        return None
    cells = {
        (row["r"], row["f"]): row
        for row in build.warehouse.rows(
            """
            select r, f, segment, count(*) as buyers, sum(monetary) as net from revenue.rfm
            where r is not null and f is not null group by r, f, segment
            """
        )
    }
    if not cells:
        return None
    most = max(known(row["buyers"]) or 0.0 for row in cells.values()) or 1.0
    segments = build.warehouse.rows(
        """
        select segment, count(*) as buyers, sum(monetary) as net, median(recency_days) as recency_days,
            median(frequency) as frequency, count(*) / sum(count(*)) over () as buyer_share,
            sum(monetary) / nullif(sum(sum(monetary)) over (), 0) as net_share
        from revenue.rfm where segment is not null group by segment order by net desc, segment
        """
    )
    return {
        "columns": QUINTILES,
        "rows": [
            {
                "r": r,
                "cells": [
                    cell
                    | {"name": segment_word(cell["segment"]), "shade": (known(cell["buyers"]) or 0.0) / most}
                    if (cell := cells.get((r, f)))
                    else None
                    for f in QUINTILES
                ],
            }
            for r in reversed(QUINTILES)
        ],
        "segments": [row | {"name": segment_word(row["segment"])} for row in segments],
    }


def segment_word(segment: object) -> Text:
    """Return a segment's name; one the words lack is shown as the others' remainder."""
    return word(f"more.rfm.{segment}" if segment in SEGMENTS else "more.rfm.others")


def lifetime(build: Build) -> tuple[Figure | None, Text | None]:
    """Return expected net revenue of a year by tenths of buyers, or the reason why it is not shown."""
    if not build.warehouse.has("revenue.lifetime_value", "revenue.lifetime_value_parameters"):
        return None, None
    fit = build.warehouse.one(
        "select max(repeat_buyers) as repeat_buyers from revenue.lifetime_value_parameters"
    )
    least = LEAST_REPEAT
    if "lifetime_min_repeat_buyers" in build.warehouse.tables["core.settings"]:
        least = int(
            build.warehouse.one("select lifetime_min_repeat_buyers as n from core.settings")["n"] or least
        )
    rows = build.warehouse.rows(
        """
        with tenths as (
            select expected_value_365d as value, probability_alive,
                ntile(10) over (order by expected_value_365d desc, member_id) as tenth
            from revenue.lifetime_value where is_shown and expected_value_365d is not null
        )
        select tenth, count(*) as buyers, sum(value) as value, avg(probability_alive) as alive
        from tenths group by tenth order by tenth
        """
    )
    repeat = known(fit.get("repeat_buyers")) or 0.0
    if repeat < least:
        return None, word("more.lifetime.few", n=written(repeat, "count"), least=written(least, "count"))
    if not rows:
        return None, word("more.lifetime.none")
    return _lifetime_figure(rows, repeat, build.currency), None


def _lifetime_figure(rows: list[Row], repeat: float, currency: str) -> Figure:
    total = sum(known(row["value"]) or 0.0 for row in rows)
    best = known(rows[0]["value"]) or 0.0
    return figure(
        "fig-more-lifetime",
        word("more.lifetime"),
        word(
            "more.lifetime.take",
            buyers=written(sum(known(row["buyers"]) or 0.0 for row in rows), "count"),
            total=written(total, "money", currency, compact=True),
            share=written(best / total if total else None, "rate"),
            repeat=written(repeat, "count"),
        ),
        [
            bars(
                [str(row["tenth"]) for row in rows],
                [row["value"] for row in rows],
                metric("expected_value_365d").label,
                "main",
                digits=2,
            )
        ],
        Table(
            (
                word("more.tenth"),
                metric("buyers").label,
                metric("expected_value_365d").label,
                metric("probability_alive").label,
            ),
            tuple(
                (
                    str(row["tenth"]),
                    written(row["buyers"], "count"),
                    written(row["value"], "money", currency),
                    written(row["alive"], "rate"),
                )
                for row in rows
            ),
        ),
        terms=("expected_value_365d", "probability_alive"),
        showlegend=False,
        **_with_title(money_axis(currency), word("more.tenth")),
    )


def concentration_figure(build: Build) -> Figure | None:
    """Draw which share of products makes which share of net revenue, best products first."""
    if not build.warehouse.has("revenue.products", "revenue.concentration"):
        return None
    rows = build.warehouse.rows(
        """
        select rank, product_share, cumulative_share from revenue.products
        where rank is not null and product_share is not null and cumulative_share is not null order by rank
        """
    )
    told = build.warehouse.one("select * from revenue.concentration where period = 'all'")
    if len(rows) < 2 or known(told.get("top_20pct_share")) is None:
        return None
    step = -(-len(rows) // CURVE_POINTS)
    shown = [row for index, row in enumerate(rows) if index % step == 0 or index == len(rows) - 1]
    marks = [rows[min(len(rows) - 1, -(-len(rows) * part // 10) - 1)] for part in range(1, 11)]
    return figure(
        "fig-more-concentration",
        word("more.concentration"),
        word(
            "more.concentration.take",
            n=written(told["products"], "count"),
            top=written(told["top_20pct_share"], "rate"),
            share=written(told["product_share_for_80pct"], "rate"),
        ),
        [
            line(
                [0, *numbers([row["product_share"] for row in shown])],
                [0, *(row["cumulative_share"] for row in shown)],
                metric("cumulative_share").label,
                "main",
                mode="lines",
            ),
            line([0, 1], [0, 1], word("more.even"), "c3", mode="lines", line={"width": 1.5, "dash": "dash"}),
        ],
        Table(
            (word("more.products"), metric("cumulative_share").label),
            tuple(
                (written(row["product_share"], "rate"), written(row["cumulative_share"], "rate"))
                for row in marks
            ),
        ),
        terms=("cumulative_share", "top_20pct_share"),
        hovermode="closest",
        xaxis={"type": "linear", "tickformat": ".0%", "range": [0, 1]},
        yaxis={"tickformat": ".0%", "hoverformat": ".1%", "range": [0, max(1.02, _top(rows))]},
        meta={"xaxis": {"zh": word("more.products").zh, "en": word("more.products").en}},
    )


def _top(rows: list[Row]) -> float:
    """Return the curve's highest point: above 1 where refunded products take some away again."""
    return float(rounded(max(known(row["cumulative_share"]) or 0.0 for row in rows) + 0.02) or 0.0)


def _with_title(layout: dict[str, Any], title: Text) -> dict[str, Any]:
    return {**layout, "meta": {**layout["meta"], "xaxis": {"zh": title.zh, "en": title.en}}}
