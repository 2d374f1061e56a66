"""Columns that are computed and not queried: the steps in Python of the model order.

A model whose header says `python: module.function` is a select that gives the rows, with NULL in what the
function fills in. The function gets those rows, ordered by grain, and a way to query what stands already,
both as arrays by column; it returns the columns it knows. So a computed table has its grain, comments,
types and place in the order from its file like every other, and the computation needs no engine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipelines.errors import ModelError
from pipelines.warehouse import quote

if TYPE_CHECKING:
    import duckdb

    from pipelines.models import Model

Columns = dict[str, Any]
Query = Callable[[str], Columns]
Step = Callable[[Columns, Query], Columns]


def python_step(model: Model) -> Step:
    """The function that fills in a model. Raises ModelError when the header names none that exists."""
    import importlib

    module, _, function = (model.python or "").rpartition(".")
    try:
        step: Step = getattr(importlib.import_module(f"pipelines.{module}"), function)
    except (ImportError, AttributeError) as error:
        raise ModelError(f"{model.file}: there is no function pipelines.{model.python} ({error}).") from error
    return step


def fill(connection: duckdb.DuckDBPyConnection, model: Model, target: str) -> None:
    """Compute the columns of a model that stands as `target` and write them into it.

    Raises ModelError when the step names a column that the model has not, or not one value per
    row.
    """

    def query(sql: str) -> Columns:
        return dict(connection.execute(sql).fetchnumpy())

    ordered = f"select * from {target} order by {', '.join(model.grain)}"
    rows = query(ordered)
    filled = python_step(model)(rows, query)
    if not filled:
        return
    count = len(next(iter(rows.values())))
    known = [name for name, _ in model.columns]
    wrong = [name for name, values in filled.items() if name not in known or len(values) != count]
    if wrong:
        raise ModelError(f"{model.file}: pipelines.{model.python} does not fit: {', '.join(wrong)}.")
    types = {row[0]: row[1] for row in connection.execute(f"describe {target}").fetchall()}
    select = ", ".join(
        f"cast(filled.{quote(name)} as {types[name]}) as {quote(name)}"
        if name in filled
        else f"rows.{quote(name)}"
        for name in known
    )
    connection.register("filled_columns", filled)
    try:
        connection.execute(
            f"create or replace table {target} as with rows as ({ordered}), filled as (from filled_columns) "
            f"select {select} from rows positional join filled"
        )
    finally:
        connection.unregister("filled_columns")
