"""Readers: a table becomes a relation of text columns with row numbers, a document several of them.

A *table* reader is a module with three functions: `recognise(head)` says whether the file is of its
format, `read(connection, path, is_careful)` is a context with a `ReadResult`: headers, and SQL to select
text columns and row numbers from; `is_careful` asks for rows that do not split one by one, after a first try
failed on them. `headers(path, head)` tells the headers alone, cheaply.

A *document* reader (`document.py`) knows one platform: `PLATFORM` is its name, `KINDS` what it can hold,
`recognise(head)` gives the reason why a file is one ('' when it is none), `split(connection, path, export,
settings, people)` is a context with a `Document`; `people` gives ids to those who are only names.
`OWN_FOLDER` (if it has one) matches the folder that the platform makes for every export anew.

Adding a format is a new module in `TABLES` or `DOCUMENTS`; types, mapping and rejects are none of a reader's
business.
"""

from __future__ import annotations

import gzip
import importlib
import zlib
from pathlib import Path
from types import ModuleType

from pipelines.errors import InputRefused
from pipelines.readers.document import Document, Head, zip_members
from pipelines.readers.text import ReadResult, damaged

TABLES = ("parquet", "excel", "json", "jsonl", "csv")
DOCUMENTS: tuple[str, ...] = (
    "shopify",
    "discord",
    "discord_csv",
    "telegram",
    "chatlog",
    "irc",
    "qq",
    "wecom_archive",
    "wecom_event",
    "wecom_group",
    "wecom_statistics",
    "whatsapp",
    "slack",
)
HEAD_BYTES = 1 << 16

__all__ = [
    "DOCUMENTS",
    "TABLES",
    "Document",
    "Head",
    "ReadResult",
    "document_for",
    "head_of",
    "module_of",
    "reader_for",
]


def module_of(name: str) -> ModuleType:
    """The module of a reader by its name."""
    return importlib.import_module(f"pipelines.readers.{name}")


def head_of(path: Path) -> Head:
    """The first bytes of a file, unpacked, and the names in it where it is a zip.

    Raises InputRefused when the file cannot be read.
    """
    try:
        with path.open("rb") as handle:
            start = handle.read(HEAD_BYTES)
        if start.startswith(b"\x1f\x8b"):
            with gzip.open(path, "rb") as packed:
                start = packed.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise InputRefused(f"{path.name}: cannot be read ({error}). Export it again.") from error
    members = zip_members(path) if start.startswith(b"PK\x03\x04") else ()
    if start.startswith(b"PK\x03\x04") and not members:
        raise damaged(path.name, "it is an archive without an end")
    return Head(path.name, start, members)


def document_for(head: Head) -> tuple[str, str] | None:
    """(name of the document reader that knows this file, why), or None when it is no document."""
    for name in DOCUMENTS:
        if reason := module_of(name).recognise(head):
            return name, str(reason)
    return None


def reader_for(path: Path) -> tuple[ModuleType, Head]:
    """The table reader for a file, chosen by content, and the head of the file.

    Raises InputRefused when the file cannot be read or no reader knows it.
    """
    head = head_of(path)
    for name in TABLES:
        module = module_of(name)
        if module.recognise(head):
            return module, head
    raise InputRefused(
        f"{path.name}: not a format that is known (CSV, Excel, JSON, Parquet, or the export of a platform). "
        "Export it as one of these, or list it under [inbox] ignore in the settings."
    )
