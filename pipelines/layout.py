"""The layout of a warehouse: which version wrote its raw tables, and whether this one reads them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.errors import InputRefused
from pipelines.warehouse import SCHEMA_VERSION


def layout_of(connection: duckdb.DuckDBPyConnection) -> int | None:
    """Version of the raw tables' layout; None in a new, empty warehouse, 0 where it does not say."""
    tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
    if not tables:
        return None
    if ("version",) not in tables:
        return 0
    row = connection.execute("select max(schema_version) from raw.version").fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def is_older(layout: int | None) -> bool:
    """Whether a layout is of a version before this one. 0 tells none: nobody knows whose tables they are."""
    return layout is not None and 0 < layout < SCHEMA_VERSION


def check_layout(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise InputRefused, with the next step, where the warehouse at `path` is of another layout than this
    version reads; an empty one is of any.
    """
    layout = layout_of(connection)
    if layout in (None, SCHEMA_VERSION):
        return
    if not layout:
        raise InputRefused(
            f"{path} does not say which version of groupfunnel wrote it. Move it away if it is something "
            "else, and build again from the exports: groupfunnel run --full"
        )
    told, next_step = "an older", "Build it again from the exports: groupfunnel run"
    if not is_older(layout):
        told = "a newer"
        next_step = "Install that version, or build again from the exports: groupfunnel run --full"
    raise InputRefused(
        f"{path} was written by {told} version of groupfunnel (layout {layout}, this is {SCHEMA_VERSION}). "
        f"{next_step}"
    )
