"""The pipeline's own steps, each measured in a process of its own.

`python -m benchmarks.ours load|run|full HOME INBOX MEMORY`: the command as a user gives it, its imports
included. `python -m benchmarks.ours build WAREHOUSE MEMORY`: every model, on a warehouse that was loaded.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measured import measure_here, threads_told

SLOWEST = 5


def command(verb: str, home: Path, inbox: Path, memory: str) -> dict[str, Any]:
    """`groupfunnel load`, `run` or `run --full`; tells what the warehouse holds after it."""
    settings = home / "groupfunnel.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(
        f'[engine]\nmemory_limit = "{memory}"\nthreads = {threads_told()}\n', encoding="utf-8"
    )
    os.environ["GROUPFUNNEL_KEY_FILE"] = str(home / "key")
    given = ["run", "--full"] if verb == "full" else [verb]
    given += ["--home", str(home), "--inbox", str(inbox), "--settings", str(settings)]

    def work() -> dict[str, Any]:
        from pipelines.cli import app

        app(given, standalone_mode=False)
        return {}

    measure_here(work)
    return {}


def facts(home: Path) -> dict[str, int]:
    """Messages, rejected rows and bytes of the warehouse of a home, loaded or published."""
    file = next(path for path in (home / "data").glob("warehouse.duckdb*") if not path.name.endswith(".next"))
    with duckdb.connect(str(file), read_only=True) as connection:
        row = connection.execute(
            "select (select count(*) from raw.messages), (select count(*) from raw.rejects)"
        ).fetchall()[0]
    return {"messages": row[0], "rejected": row[1], "bytes": file.stat().st_size}


def build(warehouse: Path, memory: str) -> dict[str, Any]:
    """Build every model once."""
    from pipelines.models import build_models, read_models
    from pipelines.raw import create_raw, write_settings
    from pipelines.resources import shipped_path
    from pipelines.settings import Settings
    from pipelines.warehouse import open_warehouse

    settings = Settings.model_validate({"engine": {"memory_limit": memory, "threads": threads_told()}})
    connection = open_warehouse(warehouse, engine=settings.engine)
    try:
        create_raw(connection)
        write_settings(connection, settings)
        built = build_models(connection, read_models(shipped_path("sql")), lambda _: None)
    finally:
        connection.close()
    slowest = sorted(built, key=lambda model: -model.seconds)[:SLOWEST]
    return {
        "models": len(built),
        "rows": sum(model.rows or 0 for model in built),
        "slowest": [[model.name, round(model.seconds, 2)] for model in slowest],
    }


if __name__ == "__main__":
    _, verb, *given = sys.argv
    if verb == "build":
        measure_here(lambda: build(Path(given[0]), given[1]))
    else:
        command(verb, Path(given[0]), Path(given[1]), given[2])
