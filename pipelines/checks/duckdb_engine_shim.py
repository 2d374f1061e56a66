"""The build's own DuckDB connection as an SQLAlchemy engine, through duckdb-engine's dialect.

duckdb-engine 0.17 was written for DuckDB 1.x and for connections that it opens itself. Its dialect compiles
SQL for DuckDB 2.0 well; three small classes keep it from what it must not do here:

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

import duckdb_engine
import sqlalchemy
from sqlalchemy.dialects import registry
from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedPrimaryKeyConstraint
from sqlalchemy.pool import StaticPool
from sqlalchemy.types import NullType


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
        # Without the type codes: DuckDB objects that SQLAlchemy would keep and does not need.
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


class SharedDialect(duckdb_engine.Dialect):
    """duckdb-engine's dialect, reading the catalog with one plain query per table."""

    supports_statement_cache = False

    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **keywords: Any
    ) -> list[ReflectedColumn]:
        """Columns of a table in order: name, SQLAlchemy type, whether NULL is allowed."""
        found = connection.exec_driver_sql(
            "select column_name, data_type, is_nullable from information_schema.columns "
            "where table_catalog = current_database() and table_schema = $1 and table_name = $2 "
            "order by ordinal_position",
            (schema or "main", table_name),
        ).fetchall()
        if not found:
            raise sqlalchemy.exc.NoSuchTableError(f"{schema}.{table_name}")
        return [
            {
                "name": name,
                "type": self.ischema_names.get(data_type.partition("(")[0].lower(), NullType)(),
                "nullable": is_nullable == "YES",
                "default": None,
            }
            for name, data_type, is_nullable in found
        ]

    def get_pk_constraint(
        self, connection: Any, table_name: str, schema: str | None = None, **keywords: Any
    ) -> ReflectedPrimaryKeyConstraint:
        """No primary key: the warehouse declares none."""
        return {"constrained_columns": [], "name": None}


registry.register("duckdb.shared", __name__, "SharedDialect")


def shared_engine(connection: Any) -> sqlalchemy.Engine:
    """An SQLAlchemy engine whose only connection is the DuckDB `connection` given."""
    shared = SharedConnection(connection)
    return sqlalchemy.create_engine(
        "duckdb+shared://", creator=lambda: shared, poolclass=StaticPool, pool_reset_on_return=None
    )


def _let_go_of_duckdb() -> None:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "duckdb_engine":
            vars(module).clear()


atexit.register(_let_go_of_duckdb)
