"""Gate 2, written from the warehouse itself: grain of every published table, rates, counts, intervals."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from pipelines.checks.model import Check, rows
from pipelines.warehouse import quote

PUBLISHED = (
    "core", "acquisition", "activation", "retention", "revenue", "referral", "group_health", "scorecard",
)  # fmt: skip

# Columns between 0 and 1 whose names do not say so.
SHARES_BY_NAME = frozenset({
    "share", "share_of_acquired", "stay_probability", "probability_alive", "survival_7d", "dau_wau",
    "dau_mau", "gini",
})  # fmt: skip

# Columns named like a rate that may leave 0 to 1, each with its reason.
FREE_RATES = {
    "net_growth_rate": "groups shrink",
    "margin_rate": "goods are sold below cost, and refunds can exceed sales",
    "revenue_share": "a product with more refunds than sales has a negative share",
    "cumulative_share": "it passes 1 before the products with negative net revenue",
    "top_2pct_share": "the other products can be negative together",
    "top_20pct_share": "the other products can be negative together",
    "refund_rate": "refunds of the period belong to sales of earlier ones too",
}

# Whole numbers that may be negative, each with its reason.
SIGNED_COUNTS = {
    "net_members": "groups shrink",
    "dormant": "growth accounting counts those who fell silent as a negative number",
    "payback_week": "no meaning below zero, but it may count from the join week",
    "event_order": "a position, not a count",
}
_RATE = re.compile(r"_(rate|share)$")
_WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "UINTEGER"})
_NUMBER = re.compile(r"^(DOUBLE|FLOAT|DECIMAL)")


def table_grains(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    """The grain of every built table (`schema.table`) as quality.models tells it, where it has one.

    Raises duckdb.Error when quality.models is missing: the models have not run.
    """
    found = connection.execute(
        "select schema_name, table_name, grain from quality.models "
        "where trim(grain) <> '' order by schema_name, table_name"
    ).fetchall()
    return {
        f"{schema}.{table}": tuple(column.strip() for column in grain.split(","))
        for schema, table, grain in found
    }


def generic_checks(connection: duckdb.DuckDBPyConnection) -> tuple[Check, ...]:
    """Grain, rates, counts and intervals of every published table that the warehouse holds."""
    grains = table_grains(connection)
    found: list[Check] = []
    for table, columns in _published_columns(connection).items():
        key = grains.get(table, ())
        if key:
            found.append(_grain(table, key))
        shown = tuple(column for column in key if column in columns)
        found += _rates(table, columns, shown)
        found += _counts(table, columns, shown)
        found += _intervals(table, columns, shown)
    return tuple(found)


def _published_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Columns and their types of every table and view of the published schemas, in a fixed order."""
    marks = ", ".join("?" for _ in PUBLISHED)
    found: dict[str, dict[str, str]] = {}
    for schema, table, column, data_type in connection.execute(
        "select table_schema, table_name, column_name, data_type from information_schema.columns "
        f"where table_schema in ({marks}) and table_catalog = current_database() "
        "order by table_schema, table_name, ordinal_position",
        list(PUBLISHED),
    ).fetchall():
        found.setdefault(f"{schema}.{table}", {})[column] = data_type
    return found


def grain_check(table: str) -> str:
    """Name of the check that a table has one row per key."""
    return f"{table}.grain_is_unique"


def _grain(table: str, key: tuple[str, ...]) -> Check:
    columns = ", ".join(quote(column) for column in key)
    return rows(
        grain_check(table), table,
        f"select {columns}, count(*) as copies from {_name(table)} group by {columns} having count(*) > 1 "
        f"order by {columns}, copies",
        f"{table} has one row per {', '.join(key)}.",
        "Build again with `groupfunnel run --full`; if it stays, a join in the model repeats rows.",
    )  # fmt: skip


def _broken(table: str, shown: tuple[str, ...], columns: tuple[str, ...], condition: str) -> str:
    names = ", ".join(quote(column) for column in dict.fromkeys((*shown, *columns)))
    return f"select {names}\nfrom {_name(table)}\nwhere {condition}\norder by {names}"


def _name(table: str) -> str:
    """`schema.table`, quoted where other readers of SQL than DuckDB would take its name for a keyword."""
    schema, name = table.split(".")
    return f"{schema}.{quote(name)}"


def _rates(table: str, columns: dict[str, str], shown: tuple[str, ...]) -> Iterator[Check]:
    rates = tuple(
        column
        for column, data_type in columns.items()
        if (_RATE.search(column) or column in SHARES_BY_NAME)
        and column not in FREE_RATES
        and (_NUMBER.match(data_type) or data_type in _WHOLE)
    )
    if rates:
        yield rows(
            f"{table}.rates_between_0_and_1", table,
            _broken(table, shown, rates, " or ".join(f"{quote(c)} < 0 or {quote(c)} > 1" for c in rates)),
            f"In {table} {', '.join(rates)} {'lies' if len(rates) == 1 else 'lie'} between 0 and 1.",
            "The numerator counts somebody whom the denominator does not: compare the two in the rows shown.",
        )  # fmt: skip


def _counts(table: str, columns: dict[str, str], shown: tuple[str, ...]) -> Iterator[Check]:
    counts = tuple(
        column for column, data_type in columns.items() if data_type in _WHOLE and column not in SIGNED_COUNTS
    )
    if counts:
        yield rows(
            f"{table}.counts_not_negative", table,
            _broken(table, shown, counts, " or ".join(f"{quote(column)} < 0" for column in counts)),
            f"No count in {table} is negative.",
            "Somebody left more often than they came: look at the joins and exits of the rows shown.",
        )  # fmt: skip


def _intervals(table: str, columns: dict[str, str], shown: tuple[str, ...]) -> Iterator[Check]:
    for column in columns:
        base = next((column[: -len(end)] for end in ("_rate", "_share") if column.endswith(end)), None)
        if base is None or f"{base}_low" not in columns or f"{base}_high" not in columns:
            continue
        low, high, rate = quote(f"{base}_low"), quote(f"{base}_high"), quote(column)
        yield rows(
            f"{table}.{base}_interval_holds_rate", table,
            _broken(
                table, shown, (column, f"{base}_low", f"{base}_high"),
                f"{low} < 0 or {high} > 1 or {low} > {rate} + 0.000000001 or {high} < {rate} - 0.000000001",
            ),
            f"In {table} the interval {base}_low to {base}_high lies between 0 and 1 and holds {column}.",
            "The interval comes from other counts than the rate: build again with `groupfunnel run --full`.",
        )  # fmt: skip
