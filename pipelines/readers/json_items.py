"""JSON as a stream of objects: a list of them, one after the other, or one a line, never all in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from pipelines.readers.text import PlainText, damaged

CHUNK = 1 << 18
# Control bytes as they are: some programs write them so.
DECODER = json.JSONDecoder(strict=False)
BLANKS = " \t\r\n\ufeff"


def json_items(plain: PlainText, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a file in its order: those of one list, or those that stand one after the other.

    Raises InputRefused, naming the file as `name`, where it is cut short or no JSON.
    """
    with plain.path.open(encoding="utf-8", newline="") as source:
        buffer, at, is_list, is_over, step = source.read(CHUNK), 0, False, False, CHUNK
        is_first = True
        while True:
            while at < len(buffer) and (buffer[at] in BLANKS or (buffer[at] == "," and is_list)):
                at += 1
            if at >= len(buffer):
                buffer, at = source.read(CHUNK), 0
                if not buffer:
                    if is_list and not is_over:
                        _refuse(name, "the list is not closed")
                    return
                continue
            if is_first and buffer[at] == "[":
                is_list, is_first, at = True, False, at + 1
                continue
            is_first = False
            if is_list and buffer[at] == "]":
                is_over, at = True, at + 1
                continue
            try:
                item, end = DECODER.raw_decode(buffer, at)
            except RecursionError:
                _refuse(name, "it nests too deep")
            except ValueError as error:
                more = source.read(step)
                if not more:
                    _refuse(name, str(error).split(":", 1)[0])
                # Ever larger steps: an object of many chunks is not parsed from its start for each of them.
                buffer, at, step = buffer[at:] + more, 0, step * 2
                continue
            if not isinstance(item, dict):
                _refuse(name, "it holds something else than objects")
            yield item
            at, step = end, CHUNK
            if at > CHUNK:
                buffer, at = buffer[at:], 0


def starts_like_json(start: bytes) -> str:
    """The first bytes of a file as text, '' where it is no JSON."""
    text = start.decode("utf-8-sig", errors="ignore").lstrip()
    return text if text.startswith(("{", "[")) else ""


def _refuse(name: str, reason: str) -> NoReturn:
    raise damaged(name, reason)
