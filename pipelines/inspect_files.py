"""What a file or an inbox is, before anything is loaded: platform, columns, first rows, what can be seen.

Nothing is written and no key is made: people are shown as dots, and pseudonyms are of a key thrown away.
"""

from __future__ import annotations

import fnmatch
import secrets
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import InputRefused
from pipelines.headers import may_be_shown
from pipelines.identify import anyone
from pipelines.inbox import inbox_files
from pipelines.inventory import exports_in
from pipelines.people import People
from pipelines.platforms import recognise
from pipelines.readers import reader_for
from pipelines.settings import Settings
from pipelines.typed import Part, typed_parts
from pipelines.warehouse import literal

SHOWN_ROWS = 3
DOTS = "•••"


def inspect(path: Path, settings: Settings, warehouse: Path | None = None) -> dict[str, Any]:
    """What a file, or every file of a folder, is, as plain data; `warehouse` is a published one to ask what
    it can tell. Raises InputRefused where there is nothing at `path`.
    """
    if path.is_dir():
        files = [_told(one, name, settings) for one, name in inbox_files(path, settings)]
    elif path.exists():
        files = [_told(path, path.name, settings)]
    else:
        raise InputRefused(f"There is no file {path}. Give a file of an export, or the folder of the inbox.")
    kinds = {part["event"] for file in files for part in file["parts"]}
    platforms = {str(file["platform"]) for file in files if file["platform"]}
    metrics, why_not = None, None
    try:
        metrics = metrics_of(warehouse) if warehouse is not None and warehouse.exists() else None
    except InputRefused as error:
        # What the files are can be told all the same.
        why_not = str(error)
    return {
        "path": str(path),
        "files": files,
        "belong_to_nothing": [file["file"] for file in files if not file["is_export"]],
        "visible": visible(kinds, platforms),
        "metrics": metrics,
        "metrics_unknown": why_not,
    }


def visible(kinds: Iterable[str], platforms: Iterable[str]) -> list[dict[str, dict[str, str]]]:
    """What can be seen with these kinds of rows of these platforms: entries have, see and cannot (en, zh)."""
    have, of = set(kinds), set(platforms)
    return [
        {key: entry[key] for key in ("have", "see", "cannot")}
        for entry in _entries()
        if (entry["platform"] in of if "platform" in entry else set(entry["needs"]) <= have)
        and not set(entry.get("without", ())) & have
    ]


def metrics_of(warehouse: Path) -> dict[str, Any] | None:
    """What the published warehouse says of its metrics: how many are full, partial, missing, and what for.

    Raises InputRefused where it cannot be read, or another version wrote it.
    """
    from pipelines.layout import check_layout
    from pipelines.warehouse import open_warehouse

    connection = open_warehouse(warehouse, read_only=True)
    try:
        check_layout(connection, warehouse)
        counts = connection.execute(
            "select status, count(*) from quality.capabilities group by all order by all"
        ).fetchall()
        wanted = connection.execute(
            "select needs, any_value(needs_zh), count(*) from quality.capabilities where status = 'missing' "
            "group by needs order by count(*) desc, needs"
        ).fetchall()
    except duckdb.Error:
        return None
    finally:
        connection.close()
    return {
        "counts": dict(counts),
        "missing": [{"needs": {"en": en, "zh": zh}, "metrics": count} for en, zh, count in wanted],
    }


