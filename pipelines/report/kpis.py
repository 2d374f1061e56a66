"""The eight cards of the first page, the 12-week strip and what left its usual range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor
from typing import Any

from pipelines.report.facts import Facts
from pipelines.report.metrics import Metric, metric, registry
from pipelines.report.numbers import difference, known, relative, week_label, written
from pipelines.report.read import Row, Warehouse
from pipelines.report.reasons import reason
from pipelines.report.share import protect_scores
from pipelines.report.text import Text, word

CARDS = (
    "new_members",
    "activated_7d_rate",
    "retention_week4",
    "stay_30d_rate",
    "net_revenue",
    "buyers",
    "k_factor",
    "healthy_groups",
)
STAND_INS = (
    "net_members",
    "participation_rate",
    "lurker_rate",
    "average_order_value",
    "spend_per_buyer",
    "repurchase_90d_rate",
    "gmv",
    "dau_wau",
)
MOST, ROW = 8, 4
SIGNED = frozenset({"net_members", "net_revenue", "margin", "gmv"})
LAGGING = {"k_factor": "card.sent", "invites_per_active": "card.sent", "repurchase_90d_rate": "card.bought"}
WEEKS = 12


@dataclass(frozen=True)
class Card:
    """One number with its change, its usual range and its last weeks; texts are ready to print."""

    metric: Metric
    raw: float | None
    value: Text
    when: Text | None
    change: Text | None
    percent: str | None
    direction: str
    status: str
    status_text: Text
    is_news: bool
    tone: str
    low: float | None
    high: float | None
    range_text: Text | None
    total: Text | None
    small: Text | None
    target: Text | None
    year: Text | None
    history: tuple[tuple[date, float | None], ...]


def scorecard(warehouse: Warehouse, week_start: date) -> dict[str, list[Row]]:
    """Return scorecard.weekly as metric -> rows up to the report week, oldest first."""
    if not warehouse.has("scorecard.weekly"):
        return {}
    why = warehouse.column("scorecard.weekly", "reason")
    rows = warehouse.unprotected().rows(
        f"""
        select week_start, metric, value, numerator, denominator, previous_value, change,
            expected_low, expected_high, is_unusual, target, is_complete, cohort_week, {why}
        from scorecard.weekly where week_start <= ? order by metric, week_start
        """,
        [week_start],
    )
    by_metric: dict[str, list[Row]] = {}
    for row in protect_scores(rows) if warehouse.is_shared else rows:
        by_metric.setdefault(str(row["metric"]), []).append(row)
    return by_metric


def latest(rows: list[Row]) -> Row | None:
    """Return the newest complete row that has a value, None when there is none."""
    for row in reversed(rows):
        if known(row["value"]) is not None and row["is_complete"] is not False:
            return row
    return None


def chosen(scores: dict[str, list[Row]], hidden: frozenset[str]) -> list[str]:
    """Return the numbers of the first page: those of `CARDS` that have a value, others in place of the rest.

    Up to eight; beyond what the cards themselves fill, only whole rows of four. `hidden` is never shown.
    """

    def has(name: str) -> bool:
        return name not in hidden and latest(scores.get(name, [])) is not None

    own = [name for name in CARDS if has(name)]
    more = [name for name in STAND_INS if has(name)][: MOST - len(own)]
    whole = max(len(own), (len(own) + len(more)) // ROW * ROW)
    return (own + more)[:whole]


def cards(
    scores: dict[str, list[Row]],
    facts: Facts,
    orders: dict[date, float],
    hidden: frozenset[str] = frozenset(),
) -> list[Card]:
    """Make the cards of the first page, up to eight, each with a value."""
    names = chosen(scores, hidden)
    return [card(metric(name), scores.get(name, []), facts, orders) for name in names]


def card(item: Metric, rows: list[Row], facts: Facts, orders: dict[date, float]) -> Card:
    """Make one card of a metric's weekly rows; `orders` gives paid orders by week, the base of amounts."""
    row = latest(rows)
    currency, least = facts.currency, facts.limits.small_n
    if row is None:
        why = reason(rows[-1]["reason"]) if rows and rows[-1]["reason"] else word("status.none")
        return Card(
            item,
            None,
            written(None, item.unit),
            None,
            None,
            None,
            "flat",
            "none",
            why,
            False,
            "",
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            (),
        )
    value = known(row["value"])
    low, high = limits(item, row)
    before, base = row["previous_value"], base_of(item, row, orders)
    change = difference(value, before, item.unit, currency)
    direction = "flat" if change is None or _is_nil(change) else _direction(value, before)
    status = _status(row, value, low, high)
    small = word("card.small", n=f"{base:,.0f}", small=least) if base is not None and base < least else None
    history = tuple(
        (r["week_start"], known(r["value"]))
        for r in rows[-WEEKS - 4 :]
        if r["week_start"] <= row["week_start"]
    )
    total = None
    if item.key == "healthy_groups" and known(row["denominator"]):
        total = word("card.of", total=written(row["denominator"], "count"))
    target = known(row["target"])
    return Card(
        metric=item,
        raw=value,
        value=written(value, item.unit, currency, compact=True),
        when=when_text(row, facts.week_start),
        change=change,
        percent=None if item.unit in ("rate", "factor", "ratio") else relative(value, before, base, least),
        direction=direction,
        status=status,
        status_text=word(f"status.{status}", weeks=facts.limits.unusual_min_weeks),
        is_news=bool(row["is_unusual"]) and status in ("above", "below"),
        tone=_tone(item, status) if row["is_unusual"] else "",
        low=low,
        high=high,
        range_text=None
        if low is None or high is None
        else word(
            "card.range",
            low=written(low, item.unit, currency, compact=True),
            high=written(high, item.unit, currency, compact=True),
        ),
        total=total,
        small=small,
        target=target_text(value, target, item.unit, currency),
        year=year_text(rows, row, item, base, least, currency),
        history=history[-WEEKS:],
    )


