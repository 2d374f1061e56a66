"""Read a warehouse of which any part may not be there yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import duckdb

from pipelines.report.share import Names, protect

Row = dict[str, Any]


@dataclass(frozen=True)
class Warehouse:
    """A connection and the names of what it holds: `tables` maps schema.table to its columns.

    With `names`, those of a shared report, rows leave it protected (share.py).
    """

    connection: duckdb.DuckDBPyConnection
    tables: dict[str, frozenset[str]]
    names: Names | None = None

    @property
    def is_shared(self) -> bool:
        """Tell whether what is read is for a report to be shared."""
        return self.names is not None

    def unprotected(self) -> Warehouse:
        """Return the same warehouse with all its numbers, for sums that are protected once they are made."""
        return replace(self, names=None)

    def protected(self, rows: list[Row]) -> list[Row]:
        """Return rows without what a shared report hides; as they are where the report is not shared."""
        return rows if self.names is None else protect(rows, self.names)

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
        return self.protected([dict(zip(names, row, strict=True)) for row in result.fetchall()])

    def one(self, query: str, parameters: list[object] | None = None) -> Row:
        """Run a select and return its first row, empty when there is none."""
        found = self.rows(query, parameters)
        return found[0] if found else {}


def open_views(connection: duckdb.DuckDBPyConnection, is_shared: bool = False) -> Warehouse:
    """List what the connection's warehouse holds and return the means to read it, `is_shared`: protected."""
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
    known = {name: frozenset(columns) for name, columns in sorted(tables.items())}
    return Warehouse(connection, known, Names() if is_shared else None)
