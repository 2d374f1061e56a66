"""Publishing: a finished week of the report takes its place under `reports/`, whole or not at all."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path

AT_FDCWD, RENAME_EXCHANGE = -100, 2
STAGE, OLD = ".next", ".old"


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


def publish_week(built: Path, reports: Path, week: str) -> Path:
    """Put the pages in `built` at `reports/<week>` and `reports/latest`; returns the latest index page.

    Each folder changes in one step where the system can exchange two names (Linux, macOS). Elsewhere there
    are two renames, and `recover` finishes them if the run dies between.
    """
    copy = built.with_name("copy")
    shutil.copytree(built, copy)
    _swap(built, reports / week)
    _swap(copy, reports / "latest")
    shutil.rmtree(reports / STAGE, ignore_errors=True)
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
            result = library.renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE)
        elif sys.platform == "darwin":
            result = library.renamex_np(os.fsencode(one), os.fsencode(other), RENAME_EXCHANGE)
        else:
            return False
    except (OSError, AttributeError, TypeError):
        return False
    return bool(result == 0)