def target_text(value: float | None, target: float | None, unit: str, currency: str) -> Text | None:
    """Name the week's target and how much of it is reached; None without a target."""
    if target is None or value is None:
        return None
    goal = written(target, unit, currency, compact=True)
    return word("card.target", target=goal, share=written(value / target if target > 0 else None, "rate"))


def year_text(
    rows: list[Row], row: Row, item: Metric, base: float | None, least: int, currency: str
) -> Text | None:
    """Name the change on the same week a year (52 weeks) before; None where that week is not known."""
    then = row["week_start"] - timedelta(days=364)
    before = next((r["value"] for r in rows if r["week_start"] == then), None)
    change = difference(row["value"], before, item.unit, currency)
    if change is None:
        return None
    percent = (
        None if item.unit in ("rate", "factor", "ratio") else relative(row["value"], before, base, least)
    )
    return word("card.year", change=percent or change)


def when_text(row: Row, week_start: date) -> Text | None:
    """Name the cohort or the week of a number that is not the report week's own; None when it is."""
    cohort = row["cohort_week"]
    if cohort is not None:
        return word(LAGGING.get(str(row["metric"]), "card.cohort"), week=week_label(cohort)[5:])
    if row["week_start"] != week_start:
        return word("card.week", week=week_label(row["week_start"])[5:])
    return None


def limits(item: Metric, row: Row) -> tuple[float | None, float | None]:
    """Return the expected range, cut to what the number can be: no negative counts, no rate above 1."""
    low, high = known(row["expected_low"]), known(row["expected_high"])
    if low is None or high is None:
        return None, None
    if item.key not in SIGNED:
        low, high = max(low, 0.0), max(high, 0.0)
    if item.unit == "rate":
        high = min(high, 1.0)
    if item.unit == "count":  # whole numbers inside the range, so that 516 is not "above 516"
        low, high = float(ceil(low)), float(floor(high))
        return (low, high) if low <= high else (None, None)
    return low, high


def base_of(item: Metric, row: Row, orders: dict[date, float]) -> float | None:
    """Return how many people, orders or groups a number rests on; None when that is not known."""
    if item.unit == "money":
        return orders.get(row["week_start"])
    if item.unit == "count":
        return None if item.page == "groups" else known(row["previous_value"])
    return known(row["denominator"])


def _direction(value: float | None, before: Any) -> str:
    old = known(before)
    if value is None or old is None or value == old:
        return "flat"
    return "up" if value > old else "down"


def _is_nil(change: Text) -> bool:
    """Tell whether a change rounds to nothing."""
    return not any(digit in change.en for digit in "123456789")


def _status(row: Row, value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "none"
    if low is None or high is None:
        return "short"
    if not row["is_unusual"]:
        return "inside" if float(row["expected_low"]) <= value <= float(row["expected_high"]) else "few"
    middle = (low + high) / 2
    return "above" if value > middle else "below"


def _tone(item: Metric, status: str) -> str:
    """Return good or bad news; a number without a good direction is just news."""
    if item.better == "none" or status not in ("above", "below"):
        return "news"
    return "good" if (status == "above") == (item.better == "up") else "bad"


def changes(scores: dict[str, list[Row]], facts: Facts, orders: dict[date, float]) -> list[Card]:
    """Return the cards of what left its usual range: money first, then by how far outside."""
    found: list[tuple[int, float, Card]] = []
    for name, rows in scores.items():
        row = latest(rows) if name in registry() else None
        if row is None or not row["is_unusual"] or not is_fresh(row, facts.week_start):
            continue
        one = card(metric(name), rows, facts, orders)
        if not one.is_news or one.small is not None or one.raw is None or one.low is None or one.high is None:
            continue
        width = max(float(row["expected_high"]) - float(row["expected_low"]), 1e-9)
        outside = max(one.raw - one.high, one.low - one.raw) / width
        found.append((0 if one.metric.unit == "money" else 1, -outside, one))
    found.sort(key=lambda entry: (entry[0], entry[1], entry[2].metric.key))
    return [entry[2] for entry in found]


def is_fresh(row: Row, week_start: date) -> bool:
    """Tell whether a number is news: of the report week, or the newest cohort to mature in it."""
    return bool(row["cohort_week"] is not None or (week_start - row["week_start"]).days <= 7)


def judged(scores: dict[str, list[Row]]) -> int:
    """Count the metrics that have a usual range at all."""
    newest = [latest(rows) for rows in scores.values()]
    return sum(1 for row in newest if row is not None and row["expected_low"] is not None)
