"""The model runner: model files become tables and views, in the order that the names they read imply."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from graphlib import TopologicalSorter

import duckdb

from pipelines.errors import ModelError, without_values
from pipelines.increments import Increments
from pipelines.model_files import SCHEMAS, Model, column_comments, parse_model, read_models
from pipelines.model_tables import Beside, beside, comments, is_day_in_grain, make_table, renew_days
from pipelines.warehouse import literal, quote

__all__ = [
    "SCHEMAS",
    "WRITTEN_BY_RUN",
    "Built",
    "Model",
    "build_models",
    "clear_kinds",
    "column_comments",
    "is_small",
    "order_models",
    "parse_model",
    "prune",
    "read_models",
    "remember_models",
]

# A build of fewer raw rows runs so many models at a time.
ROWS_OF_A_SMALL_BUILD, SMALL_MODELS_AT_ONCE = 2_000_000, 4
# Tables that the gates and the runner write themselves.
WRITTEN_BY_RUN = frozenset({
    "quality.checks", "quality.models", "quality.builds", "quality.restatements",
    "explore.own_questions", "explore.own_funnels", "explore.own_funnel_trends",
    "explore.own_retentions",
})  # fmt: skip


@dataclass(frozen=True)
class Built:
    """A model that was run: how many rows it has (NULL for a view), the seconds it took, and whether all rows
    of the table are known to have a key of their own.
    """

    name: str
    rows: int | None
    seconds: float
    is_grain_kept: bool = False


def order_models(models: dict[str, Model], existing: Iterable[str]) -> list[Model]:
    """Models so that each comes after what it reads.

    `existing` are names that stand already (raw tables). Raises ModelError on an unknown name, with file and
    line, and on a cycle, with its path.
    """
    known = set(existing) | WRITTEN_BY_RUN
    done: dict[str, Model] = {}
    path: list[str] = []

    def visit(model: Model) -> None:
        if model.name in done:
            return
        if model.name in path:
            cycle = " → ".join([*path[path.index(model.name) :], model.name])
            raise ModelError(f"{model.file}: the models read from each other in a circle: {cycle}")
        path.append(model.name)
        for name, line in model.reads:
            if name in models:
                visit(models[name])
            elif name not in known:
                raise ModelError(f"{model.file}, line {line}: there is no {name}{_near(name, models, known)}")
        path.pop()
        done[model.name] = model

    for name in sorted(models, key=lambda n: (SCHEMAS.index(n.split(".")[0]), n)):
        visit(models[name])
    return list(done.values())


def _near(name: str, models: dict[str, Model], known: set[str]) -> str:
    import difflib

    match = difflib.get_close_matches(name, [*models, *known], n=1)
    return f"; did you mean {match[0]}?" if match else "."


def build_models(
    connection: duckdb.DuckDBPyConnection,
    models: dict[str, Model],
    report: Callable[[Built], None],
    increments: Increments | None = None,
) -> list[Built]:
    """Run all models, test each grain, write comments; `report` hears of each. Raises ModelError.

    With `increments` the tables of the build before stand in the file, and models that can be are built again
    for the touched days alone.
    """
    existing = [
        f"raw.{row[0]}"
        for row in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw'"
        ).fetchall()
    ]
    ordered = order_models(models, existing)
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")
    clear_kinds(connection, ordered)
    results = _build_all(connection, ordered, report, increments)
    remember_models(connection, ordered)
    return results


def _build_all(
    connection: duckdb.DuckDBPyConnection,
    ordered: list[Model],
    report: Callable[[Built], None],
    increments: Increments | None,
) -> list[Built]:
    """Run models, as many at a time as pays, each after all it reads from; results in the order given.

    Most of a small build is planning, which takes one core, so each model gets one; a large model has them
    all to itself.
    """
    workers, threads = _workers(connection)
    names = {model.name for model in ordered}
    by_name = {model.name: model for model in ordered}
    order = TopologicalSorter({model.name: {n for n, _ in model.reads if n in names} for model in ordered})
    order.prepare()
    done: dict[str, Built] = {}
    with ThreadPoolExecutor(workers) as pool:
        idle = [beside(connection) for _ in range(workers)]
        running: dict[Future[Built], tuple[Model, Beside]] = {}
        waiting: list[str] = []
        if workers > 1:
            connection.execute("set threads = 1")
        try:
            while order.is_active():
                waiting += order.get_ready()
                for name in waiting[: len(idle)]:
                    own = idle.pop()
                    running[pool.submit(_timed, own, by_name[name], increments, by_name)] = (
                        by_name[name],
                        own,
                    )
                    waiting.remove(name)
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    model, own = running.pop(future)
                    done[model.name] = future.result()
                    idle.append(own)
                    order.done(model.name)
                    report(done[model.name])
        finally:
            wait(running)
            connection.execute(f"set threads = {threads}")
            for own in [own for _, own in running.values()] + idle:
                own.planning.close()
                own.plain.close()
    return [done[model.name] for model in ordered]


def _workers(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """How many models run at a time, one as soon as the raw tables are large, and the threads there are."""
    row = connection.execute("select current_setting('threads')").fetchone() or (1,)
    threads = int(row[0])
    return min(SMALL_MODELS_AT_ONCE, threads) if is_small(connection) else 1, threads


def is_small(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the raw tables are so small that planning a model takes longer than running it."""
    row = connection.execute(
        "select coalesce(sum(estimated_size), 0) from duckdb_tables() where schema_name = 'raw'"
    ).fetchone() or (0,)
    return int(row[0]) <= ROWS_OF_A_SMALL_BUILD


