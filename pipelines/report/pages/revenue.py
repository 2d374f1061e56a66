"""What it is worth: sales by week, prices, returning buyers, repurchase, concentration."""

from __future__ import annotations

from typing import Any

from pipelines.report.context import Build
from pipelines.report.figures import Figure, Table, bars, figure, line, open_bars, safe_text
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, symbol, week_label, week_short, written
from pipelines.report.pages.acquisition import plain_table, weekly_table
from pipelines.report.pages.products import preorder_table, products, stored_value
from pipelines.report.pages.revenue_split import sources, split_figure
from pipelines.report.read import Row
from pipelines.report.render import Page
from pipelines.report.text import Text, plain, word, words

TABLE = (
    "gmv",
    "refunds",
    "net_revenue",
    "margin_rate",
    "paid_orders",
    "buyers",
    "average_order_value",
    "spend_per_buyer",
    "revenue_per_member",
    "unmatched_share",
)
CATEGORIES = 12


def page(build: Build) -> Page:
    """Return the revenue page."""
    need = build.missing("order", tables=("revenue.weekly",))
    rows = [] if need else [row for row in build.weekly("revenue.weekly") if row["is_complete"]]
    months = repurchase_rows(build) if rows else []
    parts = sources(build.facts.kinds)
    terms = ("net_revenue", *(key for key, *_ in parts))
    figures = (
        [
            split_figure(rows, build.currency, parts, terms),
            price_figure(rows, build.currency),
            buyer_figure(rows, build.warehouse.is_shared),
        ]
        if rows
        else []
    )
    everyone = [row for row in months if row["category"] == "all" and row["cohort_month"] is not None]
    if any(row["is_complete"] and known(row["repurchase_90d_rate"]) is not None for row in everyone):
        figures.append(repurchase_figure(everyone))
    return Page(
        "revenue.html",
        "revenue.html.j2",
        {
            "here": "revenue",
            "title": word("title.revenue"),
            "need": need or (None if rows else word("need.rows")),
            "figures": figures,
            "tables": [
                weekly_table(
                    "revenue",
                    rows[::-1][:12],
                    TABLE,
                    "week_start",
                    {"margin_rate": "paid_orders", "unmatched_share": "paid_orders"},
                    kinds=build.facts.kinds,
                ),
                *preorder_table(build),
            ]
            if rows
            else [],
            "concentration": concentration(build) if rows else [],
            "repurchase": repurchase_table(months),
            "movers": [],
            "products": products(build),
            "stored": stored_value(build),
            "has_figures": bool(figures),
        },
    )


def price_figure(rows: list[Row], currency: str) -> Figure:
    """Draw average order value beside spend per buyer."""
    labels = [week_short(row["week_start"]) for row in rows]
    last = rows[-1]
    names = (("average_order_value", "main"), ("spend_per_buyer", "c1"))
    return figure(
        "fig-prices",
        word("rev.price"),
        word(
            "rev.price.take",
            week=week_label(last["week_start"]),
            order=written(last["average_order_value"], "price", currency),
            buyer=written(last["spend_per_buyer"], "price", currency),
        ),
        [
            line(labels, [row[name] for row in rows], metric(name).label, role, digits=2)
            for name, role in names
        ],
        plain_table(rows, tuple(name for name, _ in names), currency=currency),
        terms=tuple(name for name, _ in names),
        yaxis={"tickprefix": safe_text(symbol(currency)), "tickformat": ",.0f", "hoverformat": ",.2f"},
    )


