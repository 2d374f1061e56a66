"""Files with rows that do not split: each record by itself, so that one broken row costs no other.

Slower than DuckDB's reader (it is Python, streaming) and used only where that one stumbles.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

MAX_RECORD = 4 << 20
OPEN_QUOTE = "a quotation mark is not closed, or text follows it"
TOO_LONG = f"the row is longer than {MAX_RECORD >> 20} MB"


def write_clean(
    source: Path, target: Path, delimiter: str, columns: int, header_rows: int
) -> tuple[tuple[int, str], ...]:
    """Write the rows that split into `columns` cells as CSV with their number in front; no header.

    Rows are numbered from 1 below the first `header_rows`; blank lines do not count. Returns (row_number,
    reason) of the others.
    """
    bad: list[tuple[int, str]] = []
    with source.open(encoding="utf-8-sig", newline="") as handle, RowWriter(target) as writer:
        for number, (cells, reason) in enumerate(records(handle, delimiter), start=1 - header_rows):
            if number < 1:
                continue
            if reason is None and len(cells) != columns:
                word = "fewer" if len(cells) < columns else "more"
                reason = f"the row has {word} than the header's {columns} columns"
            if reason is None:
                writer.write(number, cells)
            else:
                bad.append((number, reason))
    return tuple(bad)


class RowWriter:
    """A context that writes rows to a file as `csv.clean_relation` reads them."""

    def __init__(self, target: Path) -> None:
        self._handle = target.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._handle, lineterminator="\n")

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.close()

    def write(self, number: int, cells: Sequence[str]) -> None:
        """Add a row; `number` is its place below the headers, from 1."""
        self._writer.writerow([number, *cells])


def records(handle: TextIO, delimiter: str) -> Iterator[tuple[list[str], str | None]]:
    """The records of a file in order: (cells, None) or ([], why it does not split).

    A record that spans lines and does not split is given up for its first line only: reading goes on with the
    next, so that a quotation mark too many does not swallow the rows below it.
    """
    waiting: deque[str] = deque()
    taken: list[str] = []

    def lines() -> Iterator[str]:
        size = 0
        taken.clear()
        while size <= MAX_RECORD:
            line = waiting.popleft() if waiting else handle.readline()
            if not line:
                return
            taken.append(line)
            size += len(line)
            # A line end inside quotes stays; bare returns from old Macs end a line like any other.
            yield line

    limit = csv.field_size_limit(MAX_RECORD)
    try:
        while True:
            reason = None
            cells: list[str] = []
            try:
                cells = next(csv.reader(lines(), delimiter=delimiter, strict=True), [])
            except csv.Error:
                reason = TOO_LONG if len(taken) == 1 and len(taken[0]) > MAX_RECORD else OPEN_QUOTE
            if not taken:
                return
            if reason is not None:
                waiting.extendleft(reversed(taken[1:]))
            elif not cells or not "".join(taken).strip():
                continue
            yield cells, reason
    finally:
        csv.field_size_limit(limit)
