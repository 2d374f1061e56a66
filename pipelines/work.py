"""The warehouse that a verb works on: a copy of the newest there is, published only when all is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.home import Home, remove_work
from pipelines.steps import Project

if TYPE_CHECKING:
    import duckdb


@contextmanager
def work(project: Project, source: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse to work on: a copy of `source`, or a new one. It is thrown away unless it was
    published.
    """
    from pipelines.layout import check_layout
    from pipelines.raw import create_raw
    from pipelines.warehouse import open_warehouse, start_work

    home = project.home
    try:
        start_work(source, home.work)
        connection = open_warehouse(home.work, engine=project.settings.engine)
        try:
            if source is not None:
                check_layout(connection, source)
            create_raw(connection)
            if source is None:
                for before in (home.warehouse, home.loaded):
                    _take_tombstones(project, connection, before)
            yield connection
        finally:
            connection.close()
    finally:
        remove_work(home.work)


def is_of_older_layout(home: Home) -> bool:
    """Whether there is a warehouse, of a layout before this version's."""
    from pipelines.layout import is_older, layout_of
    from pipelines.warehouse import open_warehouse

    if not latest(home).exists():
        return False
    connection = open_warehouse(latest(home), read_only=True)
    try:
        return is_older(layout_of(connection))
    finally:
        connection.close()


def _take_tombstones(project: Project, connection: duckdb.DuckDBPyConnection, before: Path) -> None:
    import duckdb

    from pipelines.forget import keep_tombstones

    try:
        keep_tombstones(connection, before)
    except duckdb.Error:
        project.narrator.warn(
            f"{before} cannot be read, so that nobody knows whom it had forgotten. If you used groupfunnel "
            "forget, do it again before you share the report."
        )


def latest(home: Home) -> Path:
    """The newest rows there are: of a finished load that was not built yet, or else what is published."""
    return home.loaded if home.loaded.exists() else home.warehouse
