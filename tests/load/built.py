"""Tables built from what a test loaded: only the models that they need."""

from __future__ import annotations

from functools import cache
from typing import Any

from pipelines.models import Model, build_models, read_models
from pipelines.raw import write_settings
from pipelines.resources import shipped_path
from tests.load.inboxes import Warehouse


@cache
def _models() -> dict[str, Model]:
    return read_models(shipped_path("sql"))


def build(warehouse: Warehouse, *tables: str) -> None:
    """Build tables and all that they read from."""
    wanted: dict[str, Model] = {}
    queue = list(tables)
    while queue:
        name = queue.pop()
        if name in _models() and name not in wanted:
            wanted[name] = _models()[name]
            queue += [read for read, _ in wanted[name].reads]
    write_settings(warehouse.connection, warehouse.settings)
    build_models(warehouse.connection, wanted, lambda _: None)


def table(warehouse: Warehouse, name: str, columns: str, rest: str = "") -> list[tuple[Any, ...]]:
    """Rows of a table that was built, times and days as text."""
    texts = ", ".join(
        f"{one}::varchar" if one.endswith(("_at", "week_start", "cohort_week", "_day")) else one
        for one in (part.strip() for part in columns.split(","))
    )
    return warehouse.rows(f"select {texts} from {name} {rest} order by all")
