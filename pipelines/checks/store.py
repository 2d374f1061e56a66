"""Keeping what the gates found: quality.checks, one row per gate and check."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.checks.model import CheckResult, Gate
from pipelines.warehouse import literal

_COMMENT = "One row per check of the last run of each gate. grain: suite, check_name"
_COLUMNS = (
    ("suite", "varchar", "gate: loaded (the raw rows, before the models) or built (the models' tables)"),
    ("check_name", "varchar", "name of the check: table and rule"),
    ("table_name", "varchar", "table the check speaks about, with its schema"),
    ("severity", "varchar", "critical (nothing is published unless it passed) or warning"),
    ("outcome", "varchar", "passed, failed or could_not_run"),
    ("failing_rows", "bigint", "rows that break the rule; empty for a rule about a whole table or not run"),
    ("examples", "varchar", "up to three failing rows: groups, dates, numbers, masked ids, never a text"),
    ("message", "varchar", "what the check means, and what to do when it did not pass"),
)


def write_results(connection: duckdb.DuckDBPyConnection, gate: Gate, results: Sequence[CheckResult]) -> None:
    """Put `results` in quality.checks in place of what it holds of `gate`; the other gate's rows stay.

    The table is made, with comments, when it is missing. Rows are written in the order of their names.
    """
    connection.execute("create schema if not exists quality")
    body = ", ".join(f"{name} {kind}" for name, kind, _ in _COLUMNS)
    connection.execute(f"create table if not exists quality.checks ({body})")
    connection.execute(f"comment on table quality.checks is {literal(_COMMENT)}")
    for name, _, comment in _COLUMNS:
        connection.execute(f"comment on column quality.checks.{name} is {literal(comment)}")
    connection.execute("delete from quality.checks where suite = ?", [gate])
    found = [
        (gate, one.name, one.table, one.severity, one.outcome, one.failing_rows, one.examples, one.message)
        for one in sorted(results, key=lambda result: result.name)
    ]
    if found:
        # One statement: a row each would be planned each.
        columns = [list(column) for column in zip(*found, strict=True)]
        unnested = ", ".join(f"unnest(?::{kind}[])" for _, kind, _ in _COLUMNS)
        connection.execute(f"insert into quality.checks select {unnested}", columns)
