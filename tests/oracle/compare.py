"""Comparing a table of the warehouse with the oracle's rows, every row and column."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import duckdb

Row = Mapping[str, Any]


def same(got: Any, expected: Any) -> bool:
    """Equal; doubles within 1e-9 (relative above 1)."""
    if got is None or expected is None:
        return got is None and expected is None
    if isinstance(got, float) or isinstance(expected, float):
        return math.isclose(float(got), float(expected), rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(got, Decimal) or isinstance(expected, Decimal):
        return Decimal(got) == Decimal(expected)
    return bool(got == expected)


def differences(
    connection: duckdb.DuckDBPyConnection, table: str, keys: tuple[str, ...], expected: Iterable[Row]
) -> list[str]:
    """Lines that say what differs between a table and the rows the oracle expects."""
    wanted: dict[tuple[Any, ...], Row] = {}
    for row in expected:
        key = tuple(row[k] for k in keys)
        assert key not in wanted, f"the oracle has two rows {key}"
        wanted[key] = row
    columns = list(next(iter(wanted.values()))) if wanted else list(keys)
    names = ", ".join(f'"{c}"' for c in columns)
    rows = connection.execute(f"select {names} from {table}").fetchall()
    got = {tuple(row[columns.index(k)] for k in keys): dict(zip(columns, row, strict=True)) for row in rows}
    assert len(got) == len(rows), f"{table} repeats a key of {keys}"
    found = [f"{key}: expected, not in {table}" for key in wanted if key not in got]
    found += [f"{key}: in {table}, not expected: {got[key]}" for key in got if key not in wanted]
    for key, row in wanted.items():
        if key in got:
            found += [
                f"{key} {column}: expected {row[column]!r}, got {got[key][column]!r}"
                for column in columns
                if not same(got[key][column], row[column])
            ]
    return found


def summary(found: list[str], limit: int = 12) -> str:
    """The first lines, and how many there are."""
    return f"{len(found)} differences\n" + "\n".join(found[:limit])
