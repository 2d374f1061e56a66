"""The build's own DuckDB connection as an SQLAlchemy engine, through duckdb-engine's dialect.

duckdb-engine 0.17 was written for DuckDB 1.x and for connections that it opens itself. Its dialect works with
DuckDB 2.0; what it must not do here is done by the two small classes below:

- open or close anything: one process cannot open a file twice, and the connection belongs to the build;
- begin, commit or roll back: SQLAlchemy begins a transaction before every query, and the build's own writes
  would end up in it. Checks only read, so the three do nothing;
- share a result: DuckDB keeps one open result per connection, so the description of the columns is kept by
  the cursor at once, and a result is read before the next statement runs (Great Expectations does).
"""

from __future__ import annotations

import atexit
import sys
from typing import Any

import sqlalchemy
from sqlalchemy.pool import StaticPool


class SharedCursor:
    """A DB-API cursor that runs on the shared connection and leaves everything but the query alone."""

    arraysize = 1
    rowcount = -1

    def __init__(self, connection: Any, owner: SharedConnection) -> None:
        self._connection = connection
        # The PostgreSQL part of the dialect reads `cursor.connection.notices` after every statement.
        self.connection = owner
        self.description: Any = None

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        """Run one statement; the rows are fetched afterwards."""
        self._connection.execute(statement, parameters if parameters else None)
        # Without the type codes: they are DuckDB objects that SQLAlchemy would keep, and it needs none of them.
        found = self._connection.description
        self.description = [(column[0], *[None] * 6) for column in found] if found else None

    def fetchone(self) -> Any:
        """The next row, or None."""
        return self._connection.fetchone()

    def fetchmany(self, size: int | None = None) -> Any:
        """The next `size` rows."""
        return self._connection.fetchmany(size or self.arraysize)

    def fetchall(self) -> Any:
        """All rows that are left."""
        return self._connection.fetchall()

    def close(self) -> None:
        """Nothing: DuckDB drops a result when the next statement runs."""


class SharedConnection:
    """A DB-API connection over somebody else's DuckDB connection: reads with it, never ends or owns it."""

    autocommit = None
    closed = False

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.notices: list[str] = []

    def cursor(self) -> SharedCursor:
        """A cursor on the shared connection."""
        return SharedCursor(self._connection, self)

    def begin(self) -> None:
        """Nothing: the build decides on transactions."""

    def commit(self) -> None:
        """Nothing: checks write nothing."""

    def rollback(self) -> None:
        """Nothing: checks write nothing."""

    def close(self) -> None:
        """Nothing: the connection belongs to the build."""


def shared_engine(connection: Any) -> sqlalchemy.Engine:
    """An SQLAlchemy engine whose only connection is the DuckDB `connection` given."""
    shared = SharedConnection(connection)
    return sqlalchemy.create_engine(
        "duckdb://", creator=lambda: shared, poolclass=StaticPool, pool_reset_on_return=None
    )


def _let_go_of_duckdb() -> None:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "duckdb_engine":
            vars(module).clear()


atexit.register(_let_go_of_duckdb)
