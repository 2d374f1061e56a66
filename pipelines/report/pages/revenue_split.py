"""Where net revenue comes from: by who bought, as far as the exports can tell them apart."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.report.figures import Figure, Table, bars, figure, money_axis
from pipelines.report.numbers import known, week_label, week_short, written
from pipelines.report.read import Row
from pipelines.report.text import Text, word

SOURCES = (
    ("group_revenue", "rev.group", "main"),
    ("member_revenue", "rev.member", "c1"),
    ("non_member_revenue", "rev.non_member", "c2"),
    ("unknown_revenue", "rev.unknown", "c3"),
)
BUYERS = (("identified_revenue", "rev.known", "main"), ("unknown_revenue", "rev.unknown", "c3"))


@dataclass(frozen=True)
class Source:
    """One part of net revenue in the week: by whom it was bought."""

    key: str
    label: Text
    role: str
    amount: float
    share: float | None


def sources(kinds: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """Return the parts of revenue that can be told apart: without joins only known and unknown buyers."""
    return SOURCES if "join" in kinds else BUYERS


def part(row: Row, key: str) -> float | None:
    """Return one part of a week's net revenue; a known buyer's is all that is not an unknown buyer's."""
    if key != "identified_revenue":
        return known(row[key])
    return sum(known(row[name]) or 0.0 for name, *_ in SOURCES if name != "unknown_revenue")


def revenue_split(row: Row, parts: tuple[tuple[str, str, str], ...] = SOURCES) -> list[Source]:
    """Return net revenue of a week by who bought; the parts add up to the whole."""
    amounts = [(key, text, role, part(row, key) or 0.0) for key, text, role in parts]
    total = sum(amount for *_, amount in amounts)
    return [
        Source(key, word(text), role, amount, amount / total if total > 0 else None)
        for key, text, role, amount in amounts
    ]


def split_figure(
    rows: list[Row],
    currency: str,
    parts: tuple[tuple[str, str, str], ...] = SOURCES,
    terms: tuple[str, ...] = (),
) -> Figure:
    """Draw net revenue of the last weeks, stacked by who bought."""
    labels = [week_short(row["week_start"]) for row in rows]
    last = rows[-1]
    net = known(last["net_revenue"]) or 0.0
    share = (known(last["group_revenue"]) or 0.0) / net if net > 0 else None
    return figure(
        "fig-revenue-split",
        word("rev.weekly"),
        word(
            "rev.weekly.take" if parts is SOURCES else "rev.weekly.all",
            week=week_label(last["week_start"]),
            net=written(net, "money", currency, compact=True),
            share=written(share, "rate"),
        ),
        [
            bars(labels, [part(row, key) for row in rows], word(text), role, digits=2)
            for key, text, role in parts
        ],
        Table(
            (word("col.week"), *(word(text) for _, text, _ in parts)),
            tuple(
                (
                    week_label(row["week_start"]),
                    *(written(part(row, key), "money", currency) for key, _, _ in parts),
                )
                for row in reversed(rows)
            ),
        ),
        terms=terms,
        barmode="relative",
        **money_axis(currency),
    )
