"""Platforms: whose export a file is, by its content, and why.

A table is recognised by its headers (`[recognise]` of the shipped mappings), a document by its reader.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import duckdb

from pipelines.contract import EventKind
from pipelines.errors import InputRefused
from pipelines.headers import normalise
from pipelines.readers import DOCUMENTS, document_for, head_of, module_of, reader_for


@dataclass(frozen=True)
class Signature:
    """What tells the tables of a platform: headers they all have, and which kind of rows they hold."""

    platform: str
    event: EventKind
    headers: frozenset[str]
    why: str


@dataclass(frozen=True)
class Recognised:
    """What a file is: its platform, the kinds it holds, the document reader (None for a table), and why."""

    platform: str
    kinds: tuple[EventKind, ...]
    document: str | None
    why: str


@cache
def signatures() -> tuple[Signature, ...]:
    """Every table that a shipped mapping knows; those that ask for more headers come first."""
    found = []
    for entry in sorted(resources.files("pipelines").joinpath("mappings").iterdir(), key=lambda e: e.name):
        if not entry.name.endswith(".toml"):
            continue
        data = tomllib.loads(entry.read_text(encoding="utf-8"))
        for one in data.get("recognise", []):
            headers = frozenset(normalise(header) for header in one["headers"])
            found.append(Signature(entry.name.removesuffix(".toml"), one["event"], headers, one["why"]))
    return tuple(sorted(found, key=lambda one: (-len(one.headers), one.platform, one.event)))


@cache
def platform_names() -> frozenset[str]:
    """Names of all platforms: of the shipped mappings and of the document readers."""
    entries = resources.files("pipelines").joinpath("mappings").iterdir()
    mapped = {e.name.removesuffix(".toml") for e in entries if e.name.endswith(".toml")}
    return frozenset((mapped - {"canonical"}) | {module_of(name).PLATFORM for name in DOCUMENTS})


def is_own_folder(name: str) -> bool:
    """Whether a folder has the name that a platform itself gives the folder of an export."""
    patterns = (getattr(module_of(reader), "OWN_FOLDER", None) for reader in DOCUMENTS)
    return any(pattern is not None and pattern.fullmatch(name) for pattern in patterns)


def recognise(path: Path) -> Recognised | None:
    """What a file is by its content; None when no platform fits. Raises InputRefused where unreadable."""
    head = head_of(path)
    if found := document_for(head):
        module = module_of(found[0])
        return Recognised(module.PLATFORM, module.KINDS, found[0], found[1])
    try:
        module, _ = reader_for(path)
        headers = module.headers(path, head.start)
    except (InputRefused, duckdb.Error, ValueError):
        # Whatever is wrong with it, reading it will say so better.
        return None
    return recognise_table(headers)


def recognise_table(headers: Iterable[str]) -> Recognised | None:
    """The platform that writes a table with these headers, None when none is known."""
    have = {normalise(header) for header in headers}
    for one in signatures():
        if one.headers <= have:
            return Recognised(one.platform, (one.event,), None, one.why)
    return None
