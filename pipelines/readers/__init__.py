"""Readers: a file becomes a relation of text columns with row numbers.

A reader is a module with two functions. `recognise(head, name)` says whether the first bytes are its format;
`read(connection, path, is_careful)` is a context with a `ReadResult`: headers, and SQL to select text
columns and
row numbers from. `is_careful` asks for rows that do not split one by one, after a first try failed on
them. Adding
a format is a new module in `READERS`; types, mapping and rejects are none of a reader's business.
"""

from __future__ import annotations

import gzip
import importlib
import zlib
from pathlib import Path
from types import ModuleType

from pipelines.errors import InputRefused
from pipelines.readers.text import ReadResult

READERS = ("parquet", "jsonl", "csv")
HEAD_BYTES = 1 << 16

__all__ = ["READERS", "ReadResult", "reader_for"]


def reader_for(path: Path) -> tuple[ModuleType, bytes]:
    """The reader for a file, chosen by content, and the first (unpacked) bytes of the file.

    Raises InputRefused when the file cannot be read or no reader knows it.
    """
    try:
        with path.open("rb") as handle:
            head = handle.read(HEAD_BYTES)
        if head.startswith(b"\x1f\x8b"):
            with gzip.open(path, "rb") as packed:
                head = packed.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise InputRefused(f"{path.name}: cannot be read ({error}). Export it again.") from error
    for name in READERS:
        module = importlib.import_module(f"pipelines.readers.{name}")
        if module.recognise(head, path.name):
            return module, head
    raise InputRefused(
        f"{path.name}: not a format that is known (CSV, TSV, JSON Lines and Parquet, plain or gzipped). "
        "Export it as one of these, or list it under [inbox] ignore in the settings."
    )
