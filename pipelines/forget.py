"""Forgetting a person: out of the warehouse, the names and the pages, and kept out by a keyed hash."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.contacts import contact, people_in_sql
from pipelines.errors import InputRefused
from pipelines.forget_rows import Removed, hide_rejects, ids_of, name_gone, remove_person
from pipelines.identify import people_of
from pipelines.inventory import every_export
from pipelines.mapping import TEXT
from pipelines.people import People
from pipelines.settings import Settings
from pipelines.typed import Part, typed_parts
from pipelines.warehouse import literal

PAGES = (".html", ".json", ".js", ".csv", ".txt", ".svg")


@dataclass(frozen=True)
class Forgotten:
    """What forgetting somebody took: their ids, rows removed and blanked, refused rows hidden, files of the
    inbox that still hold them (with rows), files that could not be read, ids that are somebody else's too.
    """

    ids: tuple[str, ...]
    removed: Removed
    rejects: int
    files: tuple[tuple[str, int], ...]
    unread: tuple[str, ...]
    shared: int


def forget_person(
    connection: duckdb.DuckDBPyConnection, inbox: Path, settings: Settings, member: str, now: datetime
) -> Forgotten:
    """Take a person (id, pseudonym, phone, e-mail address or name) out of the raw tables of a warehouse.

    Raises InputRefused where nobody here is known so, or several people are.
    """
    people = people_of(connection, settings)
    start = _start(connection, people, member.strip())
    ids, shared = ids_of(connection, start)
    # The files are looked through as if nobody had been forgotten, so that saying it again finds them too.
    anyone = People(people.path)
    files, unread, rejected = _look_through(connection, inbox, settings, anyone, ids, now)
    removed = remove_person(connection, ids)
    hidden = _hide(connection, rejected)
    if not (removed.rows or removed.blanked or files or any(people.find(one) for one in ids)):
        raise InputRefused(
            "Nobody here is known by that: neither in the warehouse, nor in the file of names, nor in the "
            "inbox. Give the id as the warehouse has it (groupfunnel sql), or the name as the chat writes it."
        )
    connection.executemany(
        "insert into raw.tombstones values (?, ?, ?)",
        [
            [tomb, people.key_id, now.astimezone(UTC).replace(tzinfo=None, microsecond=0)]
            for tomb in sorted({people.tombstone(one) for one in ids} - people.forgotten)
        ],
    )
    return Forgotten(ids, removed, hidden, files, unread, shared)


def _start(connection: duckdb.DuckDBPyConnection, people: People, member: str) -> set[str]:
    """The ids that a word of the user may mean."""
    if not member:
        raise InputRefused("Say whom: an id, a pseudonym, a phone number or a name.")
    if (number := contact(member)) is not None:
        return {people.keyed(number)}
    named = people.named(member)
    if len(named) > 1:
        which = "".join(f"\n  {told}  in {scope or 'every source'}" for told, scope in named)
        raise InputRefused(f"{len(named)} people are called so. Give the pseudonym of one of them:{which}")
    return {member, people.keyed(member), *(told for told, _ in named)}


def _look_through(
    connection: duckdb.DuckDBPyConnection,
    inbox: Path,
    settings: Settings,
    people: People,
    ids: Iterable[str],
    now: datetime,
) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...], dict[tuple[str, str], list[int]]]:
    """(files of the inbox with rows of the person, files that cannot be read, rows by (sha256, kind))."""
    name_gone(connection, ids)
    held: list[tuple[str, int]] = []
    unread: list[str] = []
    rows: dict[tuple[str, str], list[int]] = {}
    for candidate in every_export(inbox, settings):
        found = 0
        try:
            for part in typed_parts(connection, candidate, settings, people, now):
                if part.seen.headers:
                    numbers, named = _rows_of(connection, part)
                    rows[candidate.sha256, part.resolved.kind.name] = numbers
                    found += named
        except (InputRefused, duckdb.Error):
            unread.append(candidate.name)
        if found:
            held.append((candidate.name, found))
    return tuple(held), tuple(unread), rows


def _rows_of(connection: duckdb.DuckDBPyConnection, part: Part) -> tuple[list[int], int]:
    """(numbers of the rows of `typed` that name somebody who is to go, how many)."""
    conditions = [
        f"{item.column.name} in (select id from gone)"
        if item.column.type == "id"
        else f"list_has_any({people_in_sql(item.column.name)}, getvariable('gone'))"
        for item in part.resolved.bound
        if item.column.is_personal and item.column is not TEXT
    ]
    if not conditions:
        return [], 0
    number = part.seen.number
    is_theirs = " or ".join(f"coalesce({condition}, false)" for condition in conditions)
    numbers = connection.execute(f"select {number} from typed where {is_theirs}").fetchall()
    return [int(row[0]) for row in numbers], len(numbers)


def _hide(connection: duckdb.DuckDBPyConnection, rows: dict[tuple[str, str], list[int]]) -> int:
    """Blank refused rows of the person; of a file that is gone all, as nobody can tell whose they are."""
    loads = connection.execute(
        "select load_id, sha256, event_kind from raw.loads where rows_rejected > 0 order by load_id"
    ).fetchall()
    return sum(hide_rejects(connection, load_id, rows.get((sha, kind))) for load_id, sha, kind in loads)


def clean_pages(reports: Path, ids: Iterable[str]) -> int:
    """Blank the ids in pages that were published before; returns how many files changed."""
    wanted = {spelling for one in ids for spelling in (one, html.escape(one))}
    if not wanted or not reports.exists():
        return 0
    # A bare number could be part of a figure: it is an id only where it stands alone between tags or quotes.
    parts = []
    for one in sorted(wanted, key=lambda one: (-len(one), one)):
        told = re.escape(one)
        alone = rf"(?<=[>\"'])\s*{told}\s*(?=[<\"'])"
        parts.append(alone if one.isdigit() else rf"(?<![\w-]){told}(?![\w-])")
    pattern, changed = re.compile("|".join(parts)), 0
    for path in sorted(p for p in reports.rglob("*") if p.is_file() and p.suffix in PAGES):
        text = path.read_text(encoding="utf-8")
        cleaned = pattern.sub("•••", text)
        if cleaned != text:
            aside = path.with_name(path.name + ".next")
            aside.write_text(cleaned, encoding="utf-8", newline="")
            aside.replace(path)
            changed += 1
    return changed


def keep_tombstones(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Take the tombstones of another warehouse over: a rebuild from the exports must not undo them."""
    if not path.exists():
        return
    connection.execute(f"attach {literal(str(path))} as before (read_only)")
    try:
        told = connection.execute(
            "select 1 from duckdb_tables() where database_name = 'before' and table_name = 'tombstones'"
        ).fetchone()
        if told:
            connection.execute(
                "insert into raw.tombstones select * from before.raw.tombstones "
                "where tombstone not in (select tombstone from raw.tombstones)"
            )
    finally:
        connection.execute("detach before")
