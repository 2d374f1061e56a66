"""The shared subset of SQL: what the models may use so that the same files run on Apache Spark.

`to_spark` transpiles a model; `banned` names what would transpile wrongly or mean something else there.
"""

from __future__ import annotations

from functools import cache
from typing import Any

# Functions that sqlglot carries over wrongly, or that Spark computes differently.
BANNED_FUNCTIONS = frozenset(
    [
        "quantile_cont",
        "quantile_disc",
        "percentile_cont",
        "percentile_disc",
        "strftime",
        "dayofweek",
        "isodow",
        "isoyear",
        "epoch",
        "epoch_ms",
        "epoch_us",
        "epoch_ns",
        "hash",
        "timezone",
        "range",
        "generate_series",
        "list",
        "array_agg",
        "first",
        "last",
    ]
)


@cache
def parsed(sql: str) -> Any:
    """The syntax tree of a model, a sqlglot Expression: to be read, not changed."""
    import sqlglot

    return sqlglot.parse_one(sql, read="duckdb")


def banned(sql: str) -> list[str]:
    """What a model uses that Spark would not run, or would run differently; empty when nothing."""
    from sqlglot import exp

    found = []
    classes = {
        exp.PercentileCont: "percentile_cont (quantile_cont)", exp.PercentileDisc: "percentile_disc",
        exp.Quantile: "quantile",
        exp.AtTimeZone: "at time zone", exp.TimeToStr: "strftime", exp.First: "first", exp.Last: "last",
        exp.ArrayAgg: "list", exp.DayOfWeek: "dayofweek", exp.DayOfWeekIso: "isodow",
        exp.TimeToUnix: "epoch", exp.UnixToTime: "epoch_ms", exp.GenerateSeries: "range",
    }  # fmt: skip
    for node in parsed(sql).walk():
        for kind, name in classes.items():
            if isinstance(node, kind):
                found.append(name)
        if isinstance(node, exp.Func):
            name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
            if name in BANNED_FUNCTIONS:
                found.append(name)
        if isinstance(node, exp.Join) and str(node.args.get("method") or "").upper() == "ASOF":
            found.append("asof join")
        if isinstance(node, exp.DateDiff):
            unit = str(node.args.get("unit") or "").strip("'").lower()
            # Microseconds are the timestamps' own resolution and days of dates have no parts: both
            # engines count the same. Every other unit is counted by boundaries here and by length there.
            if unit not in ("microsecond", "day", "var(this=microsecond)", "var(this=day)"):
                found.append(f"date_diff in {unit}")
        if isinstance(node, exp.Subquery) and isinstance(node.parent, exp.From):
            found.append("subquery in from")
    return sorted(set(found))


def to_spark(sql: str) -> str:
    """The model as Spark SQL. Raises sqlglot's UnsupportedError where it cannot be carried over."""
    import sqlglot

    told: str = parsed(sql).sql("spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    return told
