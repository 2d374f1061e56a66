"""The inbox: which of its files are exports, of what, and which were loaded already."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.contract import CONTRACT, FILE_NAMES
from pipelines.dates import STAMP, declared
from pipelines.errors import InputRefused
from pipelines.inbox import inbox_files, look_into
from pipelines.members import is_archive, members_of, unpacked
from pipelines.platforms import is_own_folder, recognise
from pipelines.printable import without_controls
from pipelines.readers import module_of
from pipelines.settings import Export, Settings
from pipelines.unfinished import wait_until_written

HASH_CHUNK = 1 << 20


@dataclass(frozen=True)
class Candidate:
    """A file of the inbox that is an export: where it is (`member`: its name in the archive at `path`), how
    it is to be read (`document`: by which document reader, None for a table), and what it was when it was
    hashed.
    """

    path: Path
    name: str
    export: Export
    sha256: str
    mapping_hash: str
    stamp: tuple[int, int]
    document: str | None = None
    member: str | None = None


@dataclass(frozen=True)
class Inventory:
    """What lies in the inbox: exports not loaded yet, what is known already, and notes for the user."""

    new: tuple[Candidate, ...]
    known: int
    notes: tuple[str, ...]


def take_inventory(connection: duckdb.DuckDBPyConnection, inbox: Path, settings: Settings) -> Inventory:
    """Look through the inbox, in the order of names. Raises InputRefused when there is no such folder."""
    loaded = connection.execute(
        """
        select sha256, source, event_kind, case when is_coverage_declared then covered_from end,
            case when is_coverage_declared then covered_to end, file_name, mapping_hash, exported_at
        from raw.loads
        """
    ).fetchall()
    # The same content is known when it says the same: of another source, or of other days (two weeks without
    # a row), it is another export.
    ledger = {row[:5] for row in loaded} | {row[:2] for row in loaded}
    # Nobody came and nobody left: the same list of another day says just that.
    ledger |= {(*row[:3], row[7]) for row in loaded if row[2] == "member_list"}
    mapped = {(row[0], row[5]): row[6] for row in loaded}
    new: list[Candidate] = []
    files, notes = look_into(inbox, settings)
    remapped = known = 0
    for path, place in files:
        wait_until_written(path, place)
        # Taken before the content is: a file that is still being copied shows by a stamp that moved on.
        stamp = file_stamp(path)
        members = members_of(path, settings)
        nothing: list[str] = []
        for member in members or (None,):
            name = place if member is None else f"{place}/{without_controls(member)}"
            if is_archive(member):
                notes.append(f"{name}: an archive within an archive was not opened. Unpack the outer one.")
                continue
            with unpacked(path, member) as plain:
                export, document = export_for(plain, name, settings, place)
                if export is None:
                    nothing.append(name)
                    continue
                sha256 = hash_file(plain)
            mapping_hash = _mapping_hash(export, settings)
            candidate = Candidate(path, name, export, sha256, mapping_hash, stamp, document, member)
            key: tuple[object, ...] = (sha256, export.source)
            if document is None:
                told = declared(name, export, export.kind, settings)
                days = (told.covered_from, told.covered_to) if export.kind.is_event else (None, None)
                key = (*key, export.kind.name, *days)
            if taken := _list_taken(name, export, document, settings):
                key = (sha256, export.source, "member_list", taken)
            if key in ledger or (sha256, name) in mapped:
                known += 1
                remapped += mapped.get((sha256, name), mapping_hash) != mapping_hash
                continue
            ledger.add(key)
            new.append(candidate)
        if len(nothing) == len(members or (None,)):
            nothing = [place]
        notes += [
            f"{name}: belongs to no export and was not read. Name it like joins_….csv, or give it an "
            "[[exports]] entry in the settings."
            for name in nothing
        ]
    if remapped:
        notes.append(
            f"The settings of {remapped} loaded file{'s' if remapped > 1 else ''} changed since. "
            "Run with --full to read them again."
        )
    return Inventory(tuple(new), known, tuple(notes))


def _list_taken(name: str, export: Export, document: str | None, settings: Settings) -> datetime | None:
    """When a file's member list was taken, where it may hold one and its name, folder or settings say so."""
    kinds = module_of(document).KINDS if document else (export.event,)
    return (
        declared(name, export, CONTRACT["member_list"], settings).exported_at
        if "member_list" in kinds
        else None
    )


