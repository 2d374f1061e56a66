"""Running the models on Spark: DuckDB stages, Spark computes, each finished table comes back at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from pipelines.errors import ModelError, without_values
from pipelines.increments import Increments, Renewal
from pipelines.model_files import SCHEMAS
from pipelines.model_tables import Beside, beside, is_day_in_grain
from pipelines.models import Built, Model, build_models, clear_kinds, order_models, remember_models
from pipelines.spark.fetch import begin_table, fetch_days, fetch_table
from pipelines.spark.lake import Lake, disown, export, is_of_warehouse, own_lake, schema_of
from pipelines.spark.sql import view_of
from pipelines.spark.steps import filled
from pipelines.spark.tables import read_table, selected, weeks_of, write_table, write_weeks

if TYPE_CHECKING:
    import duckdb

# Small models wait for the driver, not for the cluster: several at a time keep it busy.
MODELS_AT_ONCE = 4


@dataclass(frozen=True)
class SparkBuild:
    """A session, the lake it reads and writes, and the warehouse with the rows to stage."""

    session: Any
    lake: Lake
    connection: duckdb.DuckDBPyConnection


def build_on_spark(
    build: SparkBuild,
    models: dict[str, Model],
    report: Callable[[Built], None],
    increments: Increments | None = None,
) -> list[Built]:
    """Build all models: staging in DuckDB, every other on Spark, and bring them back into the warehouse.

    With `increments` the tables of the build before stand in the warehouse and in the lake, and models that
    can be are built again for the touched weeks alone. Results are in the order of the models; rows are NULL
    for views. Raises ModelError naming the model.
    """
    connection, lake, session = build.connection, build.lake, build.session
    if not is_of_warehouse(connection, lake, session):
        increments = None
    disown(lake, session)
    staged = {name: model for name, model in models.items() if model.schema == "staging"}
    results = build_models(connection, staged, report)
    export(connection, lake, staged, session)
    raw = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where schema_name = 'raw'"
    ).fetchall()
    ordered = order_models(models, [name for (name,) in raw])
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")
    clear_kinds(connection, ordered)
    show_staged(build, staged)
    results += run_models(build, [m for m in ordered if m.name not in staged], report, increments)
    remember_models(connection, ordered)
    own_lake(connection, lake, session)
    return results


def show_staged(build: SparkBuild, names: Iterable[str]) -> None:
    """Name the staged tables of the lake as views of the session."""
    for name in names:
        read_table(build.session, build.lake, name, schema_of(build.connection, name))


def run_models(
    build: SparkBuild,
    models: list[Model],
    report: Callable[[Built], None],
    increments: Increments | None = None,
) -> list[Built]:
    """Run models on Spark, each after all it reads from, and fetch each; other tables they read are shown.

    Raises ModelError.
    """
    by_name = {model.name: model for model in models}
    order = TopologicalSorter({m.name: {n for n, _ in m.reads if n in by_name} for m in models})
    order.prepare()
    done: dict[str, Built] = {}
    running: dict[Future[Built], tuple[str, Beside]] = {}
    waiting: list[str] = []
    idle = [beside(build.connection) for _ in range(MODELS_AT_ONCE)]
    with ThreadPoolExecutor(MODELS_AT_ONCE) as pool:
        try:
            while order.is_active():
                waiting += order.get_ready()
                while waiting and idle:
                    name, own = waiting.pop(0), idle.pop()
                    running[pool.submit(_timed, build, own, by_name[name], increments)] = (name, own)
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    name, own = running.pop(future)
                    idle.append(own)
                    done[name] = future.result()
                    order.done(name)
                    report(done[name])
        finally:
            wait(running)
            for own in [own for _, own in running.values()] + idle:
                own.planning.close()
                own.plain.close()
    return [done[model.name] for model in models]


def _timed(build: SparkBuild, own: Beside, model: Model, increments: Increments | None) -> Built:
    started = time.perf_counter()
    try:
        renewal = increments.renewal(own.planning, model) if increments else None
        rows = _run(build, own, model, renewal, increments)
    except ModelError:
        raise
    except Exception as error:
        told = without_values(error) if _is_of_values(error) else str(error).split("\n")[0][:500]
        seconds = time.perf_counter() - started
        raise ModelError(f"{model.file}, on Spark after {seconds:.1f} s: {told}") from error
    is_grain_kept = bool(model.grain) and not model.is_view and (renewal is None or is_day_in_grain(model))
    return Built(model.name, rows, time.perf_counter() - started, is_grain_kept)


def _run(
    build: SparkBuild, own: Beside, model: Model, renewal: Renewal | None, increments: Increments | None
) -> int | None:
    """Write one model to the lake, show it to the others and fetch it; a view is only named."""
    session, lake = build.session, build.lake
    if renewal is not None and increments is not None:
        columns = schema_of(own.planning, model.name)
        weeks = weeks_of(renewal.days)
        if weeks:
            write_weeks(session, lake, model, columns, weeks, increments.models)
        frame = read_table(session, lake, model.name, columns, model)
        return fetch_days(own, lake, model, frame, weeks)
    begin_table(own, model)
    columns = schema_of(own.planning, model.name)
    frame = session.sql(selected(model.sql, columns))
    if model.is_view:
        frame.createOrReplaceTempView(view_of(model.name))
        return None
    if model.python:
        frame = filled(session, model, frame)
    write_table(frame, lake, model)
    return fetch_table(own, lake, model, read_table(session, lake, model.name, columns, model))


def _is_of_values(error: Exception) -> bool:
    """Whether an error may quote what stands in the rows: all but those of analysis."""
    return type(error).__name__ not in ("AnalysisException", "ParseException")
