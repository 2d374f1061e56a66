"""The layout of the raw tables changes together with its version, by which a warehouse of before is known."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipelines.layout import layout_of
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
