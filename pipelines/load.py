"""Loading: files of the inbox become rows of `raw.*`, each file once, each row kept, duplicate or
rejected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import duckdb

from pipelines.dates import Declared, declared, last_moment_of, time_limits
from pipelines.errors import InputRefused
from pipelines.incoming import make_incoming
from pipelines.inventory import Candidate, Inventory, file_stamp, take_inventory
from pipelines.mapping import Resolved, resolve, typed_select
from pipelines.members import unpacked
from pipelines.merge import merge_rows
from pipelines.merge_orders import merge_orders
from pipelines.people import People, key_file
from pipelines.readers import Document, ReadResult, module_of, reader_for
from pipelines.readers.text import damaged
from pipelines.rejects import keep_rejects
from pipelines.settings import Settings
from pipelines.suspicions import refuse_rounded_ids, unusual_count
from pipelines.totals import reject_wrong_totals
from pipelines.wide import made_long

__all__ = ["Candidate", "Inventory", "LoadResult", "load_all", "load_file", "take_inventory"]

# Errors that say something of our SQL or of the machine, and nothing of the file.
OUR_OWN = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    duckdb.OutOfMemoryException,
)


@dataclass(frozen=True)
class LoadResult:
    """What became of one file. rows_read = rows_kept + rows_duplicate + rows_rejected."""

    name: str
    event_kind: str
    rows_read: int
    rows_kept: int
    rows_duplicate: int
    rows_rejected: int
    warnings: tuple[str, ...] = ()


def load_all(
    connection: duckdb.DuckDBPyConnection,
    inventory: Inventory,
    settings: Settings,
    now: datetime,
    report: Callable[[int, LoadResult], None],
) -> list[LoadResult]:
    """Load every new file of the inventory, telling `report` after each result (the file's position, its
    result). A table gives one result, a document one for each kind it holds.
    """
    results = []
    people = People(key_file(settings.privacy.key_file))
    for position, candidate in enumerate(inventory.new, start=1):
        for result in _load(connection, candidate, settings, now, people):
            results.append(result)
            report(position, result)
    people.save()
    return results


def load_file(
    connection: duckdb.DuckDBPyConnection, candidate: Candidate, settings: Settings, now: datetime
) -> list[LoadResult]:
    """Load one file, each kind it holds in one transaction; a result per kind.

    Raises InputRefused when the file cannot be read, lacks a required column or changes while it is read.
    """
    people = People(key_file(settings.privacy.key_file))
    results = list(_load(connection, candidate, settings, now, people))
    people.save()
    return results


def _load(
    connection: duckdb.DuckDBPyConnection,
    candidate: Candidate,
    settings: Settings,
    now: datetime,
    people: People,
) -> Iterator[LoadResult]:
    if candidate.document is None:
        told = declared(candidate.name, candidate.export, candidate.export.kind, settings)
        with _typed(connection, candidate, settings, time_limits(told, settings, now)) as (seen, resolved):
            yield _in_transaction(connection, candidate, seen, resolved, told, settings, now)
        return
    reader = module_of(candidate.document)
    with (
        unpacked(candidate.path, candidate.member) as path,
        reader.split(connection, path, candidate.export, settings, people) as document,
    ):
        notes = list(document.notes)
        first = reader.KINDS[0]
        for event, seen in (dict(document.parts) or {first: ReadResult(first, "", ())}).items():
            part = replace(candidate, export=candidate.export.model_copy(update={"event": event}))
            told = _told(declared(candidate.name, part.export, part.export.kind, settings), document)
            limits = time_limits(told, settings, now)
            resolved = _make_typed(connection, part, seen, settings, limits)
            result = _in_transaction(connection, part, seen, resolved, told, settings, now)
            yield replace(result, warnings=(*notes, *result.warnings))
            notes = []


def _told(told: Declared, document: Document) -> Declared:
    """What the settings or the file name say, else what the document says about itself."""
    covered = document.covered if told.covered_from is None else None
    return Declared(
        covered[0] if covered else told.covered_from,
        covered[1] if covered else told.covered_to,
        told.exported_at or document.exported_at,
        told.exported_after or (None if told.exported_at else document.exported_at),
    )


def _in_transaction(
    connection: duckdb.DuckDBPyConnection,
    candidate: Candidate,
    seen: ReadResult,
    resolved: Resolved,
    told: Declared,
    settings: Settings,
    now: datetime,
) -> LoadResult:
    if file_stamp(candidate.path) != candidate.stamp:
        raise InputRefused(
            f"{candidate.name}: changed while it was read. Wait until it is copied, then run again."
        )
    connection.execute("begin transaction")
    try:
        result = _keep(connection, candidate, seen, resolved, told, settings, now)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return result


@contextmanager
def _typed(
    connection: duckdb.DuckDBPyConnection, candidate: Candidate, settings: Settings, limits: tuple[str, str]
) -> Iterator[tuple[ReadResult, Resolved]]:
    """Temp table `typed`: every row that splits, typed in one pass over the file; see
    mapping.typed_select.
    """
    with unpacked(candidate.path, candidate.member) as path:
        module, _ = reader_for(path)
        for is_careful in (False, True):
            with module.read(connection, path, is_careful) as seen:
                if seen.headers:
                    seen = made_long(candidate.name, candidate.export, seen)
                try:
                    resolved = _make_typed(connection, candidate, seen, settings, limits)
                except OUR_OWN:
                    raise
                except duckdb.Error as error:
                    if is_careful:
                        raise damaged(candidate.name, error) from error
                    continue
                yield seen, resolved
                return


def _make_typed(
    connection: duckdb.DuckDBPyConnection,
    candidate: Candidate,
    seen: ReadResult,
    settings: Settings,
    limits: tuple[str, str],
) -> Resolved:
    """Make temp table `typed` of what a reader saw, where it saw a row at all."""
    kind = candidate.export.kind
    if not seen.headers:
        return Resolved(kind, (), (), ())
    resolved = resolve(kind, seen, candidate.export, settings, candidate.name, limits)
    connection.execute(f"create or replace temp table typed as {typed_select(resolved, seen)}")
    # Blank rows, counted by nobody; the others keep their rowid and with it their number.
    connection.execute("delete from typed where wrong = 0")
    reject_wrong_totals(connection, resolved)
    if not seen.is_document:
        refuse_rounded_ids(connection, resolved, candidate.name)
    return resolved


def _keep(
    connection: duckdb.DuckDBPyConnection,
    candidate: Candidate,
    seen: ReadResult,
    resolved: Resolved,
    told: Declared,
    settings: Settings,
    now: datetime,
) -> LoadResult:
    """Write the typed rows: rejects, the ledger's row, and the merge into the raw table."""
    kind, export = resolved.kind, candidate.export
    load_id = _count(connection, "select coalesce(max(load_id), 0) + 1 from raw.loads")
    read, rejected = len(seen.bad_rows), len(seen.bad_rows)
    span: tuple[date | None, date | None] = (None, None)
    names: tuple[str, ...] = ()
    if seen.headers:
        own = kind.own_id if kind.own_id in resolved.has else "null"
        rows, wrong, named = connection.execute(
            f"select count(*), count(wrong), count({own}) filter (wrong is null) from typed"
        ).fetchone() or (0, 0, 0)
        read, rejected = read + rows, rejected + wrong
        _check_dated(connection, candidate, resolved, told)
        keep_rejects(connection, load_id, seen, resolved, wrong)
        names = make_incoming(
            connection,
            seen,
            resolved,
            export,
            load_id,
            settings,
            has_all_ids=named == rows - wrong,
            told=told,
        )
        if kind.is_event:
            span = connection.execute("select min(day), max(day) from incoming").fetchone() or span
    elif seen.bad_rows:
        keep_rejects(connection, load_id, seen, resolved, 0)
    is_declared = kind.is_event and told.covered_from is not None
    covered = (told.covered_from, told.covered_to) if told.covered_from else span
    exported_at = told.exported_at or last_moment_of(covered[1], settings)
    if exported_at is None and not kind.is_event:
        # A member list or group list without a date in its name: the newer file is the newer state.
        exported_at = datetime.fromtimestamp(candidate.stamp[1] / 1e9, UTC).replace(tzinfo=None)
    connection.execute(
        f"insert into raw.loads values ({', '.join('?' * 19)})",
        [
            load_id, candidate.name, candidate.sha256, export.source, kind.name, seen.source_format,
            seen.encoding, read, 0, read - rejected, rejected, *covered, is_declared, exported_at,
            now.astimezone(UTC).replace(tzinfo=None), candidate.mapping_hash, export.accepted_only,
            ", ".join(resolved.unused) or None,
        ],
    )  # fmt: skip
    kept = 0
    if read > rejected:
        merge = merge_orders if kind.name == "order" else merge_rows
        kept = merge(connection, kind, load_id, ", ".join(names))
        connection.execute(
            "update raw.loads set rows_kept = ?, rows_duplicate = ? where load_id = ?",
            [kept, read - rejected - kept, load_id],
        )
    warnings = list(seen.notes) if read else ["has no rows"]
    if unusual := unusual_count(connection, load_id):
        warnings.append(unusual)
    warnings += [f"column {name!r} maps to nothing and stays out" for name in dict.fromkeys(resolved.unused)]
    warnings += [f"has no column for {name}" for name in resolved.missing]
    return LoadResult(
        candidate.name, kind.name, read, kept, read - rejected - kept, rejected, tuple(warnings)
    )


def _check_dated(
    connection: duckdb.DuckDBPyConnection, candidate: Candidate, resolved: Resolved, told: Declared
) -> None:
    """Refuse a member list of which nobody says when it was taken: compared with others it would lie."""
    if resolved.kind.name != "member_list" or told.exported_at is not None:
        return
    if "taken_at" in resolved.has and not _count(
        connection, "select count(*) from typed where wrong is null and taken_at is null"
    ):
        return
    raise InputRefused(
        f"{candidate.name}: a member list, and nothing says when it was taken. Put the day (or day and time) "
        "into its name or its folder's name, like wecom/2026-03-09/…, or give exported_at in [[exports]]."
    )


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
