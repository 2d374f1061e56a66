"""How long things are kept: logs, weeks of the report, and the warehouses that were published before.

Kept warehouses are `data/kept/warehouse-1.duckdb` (the one before), `-2` and so on. Numbers and names of
weeks decide what is old, never the clock, which may be wrong.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from pipelines.home import Home

WEEK = re.compile(r"^\d{4}-W\d{2}$")
_KEPT = re.compile(r"^warehouse-(\d+)\.duckdb$")


def kept_warehouses(home: Home) -> list[Path]:
    """The warehouses published before, the latest of them first."""
    numbered = [
        (int(match[1]), path) for path in home.kept.glob("*.duckdb") if (match := _KEPT.match(path.name))
    ]
    return [path for _, path in sorted(numbered)]


def keep_warehouse(home: Home, count: int) -> list[str]:
    """Keep the published warehouse, which is about to be replaced, and at most `count` in all.

    Costs no copy where the file system has hard links. Returns the names of those removed.
    """
    kept = kept_warehouses(home)
    if count and home.warehouse.exists() and not (kept and kept[0].samefile(home.warehouse)):
        for number in range(len(kept), 0, -1):
            kept[number - 1].replace(_place(home, number + 1))
        link_or_copy(home.warehouse, _place(home, 1))
    return list(_removed(kept_warehouses(home)[count:]))


def drop_kept(home: Home) -> list[str]:
    """Remove every kept warehouse: they hold what was to leave for good. Returns their names."""
    return list(_removed(sorted(home.kept.glob("*.duckdb*"))))


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system knows no links; whole or not at all."""
    aside = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    aside.unlink(missing_ok=True)
    try:
        os.link(source, aside)
    except OSError:
        shutil.copy2(source, aside)
    aside.replace(target)


def prune_reports(reports: Path, count: int, week: str) -> list[str]:
    """Remove the oldest weeks of the report beyond `count` (0: none); `week`, just published, always stays.

    Only folders named like 2026-W07 are looked at. Returns the names of those removed.
    """
    weeks = sorted((p for p in reports.iterdir() if WEEK.match(p.name) and p.is_dir()), reverse=True)
    gone = [path for path in weeks[count:] if path.name != week] if count else []
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return [path.name for path in gone if not path.exists()]


def prune_logs(home: Home, count: int) -> None:
    """Remove the oldest logs of runs, and the oldest tracebacks, beyond `count` of each."""
    for kind in ("*.jsonl", "*.log"):
        list(_removed(sorted(home.logs.glob(kind), reverse=True)[count:]))


def _removed(paths: list[Path]) -> Iterator[str]:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            # Open in a program that forbids it (Windows): the next run tries again.
            continue
        yield path.name


def _place(home: Home, number: int) -> Path:
    return home.kept / f"warehouse-{number}.duckdb"
