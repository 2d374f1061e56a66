"""Parquet, read by DuckDB; every column becomes text, and is typed by the mapping like any other format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import InputRefused
from pipelines.readers.text import ReadResult
from pipelines.warehouse import literal, quote


def recognise(head: bytes, name: str) -> bool:
    """Parquet files begin with a magic number."""
    return head.startswith(b"PAR1")


@contextmanager
def read(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> Iterator[ReadResult]:
    """Make the temporary view `name` for the length of the block. Raises InputRefused on a damaged file."""
    source = f"read_parquet({literal(str(path))}, file_row_number = true)"
    try:
        described = connection.execute(f"describe select * from {source}").fetchall()
    except duckdb.Error as error:
        raise InputRefused(
            f"{path.name}: the Parquet file is cut short or damaged ({str(error).splitlines()[0]}). "
            "Export or copy it again; nothing of it was loaded."
        ) from error
    headers = tuple(row[0] for row in described if row[0] != "file_row_number")
    columns = ", ".join(f"cast({quote(h)} as varchar) as {quote(h)}" for h in headers)
    connection.execute(
        f"create or replace temp view {quote(name)} as "
        f"select file_row_number + 1 as row_number, {columns} from {source}"
    )
    yield ReadResult("parquet", "binary", headers)