def _timed(own: Beside, model: Model, increments: Increments | None, models: dict[str, Model]) -> Built:
    started = time.perf_counter()
    try:
        renewal = increments.renewal(own.planning, model) if increments else None
        rows = renew_days(own, model, renewal, models) if renewal else make_table(own, model)
    except duckdb.Error as error:
        for each in (own.planning, own.plain):
            with suppress(duckdb.TransactionException):
                each.execute("rollback")
        line = re.search(r"LINE (\d+):", str(error))
        where = f", line {line.group(1)}" if line else ""
        # What is wrong with the SQL is told in full; what is wrong with a value without the value.
        of_sql = duckdb.ParserException | duckdb.BinderException | duckdb.CatalogException
        told = str(error) if isinstance(error, of_sql) else without_values(error)
        raise ModelError(f"{model.file}{where}: {told}") from error
    is_grain_kept = bool(model.grain) and not model.is_view and (renewal is None or is_day_in_grain(model))
    return Built(model.name, rows, time.perf_counter() - started, is_grain_kept)


def clear_kinds(connection: duckdb.DuckDBPyConnection, models: list[Model]) -> None:
    """Drop tables that became views, and views that became tables: neither replaces the other."""
    for kind, is_view in (("view", False), ("table", True)):
        held = connection.execute(f"select schema_name, {kind}_name from duckdb_{kind}s()").fetchall()
        for model in models:
            if model.is_view == is_view and (model.schema, model.path.stem) in held:
                connection.execute(f"drop {kind} {model.schema}.{quote(model.path.stem)}")


def remember_models(connection: duckdb.DuckDBPyConnection, models: list[Model]) -> None:
    """Write quality.models: what was built, from which file, with which grain."""
    connection.execute(
        "create or replace table quality.models (schema_name varchar, table_name varchar, file varchar, "
        "grain varchar, is_view boolean, position integer)"
    )
    # One statement: a row each would be planned each.
    told = ", ".join(
        f"({literal(m.schema)}, {literal(m.path.stem)}, {literal(m.file)}, "
        f"{literal(', '.join(m.grain)) if m.grain else 'null'}, {m.is_view}, {i})"
        for i, m in enumerate(models, start=1)
    )
    connection.execute(f"insert into quality.models values {told}")
    columns = (
        ("schema_name", "schema of the model"), ("table_name", "its table or view"), ("file", "its SQL file"),
        ("grain", "columns that tell its rows apart"), ("is_view", "whether it is a view"),
        ("position", "its place in the order of the build"),
    )  # fmt: skip
    connection.execute(comments("table", "quality.models", "Models that were built, one row each.", columns))


def prune(connection: duckdb.DuckDBPyConnection, models: dict[str, Model]) -> list[str]:
    """Drop tables and views of the model schemas that no model makes any more; returns their names."""
    gone = []
    for kind in ("view", "table"):
        names = connection.execute(
            f"select schema_name, {kind}_name from duckdb_{kind}s() "
            f"where schema_name in ({', '.join('?' * len(SCHEMAS))}) and not internal",
            list(SCHEMAS),
        ).fetchall()
        for schema, table in names:
            if f"{schema}.{table}" not in models and f"{schema}.{table}" not in WRITTEN_BY_RUN:
                connection.execute(f"drop {kind} {schema}.{quote(table)}")
                gone.append(f"{schema}.{table}")
    return sorted(gone)
