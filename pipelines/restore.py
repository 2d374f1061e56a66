"""Going back to the warehouse that was published before, and forth again."""

from __future__ import annotations

from datetime import UTC, datetime

from pipelines.errors import InputRefused
from pipelines.home import Home, remove_work
from pipelines.keeping import kept_warehouses, link_or_copy
from pipelines.layout import check_layout
from pipelines.warehouse import open_warehouse, publish_file


def go_back(home: Home) -> str:
    """Exchange the published warehouse and the one kept before it; returns when that one was built.

    Either is whole at every moment. A finished load that was not built is dropped: its files stand in the
    inbox. Raises InputRefused where nothing is kept, or what is kept is of another version.
    """
    kept = kept_warehouses(home)
    if not kept:
        raise InputRefused(
            f"No warehouse is kept in {home.kept}: [operations] keep_warehouses says how many are, and rows "
            "that are removed for good leave none behind. Build from the exports: groupfunnel run --full"
        )
    before = kept[0]
    connection = open_warehouse(before, read_only=True)
    try:
        check_layout(connection, before)
    finally:
        connection.close()
    built = datetime.fromtimestamp(before.stat().st_mtime, UTC)
    remove_work(home.work)
    link_or_copy(before, home.work)
    undo = home.kept / "undo.duckdb"
    if home.warehouse.exists():
        link_or_copy(home.warehouse, undo)
    publish_file(home.work, home.warehouse)
    if undo.exists():
        undo.replace(before)
    remove_work(home.loaded)
    return f"{built:%Y-%m-%d %H:%M} UTC"
