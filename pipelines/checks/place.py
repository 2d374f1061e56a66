"""Where a gate reads its tables: what Great Expectations needs of an engine, and DuckDB as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import duckdb


class Place(Protocol):
    """An engine that holds the tables of a gate."""

    def refusal(self, sql: str) -> str | None:
        """Why a query cannot be run, as far as that shows without running it."""

    def source(self, context: Any) -> Any:
        """A Great Expectations data source in `context` that reads here."""

    def batch(self, source: Any, table: str, loads: tuple[int, ...]) -> Any:
        """The batch of one table (`schema.table`), of the rows of some loads in it, or for "" one row that no
        query reads. Raises what the library raises where the table cannot be read.
        """

    def query(self, sql: str) -> str:
        """A query in the words of this engine."""


@dataclass(frozen=True)
class InDuckDB:
    """The warehouse of the build, on its own open connection."""

    connection: duckdb.DuckDBPyConnection

    def refusal(self, sql: str) -> str | None:
        """Why a query cannot be bound."""
        import duckdb

        try:
            self.connection.execute(f"describe {sql}")
        except duckdb.Error as error:
            return str(error)
        return None

    def source(self, context: Any) -> Any:
        """The data source of `datasource.py`."""
        from pipelines.checks.datasource import duckdb_source

        return duckdb_source(context, self.connection)

    def batch(self, source: Any, table: str, loads: tuple[int, ...]) -> Any:
        """A table asset, or a query asset where only some rows count."""
        if loads:
            listed = ", ".join(map(str, loads))
            asset = source.add_query_asset(
                f"new {table}", query=f"select * from {table} where load_id in ({listed})"
            )
        elif table:
            schema, name = table.split(".")
            asset = source.add_table_asset(table, table_name=name, schema_name=schema)
        else:
            asset = source.add_query_asset("queries", query="select 1 as one")
        return asset.add_batch_definition_whole_table(table or "queries").get_batch()

    def query(self, sql: str) -> str:
        """As it is written."""
        return sql
