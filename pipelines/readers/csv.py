"""CSV and TSV: the dialect is decided from the header line, every column is read as text, never sniffed.

A clean file is read by DuckDB alone, strictly. A file with rows that do not split, with titles above
its headers or with the line ends of an old Macintosh goes through `csv_rows`, which finds each row and its
number.
"""

from __future__ import annotations

import codecs
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import duckdb

from pipelines.readers.csv_rows import MAX_RECORD, records, write_clean
from pipelines.readers.document import Head
from pipelines.readers.text import ReadResult, encodings_of, plain_text
from pipelines.readers.top import TOP_ROWS, Top, find_top
from pipelines.warehouse import file_literal, literal

DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True)
class Layout:
    """How the file is written: its delimiter, its headers and where they end, how its first line ends (''
    where it does not), and whether blank lines stand above.
    """

    delimiter: str
    top: Top
    line_end: str
    has_blank: bool


def recognise(head: Head) -> bool:
    """Text with a header line; the last reader asked, so that everything textual ends here."""
    return bool(encodings_of(head.start))


def headers(path: Path, head: bytes) -> tuple[str, ...]:
    """The header cells, from the first bytes of the file; () where they do not decode."""
    for encoding in encodings_of(head):
        try:
            # The head may end within a character, and its last line within a row.
            text = codecs.getincrementaldecoder(encoding)("strict").decode(head)
        except UnicodeDecodeError:
            continue
        with tempfile.SpooledTemporaryFile(
            1 << 20, "w+", encoding="utf-8", newline="", prefix="groupfunnel-"
        ) as file:
            file.write(text.removeprefix("\ufeff"))
            file.seek(0)
            layout = _layout(file)  # type: ignore[arg-type]
        return layout.top.headers if layout else ()
    return ()


@contextmanager
def read(connection: duckdb.DuckDBPyConnection, path: Path, is_careful: bool = False) -> Iterator[ReadResult]:
    """What the file holds, to be read within the block.

    Without `is_careful` selecting from the relation raises duckdb.Error when any row does not split; with
    it those
    rows are `bad_rows`. Raises InputRefused when the file cannot be decoded.
    """
    with plain_text(path) as plain:
        with plain.path.open(encoding="utf-8-sig", newline="") as handle:
            layout = _layout(handle)
        if layout is None:
            yield ReadResult("csv", plain.encoding, ())
            return
        headers = layout.top.headers
        kind = "tsv" if layout.delimiter == "\t" else "csv"
        traits = plain.traits
        # In a file of one column a blank line is a row to DuckDB; and it takes a leading one for the header.
        is_plain = layout.top.rows == 1 and layout.line_end != "\r" and not layout.has_blank
        if is_plain and not is_careful and len(headers) > 1:
            names = [f"c{i}" for i in range(len(headers))]
            relation = _relation(
                plain.path, layout.delimiter, names, has_header=True, has_newlines=layout.line_end != "\r\n"
            )
            yield ReadResult(
                kind, plain.encoding, headers, relation, has_lost_text=traits.has_lost_text,
                has_wide_blanks=traits.has_wide_blanks, has_guards=traits.has_guards,
                has_scientific=traits.has_scientific, notes=traits.notes,
            )  # fmt: skip
            return
        with tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder:
            clean = Path(folder) / "clean.csv"
            bad_rows = write_clean(plain.path, clean, layout.delimiter, len(headers), layout.top.rows)
            yield ReadResult(
                kind, plain.encoding, headers, clean_relation(clean, len(headers)),
                has_row_numbers=True, bad_rows=bad_rows, has_lost_text=traits.has_lost_text,
                has_wide_blanks=traits.has_wide_blanks, has_guards=traits.has_guards,
                has_scientific=traits.has_scientific, notes=traits.notes,
            )  # fmt: skip


def clean_relation(path: Path, columns: int) -> str:
    """SQL of a file as csv_rows writes it: `row_number`, and one text column per header."""
    names = ["row_text", *(f"c{i}" for i in range(columns))]
    rows = _relation(path, ",", names, has_header=False, has_newlines=True)
    return f"(select cast(row_text as bigint) as row_number, * exclude (row_text) from {rows})"


def _relation(path: Path, delimiter: str, names: list[str], *, has_header: bool, has_newlines: bool) -> str:
    types = ", ".join(f"'{name}': 'varchar'" for name in names)
    # Told the line end, DuckDB takes a return inside quotes for text.
    end = ", new_line = '\\n'" if has_newlines else ""
    return (
        f"read_csv({file_literal(path)}, columns = {{{types}}}, header = {str(has_header).lower()}, "
        f"auto_detect = false, delim = {literal(delimiter)}, quote = '\"', escape = '\"', "
        f"strict_mode = true, "
        f"max_line_size = {MAX_RECORD}, nullstr = '', compression = 'none', hive_partitioning = false{end})"
    )


def _layout(handle: TextIO) -> Layout | None:
    """How a file is written, by its first rows; None where it holds nothing."""
    start, first = 0, ""
    for first in iter(handle.readline, ""):
        if first.strip():
            break
        start += len(first)
    if not first.strip():
        return None
    # Titles have few delimiters or none: the row that has most of one kind tells it.
    handle.seek(0)
    lines = [line for line in islice(iter(lambda: handle.readline(MAX_RECORD), ""), TOP_ROWS) if line.strip()]
    delimiter = _delimiter(lines)
    handle.seek(0)
    rows = [cells for cells, reason in islice(records(handle, delimiter), TOP_ROWS) if reason is None]
    end = first[len(first.rstrip("\r\n")) :]
    return Layout(delimiter, find_top(rows), end, start > 0)


def _delimiter(lines: list[str]) -> str:
    counts = [max(DELIMITERS, key=line.count) for line in lines]
    return counts[0] if lines[0].count(counts[0]) else max(counts, key=counts.count)
