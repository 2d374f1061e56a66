"""Tables that Spark keeps in the lake: written whole, or some weeks of them again, and read.

A model that can be built again by day stands in folders `of_week=2026-03-02`, so that dynamic partition
overwrite replaces the touched weeks alone. It replaces only weeks for which rows come: each week that is
written again therefore brings one row more, marked `is_gone`, so that a week that lost all its rows is
replaced too. Readers pass over those rows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pipelines.increments import Days, is_in, reach_of, spread
from pipelines.model_files import narrowed, without_imports
from pipelines.spark.sql import spark_type, to_spark, view_of

if TYPE_CHECKING:
    from pipelines.models import Model
    from pipelines.spark.lake import Lake

Columns = list[tuple[str, str]]
WEEK, GONE = "of_week", "is_gone"
# Rows without a day have a folder too.
NO_WEEK = "1970-01-05"


def is_by_week(model: Model) -> bool:
    """Whether a model's table is kept by week."""
    return model.reach is not None and model.partition is not None


def weeks_of(days: Days) -> Days:
    """Mondays of the weeks of some days."""
    return frozenset(day - timedelta(days=day.weekday()) for day in days)


def days_of(weeks: Days) -> Days:
    """All days of some weeks."""
    return spread(weeks, 0, 6)


def selected(sql: str, columns: Columns) -> str:
    """A select of the warehouse's SQL in Spark's, its columns of the types that the warehouse gives them."""
    told = ", ".join(f"cast(`{name}` as {spark_type(kind)}) as `{name}`" for name, kind in columns)
    return f"select {told} from ({to_spark(without_imports(sql))})"


def write_table(frame: Any, lake: Lake, model: Model) -> None:
    """Write a model's table whole, in place of what stood there."""
    if is_by_week(model):
        frame = frame.selectExpr("*", f"{_week(model)} as {WEEK}", f"false as {GONE}").repartition(WEEK)
    writer = frame.write.mode("overwrite").option("partitionOverwriteMode", "static")
    writer = writer.partitionBy(WEEK) if is_by_week(model) else writer
    writer.parquet(lake.table(model.name))


def write_weeks(
    session: Any, lake: Lake, model: Model, columns: Columns, weeks: Days, models: dict[str, Model]
) -> None:
    """Write some weeks of a model's table again; of imports by day only what those weeks reach is read."""
    first, last = reach_of(model)
    needed = spread(days_of(weeks), first, last)
    partitions = {name: models[name].partition for name, _ in model.reads if name in models}
    sql = narrowed(model.sql, {name: is_in(needed, day) for name, day in partitions.items() if day})
    rows = session.sql(selected(sql, columns)).where(_spark(is_in(days_of(weeks), model.partition or "day")))
    rows = rows.selectExpr("*", f"{_week(model)} as {WEEK}", f"false as {GONE}")
    nulls = ", ".join(f"cast(null as {spark_type(kind)}) as `{name}`" for name, kind in columns)
    mondays = ", ".join(f"date '{week}'" for week in sorted(weeks))
    gone = session.sql(f"select {nulls}, explode(array({mondays})) as {WEEK}, true as {GONE}")
    writer = rows.unionByName(gone).repartition(WEEK).write.mode("overwrite")
    writer.option("partitionOverwriteMode", "dynamic").partitionBy(WEEK).parquet(lake.table(model.name))


def read_table(session: Any, lake: Lake, name: str, columns: Columns, model: Model | None = None) -> Any:
    """A table of the lake as a view of the session, and as a frame; `columns` with DuckDB's types.

    With its columns told, no job has to look into the files for them.
    """
    by_week = model is not None and is_by_week(model)
    schema = ", ".join(f"`{column}` {spark_type(kind)}" for column, kind in columns)
    if by_week:
        schema += f", {GONE} boolean, {WEEK} date"
    frame = session.read.schema(schema).parquet(lake.table(name))
    if by_week:
        frame = frame.where(f"not {GONE}")
    # Without the week, which is in the names of the folders.
    frame = frame.select(*[f"`{column}`" for column, _ in columns])
    frame.createOrReplaceTempView(view_of(name))
    return frame


def _week(model: Model) -> str:
    return f"coalesce(cast(date_trunc('week', {_spark(model.partition or 'day')}) as date), date '{NO_WEEK}')"


def _spark(expression: str) -> str:
    """An expression of the warehouse's SQL in Spark's."""
    return to_spark(f"select {expression}").removeprefix("SELECT ")
