"""Spreadsheets (.xlsx, .xls, .xlsb, .ods): one sheet becomes rows of text, as they would stand in a CSV.

Numbers keep the digits that the file has: an id of more than 15 digits was rounded when it was saved, and is
given in scientific notation, which no id is read from.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from pipelines.errors import InputRefused
from pipelines.headers import knows
from pipelines.readers.archive import open_archive
from pipelines.readers.csv import clean_relation
from pipelines.readers.csv_rows import RowWriter
from pipelines.readers.document import Head
from pipelines.readers.text import CHUNK, ReadResult, damaged
from pipelines.readers.top import TOP_ROWS, Top, find_top

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PARTS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
# What may come out of a workbook; all of a sheet is held in memory, and one has a million rows at the most.
LIMIT_BYTES = 2 << 30
# Above this a number has digits that a spreadsheet does not keep.
EXACT = 10**15
EPOCHS = {False: "1899-12-30", True: "1904-01-01"}


def recognise(head: Head) -> bool:
    """A zip with a workbook in it, or one that is damaged; or the format of before 2007."""
    if head.start.startswith(b"PK\x03\x04") and not head.members:
        return True
    return head.start.startswith(OLD) or any(part in head.members for part in PARTS)


def headers(path: Path, head: bytes) -> tuple[str, ...]:
    """The headers of the sheet that is read. Raises InputRefused on a damaged file."""
    with _workbook(path) as book:
        _, top, _ = _choose(book, path)
    return top.headers if top else ()


@contextmanager
def read(connection: duckdb.DuckDBPyConnection, path: Path, is_careful: bool = False) -> Iterator[ReadResult]:
    """What the sheet holds, to be read within the block: the first whose headers some mapping knows, else
    the first that holds anything. Raises InputRefused on a file that is damaged or needs a password.
    """
    with _workbook(path) as book, tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder:
        sheet, top, notes = _choose(book, path)
        if sheet is None or top is None:
            yield ReadResult("excel", "binary", (), notes=notes)
            return
        clean = Path(folder) / "clean.csv"
        bad_rows = _write(sheet, top, clean)
        yield ReadResult(
            "excel", "binary", top.headers, clean_relation(clean, len(top.headers)), has_row_numbers=True,
            bad_rows=bad_rows, epoch=_epoch(path), notes=notes,
        )  # fmt: skip


@contextmanager
def _workbook(path: Path) -> Iterator[CalamineWorkbook]:
    try:
        _examine(path)
        book = CalamineWorkbook.from_path(str(path))
    except PasswordError as error:
        raise InputRefused(f"{path.name}: is protected by a password. Save it again without one.") from error
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(path.name, error) from error
    with book:
        yield book


def _examine(path: Path) -> None:
    """Read a zipped workbook to its end, so that one that bursts or is cut short is refused."""
    with path.open("rb") as handle:
        if handle.read(len(OLD)) == OLD:
            return
    with open_archive(path, LIMIT_BYTES) as archive:
        for name in archive.names:
            with archive.open(name) as stream:
                while stream.read(CHUNK):
                    pass


def _choose(book: CalamineWorkbook, path: Path) -> tuple[CalamineSheet | None, Top | None, tuple[str, ...]]:
    """The sheet that is read, its top, and a note that names the others that hold anything."""
    found: list[tuple[CalamineSheet, Top]] = []
    for name in book.sheet_names:
        try:
            sheet = book.get_sheet_by_name(name)
            rows = [[_text(cell) for cell in row] for row in islice(_filled(sheet), TOP_ROWS)]
        except (CalamineError, ValueError) as error:
            if not found:
                raise damaged(path.name, error) from error
            continue
        if rows:
            found.append((sheet, find_top(rows)))
    if not found:
        return None, None, ()
    sheet, top = next(((s, t) for s, t in found if knows(t.headers)), found[0])
    others = [repr(other.name) for other, _ in found if other is not sheet]
    if not others:
        return sheet, top, ()
    left = f"sheet {sheet.name!r} is read; {', '.join(others)} would have to be a file of its own"
    return sheet, top, (left,)


def _filled(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """The rows of a sheet that hold anything, with merged cells given to each of their rows.

    A number stays in the first row of its cell: a total that is merged over the lines of an order is there
    once, and not once a line.
    """
    merged: dict[int, list[tuple[int, int]]] = {}
    for (first, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for below in range(first + 1, bottom + 1):
            merged.setdefault(below, []).append((left, first))
    held: dict[tuple[int, int], Any] = {}
    origins = {cell for cells in merged.values() for cell in cells}
    for place, row in enumerate(sheet.iter_rows()):
        if not any(_text(cell).strip() for cell in row):
            continue
        for column, top in merged.get(place, ()):
            value = held.get((column, top), "")
            if column < len(row) and not _text(row[column]) and not isinstance(value, int | float):
                row[column] = value
        for column, top in origins:
            if top == place and column < len(row):
                held[column, top] = row[column]
        yield row


def _write(sheet: CalamineSheet, top: Top, target: Path) -> tuple[tuple[int, str], ...]:
    """Write the rows below the headers with their number; returns those that have cells beside the table."""
    bad: list[tuple[int, str]] = []
    columns = len(top.headers)
    with RowWriter(target) as writer:
        for number, row in enumerate(islice(_filled(sheet), top.rows, None), start=1):
            cells = [_text(cell) for cell in row]
            if any(cell.strip() for cell in cells[columns:]):
                bad.append((number, f"the row has more than the header's {columns} columns"))
                continue
            writer.write(number, [*cells[:columns], *[""] * (columns - len(cells))])
    return tuple(bad)


def _text(cell: Any) -> str:
    """A cell as text: dates in ISO form, numbers with all their digits and no more."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        if abs(cell) >= EXACT:
            return f"{cell:.14E}"
        return str(int(cell)) if cell == int(cell) else repr(cell)
    if isinstance(cell, datetime):
        # Day counts are not exact beyond a few microseconds.
        return (cell + timedelta(microseconds=500)).replace(microsecond=0).isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell).replace("\x00", "") if cell is not None else ""


def _epoch(path: Path) -> str:
    """Day 0 of the day counts of a workbook, '' where only its formatted cells are known to be dates."""
    with path.open("rb") as handle:
        if handle.read(len(OLD)) == OLD:
            return ""
    with open_archive(path, LIMIT_BYTES) as archive:
        if PARTS[0] not in archive.names:
            return ""
        with archive.open(PARTS[0]) as stream:
            told = re.search(rb'<(?:\w+:)?workbookPr\b[^>]*\bdate1904="(\w+)"', stream.read(CHUNK))
    return EPOCHS[told is not None and told.group(1) in (b"1", b"true", b"on")]
