"""Small exports written by hand, loaded into a new warehouse: what the tests of loading work on."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pipelines.inventory import take_inventory
from pipelines.load import LoadResult, load_all
from pipelines.raw import create_raw
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import open_warehouse

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MTIME = 1_770_000_000


def settings_of(tmp_path: Path, toml: str) -> Settings:
    """Settings from text."""
    path = tmp_path / "groupfunnel.toml"
    path.write_text(toml, encoding="utf-8")
    return load_settings(path)


def write(inbox: Path, name: str, content: str | bytes) -> Path:
    """A file of the inbox, with a fixed time of change."""
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (MTIME, MTIME))
    return path


@cache
def _empty() -> Path:
    """A warehouse with nothing in it, made once: the comments of its columns take a while."""
    folder = tempfile.mkdtemp(prefix="groupfunnel-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "empty.duckdb"
    connection = open_warehouse(path)
    create_raw(connection)
    connection.close()
    return path


class Warehouse:
    """A new warehouse in a folder, with an inbox beside it."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.inbox = folder / "inbox"
        self.inbox.mkdir(exist_ok=True)
        self.settings = settings or Settings()
        path = folder / "warehouse.duckdb"
        shutil.copyfile(_empty(), path)
        self.connection: duckdb.DuckDBPyConnection = open_warehouse(path)

    def load(self) -> list[LoadResult]:
        """Load what is new in the inbox."""
        inventory = take_inventory(self.connection, self.inbox, self.settings)
        return load_all(self.connection, inventory, self.settings, NOW, lambda *_: None)

    def one(self, name: str, content: str | bytes) -> LoadResult:
        """Write and load one file; every row is kept, duplicate or rejected, and the ledger says the same."""
        write(self.inbox, name, content)
        (result,) = self.load()
        assert result.rows_read == result.rows_kept + result.rows_duplicate + result.rows_rejected
        told = self.rows(
            "select rows_read, rows_kept, rows_duplicate, rows_rejected from raw.loads where file_name = ?",
            name,
        )
        assert told == [(result.rows_read, result.rows_kept, result.rows_duplicate, result.rows_rejected)]
        rejects = self.rows(
            "select count(*) from raw.rejects join raw.loads using (load_id) where file_name = ?", name
        )
        assert rejects == [(result.rows_rejected,)]
        return result

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self.connection.execute(query, list(values)).fetchall()

    def rejects(self) -> list[tuple[int, str | None, str]]:
        """(row_number, column, reason) of all rejects."""
        return self.rows("select row_number, column_name, reason from raw.rejects order by all")