def buyer_figure(rows: list[Row], is_shared: bool = False) -> Figure:
    """Draw new and returning buyers; before 180 days of history nobody is called new."""
    labels = [week_short(row["week_start"]) for row in rows]
    last = rows[-1]
    split = any(known(row["new_buyers"]) is not None for row in rows)
    is_early = not split and not is_shared  # a shared report may hide them
    traces = [
        bars(
            labels,
            [row["buyers"] if known(row["new_buyers"]) is None else None for row in rows],
            metric("buyers").label,
            "c3",
        )
    ]
    if split:
        traces = [
            bars(labels, [row["repeat_buyers"] for row in rows], metric("repeat_buyers").label, "main"),
            bars(labels, [row["new_buyers"] for row in rows], metric("new_buyers").label, "c1"),
            *(traces if any(value is not None for value in traces[0]["y"]) else []),
        ]
    return figure(
        "fig-buyers",
        word("rev.buyers"),
        word(
            "rev.buyers.early" if is_early else "rev.buyers.take",
            week=week_label(last["week_start"]),
            buyers=written(last["buyers"], "count"),
            repeat=written(last["repeat_buyers"], "count"),
        ),
        traces,
        plain_table(rows, ("buyers", "new_buyers", "repeat_buyers")),
        terms=("buyers", "new_buyers", "repeat_buyers"),
        barmode="stack",
        yaxis={"tickformat": ",d"},
    )


def repurchase_rows(build: Build) -> list[Row]:
    """Return repurchase by month of first purchase and category, months first."""
    if not build.warehouse.has("revenue.repurchase"):
        return []
    return build.warehouse.rows(
        """
        select * from revenue.repurchase
        where cohort_month is null or cohort_month <= ?
        order by cohort_month, category
        """,
        [build.facts.week_start],
    )


def repurchase_figure(rows: list[Row]) -> Figure:
    """Draw the 90-day repurchase rate by month of first purchase; open months are hatched."""
    labels = [f"{row['cohort_month']:%Y-%m}" for row in rows]
    values = [known(row["repurchase_90d_rate"]) if row["is_complete"] else None for row in rows]
    last = next(row for row, value in zip(reversed(rows), reversed(values), strict=True) if value is not None)
    top = max(value for value in values if value is not None)
    return figure(
        "fig-repurchase",
        word("rev.repurchase"),
        word(
            "rev.repurchase.take",
            month=f"{last['cohort_month']:%Y-%m}",
            n=written(last["buyers"], "count"),
            rate=written(last["repurchase_90d_rate"], "rate"),
        ),
        [
            bars(labels, values, metric("repurchase_90d_rate").label, "main"),
            open_bars(labels, [not row["is_complete"] for row in rows], top, word("fig.open")),
        ],
        Table(
            (
                word("col.month"),
                metric("buyers").label,
                metric("repurchase_90d_rate").label,
                metric("lifetime_repurchase_rate").label,
            ),
            tuple(
                (
                    f"{row['cohort_month']:%Y-%m}",
                    written(row["buyers"], "count"),
                    written(row["repurchase_90d_rate"], "rate"),
                    written(row["lifetime_repurchase_rate"], "rate"),
                )
                for row in reversed(rows)
            ),
        ),
        terms=("repurchase_90d_rate",),
        barmode="overlay",
        yaxis={"tickformat": ".0%", "hoverformat": ".1%"},
    )


def repurchase_table(rows: list[Row]) -> list[dict[str, Any]]:
    """Return repurchase by category over all months of first purchase, the largest category first."""
    chosen = [row for row in rows if row["cohort_month"] is None]
    chosen.sort(
        key=lambda row: (row["category"] != "all", -(known(row["buyers"]) or 0), str(row["category"]))
    )
    return [
        # The rate is of the buyers whose 90 days are over: they are what stands beside it.
        row
        | {
            "name": category_word(row["category"]),
            "base": row.get("mature_buyers", row["buyers"]),
            "buyers": row.get("mature_buyers", row["buyers"]),
        }
        for row in chosen[:CATEGORIES]
    ]


def category_word(category: object) -> Text:
    """Return a category as data; the rows for all and for unknown have words of their own."""
    if category in ("all", None, "", "unknown"):
        return word("row.all" if category == "all" else "row.unknown")
    return plain(str(category))


def concentration(build: Build) -> list[dict[str, Any]]:
    """Return how concentrated sales are, by period."""
    if not build.warehouse.has("revenue.concentration"):
        return []
    rows = build.warehouse.rows("select * from revenue.concentration order by period")
    return [
        row
        | {
            "name": word(f"rev.period.{row['period']}")
            if f"rev.period.{row['period']}" in words()
            else plain(row["period"])
        }
        for row in rows
    ]
