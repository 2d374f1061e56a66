"""Who runs groups well: owners and leaders by growth, exits, answers and sales of the last four weeks."""

from __future__ import annotations

from typing import Any

from pipelines.report.context import Build
from pipelines.report.figures import NAMES, Figure, Table, bars, figure, money_axis
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, written
from pipelines.report.pages.owner_rows import NOBODY, SPAN, leader_rows, owner_rows
from pipelines.report.render import Page
from pipelines.report.text import Text, plain, word
from pipelines.thresholds import Actions

BARS = 15
COLUMNS = (
    ("owner_groups", "groups", None),
    ("owner_members", "unique_members", None),
    ("owner_net_members", "net_members", None),
    ("owner_exit_rate", "exit_rate", "members_at_start"),
    ("owner_participation", "participation_rate", "archived_members"),
    ("owner_response", "minutes", "answered"),
    ("owner_unanswered", "unanswered_rate", "questions"),
    ("owner_net_revenue", "net_revenue", None),
    ("owner_watch", "groups_on_watch", None),
)


def page(build: Build) -> Page:
    """Return the owners page."""
    rows = owner_rows(build)
    if all(row["owner_id"] == NOBODY for row in rows):
        rows = []
    leaders = leader_rows(build) if "order" in build.facts.kinds else []
    hidden = hidden_columns(build)
    columns = [one for one in COLUMNS if one[0] not in hidden and any(has(row, one[1]) for row in rows)]
    figures = [
        one
        for one in (
            sales_figure(rows, build) if "owner_net_revenue" not in hidden else None,
            answer_figure(rows, reply_minutes(build)) if "owner_response" not in hidden else None,
        )
        if one
    ]
    return Page(
        "owners.html",
        "owners.html.j2",
        {
            "here": "owners",
            "title": word("title.owners"),
            "need": None if rows else word("need.owner"),
            "figures": figures,
            "owners": rows,
            "columns": columns,
            "has_trend": "owner_net_revenue" not in hidden
            and any(len([v for v in row["trend"] if v is not None]) > 1 for row in rows),
            "leaders": leaders,
            "leaders_need": None if leaders else word("need.leader"),
            "span_note": word("own.note", n=SPAN),
            "has_figures": bool(figures),
        },
    )


def has(row: dict[str, Any], column: str) -> bool:
    """Tell whether a row has a value in a column."""
    return known(row[column]) is not None


def hidden_columns(build: Build) -> frozenset[str]:
    """Return the numbers whose export is missing: exits unknown are not zero, nor are sales."""
    hidden = set() if build.exits_known else {"owner_net_members", "owner_exit_rate"}
    if "order" not in build.facts.kinds:
        hidden.add("owner_net_revenue")
    if "message" not in build.facts.kinds:
        hidden |= {"owner_participation", "owner_response", "owner_unanswered"}
    return frozenset(hidden)


def reply_minutes(build: Build) -> float:
    """Return from how many minutes on answers are slow: the setting the build used."""
    if "reply_minutes" in build.warehouse.tables.get("core.settings", ()):
        return float(
            build.warehouse.unprotected().one("select reply_minutes from core.settings")["reply_minutes"]
        )
    return Actions().reply_minutes


def sales_figure(rows: list[dict[str, Any]], build: Build) -> Figure | None:
    """Draw net revenue of four weeks by owner; None where no owner has any known."""
    sold = [row for row in rows if has(row, "net_revenue") and row["owner_id"] != NOBODY][:BARS]
    if not sold:
        return None
    currency = build.currency
    total = sum(known(row["net_revenue"]) or 0.0 for row in rows)
    best = known(sold[0]["net_revenue"]) or 0.0
    return figure(
        "fig-owners-sales",
        word("own.sales"),
        word(
            "own.sales.take",
            best=sold[0]["name"],
            amount=written(best, "money", currency, compact=True),
            share=written(best / total if total > 0 else None, "rate"),
            n=SPAN,
        ),
        [
            bars(
                [row["name"].zh for row in sold],
                [row["net_revenue"] for row in sold],
                metric("owner_net_revenue").label,
                "main",
                digits=2,
            )
        ],
        by_owner(sold, "owner_net_revenue", "net_revenue", currency),
        terms=("owner_net_revenue",),
        xaxis=NAMES,
        showlegend=False,
        **money_axis(currency),
    )


def answer_figure(rows: list[dict[str, Any]], limit: float) -> Figure | None:
    """Draw the median minutes to an answer by owner, those beyond the limit apart; None without answers."""
    heard = [row for row in rows if has(row, "minutes") and row["owner_id"] != NOBODY]
    if not heard:
        return None
    heard = sorted(heard, key=lambda row: (-(known(row["minutes"]) or 0.0), str(row["owner_id"])))[:BARS]
    values = [known(row["minutes"]) or 0.0 for row in heard]
    slow = sum(value > limit for value in values)
    traces = [
        bars(
            [row["name"].zh for row in heard],
            [value if (value > limit) is is_slow else None for value in values],
            label,
            role,
            digits=1,
        )
        for is_slow, role, label in (
            (False, "main", word("own.answers.fast", limit=f"{limit:g}")),
            (True, "attention", word("own.answers.slow", limit=f"{limit:g}")),
        )
        if any((value > limit) is is_slow for value in values)
    ]
    return figure(
        "fig-owners-answers",
        word("own.answers"),
        word(
            "own.answers.take",
            slow=slow,
            n=len(heard),
            limit=f"{limit:g}",
            who=heard[0]["name"],
            minutes=written(values[0], "minutes"),
        ),
        traces,
        by_owner(heard, "owner_response", "minutes"),
        terms=("owner_response",),
        xaxis=NAMES,
        yaxis={"tickformat": ",.0f", "hoverformat": ",.1f", "rangemode": "tozero"},
        barmode="relative",
        showlegend=len(traces) > 1,
    )


def by_owner(rows: list[dict[str, Any]], name: str, column: str, currency: str = "CNY") -> Table:
    """Return the numbers of a figure by owner."""
    unit = metric(name).unit
    lines: list[tuple[Text | str, ...]] = [
        (plain(row["name"]), written(row[column], unit, currency)) for row in rows
    ]
    return Table((word("col.owner"), metric(name).label), tuple(lines))
