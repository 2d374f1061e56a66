"""Bringing finished tables back: the warehouse gets the tables, views, types and comments it always has."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipelines.model_files import SCHEMAS, without_imports
from pipelines.model_tables import comments
from pipelines.models import Built, Model, order_models, remember_models
from pipelines.warehouse import quote

if TYPE_CHECKING:
    import duckdb


def fetch(
    connection: duckdb.DuckDBPyConnection,
    models: dict[str, Model],
    frames: dict[str, Any],
    report: Callable[[Built], None],
) -> list[Built]:
    """Make every model of `frames` a table of the warehouse, or a view where it is one.

    Types are those of DuckDB's own reading of the model, so that a warehouse says the same whoever computed
    it. Tables come over Arrow, one at a time. `models` are all that the warehouse holds.
    """
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")
    existing = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where schema_name = 'raw'"
    ).fetchall()
    ordered = order_models(models, [name for (name,) in existing])
    results = []
    for model in ordered:
        if model.name not in frames:
            continue
        started = time.perf_counter()
        rows = _fetch(connection, model, frames[model.name])
        results.append(Built(model.name, rows, time.perf_counter() - started))
        report(results[-1])
    remember_models(connection, ordered)
    return results


def _fetch(connection: duckdb.DuckDBPyConnection, model: Model, frame: Any) -> int | None:
    target = f"{model.schema}.{quote(model.path.stem)}"
    kind = "view" if model.is_view else "table"
    other = "table" if model.is_view else "view"
    held = connection.execute(
        f"select count(*) from duckdb_{other}s() where schema_name = ? and {other}_name = ?",
        [model.schema, model.path.stem],
    ).fetchone()
    if held == (1,):
        connection.execute(f"drop {other} {target}")
    rows = None
    empty = "" if model.is_view else " with no data"
    connection.execute(f"create or replace {kind} {target} as {without_imports(model.sql)}{empty}")
    if not model.is_view:
        arrow = frame.toArrow()
        connection.register("fetched", arrow)
        try:
            # By name: a frame read from a lake may hold its columns in another order.
            made = connection.execute(f"insert into {target} by name select * from fetched").fetchone()
        finally:
            connection.unregister("fetched")
        rows = int(made[0]) if made else 0
    connection.execute(comments(kind, target, model.comment, model.columns))
    return rows
