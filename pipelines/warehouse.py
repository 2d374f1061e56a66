"""Opening the warehouse, and replacing it whole.

Nothing is ever written into the published file: work happens in a copy beside it, which takes its place with
one rename. Readers keep what they have open; a killed run leaves the old file as it was.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import duckdb

from pipelines.errors import InputRefused
from pipelines.home import remove_work
from pipelines.settings import Engine

# Written so that DuckDB 1.4 and later clients can open the file: analysts' own tools lag behind.
STORAGE_VERSION = "v1.4.0"
# Writing the whole catalog after every table of 100 kB, as is the default, took a fifth of a small build.
_CHECKPOINT_MIB = 256
# DuckDB 2.0.0 may wait for ever on a query that reads one subplan twice and stops early at a limit.
_DISABLED_OPTIMIZERS = "common_subplan"
# Raised when raw tables change in a way that an older warehouse cannot be continued from.
SCHEMA_VERSION = 3


def open_warehouse(
    path: Path, *, read_only: bool = False, engine: Engine | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a warehouse file with the project's limits; times are UTC throughout.

    Raises InputRefused when the file is not a readable warehouse.
    """
    engine = engine or Engine()
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "disabled_optimizers": _DISABLED_OPTIMIZERS,
    }
    if engine.threads:
        config["threads"] = str(engine.threads)
    if engine.memory_limit:
        config["memory_limit"] = engine.memory_limit
    if not read_only:
        config["storage_compatibility_version"] = STORAGE_VERSION
        # Only copies are ever written, and publishing one flushes it: the disk can wait until then.
        config["fsync_mode"] = "NONE"
        config["checkpoint_threshold"] = f"{_CHECKPOINT_MIB} MiB"
        config["auto_checkpoint_skip_wal_threshold"] = _CHECKPOINT_MIB << 20
    try:
        connection = duckdb.connect(str(path), read_only=read_only, config=config)
    except duckdb.Error as error:
        if "could not set lock" in str(error).lower():
            raise InputRefused(
                f"{path} is open for writing in another program. Close it there (or open it "
                "read-only), then run again."
            ) from error
        raise InputRefused(
            f"{path} cannot be opened as a warehouse: {str(error).splitlines()[0]}\n"
            "Move it away and run `groupfunnel run --full` to build it again from the exports."
        ) from error
    connection.execute("set time zone 'UTC'")
    connection.execute("set preserve_insertion_order = true")
    connection.execute("set enable_progress_bar = false")
    return connection


def start_work(source: Path | None, work: Path) -> None:
    """Lay the file to work on: a copy of `source`, or nothing (a new warehouse) where there is none."""
    remove_work(work)
    work.parent.mkdir(parents=True, exist_ok=True)
    if source is not None and source.exists():
        shutil.copyfile(source, work)


def rewrite(path: Path) -> None:
    """Write a closed warehouse file anew: what was deleted from it is not in the new one's bytes either."""
    fresh = path.with_name(path.name + ".fresh")
    remove_work(fresh)
    with duckdb.connect() as connection:
        connection.execute(f"attach {file_literal(path)} as old (read_only)")
        connection.execute(f"attach {file_literal(fresh)} as fresh (storage_version '{STORAGE_VERSION}')")
        connection.execute("copy from database old to fresh")
        connection.execute("detach fresh")
    fresh.replace(path)


def publish_file(work: Path, target: Path) -> None:
    """Put a finished, closed warehouse file in the place of another, atomically and durably."""
    with work.open("rb+") as handle:
        os.fsync(handle.fileno())
    work.replace(target)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def quote(name: str) -> str:
    """An SQL identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """An SQL string literal, quoted."""
    return "'" + value.replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """A path as an SQL string literal that DuckDB does not take for a pattern of several files."""
    return literal(re.sub(r"([*?\[])", r"[\1]", str(path)))
