"""A Great Expectations data source for an open DuckDB connection.

`context.data_sources.add_sql` with a DuckDB URL evaluates nothing ("list index out of range"): its execution
engine closes the connection before it fetches the result, and it would open the file a second time, which
DuckDB refuses within one process. Subclasses of the library's own extension points mend both. The module
is imported lazily, since it imports Great Expectations (`quiet.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

import sqlalchemy
from great_expectations.compatibility import pydantic
from great_expectations.datasource.fluent.sql_datasource import QueryAsset, SQLDatasource, TableAsset
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine

from pipelines.checks.duckdb_engine_shim import shared_engine


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """The SQLAlchemy execution engine, keeping its one connection open until the gate is done."""

    @contextmanager
    def get_connection(self) -> Iterator[sqlalchemy.Connection]:
        """The one connection, made on first use; results can be fetched after the block ends."""
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection


class DuckDBTableAsset(TableAsset):
    """A table that is not tried out with `select 1 … limit 1` before it is checked.

    DuckDB 2.0.0 never answers that query for some views whose select reads one CTE twice. A table that is
    missing is told by the checks themselves.
    """

    type: Literal["table"] = "table"

    def test_connection(self) -> None:
        """Nothing: the checks of the table are the test."""


class DuckDBDatasource(SQLDatasource):
    """The SQL data source, reading through an SQLAlchemy engine that it is handed."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]
    asset_types: ClassVar[list[Any]] = [DuckDBTableAsset, QueryAsset]
    _TableAsset: Any = pydantic.PrivateAttr(DuckDBTableAsset)
    _shared: sqlalchemy.Engine | None = pydantic.PrivateAttr(None)

    @property
    def execution_engine_type(self) -> Any:
        """The execution engine class of this data source."""
        return DuckDBExecutionEngine

    def get_engine(self) -> sqlalchemy.Engine:
        """The SQLAlchemy engine handed over by `duckdb_source`."""
        if self._shared is None:
            raise LookupError("no engine was handed over: make the data source with duckdb_source")
        return self._shared

    def get_execution_engine(self) -> Any:
        """The one execution engine of this data source; never a temporary table, since checks only read."""
        if self._execution_engine is None:
            self._execution_engine = DuckDBExecutionEngine(engine=self.get_engine(), create_temp_table=False)
        return self._execution_engine


def duckdb_source(context: Any, connection: Any) -> Any:
    """A data source named `warehouse` in `context`, reading through the open DuckDB `connection`."""
    source = DuckDBDatasource(name="warehouse", connection_string="duckdb://")
    source._shared = shared_engine(connection)
    return context.data_sources.add_duckdb(source)
