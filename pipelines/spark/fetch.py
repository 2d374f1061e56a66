"""Bringing finished tables back: the warehouse gets the tables, views, types and comments it always has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.increments import Days, is_in
from pipelines.model_files import without_imports
from pipelines.model_tables import Beside, comments, test_grain
from pipelines.spark.tables import GONE, Columns, days_of, is_by_week
from pipelines.warehouse import literal, quote

if TYPE_CHECKING:
    from pipelines.models import Model
    from pipelines.spark.lake import Lake


def begin_table(own: Beside, model: Model) -> None:
    """Make the view of a model, or its table without a row.

    Types are those of DuckDB's own reading of the model, so that a warehouse is the same whoever computed
    it.
    """
    target, kind = _target(model), "view" if model.is_view else "table"
    empty = "" if model.is_view else " with no data"
    own.planning.execute(f"create or replace {kind} {target} as {without_imports(model.sql)}{empty}")
    own.plain.execute(f"begin; {comments(kind, target, model.comment, model.columns)}; commit")


def fetch_table(own: Beside, lake: Lake, model: Model, frame: Any) -> int:
    """Fill a model's table from the lake; returns how many rows. Raises ModelError on a broken grain."""
    rows = _insert(own, lake, model, frame, "")
    test_grain(own, model, _target(model), rows)
    return rows


def fetch_days(own: Beside, lake: Lake, model: Model, frame: Any, weeks: Days) -> int:
    """Replace some weeks of a model's table by those of the lake; returns how many rows they have."""
    if not weeks:
        return 0
    is_renewed = is_in(days_of(weeks), model.partition or "day")
    own.planning.execute(f"delete from {_target(model)} where {is_renewed}")
    rows = _insert(own, lake, model, frame, is_renewed)
    test_grain(own, model, f"(select * from {_target(model)} where {is_renewed})", rows)
    return rows


def _insert(own: Beside, lake: Lake, model: Model, frame: Any, condition: str) -> int:
    """Rows of the lake into the table: read as files where they are files here, else over Arrow.

    By name: files may hold their columns in another order. In the order of the grain, so that the same rows
    make the same table.
    """
    where = [condition] if condition else []
    order = f" order by {', '.join(model.grain)}" if model.grain else ""
    columns = ", ".join(quote(name) for name, _ in _columns(own, model))
    if lake.is_remote:
        own.planning.register("fetched", frame.toArrow())
        source = "fetched"
    else:
        if not any(Path(lake.table(model.name)).rglob("*.parquet")):
            return 0  # a table by week without a row has no folder of a week
        files = literal(f"{lake.table(model.name)}/**/*.parquet")
        source = f"read_parquet({files}, hive_partitioning = false)"
        where += [f"not {GONE}"] if is_by_week(model) else []
    told = f" where {' and '.join(where)}" if where else ""
    try:
        made = own.planning.execute(
            f"insert into {_target(model)} by name select {columns} from {source}{told}{order}"
        ).fetchone()
    finally:
        if lake.is_remote:
            own.planning.unregister("fetched")
    return int(made[0]) if made else 0


def _columns(own: Beside, model: Model) -> Columns:
    return [(row[0], row[1]) for row in own.planning.execute(f"describe {_target(model)}").fetchall()]


def _target(model: Model) -> str:
    return f"{model.schema}.{quote(model.path.stem)}"
