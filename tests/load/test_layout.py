"""The layout of the raw tables changes together with its version, by which a warehouse of before is known."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import pipelines
from pipelines.errors import InputRefused
from pipelines.layout import check_layout, layout_of
from pipelines.raw import create_raw
from pipelines.warehouse import SCHEMA_VERSION, open_warehouse

# Another layout needs another SCHEMA_VERSION: without it, `run` would go on with tables of before.
LAYOUTS = {3: "f6271f326416cb62"}


def test_45_the_layout_of_raw_tables_is_that_of_its_version(tmp_path: Path) -> None:
    connection = open_warehouse(tmp_path / "warehouse.duckdb")
    create_raw(connection)
    columns = connection.execute(
        "select table_name, column_name, data_type, coalesce(column_default, '') from duckdb_columns() "
        "where schema_name = 'raw' order by table_name, column_name"
    ).fetchall()
    assert layout_of(connection) == SCHEMA_VERSION
    connection.close()
    assert len(columns) > 100
    digest = hashlib.sha256(repr(columns).encode()).hexdigest()[:16]
    assert LAYOUTS[SCHEMA_VERSION] == digest, "raise SCHEMA_VERSION and add it here"


@pytest.mark.parametrize(
    ("version", "said", "next_step"),
    [
        (SCHEMA_VERSION - 1, "an older version", "groupfunnel run"),
        (SCHEMA_VERSION + 1, "a newer version", "Install that version"),
        (0, "does not say which version", "groupfunnel run --full"),
    ],
)
def test_45_another_layout_is_refused_with_the_next_step(
    tmp_path: Path, version: int, said: str, next_step: str
) -> None:
    path = tmp_path / "warehouse.duckdb"
    connection = open_warehouse(path)
    check_layout(connection, path)  # empty: of any layout
    create_raw(connection)
    check_layout(connection, path)
    connection.execute("update raw.version set schema_version = ?", [version])
    with pytest.raises(InputRefused, match=said) as refused:
        check_layout(connection, path)
    connection.close()
    assert next_step in str(refused.value) and str(path) in str(refused.value)


def test_45_whatever_opens_a_warehouse_asks_for_its_layout() -> None:
    opening, asking = set(), set()
    for path in Path(pipelines.__file__).parent.rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        if " open_warehouse(" in code and path.name != "warehouse.py":
            opening.add(path.name)
        if "check_layout(" in code or "layout_of(" in code:
            asking.add(path.name)
    assert {"run.py", "query.py", "status.py"} <= opening
    # state.py reads the names of the loaded files, of every layout: they must not be lost by building anew.
    assert opening - asking == {"state.py"}
