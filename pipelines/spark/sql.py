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
    """A query over `schema.table` names as Spark SQL over views `schema__table`.

    Views of the session take no place in anybody's catalog, and their names have no schema. Raises
    sqlglot's UnsupportedError where a construct cannot be carried over.
    """
    import sqlglot
    from sqlglot import exp

    tree = parsed(sql).copy()
    for table in tree.find_all(exp.Table):
        if table.db:
            alias = table.args.get("alias")
            table.replace(exp.to_table(view_of(f"{table.db}.{table.name}"), alias=alias and alias.name))
    for division in tree.find_all(exp.Div):
        # DuckDB divides in doubles whatever it divides; Spark keeps decimals, and 6 of their places.
        for side in ("this", "expression"):
            division.set(side, _as_double(division.args[side]))
    told: str = tree.sql("spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    return told


def _as_double(node: Any) -> Any:
    from sqlglot import exp

    if isinstance(node, exp.Cast) and node.to.is_type("double"):
        return node
    return exp.cast(node.copy() if node.parent is None else node, "double")


def view_of(name: str) -> str:
    """The session's view of a table: `core.members` is `core__members`."""
    return name.replace(".", "__")


# DuckDB's types in Spark's words; decimals are the same in both.
_TYPES = {
    "VARCHAR": "string", "BIGINT": "bigint", "INTEGER": "int", "SMALLINT": "smallint", "TINYINT": "tinyint",
    "DOUBLE": "double", "FLOAT": "float", "BOOLEAN": "boolean", "DATE": "date",
    "TIMESTAMP": "timestamp_ntz",
}  # fmt: skip


def spark_type(kind: str) -> str:
    """A type of DuckDB's as Spark writes it. Raises KeyError for one that no table has."""
    if kind.endswith("[]"):
        return f"array<{spark_type(kind.removesuffix('[]'))}>"
    return kind.lower() if kind.startswith("DECIMAL(") else _TYPES[kind]
