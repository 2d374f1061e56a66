"""From a file of the inbox to typed rows: temp table `typed`, kind by kind, with pseudonyms in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from pipelines.dates import Declared, declared, time_limits
from pipelines.identify import make_typed
from pipelines.inventory import Candidate
from pipelines.mapping import Resolved, resolve
from pipelines.members import unpacked
from pipelines.people import People
from pipelines.readers import Document, ReadResult, module_of, reader_for
from pipelines.readers.text import damaged
from pipelines.settings import Settings
from pipelines.suspicions import refuse_rounded_ids
from pipelines.totals import reject_wrong_totals
from pipelines.wide import made_long

# Errors that say something of our SQL or of the machine, and nothing of the file.
OUR_OWN = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    duckdb.OutOfMemoryException,
)


@dataclass(frozen=True)
class Part:
    """The rows of one kind that a file holds, while they stand in temp table `typed` (not made where
    `seen.headers` is empty): what the reader saw, how it maps, what the file says about itself, what the user
    should know, and how many masked numbers were no ids.
    """

    candidate: Candidate
    seen: ReadResult
    resolved: Resolved
    told: Declared
    notes: tuple[str, ...] = ()
    masked: int = 0


def typed_parts(
    connection: duckdb.DuckDBPyConnection,
    candidate: Candidate,
    settings: Settings,
    people: People,
    now: datetime,
) -> Iterator[Part]:
    """Each kind of rows of a file in turn; the next one takes the place of `typed`.

    Raises InputRefused when the file cannot be read or lacks a required column.
    """
    if candidate.document is None:
        told = declared(candidate.name, candidate.export, candidate.export.kind, settings)
        limits = time_limits(told, settings, now)
        with _typed(connection, candidate, settings, people, limits) as (seen, resolved, masked):
            yield Part(candidate, seen, resolved, told, masked=masked)
        return
    reader = module_of(candidate.document)
    with (
        unpacked(candidate.path, candidate.member) as path,
        reader.split(connection, path, candidate.export, settings, people) as document,
    ):
        notes = tuple(document.notes)
        first = reader.KINDS[0]
        for event, seen in (dict(document.parts) or {first: ReadResult(first, "", ())}).items():
            part = replace(candidate, export=candidate.export.model_copy(update={"event": event}))
            told = _told(declared(candidate.name, part.export, part.export.kind, settings), document)
            limits = time_limits(told, settings, now)
            try:
                seen, resolved, masked = _make_typed(connection, part, seen, settings, people, limits)
            except OUR_OWN:
                raise
            except duckdb.Error as error:
                raise damaged(candidate.name, error) from error
            yield Part(part, seen, resolved, told, notes, masked)
            notes = ()


def _told(told: Declared, document: Document) -> Declared:
    """What the settings or the file name say, else what the document says about itself."""
    covered = document.covered if told.covered_from is None else None
    return Declared(
        covered[0] if covered else told.covered_from,
        covered[1] if covered else told.covered_to,
        told.exported_at or document.exported_at,
        told.exported_after or (None if told.exported_at else document.exported_at),
    )


@contextmanager
def _typed(
    connection: duckdb.DuckDBPyConnection,
    candidate: Candidate,
    settings: Settings,
    people: People,
    limits: tuple[str, str],
) -> Iterator[tuple[ReadResult, Resolved, int]]:
    """Temp table `typed`: every row that splits, typed in one pass over the file; see
    typed_rows.typed_select.
    """
    with unpacked(candidate.path, candidate.member) as path:
        module, _ = reader_for(path)
        for is_careful in (False, True):
            with module.read(connection, path, is_careful) as seen:
                if seen.headers:
                    seen = made_long(candidate.name, candidate.export, seen)
                if seen.headers and candidate.export.event == "aliases" and not seen.has_row_numbers:
                    # Their rules compare rows with each other, which loses the order of the file.
                    numbered = f"(select row_number() over () as row_number, * from {seen.relation})"
                    seen = replace(seen, relation=numbered, has_row_numbers=True)
                try:
                    told = _make_typed(connection, candidate, seen, settings, people, limits)
                except OUR_OWN:
                    raise
                except duckdb.Error as error:
                    if is_careful:
                        raise damaged(candidate.name, error) from error
                    continue
                yield told
                return


def _make_typed(
    connection: duckdb.DuckDBPyConnection,
    candidate: Candidate,
    seen: ReadResult,
    settings: Settings,
    people: People,
    limits: tuple[str, str],
) -> tuple[ReadResult, Resolved, int]:
    """Make temp table `typed` of what a reader saw, where it saw a row at all."""
    kind = candidate.export.kind
    if not seen.headers:
        return seen, Resolved(kind, (), (), ()), 0
    resolved = resolve(
        kind, seen, candidate.export, settings, candidate.name, limits, is_forgetting=bool(people.forgotten)
    )
    seen, masked = make_typed(connection, resolved, seen, people)
    reject_wrong_totals(connection, resolved)
    if not seen.is_document:
        refuse_rounded_ids(connection, resolved, candidate.name)
    return seen, resolved, masked
