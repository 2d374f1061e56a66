"""Documents: exports that hold several kinds of rows at once (a chat with its joins and messages).

A document reader is a module that splits such a file into one relation per canonical kind, with the
canonical columns as text; typing, keys, rejects and de-duplication are the loader's, as for any table.
"""

from __future__ import annotations

import csv
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from pipelines.contract import CONTRACT, EventKind
from pipelines.readers.archive import NO_ZIP
from pipelines.readers.text import ReadResult
from pipelines.warehouse import file_literal

# Beside the canonical columns a message may carry its text: it is reduced at load and never stored.
TEXT = "text"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
REDUCED = ("text_length", "is_question", "is_emoji_only")


@dataclass(frozen=True)
class Head:
    """What is known of a file before it is read: its name, its first (unpacked) bytes, and the names inside
    where it is a zip archive.
    """

    name: str
    start: bytes
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """What a document held.

    `parts` has a relation per kind, `exported_at` (naive UTC) and `covered` (business days) are what the
    document says about itself, `notes` what the user should know (rows that are no events are counted there).
    """

    parts: Mapping[EventKind, ReadResult]
    exported_at: datetime | None = None
    covered: tuple[date, date] | None = None
    notes: tuple[str, ...] = ()


@dataclass
class Sink:
    """Takes the rows of a document one by one and keeps them in a folder, one CSV per kind.

    `row` takes canonical columns as text (and `text` of a message); None and missing cells are empty.
    """

    folder: Path
    source_format: str
    encoding: str
    _files: dict[EventKind, IO[str]] = field(default_factory=dict)
    _writers: dict[EventKind, Callable[[list[str | int]], object]] = field(default_factory=dict)
    _bad: dict[EventKind, list[tuple[int, str]]] = field(default_factory=dict)
    _ignored: dict[str, int] = field(default_factory=dict)
    _notes: list[str] = field(default_factory=list)
    _kinds: list[EventKind] = field(default_factory=list)

    def __enter__(self) -> Sink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._files.values():
            with suppress(OSError):
                handle.close()

    def holds(self, *kinds: EventKind) -> None:
        """Say that the document is an export of these kinds, also where it has no row of them."""
        for kind in kinds:
            if kind not in self._kinds:
                self._kinds.append(kind)

    @property
    def kinds(self) -> tuple[EventKind, ...]:
        """The kinds it holds so far."""
        return tuple(self._kinds)

    def row(self, kind: EventKind, number: int, cells: Mapping[str, str | int | None]) -> None:
        """Add a row; `number` is its place in the document, from 1. Raises KeyError on an unknown column."""
        if kind not in self._writers:
            self.holds(kind)
            path = self.folder / f"{kind}.csv"
            handle = path.open("w", encoding="utf-8", newline="", errors="surrogatepass")
            self._files[kind] = handle
            self._writers[kind] = csv.writer(handle, lineterminator="\n").writerow
        columns = _columns(kind)
        if not cells.keys() <= columns.keys():
            raise KeyError(f"{kind} has no column {', '.join(sorted(cells.keys() - columns.keys()))}")
        told = [cells.get(name) for name in columns]
        self._writers[kind]([number, *["" if value is None else _clean(value) for value in told]])

    def reject(self, kind: EventKind, number: int, reason: str) -> None:
        """A row of the document that cannot be one of `kind`; it is counted and kept with its reason."""
        self.holds(kind)
        self._bad.setdefault(kind, []).append((number, reason))

    def ignore(self, what: str) -> None:
        """Count something of the document that is no event at all (a pinned message, a changed title)."""
        self._ignored[what] = self._ignored.get(what, 0) + 1

    def note(self, text: str) -> None:
        """Something the user should know about the document; each text once."""
        if text not in self._notes:
            self._notes.append(text)

    def document(
        self, exported_at: datetime | None = None, covered: tuple[date, date] | None = None
    ) -> Document:
        """Close the files and give what they hold, readable until the folder is gone."""
        for handle in self._files.values():
            handle.close()
        parts = {kind: self._part(kind) for kind in self._kinds}
        ignored = [f"{count:,} × {what} is no event and stays out" for what, count in self._ignored.items()]
        return Document(parts, exported_at, covered, (*self._notes, *sorted(ignored)))

    def _part(self, kind: EventKind) -> ReadResult:
        headers = tuple(_columns(kind)) if kind in self._files else ()
        bad = tuple(self._bad.get(kind, ()))
        if not headers:
            return ReadResult(self.source_format, self.encoding, (), bad_rows=bad)
        types = ", ".join(f"'c{i}': 'varchar'" for i in range(len(headers)))
        relation = (
            f"read_csv({file_literal(self.folder / f'{kind}.csv')}, "
            f"columns = {{'row_number': 'bigint', {types}}}, header = false, auto_detect = false, "
            "delim = ',', quote = '\"', escape = '\"', strict_mode = true, nullstr = '', "
            "new_line = '\\n', max_line_size = 16777216, compression = 'none', hive_partitioning = false)"
        )
        return ReadResult(
            self.source_format, self.encoding, headers, relation, has_row_numbers=True, bad_rows=bad,
            is_document=True,
        )  # fmt: skip


@cache
def _columns(kind: EventKind) -> dict[str, int]:
    """The columns of a kind of rows and their places; the text stands for the columns that come out of it."""
    names = CONTRACT[kind].names
    if kind == "message":
        names = (*(name for name in names if name not in REDUCED), TEXT)
    return {name: place for place, name in enumerate(names)}


def _clean(value: str | int) -> str:
    """Control bytes other than line ends are no part of any text; a lone surrogate has no UTF-8."""
    text = str(value)
    if text.isascii() and text.isprintable():
        return text
    return CONTROL.sub("", text).encode("utf-8", errors="replace").decode("utf-8")


def scalar(value: Any) -> str | None:
    """An id, word or number of a document as text; None of anything else: what a list or an object holds
    belongs in no cell.
    """
    return (
        str(value) or None if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    )


def plain_name(text: str) -> str:
    """A name as people are told apart by it: composed (NFC), without control bytes, trimmed."""
    return unicodedata.normalize("NFC", _clean(text)).strip()


def zip_members(path: Path) -> tuple[str, ...]:
    """Names inside a zip archive, () where it is none or is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(archive.namelist())
    except NO_ZIP:
        return ()
