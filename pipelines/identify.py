"""Who is who while files are loaded: pseudonyms are made and remembered, the forgotten stay out.

Names are remembered in the local file beside the key, never in the warehouse.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.cells import FORGOTTEN
from pipelines.errors import SettingsError
from pipelines.mapping import Resolved
from pipelines.people import People, key_file, prepare_sql, pseudonym_sql
from pipelines.plain_rows import odd_rows, plain_select, put_back
from pipelines.readers import ReadResult
from pipelines.settings import Settings
from pipelines.typed_rows import typed_select


def people_of(connection: duckdb.DuckDBPyConnection, settings: Settings) -> People:
    """The pseudonyms of this machine, with whom the warehouse is to forget; readies the connection for both.

    Raises SettingsError when people were forgotten under another key: their ids could not be known again.
    """
    people = People(key_file(settings.privacy.key_file))
    tombs = connection.execute("select tombstone, key_id from raw.tombstones order by all").fetchall()
    if tombs and (not people.path.exists() or {key_id for _, key_id in tombs} != {people.key_id}):
        raise SettingsError(
            f"{people.path}: this is not the key under which people were forgotten here, so that their rows "
            "would come back. Restore that key, or name its file in [privacy] key_file."
        )
    people.forgotten = frozenset(tomb for tomb, _ in tombs)
    connection.execute("set variable forgotten = ?::varchar[]", [sorted(people.forgotten)])
    if people.path.exists():
        prepare_sql(connection, people.key)
    else:
        connection.execute("set variable hmac_inner = null::blob")
    return people


def _drop_parents(connection: duckdb.DuckDBPyConnection, resolved: Resolved) -> None:
    """Replies to messages of the forgotten, in the same file, answer nobody."""
    problems = [reason for _, _, reason in resolved.problems]
    if resolved.kind.name != "message" or "message_id" not in resolved.has:
        return
    for name in {"reply_to_message_id", "thread_id"} & resolved.has:
        connection.execute(
            f"""
            update typed set {name} = null
            where (group_id, {name}) in (
                select (group_id, message_id) from typed
                where wrong <= {problems.count(FORGOTTEN)} and message_id is not null)
            """
        )


def anyone(connection: duckdb.DuckDBPyConnection, key: bytes) -> People:
    """Pseudonyms of a key that nobody keeps, for looking at a file: nothing is remembered or left out."""
    connection.execute("set variable forgotten = []::varchar[]")
    prepare_sql(connection, key)
    return People(Path(), _key=key)


def make_typed(
    connection: duckdb.DuckDBPyConnection, resolved: Resolved, seen: ReadResult, people: People
) -> tuple[ReadResult, int]:
    """Temp table `typed` (typed_rows.typed_select) with pseudonyms in the place of numbers and addresses.

    Returns what the reader saw, with what tells the number of a row in `typed`, and how many cells held a
    masked number, which is nobody's id.
    """
    plain = plain_select(resolved, seen)
    if plain is None:
        masked = _make_careful(connection, resolved, seen, people, "typed")
        if people.forgotten:
            _drop_parents(connection, resolved)
        # Blank rows, counted by nobody; the others keep their rowid and with it their number.
        connection.execute("delete from typed where wrong = 0")
        return seen, masked
    connection.execute(f"create or replace temp table typed as {plain}")
    if connection.execute("select count(odd) from typed").fetchone() == (0,):
        return seen, 0
    masked = _make_careful(connection, resolved, odd_rows(seen), people, "careful")
    connection.execute("delete from careful where wrong = 0")
    return put_back(connection, seen), masked


def _make_careful(
    connection: duckdb.DuckDBPyConnection, resolved: Resolved, seen: ReadResult, people: People, name: str
) -> int:
    """Temp table `name` of typed_rows.typed_select; returns how many cells held a masked number. The key is
    made when somebody needs it.
    """
    create = f"create or replace temp table {name} as {typed_select(resolved, seen)}"
    connection.execute(create)
    found, masked, is_ready = connection.execute(
        f"select count(who), coalesce(sum(masked), 0), getvariable('hmac_inner') is not null from {name}"
    ).fetchone() or (0, 0, False)
    if found:
        if not is_ready:
            prepare_sql(connection, people.key)
            connection.execute(create)
        people.learn(
            connection.execute(
                f"""
                with named as (select distinct unnest(who) as name from {name} where who is not null)
                select {pseudonym_sql("name")}, name from named order by name
                """
            ).fetchall()
        )
    return int(masked)
