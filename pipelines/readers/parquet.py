"""Parquet, read by DuckDB; every column becomes text, and is typed by the mapping like any other format."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.readers.document import Head
from pipelines.readers.text import GZIP_MARK, ReadResult, damaged, unpack
from pipelines.warehouse import file_literal, quote


def recognise(head: Head) -> bool:
    """Parquet files begin with a magic number."""
    return head.start.startswith(b"PAR1")


def headers(path: Path, head: bytes) -> tuple[str, ...]:
    """The column names. Raises duckdb.Error on a damaged file."""
    with duckdb.connect() as connection:
        rows = connection.execute(f"select name from parquet_schema({file_literal(path)})").fetchall()
    # The first entry is the schema itself.
    return tuple(str(row[0]) for row in rows[1:])


@contextmanager
def read(connection: duckdb.DuckDBPyConnection, path: Path, is_careful: bool = False) -> Iterator[ReadResult]:
    """What the file holds, to be read within the block. Raises InputRefused on a damaged file."""
    with path.open("rb") as probe:
        packed = probe.read(2) == GZIP_MARK
    with tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder:
        plain = path
        if packed:
            plain = Path(folder) / "unpacked.parquet"
            unpack(path, plain)
        source = f"read_parquet({file_literal(plain)}, hive_partitioning = false)"
        try:
            described = connection.execute(f"describe select * from {source}").fetchall()
        except duckdb.Error as error:
            raise damaged(path.name, error) from error
        headers = tuple(row[0] for row in described)
        columns = ", ".join(f"cast({quote(h)} as varchar) as c{i}" for i, h in enumerate(headers))
        yield ReadResult("parquet", "binary", headers, f"(select {columns} from {source})")
