"""JSON Lines: one object a line, each line parsed by itself so that a broken one is rejected alone.

The keys of all lines are the headers; nested values are their JSON text. Rows are numbered by line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.readers.document import Head
from pipelines.readers.text import NO_JSON, ReadResult, damaged, head_text, plain_text
from pipelines.warehouse import file_literal, literal

MAX_LINE_BYTES = 16 << 20


def recognise(head: Head) -> bool:
    """The first line that is not blank is one JSON object."""
    text, name = head_text(head.start), head.name
    if not text.startswith("{"):
        return False
    line = text.split("\n", 1)[0]
    try:
        return isinstance(json.loads(line), dict)
    except NO_JSON:
        # A line longer than the head, or a first line that is broken: the file name decides.
        return any(part in name.lower() for part in (".jsonl", ".ndjson"))


def headers(path: Path, head: bytes) -> tuple[str, ...]:
    """The keys of the first object; () where the first line is none."""
    line = head_text(head).split("\n", 1)[0]
    try:
        first = json.loads(line)
    except NO_JSON:
        return ()
    return tuple(first) if isinstance(first, dict) else ()


@contextmanager
def read(connection: duckdb.DuckDBPyConnection, path: Path, is_careful: bool = False) -> Iterator[ReadResult]:
    """What the file holds, to be read within the block. Raises InputRefused on a damaged file."""
    with plain_text(path) as plain:
        # Delimiters that no JSON text contains unescaped keep every line in one column.
        lines = f"""
            (select row_number() over () as row_number, ltrim(line, chr(65279)) as line
            from read_csv(
                {file_literal(plain.path)}, columns = {{'line': 'varchar'}}, header = false,
                auto_detect = false,
                delim = '\x1f\x1e\x1f\x1e', quote = '', escape = '', max_line_size = {MAX_LINE_BYTES},
                compression = 'none', hive_partitioning = false))
        """
        # A case, not an `and`: DuckDB may ask the second question first, and a broken line fails it.
        is_object = "case when json_valid(line) then json_type(line) = 'OBJECT' else false end"
        try:
            keys = connection.execute(
                f"select distinct unnest(json_keys(line)) as key from {lines} where {is_object} order by key"
            ).fetchall()
            bad = connection.execute(
                f"select row_number from {lines} where trim(line) <> '' and not ({is_object}) "
                "order by row_number"
            ).fetchall()
        except duckdb.Error as error:
            raise damaged(path.name, error) from error
        headers = tuple(row[0] for row in keys)
        # All keys at once: each line is parsed once, whatever the number of columns.
        paths = ", ".join(literal("/" + key.replace("~", "~0").replace("/", "~1")) for key in headers)
        columns = "".join(f", cells[{i}] as c{i - 1}" for i in range(1, len(headers) + 1))
        relation = f"""
            (select row_number{columns}
            from (
                select row_number, json_extract_string(line, [{paths}]) as cells
                from {lines} where {is_object}))
        """
        bad_rows = tuple((row[0], "the line is not one JSON object") for row in bad)
        yield ReadResult(
            "jsonl",
            plain.encoding,
            headers,
            relation if headers else "",
            has_row_numbers=True,
            bad_rows=bad_rows,
            has_guards=plain.traits.has_guards,
            notes=plain.traits.notes,
        )
