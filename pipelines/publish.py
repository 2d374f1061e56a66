"""Publishing: a finished week of the report takes its place under `reports/`, whole or not at all."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path

AT_FDCWD, RENAME_EXCHANGE = -100, 2
STAGE, OLD, STAMP = ".next", ".old", ".stamp"


def staging_folder(reports: Path) -> Path:
    """An empty folder to build the week in; what a killed run left of it is removed first."""
    stage = reports / STAGE
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    return stage


def recover(reports: Path) -> None:
    """Finish or undo what a run that was killed while publishing left behind."""
    for old in reports.glob(f"*{OLD}"):
        target = old.with_name(old.name.removesuffix(OLD))
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(target)
    shutil.rmtree(reports / STAGE, ignore_errors=True)


def write_stamp(folder: Path, stamp: str) -> None:
    """Say in a finished week what it was made from."""
    (folder / STAMP).write_text(stamp + "\n", encoding="utf-8")


def stamp_of(reports: Path) -> str | None:
    """What the published `latest` was made from; None where nothing whole is published."""
    try:
        return (reports / "latest" / STAMP).read_text(encoding="utf-8").strip()
    except OSError:
        return None


def publish_week(built: Path, reports: Path, week: str) -> None:
    """Put the pages in `built` at `reports/<week>`.

    The folder changes in one step where the system can exchange two names (Linux, macOS). Elsewhere there
    are two renames, and `recover` finishes them if the run dies between.
    """
    _swap(built, reports / week)


def publish_latest(reports: Path, week: str) -> Path:
    """Put a copy of a published week at `reports/latest`, in one step; returns its index page."""
    stage = reports / STAGE
    stage.mkdir(exist_ok=True)
    copy = stage / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(reports / week, copy)
    _swap(copy, reports / "latest")
    shutil.rmtree(stage, ignore_errors=True)
    return reports / "latest" / "index.html"


def _swap(new: Path, target: Path) -> None:
    if not target.exists():
        new.rename(target)
        return
    if _exchange(new, target):
        shutil.rmtree(new, ignore_errors=True)
        return
    old = target.with_name(target.name + OLD)
    shutil.rmtree(old, ignore_errors=True)
    target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names atomically; False where the system or file system cannot."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform.startswith("linux"):
            result = library.renameat2(
                AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE
            )
        elif sys.platform == "darwin":
            result = library.renamex_np(os.fsencode(one), os.fsencode(other), RENAME_EXCHANGE)
        else:
            return False
    except (OSError, AttributeError, TypeError):
        return False
    return bool(result == 0)
