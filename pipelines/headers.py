"""Headers: how they are compared, and the words that some mapping knows."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from pipelines.contract import CONTRACT


def normalise(header: str) -> str:
    """A header as compared: NFKC, no byte-order mark, lower case, blanks and dashes as one underscore."""
    text = unicodedata.normalize("NFKC", header).replace("\ufeff", "").strip().lower()
    return re.sub(r"[\s_\-]+", "_", text)


@cache
def known_headers() -> frozenset[str]:
    """Every header that a shipped mapping or the contract knows, normalised."""
    found = {name for kind in CONTRACT.values() for name in kind.names}
    for entry in resources.files("pipelines").joinpath("mappings").iterdir():
        if entry.name.endswith(".toml"):
            data = tomllib.loads(entry.read_text(encoding="utf-8"))
            for one in data.pop("recognise", []):
                found.update(one["headers"])
            for columns in data.values():
                for spec in columns.values():
                    found.update(_spellings(spec))
    return frozenset(normalise(header) for header in found)


def knows(headers: tuple[str, ...] | list[str]) -> bool:
    """Whether a row is a header by its words: at least two are known, or all there are."""
    cells = {normalise(cell) for cell in headers if cell.strip()}
    return bool(cells) and len(cells & known_headers()) >= min(2, len(cells))


def may_be_shown(headers: Sequence[str]) -> bool:
    """Whether what stands in the first line is headers, which a message may repeat: a file without a header
    line begins with a person. None is long, or has a number or address in it.
    """
    odd = re.compile(r"\d{4}|[@{}\[\]<>\x00-\x1f\ufffd]")
    return not any(len(header) > 60 or odd.search(header) for header in headers)


def told_headers(headers: Sequence[str]) -> str:
    """A sentence on the headers of a file for a message. Only known ones are repeated: where a line is
    missing or cut, the others are somebody's name or words.
    """
    known = [header for header in headers if normalise(header) in known_headers()]
    if not known:
        return f"None of its {len(headers)} headers is known."
    others = len(headers) - len(known)
    return f"Its headers are: {', '.join(known[:12])}" + (
        f", and {others} that are not known." if others else "."
    )


def _spellings(spec: Any) -> list[str]:
    told = spec.get("from", []) if isinstance(spec, dict) else spec
    return [told] if isinstance(told, str) else [str(one) for one in told]
