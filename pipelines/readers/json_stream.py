"""JSON larger than memory: the containers that are asked for are walked, everything below is one value.

Telegram Desktop writes control bytes as `\\x0F`, which no JSON knows; that is read as it is meant. Bare
control bytes inside a text are read too. Nothing else that is broken is: a document is trusted whole or not
at all.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from pipelines.errors import InputRefused
from pipelines.readers.archive import open_member
from pipelines.readers.text import damaged

Place = tuple[str, ...]
# Path part of the elements of a list, and the value that tells that a walked container is over.
EACH = "*"
END: Any = object()
CHUNK = 1 << 20
# A message has a few thousand characters; what is longer than this is no list of messages.
MAX_VALUE = 1 << 26
MAX_UNPACKED = 1 << 34
# How far before the end of the text an error can be the fault of what has not been read yet.
MARGIN = 16
BLANK = re.compile(r"[ \t\n\r]*")
ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
DECODER = json.JSONDecoder(strict=False)


@contextmanager
def json_bytes(path: Path, member: str | None = None) -> Iterator[IO[bytes]]:
    """The bytes of a JSON file, plain or gzipped, or of a member of a zip.

    Raises InputRefused when the packing is damaged.
    """
    if member is not None:
        with open_member(path, member, MAX_UNPACKED) as stream:
            yield stream
        return
    try:
        with path.open("rb") as handle:
            is_packed = handle.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if is_packed else path.open("rb") as plain:
            yield plain  # type: ignore[misc]
    except (OSError, EOFError, zlib.error) as error:
        raise damaged(path.name, error) from error


def walk(handle: IO[bytes], name: str, opened: frozenset[Place]) -> Iterator[tuple[Place, Any]]:
    """(place, value) of everything in a JSON document, in order, where places in `opened` are walked into.

    The root is `()`, a key of it `("key",)`, an element of a list there `("key", EACH)`. A container that was
    walked ends with `(place, END)`. Raises InputRefused when the document is cut short, broken or no UTF-8.
    """
    text = _Text(handle, name)
    yield from _value(text, (), opened)
    if text.mark() != "":
        raise text.broken("something follows the end of the document")


@dataclass
class _Text:
    """A window on the text of a document: `text[at:]` has been read and not been used."""

    handle: IO[bytes]
    name: str
    text: str = ""
    at: int = 0
    passed: int = 0
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8-sig")("strict")
    )
    _is_over: bool = False

    def more(self) -> bool:
        """Read on; False at the end of the document."""
        if self._is_over:
            return False
        # Twice as much each time, so that a long value is not parsed anew for every chunk of it.
        chunk = self.handle.read(max(CHUNK, len(self.text) - self.at))
        self._is_over = not chunk
        try:
            new = self._decoder.decode(chunk, final=self._is_over)
        except UnicodeDecodeError as error:
            raise InputRefused(
                f"{self.name}: is no UTF-8 text, as JSON always is. Export it again; nothing was loaded."
            ) from error
        self.passed += self.at
        self.text = self.text[self.at :] + new
        self.at = 0
        return bool(new) or not self._is_over

    def mark(self) -> str:
        """The next character that is not blank; '' at the end of the document."""
        while True:
            self.at = BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def take(self, wanted: str) -> str:
        """The next mark, which must be one of `wanted`."""
        mark = self.mark()
        if mark == "" or mark not in wanted:
            raise self.broken("" if mark == "" else f"one of {wanted} is missing")
        self.at += 1
        return mark

    def value(self) -> Any:
        """The value that stands next, whole."""
        self.mark()
        is_repaired = False
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if error.msg.startswith("Invalid \\escape") and not is_repaired:
                    self.text = self.text[: self.at] + ESCAPE.sub(_meant, self.text[self.at :])
                    is_repaired = True
                    continue
                is_cut = error.msg.startswith("Unterminated") or error.pos >= len(self.text) - MARGIN
                if not is_cut or len(self.text) - self.at > MAX_VALUE:
                    raise self.broken(error.msg, error.pos) from error
                if not self.more():
                    raise self.broken("") from error
                is_repaired = False
                continue
            except RecursionError as error:
                raise self.broken("it nests too deep") from error
            except ValueError as error:
                raise self.broken("a number has thousands of digits") from error
            # A number near the end of what was read may go on: 0 of 0.5.
            length = end - self.at
            if type(value) in (int, float) and end >= len(self.text) - MARGIN and self.more():
                continue
            self.at += length
            return value

    def broken(self, reason: str, at: int | None = None) -> InputRefused:
        """The refusal of the document; without a reason, for being cut short."""
        if not reason:
            return damaged(self.name, "its JSON ends in the middle")
        place = self.passed + (self.at if at is None else at)
        return damaged(self.name, f"no JSON at character {place + 1:,}: {reason}")


def _value(text: _Text, place: Place, opened: frozenset[Place]) -> Iterator[tuple[Place, Any]]:
    if place not in opened or text.mark() not in ("{", "["):
        yield place, text.value()
        return
    is_object = text.take("{[") == "{"
    close = "}" if is_object else "]"
    if text.mark() == close:
        text.take(close)
        yield place, END
        return
    while True:
        key = EACH
        if is_object:
            if text.mark() != '"':
                raise text.broken("" if text.mark() == "" else "a key is missing")
            key = text.value()
            text.take(":")
        yield from _value(text, (*place, key), opened)
        if text.take("," + close) == close:
            yield place, END
            return


def _meant(match: re.Match[str]) -> str:
    return f"\\u00{match[1]}" if match[1] else match[0]
