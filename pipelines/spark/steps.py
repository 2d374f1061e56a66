"""The Python steps of the model order on Spark: rows come to the driver, filled columns go back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.errors import ModelError
from pipelines.python_steps import Columns, python_step
from pipelines.spark.sql import to_spark

if TYPE_CHECKING:
    from pipelines.models import Model


def filled(session: Any, model: Model, frame: Any) -> Any:
    """The frame of a model with the columns that its step computes, types as the select gives them.

    Raises ModelError when the step names a column that the model has not, or not one value per row.
    """
    import pyarrow as pa

    rows = frame.orderBy(*model.grain).toArrow()
    told = python_step(model)(_columns(rows), lambda sql: _columns(session.sql(to_spark(sql)).toArrow()))
    if not told:
        return frame
    wrong = [
        name for name, values in told.items() if name not in rows.schema.names or len(values) != len(rows)
    ]
    if wrong:
        raise ModelError(f"{model.file}: pipelines.{model.python} does not fit: {', '.join(wrong)}.")
    for name, values in told.items():
        place = rows.schema.get_field_index(name)
        own = rows.schema.field(place)
        rows = rows.set_column(place, own, pa.array(values, from_pandas=True).cast(own.type))
    return session.createDataFrame(rows, schema=frame.schema)


def _columns(table: Any) -> Columns:
    """An Arrow table as arrays by column, NULL masked as DuckDB's own arrays have it."""
    import duckdb

    with duckdb.connect() as connection:
        return dict(connection.from_arrow(table).fetchnumpy())
