"""Loading: files of the inbox become rows of `raw.*`, each file once, each row kept, duplicate or
rejected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import duckdb

from pipelines.dates import Declared, last_moment_of
from pipelines.errors import InputRefused
from pipelines.identify import people_of
from pipelines.incoming import make_incoming
from pipelines.inventory import Candidate, Inventory, file_stamp, take_inventory
from pipelines.mapping import Resolved
from pipelines.merge import merge_rows
from pipelines.merge_orders import merge_orders
from pipelines.migrated import leave_out_repeats
from pipelines.people import People
from pipelines.rejects import keep_rejects
from pipelines.settings import Settings
from pipelines.suspicions import unusual_count
from pipelines.typed import Part, typed_parts

__all__ = ["Candidate", "Inventory", "LoadResult", "load_all", "load_file", "take_inventory"]


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
    people = people_of(connection, settings)
    for position, candidate in enumerate(inventory.new, start=1):
        for result in _load(connection, candidate, settings, now, people):
            results.append(result)
            report(position, result)
    people.save()
    return results


def load_file(
    connection: duckdb.DuckDBPyConnection, candidate: Candidate, settings: Settings, now: datetime
) -> list[LoadResult]:
    """Load one file in one transaction; a result per kind that it holds.

    Raises InputRefused when the file cannot be read, lacks a required column or changes while it is read.
    """
    people = people_of(connection, settings)
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
    parts = typed_parts(connection, candidate, settings, people, now)
    if candidate.document is None:
        for part in parts:
            with _transaction(connection):
                result = _kept(connection, part, settings, now)
            yield result
        return
    # All kinds of a document or none: a later one may be refused.
    with _transaction(connection):
        results = [_kept(connection, part, settings, now) for part in parts]
    if candidate.document == "telegram" and (
        gone := leave_out_repeats(connection, candidate.export.source or candidate.document)
    ):
        note = f"{gone:,} rows of a group stand in the export of its supergroup too: they count once, there"
        results[0] = replace(results[0], warnings=(*results[0].warnings, note))
    yield from results


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("begin transaction")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        # merge may have failed while it inserted in any order; numbers of rows are told by their order.
        connection.execute("set preserve_insertion_order = true")
        raise


def _kept(connection: duckdb.DuckDBPyConnection, part: Part, settings: Settings, now: datetime) -> LoadResult:
    candidate = part.candidate
    if file_stamp(candidate.path) != candidate.stamp:
        raise InputRefused(
            f"{candidate.name}: changed while it was read. Wait until it is copied, then run again."
        )
    result = _keep(connection, part, settings, now)
    return replace(result, warnings=(*part.notes, *result.warnings))


def _keep(connection: duckdb.DuckDBPyConnection, part: Part, settings: Settings, now: datetime) -> LoadResult:
    """Write the typed rows: rejects, the ledger's row, and the merge into the raw table."""
    candidate, seen, resolved, told = part.candidate, part.seen, part.resolved, part.told
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
        kept = merge(connection, kind, load_id, names)
        connection.execute(
            "update raw.loads set rows_kept = ?, rows_duplicate = ? where load_id = ?",
            [kept, read - rejected - kept, load_id],
        )
    warnings = list(seen.notes) if read else ["has no rows"]
    if unusual := unusual_count(connection, load_id):
        warnings.append(unusual)
    warnings += [f"column {name!r} maps to nothing and stays out" for name in dict.fromkeys(resolved.unused)]
    warnings += [f"has no column for {name}" for name in resolved.missing]
    if part.masked:
        warnings.append(
            f"{part.masked:,} masked phone numbers (138****1234) are nobody's id, as two people share one: "
            "they are left out. Export the platform's own id as well"
        )
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