@cache
def _entries() -> list[dict[str, Any]]:
    text = resources.files("pipelines").joinpath("visible.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["visible"])


def _told(path: Path, name: str, settings: Settings) -> dict[str, Any]:
    """One file: what it is and why, and each kind of rows it holds; `error` where it would be refused."""
    told: dict[str, Any] = {
        "file": name, "bytes": path.stat().st_size, "is_export": False, "platform": None, "source": None,
        "why": None, "headers": [], "parts": [], "notes": [], "error": None,
    }  # fmt: skip
    try:
        candidates = list(exports_in(path, name, settings))
        if not candidates:
            told["headers"] = _headers(path)
            told["error"] = (
                "belongs to no export. Name it like joins_….csv, or give it an [[exports]] entry in the "
                "settings."
            )
            return told
        export = candidates[0].export
        found = recognise(path)
        told |= {"is_export": True, "source": export.source, "platform": export.platform}
        told["why"] = _why(name, export.platform, found.why if found else "", settings)
        for candidate in candidates:
            connection, people = _connection()
            try:
                for part in typed_parts(connection, candidate, settings, people, datetime.now(UTC)):
                    told["parts"].append(_part(connection, part, settings))
                    told["notes"] += part.notes
            finally:
                connection.close()
    except InputRefused as error:
        told["error"] = str(error)
        told["headers"] = told["headers"] or _headers(path)
    return told


def _connection() -> tuple[duckdb.DuckDBPyConnection, People]:
    connection = duckdb.connect()
    connection.execute("set time zone 'UTC'")
    return connection, anyone(connection, secrets.token_bytes(32))


def _why(name: str, platform: str | None, why: str, settings: Settings) -> str:
    last = name.rsplit("/", 1)[-1]
    for export in settings.exports:
        if fnmatch.fnmatch(name, export.files) or fnmatch.fnmatch(last, export.files):
            told = f"the settings say so: files = {export.files!r}"
            return f"{told}; {why}" if export.platform and why else told
    return why if platform else "its name begins with the kind of its rows"


def _headers(path: Path) -> list[str]:
    try:
        module, head = reader_for(path)
        found = list(module.headers(path, head.start))
        return found if may_be_shown(found) else []
    except (InputRefused, duckdb.Error, ValueError, AttributeError):
        return []


def _part(connection: duckdb.DuckDBPyConnection, part: Part, settings: Settings) -> dict[str, Any]:
    """The rows of one kind: how they map, how many there are, which days, the first of them."""
    kind, bound = part.resolved.kind, part.resolved.bound
    told: dict[str, Any] = {
        "event": kind.name,
        "format": part.seen.source_format,
        "encoding": part.seen.encoding,
        "rows": len(part.seen.bad_rows),
        "rejected": len(part.seen.bad_rows),
        "reasons": {},
        "columns": {item.column.name: item.header for item in bound},
        "missing": [name for name in kind.names if name not in part.resolved.has],
        "unused": list(part.resolved.unused),
        "masked_numbers": part.masked,
        "covered": [part.told.covered_from, part.told.covered_to],
        "is_coverage_declared": part.told.covered_from is not None,
        "first_rows": [],
    }
    for _, reason in part.seen.bad_rows:
        told["reasons"][reason] = told["reasons"].get(reason, 0) + 1
    if not part.seen.headers:
        return told
    rows, wrong = connection.execute("select count(*), count(wrong) from typed").fetchone() or (0, 0)
    told["rows"], told["rejected"] = told["rows"] + rows, told["rejected"] + wrong
    problems = part.resolved.problems
    for number, count in connection.execute(
        "select wrong, count(*) from typed where wrong is not null group by wrong order by wrong"
    ).fetchall():
        column, _, reason = problems[number - 1]
        told["reasons"][f"{column} {reason}" if column else reason] = count
    if kind.event_time and not told["is_coverage_declared"]:
        zone = literal(settings.project.time_zone)
        day = f"cast(timezone({zone}, timezone('UTC', {kind.event_time})) as date)"
        span = connection.execute(f"select min({day}), max({day}) from typed where wrong is null").fetchone()
        told["covered"] = list(span or (None, None))
    shown = [item.column for item in bound]
    cells = ", ".join(
        f"case when {column.name} is not null then {literal(DOTS)} end as {column.name}"
        if column.is_personal
        else f"cast({column.name} as varchar) as {column.name}"
        for column in shown
    )
    first = connection.execute(
        f"select {cells} from typed where wrong is null order by {part.seen.number} limit {SHOWN_ROWS}"
    ).fetchall()
    told["first_rows"] = [dict(zip((column.name for column in shown), row, strict=True)) for row in first]
    return told
