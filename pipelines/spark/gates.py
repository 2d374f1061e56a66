"""Gate 2 on Spark: the suites of `pipelines.checks` over the lake's tables, before any of them is published.

The tables are the views of the session that ran the models (`tables.py`); nothing is loaded, written or
cached for the gate. Great Expectations reads through its own Spark data source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.spark.sql import to_spark, view_of


@dataclass(frozen=True)
class OnSpark:
    """The session whose views are the tables; a `pipelines.checks.place.Place`."""

    session: Any

    def refusal(self, sql: str) -> str | None:
        """Why a query cannot be said in Spark's SQL. Whether it fits the views shows when it is run: to ask
        first would be to have every query analysed twice.
        """
        from sqlglot.errors import SqlglotError

        try:
            to_spark(sql)
        except SqlglotError as error:
            return str(error)
        return None

    def source(self, context: Any) -> Any:
        """The library's Spark data source. It takes the process's first session by itself, and is handed the
        one that has the views.
        """
        # Looked at once, most tables are not worth keeping in memory.
        source = context.data_sources.add_spark("lake", persist=False)
        source._spark = self.session
        return source

    def batch(self, source: Any, table: str, loads: tuple[int, ...]) -> Any:
        """A dataframe asset of the whole table. Raises ValueError for some loads: the lake knows none."""
        if loads:
            raise ValueError("rows by load stand in the warehouse, and gate 1 looks at them there")
        frame = self.session.table(view_of(table)) if table else self.session.range(1)
        definition = source.add_dataframe_asset(table or "queries").add_batch_definition_whole_dataframe(
            table or "queries"
        )
        return definition.get_batch(batch_parameters={"dataframe": frame})

    def query(self, sql: str) -> str:
        """Transpiled as the models are."""
        return to_spark(sql)
