"""Read a warehouse of which any part may not be there yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

Row = dict[str, Any]


@dataclass(frozen=True)
class Warehouse:
    """A connection and the names of what it holds: `tables` maps schema.table to its columns."""

    connection: duckdb.DuckDBPyConnection
    tables: dict[str, frozenset[str]]

    def has(self, *tables: str) -> bool:
        """Tell whether every named schema.table exists."""
        return all(table in self.tables for table in tables)

    def column(self, table: str, name: str, otherwise: str = "null") -> str:
        """Return a column's name for a select, or an expression to stand in where the table lacks it."""
        return name if name in self.tables.get(table, frozenset()) else f"{otherwise} as {name}"

    def rows(self, query: str, parameters: list[object] | None = None) -> list[Row]:
        """Run a select and return its rows as dictionaries, in the query's order."""
        result = self.connection.execute(query, parameters or [])
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def one(self, query: str, parameters: list[object] | None = None) -> Row:
        """Run a select and return its first row, empty when there is none."""
        found = self.rows(query, parameters)
        return found[0] if found else {}


def open_views(connection: duckdb.DuckDBPyConnection) -> Warehouse:
    """List what the connection's warehouse holds and return the means to read it."""
    listed = connection.execute(
        """
        select table_schema || '.' || table_name as name, column_name
        from information_schema.columns
        where table_catalog = current_database()
        """
    ).fetchall()
    tables: dict[str, set[str]] = {}
    for name, column in listed:
        tables.setdefault(name, set()).add(column)
    return Warehouse(connection, {name: frozenset(columns) for name, columns in sorted(tables.items())})
