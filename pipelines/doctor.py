"""What `groupfunnel doctor` looks at: whether a run could work here. It changes nothing."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from pipelines.errors import GroupfunnelError, InputRefused, SettingsError
from pipelines.home import Home
from pipelines.machine import free_bytes, library_faults, memory_bytes, parsed_bytes
from pipelines.people import key_file, read_key
from pipelines.settings import Settings, load_settings

PYTHONS = ((3, 11), (3, 14))
MIB = 1 << 20
# What a run needs beside the warehouse it copies, and how much larger packed exports are as tables: 2.3 MB
# of the sample become 80 MB.
SPARE_BYTES = 300 * MIB
GROWTH = 35
LEAST_MEMORY = 2 << 30


class Finding(NamedTuple):
    """One line: ok, warning or problem; about what; what was found; and what to do."""

    state: str
    what: str
    text: str
    next_step: str = ""


def diagnose(root: Path, inbox: Path | None, settings_file: Path | None, now: datetime) -> list[Finding]:
    """Look at everything a run depends on, in the order in which it would meet it. Raises nothing."""
    home, inbox = Home(root), inbox or root / "inbox"
    found = [*_software(), *_settings(root, settings_file)]
    settings = _usable(root, settings_file)
    found += [*_home(home), *_disk(home, inbox), *_memory(settings), *_inbox(inbox, settings)]
    found += [*_key(settings), *_warehouse(home, now), *_report(settings)]
    return found


def _software() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    low, high = (".".join(map(str, one)) for one in PYTHONS)
    if PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        yield Finding("ok", "python", version)
    else:
        state = "problem" if sys.version_info[:2] < PYTHONS[0] else "warning"
        yield Finding(state, "python", f"{version} is not tested", f"use Python {low} to {high}")
    faults = library_faults()
    if faults:
        yield Finding("problem", "libraries", "; ".join(faults), "install groupfunnel again")
    else:
        yield Finding("ok", "libraries", "all there, in versions that are supported")


def _settings(root: Path, path: Path | None) -> Iterator[Finding]:
    from pipelines.mapping_check import check_mappings

    own = path or root / "groupfunnel.toml"
    if path is None and not own.exists():
        yield Finding("ok", "settings", f"no {own.name} here: the defaults hold")
        return
    try:
        check_mappings(load_settings(own), own)
    except SettingsError as error:
        yield Finding("problem", "settings", " ".join(str(error).split()), "correct that line")
        return
    link = " (a link)" if own.is_symlink() else ""
    yield Finding("ok", "settings", f"{own}{link} is valid")


def _usable(root: Path, path: Path | None) -> Settings:
    own = path or root / "groupfunnel.toml"
    try:
        return load_settings(own if path or own.exists() else None)
    except SettingsError:
        return Settings()


def _home(home: Home) -> Iterator[Finding]:
    for folder in (home.data, home.reports):
        place = _existing(folder)
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            yield Finding(
                "problem", "home", f"{place} cannot be written", "choose another folder with --home"
            )
            return
    yield Finding("ok", "home", f"{home.root.resolve()} can be written")
    try:
        pid = home.lock_file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        pid = ""
    if pid:
        yield Finding(
            "warning",
            "lock",
            f"a run (pid {pid}) is at work here, or was killed",
            "wait; the next run clears up",
        )


def _disk(home: Home, inbox: Path) -> Iterator[Finding]:
    import tempfile

    warehouse = home.warehouse.stat().st_size if home.warehouse.exists() else 0
    files = sum(p.stat().st_size for p in inbox.rglob("*") if p.is_file()) if inbox.is_dir() else 0
    need = SPARE_BYTES + (2 * warehouse or GROWTH * files)
    free = free_bytes(_existing(home.data))
    told = f"{free / MIB:,.0f} MiB free, a run may need {need / MIB:,.0f}"
    if free < need:
        yield Finding("problem", "disk", told, "free some, or choose another folder with --home")
    else:
        yield Finding("ok", "disk", told)
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError as error:
        yield Finding("problem", "temporary", f"no folder for temporary files: {error}", "set TMPDIR to one")
        return
    if (free := free_bytes(temporary)) < SPARE_BYTES:
        text = f"{temporary} has {free / MIB:,.0f} MiB free; archives are unpacked there"
        yield Finding("warning", "temporary", text, "free some, or set TMPDIR to another folder")
    else:
        yield Finding("ok", "temporary", f"{temporary} has {free / MIB:,.0f} MiB free")


def _memory(settings: Settings) -> Iterator[Finding]:
    total, limit = memory_bytes(), parsed_bytes(settings.engine.memory_limit)
    if total is None:
        return
    told = f"{total / MIB:,.0f} MiB" + (f", limit {settings.engine.memory_limit}" if limit else "")
    if limit and limit > total:
        yield Finding("warning", "memory", f"{told}: the limit is above it", "lower [engine] memory_limit")
    elif total < LEAST_MEMORY:
        yield Finding("warning", "memory", f"{told} is little", 'set [engine] memory_limit, like "500MB"')
    else:
        yield Finding("ok", "memory", told)


def _inbox(inbox: Path, settings: Settings) -> Iterator[Finding]:
    from pipelines.inbox import look_into
    from pipelines.inventory import export_for
    from pipelines.members import members_of

    if not inbox.is_dir():
        yield Finding("problem", "inbox", f"there is no folder {inbox}", "make it, or name one with --inbox")
        return
    files, notes = look_into(inbox, settings)
    known, odd = 0, list(notes)
    for path, name in files:
        try:
            is_export = bool(members_of(path, settings)) or export_for(path, name, settings)[0] is not None
        except (GroupfunnelError, OSError) as error:
            odd.append(str(error).splitlines()[0])
            continue
        known += is_export
        odd += [] if is_export else [f"{name}: belongs to no export"]
    told = f"{known} of {len(files)} files are exports"
    if odd:
        more = f", and {len(odd) - 1} more" if len(odd) > 1 else ""
        yield Finding("warning", "inbox", f"{told}; {odd[0]}{more}", "groupfunnel inspect tells of each file")
    elif not files:
        yield Finding("warning", "inbox", f"{inbox} is empty", "put the exports there")
    else:
        yield Finding("ok", "inbox", told)


def _key(settings: Settings) -> Iterator[Finding]:
    path = key_file(settings.privacy.key_file)
    if not path.exists():
        text = f"none at {path} yet: made when the first phone number or name needs it"
        yield Finding("ok", "key", text, "if there was one before, put it back first")
        return
    try:
        read_key(path)
    except SettingsError as error:
        yield Finding("problem", "key", str(error))
        return
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding("warning", "key", f"{path} can be read by others", f"chmod 600 {path}")
        return
    yield Finding("ok", "key", f"{path}; keep a copy of it elsewhere")


def _warehouse(home: Home, now: datetime) -> Iterator[Finding]:
    import duckdb

    from pipelines.layout import is_older, layout_of
    from pipelines.warehouse import SCHEMA_VERSION, open_warehouse

    if not home.warehouse.exists():
        yield Finding("ok", "warehouse", "none yet: the first run makes it")
        return
    try:
        connection = open_warehouse(home.warehouse, read_only=True)
        try:
            layout = layout_of(connection)
            newest = connection.execute("select max(exported_at) from raw.loads").fetchone()
        finally:
            connection.close()
    except (InputRefused, duckdb.Error) as error:
        text = f"cannot be read: {' '.join(str(error).split())}"
        yield Finding("problem", "warehouse", text, "groupfunnel restore, or groupfunnel run --full")
        return
    if is_older(layout):
        text = f"is of an older version of groupfunnel (layout {layout}, this is {SCHEMA_VERSION})"
        yield Finding("warning", "warehouse", text, "the next run builds it again from the exports")
    elif layout != SCHEMA_VERSION:
        text = f"is of another version of groupfunnel (layout {layout}, this is {SCHEMA_VERSION})"
        yield Finding("problem", "warehouse", text, "install that version, or groupfunnel run --full")
    else:
        yield Finding("ok", "warehouse", f"{home.warehouse} opens and is of this version")
    built = datetime.fromtimestamp(home.warehouse.stat().st_mtime, UTC)
    exported = newest[0].replace(tzinfo=UTC) if newest and newest[0] else built
    ahead = max(built, exported) - now
    if ahead > timedelta(days=2):
        text = f"{now:%Y-%m-%d %H:%M} UTC, but what is loaded is of {ahead.days} days later"
        yield Finding("warning", "clock", text, "set the clock of this machine")
    else:
        yield Finding("ok", "clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _report(settings: Settings) -> Iterator[Finding]:
    zone = settings.project.time_zone
    yield Finding("ok", "time zone", f"{zone}, {settings.zone.utcoffset(datetime.now())} from UTC")
    if settings.report.image:
        from pipelines.report.image import find_browser

        if browser := find_browser():
            yield Finding("ok", "browser", str(browser))
        else:
            step = "install Chromium, Chrome or Edge, or set [report] image = false"
            yield Finding("warning", "browser", "none found for the picture of the summary", step)
    if settings.report.single_file and (script := settings.report.plotlyjs) and not Path(script).is_file():
        yield Finding("problem", "plotlyjs", f"there is no file {script}", "correct [report] plotlyjs")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    place = folder.resolve()
    while not place.exists() and place != place.parent:
        place = place.parent
    return place
