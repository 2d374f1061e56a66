"""Writing what a model selects: its table or view whole, or some days of its table again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from pipelines.errors import ModelError
from pipelines.increments import Renewal, is_in
from pipelines.model_files import Model, narrowed, without_imports
from pipelines.python_steps import fill
from pipelines.warehouse import literal, quote

# Grouping fewer rows, planning the test of the grain costs more than a plan saves.
ROWS_WORTH_A_PLAN = 100_000


@dataclass(frozen=True)
class Beside:
    """Two connections of one worker to the same warehouse: `plain` runs statements as they are written.

    Planning a comment costs more than writing it, and switching the optimizer off and on again as much.
    """

    planning: duckdb.DuckDBPyConnection
    plain: duckdb.DuckDBPyConnection

    def __post_init__(self) -> None:
        """Switch the optimizer off where nothing is to be planned."""
        self.plain.execute("pragma disable_optimizer")


def beside(connection: duckdb.DuckDBPyConnection) -> Beside:
    """Connections for one more worker."""
    return Beside(_another(connection), _another(connection))


def _another(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Another connection to the same warehouse, with the same settings."""
    other = connection.cursor()
    other.execute("set time zone 'UTC'")
    return other


def make_table(own: Beside, model: Model) -> int | None:
    """Build a table or view whole; returns how many rows it has, None for a view."""
    target = f"{model.schema}.{quote(model.path.stem)}"
    kind = "view" if model.is_view else "table"
    connection = own.planning
    # One commit waits for the disk once. More models than one in it would leave the optimizer without the
    # sizes of what was not committed yet, and with the worst order of joins.
    connection.execute("begin")
    made = connection.execute(f"create or replace {kind} {target} as {without_imports(model.sql)}").fetchone()
    if model.python:
        fill(connection, model, target)
    connection.execute("commit")
    own.plain.execute(f"begin; {comments(kind, target, model.comment, model.columns)}; commit")
    if model.is_view:
        return None
    rows = int(made[0]) if made else 0
    test_grain(own, model, target, rows)
    return rows


def renew_days(own: Beside, model: Model, renewal: Renewal, models: dict[str, Model]) -> int:
    """Build some days of a table again; returns how many rows they have."""
    target = f"{model.schema}.{quote(model.path.stem)}"
    if not renewal.days:
        return 0
    partitions = {name: models[name].partition for name, _ in model.reads if name in models}
    needed = {name: is_in(renewal.imported, day) for name, day in partitions.items() if day is not None}
    query = without_imports(narrowed(model.sql, needed))
    is_renewed = is_in(renewal.days, model.partition or "day")
    connection = own.planning
    connection.execute("begin")
    connection.execute(f"delete from {target} where {is_renewed}")
    made = connection.execute(f"insert into {target} select * from ({query}) where {is_renewed}").fetchone()
    connection.execute("commit")
    rows = int(made[0]) if made else 0
    test_grain(own, model, f"(select * from {target} where {is_renewed})", rows)
    return rows


def is_day_in_grain(model: Model) -> bool:
    """Whether the key of a row tells its day, so that rows of two days never have the same key."""
    return not set(re.findall(r"[a-z_]\w*", model.partition or "")).isdisjoint(model.grain)


def test_grain(own: Beside, model: Model, target: str, rows: int) -> None:
    """Raises ModelError when the rows of a table have a key twice."""
    if not model.grain or rows < 2:
        return
    connection = own.plain if rows < ROWS_WORTH_A_PLAN else own.planning
    keys = ", ".join(model.grain)
    distinct = connection.execute(f"select count(*) from (select distinct {keys} from {target})").fetchone()
    if distinct == (rows,):
        return
    broken = connection.execute(
        f"select {keys}, count(*) from {target} group by {keys} having count(*) > 1 limit 3"
    ).fetchall()
    raise ModelError(
        f"{model.file}: the grain ({keys}) is not kept: {len(broken)} or more keys have several "
        f"rows, the first has {broken[0][-1]}."
    )


def comments(kind: str, target: str, comment: str, columns: Iterable[tuple[str, str]]) -> str:
    """The statements that comment a table and its columns; one call for all of them."""
    told = [f"comment on {kind} {target} is {literal(comment)}"]
    told += [
        f"comment on column {target}.{quote(column)} is {literal(text)}" for column, text in columns if text
    ]
    return "; ".join(told)
