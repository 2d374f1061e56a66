"""Running the models on Spark: DuckDB stages, Spark computes, the tables come back into the warehouse."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from pipelines.errors import ModelError, without_values
from pipelines.models import Built, Model, build_models
from pipelines.spark.fetch import fetch
from pipelines.spark.lake import Lake, export, schema_of
from pipelines.spark.sql import spark_type, to_spark, view_of
from pipelines.spark.steps import filled

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
    build: SparkBuild, models: dict[str, Model], report: Callable[[Built], None]
) -> list[Built]:
    """Build all models: staging in DuckDB, every other on Spark, and bring them back into the warehouse.

    Results are in the order of `build_models`; rows are NULL for views. Raises ModelError naming the model.
    """
    staged = {name: model for name, model in models.items() if model.schema == "staging"}
    results = build_models(build.connection, staged, report)
    export(build.connection, build.lake, staged, build.session)
    for name in staged:
        show(build, name, schema_of(build.connection, name))
    made = run_models(build, {n: m for n, m in models.items() if n not in staged}, staged)
    fetched = fetch(build.connection, models, made, report)
    return [*results, *fetched]


def run_models(build: SparkBuild, models: dict[str, Model], known: Iterable[str]) -> dict[str, Any]:
    """Run models on Spark, each after all it reads from; the finished frames by name.

    `known` are the names that stand as views of the session already. Raises ModelError.
    """
    names = set(models)
    missing = {n for m in models.values() for n, _ in m.reads} - names - set(known)
    if missing:
        raise ModelError(f"Spark has no {', '.join(sorted(missing))} to read.")
    order = TopologicalSorter({n: {read for read, _ in m.reads if read in names} for n, m in models.items()})
    order.prepare()
    frames: dict[str, Any] = {}
    running: dict[Future[Any], str] = {}
    with ThreadPoolExecutor(MODELS_AT_ONCE) as pool:
        try:
            while order.is_active():
                for name in order.get_ready():
                    running[pool.submit(_run, build, models[name])] = name
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    name = running.pop(future)
                    frames[name] = future.result()
                    order.done(name)
        finally:
            for future in running:
                future.cancel()
    return frames


def _run(build: SparkBuild, model: Model) -> Any:
    """Write one model to the lake and show it to the others; a view is only named."""
    started = time.perf_counter()
    try:
        frame = build.session.sql(to_spark(model.sql))
        if model.python:
            frame = filled(build.session, model, frame)
        if not model.is_view:
            place = build.lake.table(model.name)
            frame.write.mode("overwrite").parquet(place)
            frame = build.session.read.schema(frame.schema).parquet(place)
        frame.createOrReplaceTempView(view_of(model.name))
    except ModelError:
        raise
    except Exception as error:
        told = without_values(error) if _is_of_values(error) else str(error).split("\n")[0][:500]
        seconds = time.perf_counter() - started
        raise ModelError(f"{model.file}, on Spark after {seconds:.1f} s: {told}") from error
    return frame


def _is_of_values(error: Exception) -> bool:
    """Whether an error may quote what stands in the rows: all but those of analysis."""
    return type(error).__name__ not in ("AnalysisException", "ParseException")


def show(build: SparkBuild, name: str, columns: list[tuple[str, str]]) -> None:
    """Name a staged table of the lake as a view of the session; `columns` with DuckDB's types."""
    schema = ", ".join(f"`{column}` {spark_type(kind)}" for column, kind in columns)
    frame = build.session.read.schema(schema).parquet(build.lake.table(name))
    # Without the week, which is in the names of the folders.
    frame.select(*[f"`{column}`" for column, _ in columns]).createOrReplaceTempView(view_of(name))
