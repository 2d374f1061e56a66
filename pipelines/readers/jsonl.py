"""JSON Lines: one object a line, each line parsed by itself so that a broken one is rejected alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.readers.text import ReadResult, detect_encoding, utf8_copy
from pipelines.warehouse import literal, quote

MAX_LINE_BYTES = 16 << 20


def recognise(head: bytes, name: str) -> bool:
    """The first line that is not blank is one JSON object."""
    text = head.decode("utf-8-sig", errors="ignore").lstrip()
    if not text.startswith("{"):
        return False
    line = text.split("\n", 1)[0]
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        # A line longer than the head, or a first line that is broken: the file name decides.
        return any(part in name.lower() for part in (".jsonl", ".ndjson"))


@contextmanager
def read(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> Iterator[ReadResult]:
    """Make the temporary view `name` for the length of the block."""
    encoding = detect_encoding(path)
    with utf8_copy(path, encoding) as plain:
        lines = quote(f"{name}_lines")
        # A delimiter and quote that no JSON text contains unescaped keep every line in one column.
        connection.execute(
            f"""
            create or replace temp view {lines} as
            select row_number() over () as row_number, ltrim(line, chr(65279)) as line
            from read_csv(
                {literal(str(plain))}, columns = {{'line': 'varchar'}}, header = false, auto_detect = false,
                delim = '\x1f', quote = '', escape = '', max_line_size = {MAX_LINE_BYTES}, null_padding = true)
            """
        )
        keys = connection.execute(
            f"""
            select distinct unnest(json_keys(line)) as key from {lines}
            where json_valid(line) and json_type(line) = 'OBJECT' order by key
            """
        ).fetchall()
        headers = tuple(row[0] for row in keys)
        bad = connection.execute(
            f"""
            select row_number from {lines}
            where trim(line) <> '' and not (json_valid(line) and coalesce(json_type(line) = 'OBJECT', false))
            order by row_number
            """
        ).fetchall()
        columns = "".join(
            ", json_extract_string(line, {}) as {}".format(literal(f'$."{key}"'), quote(key)) for key in headers
        )
        connection.execute(
            f"""
            create or replace temp view {quote(name)} as
            select row_number{columns} from {lines}
            where json_valid(line) and json_type(line) = 'OBJECT'
            """
        )
        yield ReadResult(
            "jsonl", encoding, headers, tuple((row[0], "the line is not one JSON object") for row in bad)
        )
