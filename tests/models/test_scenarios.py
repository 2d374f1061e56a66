"""Hand-counted scenarios: the exports in given/ must make exactly the rows of expected.csv."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.load import load_all, take_inventory
from pipelines.models import Model, build_models, read_models
from pipelines.raw import create_raw, write_settings
from pipelines.resources import shipped_path
from pipelines.settings import load_settings
from pipelines.warehouse import open_warehouse

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/*/expected.csv"))
MODELS = read_models(shipped_path("sql"))


def _needed(table: str) -> dict[str, Model]:
    """The model of a table and all that it reads from."""
    found: dict[str, Model] = {}
    waiting = [table]
    while waiting:
        name = waiting.pop()
        if name in MODELS and name not in found:
            found[name] = MODELS[name]
            waiting += [read for read, _ in MODELS[name].reads]
    return found


def _silent(*_: object) -> None:
    return None


def _build(case: Path, path: Path) -> duckdb.DuckDBPyConnection:
    settings_file = case / "settings.toml"
    settings = load_settings(settings_file if settings_file.exists() else None)
    connection = open_warehouse(path)
    create_raw(connection)
    inventory = take_inventory(connection, case / "given", settings)
    results = load_all(connection, inventory, settings, datetime.now(UTC), _silent)
    assert not any(r.rows_rejected for r in results), "a row of given/ was rejected: see its columns"
    write_settings(connection, settings)
    build_models(connection, _needed(_table(case)), _silent)
    return connection


def _table(case: Path) -> str:
    return ".".join(case.relative_to(HERE).parts[:2])


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    rows = connection.execute(query).fetchall()
    rounded = [tuple(round(v, 9) if isinstance(v, float) else v for v in row) for row in rows]
    return sorted(rounded, key=str)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "/".join(case.relative_to(HERE).parts))
def test_scenario(case: Path, tmp_path: Path) -> None:
    connection = _build(case, tmp_path / "warehouse.duckdb")
    try:
        connection.execute(
            "create temp table expected as select * from read_csv(?, all_varchar = true, header = true)",
            [str(case / "expected.csv")],
        )
        columns = [row[0] for row in connection.execute("describe expected").fetchall()]
        types = {row[0]: row[1] for row in connection.execute(f"describe {_table(case)}").fetchall()}
        where = case / "where.sql"
        condition = where.read_text(encoding="utf-8") if where.exists() else "true"
        casts = ", ".join(f'cast("{name}" as {types[name]}) as "{name}"' for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        wanted = _rows(connection, f"select {casts} from expected")
        got = _rows(connection, f"select {names} from {_table(case)} where {condition}")
    finally:
        connection.close()
    assert got == wanted, f"{_table(case)}: columns {', '.join(columns)}"
