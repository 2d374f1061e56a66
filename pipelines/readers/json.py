"""JSON: an array of objects, or an object with one such array in it, read as if it were JSON Lines.

The file is taken apart in a stream, element by element; nothing but the element at hand is in memory.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

import duckdb

from pipelines.errors import InputRefused
from pipelines.readers import jsonl
from pipelines.readers.document import Head
from pipelines.readers.text import NO_JSON, ReadResult, damaged, head_text, plain_text

CHUNK = 1 << 20
BLANKS = " \t\r\n"


def recognise(head: Head) -> bool:
    """It begins as an array or an object, and is not one object a line."""
    text = head_text(head.start)
    if text.startswith("["):
        # [2026-03-01] is the beginning of a line of chat, [{ of a list of objects.
        return text[1:].lstrip()[:1] in ("{", "]", "")
    if not text.startswith("{") or head.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson")):
        return False
    first, _, rest = text.partition("\n")
    try:
        lists = any(_lists_objects(value) for value in json.loads(first).values())
    except NO_JSON:
        return True
    return lists and not rest.strip()


def headers(path: Path, head: bytes) -> tuple[str, ...]:
    """The keys of the first object, where it stands in the first bytes; else ()."""
    scanner = _Scanner(None, head_text(head))
    try:
        for _, element in scanner.elements():
            return tuple(json.loads(element))
    except NO_JSON:
        pass
    return ()


@contextmanager
def read(connection: duckdb.DuckDBPyConnection, path: Path, is_careful: bool = False) -> Iterator[ReadResult]:
    """What the file holds, to be read within the block.

    Raises InputRefused on a file that is cut short or no JSON, and on one with several lists.
    """
    with tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder:
        lines = Path(folder) / path.name
        names: list[str] = []
        with plain_text(path) as plain:
            encoding = plain.encoding
            with (
                plain.path.open(encoding="utf-8-sig", newline="") as source,
                lines.open("w", encoding="utf-8", newline="") as out,
            ):
                try:
                    for name, element in _Scanner(source, "").elements():
                        if name not in names:
                            names.append(name)
                        # Line ends stand between values only: within text JSON writes them otherwise.
                        out.write(element.replace("\n", " ").replace("\r", " ") + "\n")
                except ValueError as error:
                    raise damaged(path.name, error) from error
        if len(names) > 1:
            raise InputRefused(
                f"{path.name}: holds several lists ({', '.join(names)}). Save the one that is the export as "
                "a file of its own."
            )
        with jsonl.read(connection, lines, is_careful) as seen:
            yield replace(seen, source_format="json", encoding=encoding)


@dataclass
class _Scanner:
    """Finds the lists of objects in a JSON text that is longer than memory: `source` is read into `text` as
    it is needed, and what was looked at is dropped.
    """

    source: TextIO | None
    text: str
    place: int = 0

    def elements(self) -> Iterator[tuple[str, str]]:
        """(name of the list, JSON of one of its objects), in order. Raises ValueError where it is no JSON."""
        try:
            yield from self._value("the list")
        except RecursionError:
            raise ValueError("it nests too deep") from None
        if self._peek():
            raise ValueError("text after its end")

    def _value(self, name: str) -> Iterator[tuple[str, str]]:
        if self._peek() == "[":
            yield from self._array(name)
        elif self._peek() == "{":
            yield from self._object(name)
        else:
            self._raw()

    def _object(self, name: str) -> Iterator[tuple[str, str]]:
        self._take("{")
        while self._peek() != "}":
            key = json.loads(self._raw())
            self._take(":")
            yield from self._value(str(key))
            if self._peek() != "}":
                self._take(",")
        self._take("}")

    def _array(self, name: str) -> Iterator[tuple[str, str]]:
        self._take("[")
        while self._peek() != "]":
            is_object = self._peek() == "{"
            element = self._raw()
            if is_object:
                yield name, element
            if self._peek() != "]":
                self._take(",")
        self._take("]")

    def _peek(self) -> str:
        """The next character that is no blank, '' at the end."""
        while True:
            while self.place < len(self.text):
                if self.text[self.place] not in BLANKS:
                    return self.text[self.place]
                self.place += 1
            if not self._more():
                return ""

    def _take(self, wanted: str) -> None:
        if self._peek() != wanted:
            raise ValueError(f"{wanted} is missing")
        self.place += 1

    def _raw(self) -> str:
        """The text of the next value, which is read whole."""
        self._peek()
        size = 0
        while True:
            try:
                _, end = DECODER.raw_decode(self.text, self.place)
                # A number at the end of what was read may go on.
                if end < len(self.text) or not self._more():
                    break
            except json.JSONDecodeError as error:
                # Broken, or only not read to its end: twice as much each time, so that this ends soon.
                size = max(2 * size, CHUNK)
                if size > jsonl.MAX_LINE_BYTES or not self._more(size):
                    raise ValueError(error.msg) from None
        value = self.text[self.place : end]
        self.place = end
        return value

    def _more(self, size: int = CHUNK) -> bool:
        chunk = self.source.read(size) if self.source is not None else ""
        self.text, self.place = self.text[self.place :] + chunk, 0
        return bool(chunk)


DECODER = json.JSONDecoder(strict=False)


def _lists_objects(value: object) -> bool:
    if isinstance(value, dict):
        return any(_lists_objects(inner) for inner in value.values())
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)
