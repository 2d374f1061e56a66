"""CSV and TSV: the dialect is decided from the header line, every column is read as text, never sniffed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import InputRefused
from pipelines.readers.text import ReadResult, detect_encoding, utf8_copy
from pipelines.warehouse import literal, quote

DELIMITERS = (",", "\t", ";", "|")
MAX_LINE_BYTES = 16 << 20


def recognise(head: bytes, name: str) -> bool:
    """Text with a header line; the last reader asked, so that everything textual ends here."""
    return b"\x00" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))


def header_of(text: str, name: str) -> tuple[str, list[str]]:
    """Delimiter and header cells of a CSV's first record.

    Raises InputRefused when two columns have the same name or the header is not a header.
    """
    line = text.split("\n", 1)[0].rstrip("\r")
    delimiter = max(DELIMITERS, key=line.count)
    cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    seen: set[str] = set()
    for cell in cells:
        if cell.strip() and cell in seen:
            raise InputRefused(f"{name}: two columns are called {cell!r}. Rename one of them.")
        seen.add(cell)
    return delimiter, [cell if cell.strip() else f"column {i}" for i, cell in enumerate(cells, start=1)]


@contextmanager
def read(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> Iterator[ReadResult]:
    """Make the temporary view `name` for the length of the block; rows that do not split are `bad_rows`."""
    encoding = detect_encoding(path)
    with utf8_copy(path, encoding) as plain:
        first = _first_record(plain)
        if not first.strip():
            yield ReadResult("csv", encoding, ())
            return
        delimiter, headers = header_of(first, path.name)
        # DuckDB compares names without case; numbered ones keep `Id` and `ID` apart.
        types = ", ".join(f"'c{i}': 'varchar'" for i in range(len(headers)))
        rejects = f"{name}_rejects"
        source = (
            f"read_csv({literal(str(plain))}, columns = {{{types}}}, header = true, auto_detect = false, "
            f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', strict_mode = true, "
            f"max_line_size = {MAX_LINE_BYTES}, nullstr = '', "
            f"store_rejects = true, rejects_table = {literal(rejects)}, "
            f"rejects_scan = {literal(rejects + '_scans')}, rejects_limit = 0)"
        )
        table = quote(f"{name}_text")
        for leftover in (rejects, rejects + "_scans"):
            connection.execute(f"drop table if exists {quote(leftover)}")
        columns = ", ".join(f"c{i} as {quote(header)}" for i, header in enumerate(headers))
        connection.execute(f"create or replace temp table {table} as select * from {source}")
        bad = connection.execute(
            f"select line, any_value(error_type::varchar) from {quote(rejects)} group by line order by line"
        ).fetchall()
        bad_rows = tuple((max(1, line - 1), _reason(kind, len(headers))) for line, kind in bad)
        # Rows that did not split are missing from the table: those after them move up by their number.
        shift = " + ".join(["0"] + [f"(position >= {row - i})::int" for i, (row, _) in enumerate(bad_rows)])
        connection.execute(
            f"""
            create or replace temp view {quote(name)} as
            select position + {shift if len(bad_rows) <= 1000 else "0"} as row_number, {columns}
            from (select rowid + 1 as position, * from {table})
            """
        )
        try:
            yield ReadResult("tsv" if delimiter == "\t" else "csv", encoding, tuple(headers), bad_rows)
        finally:
            connection.execute(f"drop view if exists {quote(name)}; drop table if exists {table}")


def _first_record(path: Path) -> str:
    import gzip

    with path.open("rb") as probe:
        packed = probe.read(2) == b"\x1f\x8b"
    opener = gzip.open if packed else open
    record = ""
    with opener(path, "rt", encoding="utf-8-sig", newline="") as handle:
        for line in handle:
            record += line
            if record.count('"') % 2 == 0 or len(record) > MAX_LINE_BYTES:
                break
    return record


def _reason(kind: str, columns: int) -> str:
    reasons = {
        "MISSING COLUMNS": f"the row has fewer than the header's {columns} columns",
        "TOO MANY COLUMNS": f"the row has more than the header's {columns} columns",
        "UNQUOTED VALUE": "a quotation mark is not closed",
        "LINE SIZE OVER MAXIMUM": "the row is too long",
        "INVALID ENCODING": "the row is not UTF-8 text",
        "INVALID UNICODE": "the row is not UTF-8 text",
    }
    return reasons.get(kind.upper().replace("_", " "), f"the row cannot be split into columns ({kind.lower()})")