def every_export(inbox: Path, settings: Settings) -> Iterator[Candidate]:
    """All exports of the inbox, loaded or not, in the order of names; none where there is no inbox."""
    if not inbox.is_dir():
        return
    for path, place in inbox_files(inbox, settings):
        yield from exports_in(path, place, settings)


def exports_in(path: Path, place: str, settings: Settings) -> Iterator[Candidate]:
    """The exports that one file is or, as an archive, holds."""
    for member in members_of(path, settings) or (None,):
        if is_archive(member):
            continue
        name = place if member is None else f"{place}/{without_controls(member)}"
        stamp = file_stamp(path)
        with unpacked(path, member) as plain:
            export, document = export_for(plain, name, settings, place)
            sha256 = hash_file(plain)
        if export is not None:
            told = _mapping_hash(export, settings)
            yield Candidate(path, name, export, sha256, told, stamp, document, member)


def export_for(
    path: Path, name: str, settings: Settings, place: str = ""
) -> tuple[Export | None, str | None]:
    """(export entry for a file of the inbox, document reader or None); (None, None) when it is no export.

    The first entry of the settings that fits, else what its content tells, else its own name: a file
    `<kind>…` (messages_2026-03-02_2026-03-08.csv) is an export of that kind with canonical headers. The
    folder it lies in names its source, else its platform does; `place` is the name of the archive around it.
    """
    folder = (place or name).split("/")[0] if "/" in (place or name) else None
    # The folder that a platform makes anew for each export names no source: the next one is called otherwise.
    folder = None if folder and is_own_folder(folder) else folder
    # A folder per export day is no source of its own.
    folder = None if folder and STAMP.fullmatch(folder) else folder
    source = re.sub(r"[^\w.:-]+", "_", folder)[:64] if folder else None
    for export in settings.exports:
        if fnmatch.fnmatch(name, export.files) or fnmatch.fnmatch(name.rsplit("/", 1)[-1], export.files):
            if export.event is not None:
                return replace_source(export, source or export.platform or "main"), None
            return _of_platform(path, export, source)
    stem = name.rsplit("/", 1)[-1].lower()
    word = next(
        (w for w in sorted(FILE_NAMES, key=len, reverse=True) if re.match(rf"{w}(?![a-z])", stem)), None
    )
    found = recognise(path)
    if found is not None and (found.document is not None or word in (None, found.kinds[0])):
        event = None if found.document else found.kinds[0]
        told = Export(files=name, event=event, platform=found.platform, source=source or found.platform)
        return told, found.document
    if word is not None:
        return Export.model_validate(
            {"files": name, "event": FILE_NAMES[word], "source": source or "main"}
        ), None
    return None, None


def _of_platform(path: Path, export: Export, source: str | None) -> tuple[Export, str | None]:
    """An entry of the settings that names a platform and no event: what the content is decides.

    Raises InputRefused when the content is not that platform's.
    """
    found = recognise(path)
    if found is None or found.platform != export.platform:
        what = f"looks like {found.platform} ({found.why})" if found else "is no export of a platform"
        raise InputRefused(
            f"{path.name}: the settings say it is of {export.platform}, but it {what}. Correct the entry of "
            "[[exports]], or say which event it holds."
        )
    event = None if found.document else found.kinds[0]
    told = export.model_copy(update={"event": event})
    return replace_source(told, source or found.platform), found.document


def replace_source(export: Export, source: str) -> Export:
    """The export with its source filled in where it names none."""
    return export if export.source else export.model_copy(update={"source": source})


def file_stamp(path: Path) -> tuple[int, int]:
    """Size in bytes and time of the last change in ns.

    Raises InputRefused when the file is gone or hidden.
    """
    try:
        told = path.stat()
    except OSError as error:
        raise InputRefused(f"{path.name}: cannot be read ({error.strerror}).") from error
    return told.st_size, told.st_mtime_ns


def hash_file(path: Path) -> str:
    """SHA-256 of a file's content. Raises InputRefused when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(HASH_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise InputRefused(f"{path.name}: cannot be read ({error.strerror}).") from error
    return digest.hexdigest()


def _mapping_hash(export: Export, settings: Settings) -> str:
    told = export.model_dump(mode="json", exclude={"files"})
    told["zone"] = settings.project.time_zone
    told["currency"] = settings.project.currency
    if settings.privacy.keep_text:
        told["keep_text"] = True
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
