"""CSV and TSV: the dialect is decided from the header line, every column is read as text, never sniffed.

A clean file is read by DuckDB alone, strictly. A file with rows that do not split goes through `csv_rows`,
which finds each of them and their numbers.
"""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import InputRefused
from pipelines.readers.csv_rows import MAX_RECORD, write_clean
from pipelines.readers.text import UTF16_MARKS, ReadResult, plain_text
from pipelines.warehouse import file_literal, literal

DELIMITERS = (",", "\t", ";", "|")


def recognise(head: bytes, name: str) -> bool:
    """Text with a header line; the last reader asked, so that everything textual ends here."""
    return b"\x00" not in head or head.startswith(UTF16_MARKS)


def header_of(text: str, name: str) -> tuple[str, list[str]]:
    """Delimiter and header cells of a CSV's first record; a cell without a name gets its position as name.

    Raises InputRefused when two columns have the same name.
    """
    if "\r" in text.rstrip("\r\n").replace("\r\n", "\n"):
        raise InputRefused(
            f"{name}: its lines end as on an old Macintosh, so that it reads as one line. "
            "Save it as 'CSV UTF-8' and try again."
        )
    line = text.split("\n", 1)[0].rstrip("\r")
    delimiter = max(DELIMITERS, key=line.count)
    cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    seen: set[str] = set()
    for cell in (c.strip() for c in cells):
        if cell and cell in seen:
            raise InputRefused(f"{name}: two columns are called {cell!r}. Rename one of them.")
        seen.add(cell)
    return delimiter, [cell if cell.strip() else f"column {i}" for i, cell in enumerate(cells, start=1)]


def headers(path: Path, head: bytes) -> tuple[str, ...]:
    """The header cells, from the first bytes of the file; () where they do not decode."""
    for encoding in ("utf-16",) if head.startswith(UTF16_MARKS) else ("utf-8-sig", "gb18030"):
        try:
            # The head may end within a character.
            text = codecs.getincrementaldecoder(encoding)("strict").decode(head)
        except UnicodeDecodeError:
            continue
        lines = text.lstrip("\r\n").splitlines()
        return tuple(header_of(lines[0] + "\n", path.name)[1]) if lines else ()
    return ()


@contextmanager
def read(connection: duckdb.DuckDBPyConnection, path: Path, is_careful: bool = False) -> Iterator[ReadResult]:
    """What the file holds, to be read within the block.

    Without `is_careful` selecting from the relation raises duckdb.Error when any row does not split; with
    it those
    rows are `bad_rows`. Raises InputRefused when the file cannot be decoded or its header is no header.
    """
    with plain_text(path) as plain:
        blank, first = _first_record(plain.path)
        if not first.strip():
            yield ReadResult("csv", plain.encoding, ())
            return
        delimiter, headers = header_of(first, path.name)
        kind = "tsv" if delimiter == "\t" else "csv"
        # In a file of one column a blank line is a row to DuckDB; and it takes a leading one for the header.
        if not (is_careful or blank or len(headers) == 1):
            names = [f"c{i}" for i in range(len(headers))]
            relation = _relation(
                plain.path, delimiter, names, has_header=True, has_newlines=not first.endswith("\r\n")
            )
            yield ReadResult(
                kind, plain.encoding, tuple(headers), relation,
                has_lost_text=plain.has_lost_text, has_wide_blanks=plain.has_wide_blanks,
            )  # fmt: skip
            return
        with tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder:
            clean = Path(folder) / "clean.csv"
            bad_rows = write_clean(plain.path, clean, delimiter, len(headers))
            names = ["row_text", *(f"c{i}" for i in range(len(headers)))]
            rows = _relation(clean, ",", names, has_header=False, has_newlines=True)
            yield ReadResult(
                kind, plain.encoding, tuple(headers),
                f"(select cast(row_text as bigint) as row_number, * exclude (row_text) from {rows})",
                has_row_numbers=True, bad_rows=bad_rows,
                has_lost_text=plain.has_lost_text, has_wide_blanks=plain.has_wide_blanks,
            )  # fmt: skip


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


def _first_record(path: Path) -> tuple[bool, str]:
    """Whether blank lines stand before the header, and the header record."""
    record, has_blank = "", False
    with path.open(encoding="utf-8-sig", newline="") as handle:
        for line in handle:
            if not record and not line.strip():
                has_blank = True
                continue
            record += line
            if record.count('"') % 2 == 0 or len(record) > MAX_RECORD:
                break
    return has_blank, record
