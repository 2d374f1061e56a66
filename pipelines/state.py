"""What a warehouse and a report were built from, and what a rebuild would lose."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import __version__
from pipelines.errors import InputRefused
from pipelines.home import Home
from pipelines.publish import stamp_of
from pipelines.resources import PACKAGE, shipped_path
from pipelines.settings import Settings

if TYPE_CHECKING:
    import duckdb


def basis_of(settings: Settings) -> str:
    """Hash of all that a build depends on besides the files it is made from: settings, models, code."""
    digest = hashlib.sha256(__version__.encode())
    digest.update(
        json.dumps(
            settings.model_dump(mode="json", exclude={"engine", "delivery", "operations"}), sort_keys=True
        ).encode()
    )
    for root, pattern in ((shipped_path("sql"), "*/*.sql"), (PACKAGE, "**/*")):
        for path in sorted(root.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def fingerprint(settings: Settings, connection: duckdb.DuckDBPyConnection) -> str:
    """Hash of all that a build and a report depend on: loaded files, settings, models, code."""
    return _of_loads(basis_of(settings), connection)


def _of_loads(basis: str, connection: duckdb.DuckDBPyConnection) -> str:
    digest = hashlib.sha256(basis.encode())
    for (sha,) in connection.execute("select sha256 from raw.loads order by sha256").fetchall():
        digest.update(sha.encode())
    return digest.hexdigest()


def remember(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write to the warehouse what it was built from."""
    basis = basis_of(settings)
    connection.execute(
        "create or replace table raw.state as select ? as fingerprint, ? as basis",
        [_of_loads(basis, connection), basis],
    )
    for of, text in (
        ("table raw.state", "What the warehouse was built from, as hashes."),
        ("column raw.state.fingerprint", "Hash of files, settings, models and code."),
        ("column raw.state.basis", "Hash of settings, models and code alone."),
    ):
        connection.execute(f"comment on {of} is '{text}'")


def is_current(home: Home, settings: Settings, connection: duckdb.DuckDBPyConnection, reports: Path) -> bool:
    """Whether the published warehouse and the report published in `reports` are both what a run would make
    of these files.
    """
    import duckdb

    if home.loaded.exists() or not home.warehouse.exists():
        return False
    try:
        row = connection.execute("select fingerprint from raw.state").fetchone()
    except duckdb.Error:
        return False
    # A run that was killed after it published the warehouse leaves a report of the run before.
    told = fingerprint(settings, connection)
    return row == (told,) and stamp_of(reports) == told


def refuse_loss(home: Home, inbox: Path, settings: Settings) -> None:
    """A full rebuild reads the inbox only: InputRefused when files that were loaded would not be read
    again.
    """
    import duckdb

    from pipelines.inbox import inbox_files
    from pipelines.inventory import export_for, hash_file
    from pipelines.warehouse import open_warehouse

    loaded: dict[str, str] = {}
    for path in (home.warehouse, home.loaded):
        if not path.exists():
            continue
        try:
            connection = open_warehouse(path, read_only=True)
        except InputRefused:
            # Nothing of an unreadable warehouse can be kept; building it anew is what the user was told to
            # do.
            continue
        try:
            loaded |= dict(connection.execute("select sha256, file_name from raw.loads").fetchall())
        except duckdb.Error:
            continue
        finally:
            connection.close()
    if not loaded:
        return
    for path, name in inbox_files(inbox, settings):
        if export_for(path, name, settings)[0] is not None:
            loaded.pop(hash_file(path), None)
    if loaded:
        names = ", ".join(sorted(loaded.values())[:5])
        are, files = ("are", "files") if len(loaded) > 1 else ("is", "file")
        raise InputRefused(
            f"A full rebuild would lose {len(loaded)} loaded {files} that {are} no longer in {inbox} or no "
            f"export any more: {names}. Put them back, or say --allow-missing."
        )
