"""Which files of the inbox are looked at: plain files that lie in it, and no links out of it, no pipes."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator
from pathlib import Path

from pipelines.errors import InputRefused
from pipelines.printable import without_controls
from pipelines.settings import Settings


def look_into(inbox: Path, settings: Settings) -> tuple[list[tuple[Path, str]], list[str]]:
    """((path, name inside the inbox) of the files that are looked at, by name; notes on what is passed over).

    A name with characters of control is told, and kept in the ledger, with those written out.
    Raises InputRefused without an inbox.
    """
    if not inbox.is_dir():
        raise InputRefused(
            f"There is no inbox {inbox}. Give the folder with the exports: --inbox FOLDER, or the folder "
            "that holds inbox and settings: --home FOLDER. `groupfunnel init FOLDER` makes one."
        )
    root = inbox.resolve()
    files: list[tuple[Path, str]] = []
    notes: list[str] = []
    for path in sorted(inbox.rglob("*"), key=lambda p: p.relative_to(inbox).as_posix()):
        place = path.relative_to(inbox).as_posix()
        if any(fnmatch.fnmatch(path.name, p) or fnmatch.fnmatch(place, p) for p in settings.inbox.ignore):
            continue
        name = without_controls(place)
        notes += (f"{name}: {reason}" for reason in _odd(path, place, root))
        if path.is_file() and not any(_odd(path, place, root)):
            files.append((path, name))
    return files, notes


def inbox_files(inbox: Path, settings: Settings) -> list[tuple[Path, str]]:
    """(path, name inside the inbox) of the files that are looked at, by name.

    Raises InputRefused without an inbox.
    """
    return look_into(inbox, settings)[0]


def _odd(path: Path, place: str, root: Path) -> Iterator[str]:
    """Why a file is not looked at, if it is not."""
    try:
        place.encode("utf-8")
    except UnicodeEncodeError:
        yield "its name is not UTF-8 and it was not read. Rename it."
        return
    if path.is_symlink():
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):
            yield "is a link that leads nowhere and was not read."
            return
        if not target.is_relative_to(root):
            yield "is a link out of the inbox and was not read. Copy what it leads to into the inbox."
            return
        if target.is_dir():
            yield "is a link to a folder of the inbox and was not followed."
            return
    if not path.is_file() and not path.is_dir():
        yield "is no file but a pipe, socket or device and was not read."
    elif path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
        yield "is a folder that may not be read. Give its rights to whoever runs this."
