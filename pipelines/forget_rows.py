"""Taking a person out of `raw.*`: rows of theirs go, rows of others that name them are blanked.

What stays is as it would be had the person never been loaded: contents and keys of blanked rows are made
anew, so that the next export of the same row is known again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from pipelines.cells import FORGOTTEN, names_its_row, without_sql
from pipelines.contacts import people_in_sql
from pipelines.contract import CONTRACT, Kind
from pipelines.incoming import content_hash
from pipelines.raw import stored_columns

GONE = "(select id from gone)"


@dataclass(frozen=True)
class Removed:
    """How many rows of each raw table went, and how many of others were blanked."""

    rows: dict[str, int]
    blanked: dict[str, int]


def ids_of(connection: duckdb.DuckDBPyConnection, start: Iterable[str]) -> tuple[tuple[str, ...], int]:
    """(all ids of a person that aliases join to the given ones, how many of them are somebody else's too).

    An id that was handed on (a phone) belongs to two people by turns; it is left to the other.
    """
    ids, shared = set(start), set[str]()
    while True:
        known = sorted(ids)
        found = connection.execute(
            """
            with several as (
                select alias_id from raw.aliases group by alias_id having count(distinct member_id) > 1
            )
            select alias_id, alias_id in (select alias_id from several) from raw.aliases
            where list_contains($1::varchar[], member_id)
            union
            select member_id, false from raw.aliases
            where list_contains($1::varchar[], alias_id) and alias_id not in (select alias_id from several)
            """,
            [known],
        ).fetchall()
        shared |= {name for name, is_shared in found if is_shared and name not in ids}
        more = {name for name, is_shared in found if not is_shared} - ids
        if not more:
            return tuple(known), len(shared)
        ids |= more


def remove_person(connection: duckdb.DuckDBPyConnection, ids: Iterable[str]) -> Removed:
    """Take everybody in `ids` out of the raw tables; returns what went and what was blanked."""
    name_gone(connection, ids)
    # Replies to them are found before their messages are gone.
    connection.execute(
        f"""
        create or replace temp table gone_messages as
        select source, group_id, message_id from raw.messages
        where member_id in {GONE} and message_id is not null
        """
    )
    rows: dict[str, int] = {}
    blanked: dict[str, int] = {}
    for kind in CONTRACT.values():
        own = [column.name for column in kind.columns if names_its_row(column)]
        for table in (kind.table, "orders_history") if kind.name == "order" else (kind.table,):
            if own:
                is_theirs = " or ".join(f"{name} in {GONE}" for name in own)
                rows[table] = _count(connection, f"delete from raw.{table} where {is_theirs}")
            blanked[table] = _blank(connection, kind, table)
    _renew_orders(connection)
    return Removed(_some(rows), _some(blanked))


def name_gone(connection: duckdb.DuckDBPyConnection, ids: Iterable[str]) -> None:
    """Say who is to go, as temp table `gone` and as a variable for where a table cannot be asked."""
    connection.execute("set variable gone = ?::varchar[]", [sorted(set(ids))])
    connection.execute("create or replace temp table gone as select unnest(getvariable('gone')) as id")


def hide_rejects(connection: duckdb.DuckDBPyConnection, load_id: int, numbers: list[int] | None) -> int:
    """Blank what is kept of refused rows of one load; None: of all, where nobody can tell whose they are."""
    which = "" if numbers is None else "and list_contains($2::bigint[], row_number)"
    query = f"""
        update raw.rejects set raw_row = null,
            reason = {f"'{FORGOTTEN}'" if numbers is not None else "reason"}
        where load_id = $1 and raw_row is not null {which}
    """
    return _count(connection, query, [load_id] if numbers is None else [load_id, numbers])


def _blank(connection: duckdb.DuckDBPyConnection, kind: Kind, table: str) -> int:
    """Blank the columns of others' rows that name the person, and make those rows' hashes and keys anew."""
    values: dict[str, str] = {}
    touched: list[str] = []
    stored = stored_columns(connection, table)
    for column in kind.columns:
        name = column.name
        if name not in stored or not column.is_personal or names_its_row(column):
            continue
        if column.type == "id":
            touched.append(f"{name} in {GONE}")
            values[name] = f"case when {name} in {GONE} then null else {name} end"
        else:
            several, is_gone = people_in_sql(name), "list_contains(getvariable('gone'), one)"
            touched.append(f"len(list_filter({several}, lambda one: {is_gone})) > 0")
            values[name] = without_sql(name, several, is_gone)
    if kind.name == "message":
        for name in sorted(stored & {"reply_to_message_id", "thread_id"}):
            is_theirs = f"(source, group_id, {name}) in (from gone_messages)"
            touched.append(is_theirs)
            values[name] = f"case when {is_theirs} then null else {name} end"
    if not touched:
        return 0
    connection.execute(
        f"create or replace temp table touched as select rowid as place from raw.{table} "
        f"where {' or '.join(f'coalesce({condition}, false)' for condition in touched)}"
    )
    told = connection.execute("select count(*) from touched").fetchone() or (0,)
    if told != (0,):
        here = f"raw.{table}.rowid in (select place from touched)"
        sets = ", ".join(f"{name} = {value}" for name, value in values.items())
        connection.execute(f"update raw.{table} set {sets} where {here}")
        # Of vast kinds the hash is computed from the key, whose ordinal is counted anew below.
        anew = content_hash(kind, set(kind.names))
        sets = f"content_key = {anew} || '#0'" if kind.is_vast else f"row_hash = {anew}"
        connection.execute(f"update raw.{table} set {sets} where {here} and row_hash is not null")
        if not kind.key:
            _renew_keys(connection, kind, table)
    return int(told[0])


def _renew_keys(connection: duckdb.DuckDBPyConnection, kind: Kind, table: str) -> None:
    """Rows without an id of their own are known by their content and place among equals: count these anew."""
    without_id = f"and {kind.own_id} is null" if kind.own_id else ""
    key = "content_key" if kind.is_vast else "event_key"
    connection.execute(
        f"""
        update raw.{table} set {key} = anew.{key}
        from (
            select rowid as place,
                row_hash || '#' || row_number() over (
                    partition by source, row_hash order by event_key, load_id, row_number) as {key}
            from raw.{table}
            where row_hash in (
                select row_hash from raw.{table} where rowid in (select place from touched)) {without_id}
        ) as anew
        where raw.{table}.rowid = anew.place
        """
    )


def _renew_orders(connection: duckdb.DuckDBPyConnection) -> None:
    """Contents of whole orders follow those of their lines; contents without lines are gone."""
    connection.execute(
        """
        create or replace temp table order_contents as
        select source, order_id, order_hash,
            md5(string_agg(row_hash, ',' order by line_number, row_hash)) as new_hash
        from (
            select source, order_id, order_hash, row_hash, line_number from raw.orders
            union all
            select source, order_id, order_hash, row_hash, line_number from raw.orders_history
        )
        group by source, order_id, order_hash
        """
    )
    connection.execute(
        """
        delete from raw.order_versions
        where (source, order_id, order_hash) not in (
            select (source, order_id, order_hash) from order_contents)
        """
    )
    for table in ("orders", "orders_history", "order_versions"):
        connection.execute(
            f"""
            update raw.{table} as held set order_hash = anew.new_hash
            from order_contents as anew
            where held.source = anew.source and held.order_id = anew.order_id
                and held.order_hash = anew.order_hash and anew.order_hash <> anew.new_hash
            """
        )


def _count(connection: duckdb.DuckDBPyConnection, query: str, values: list[object] | None = None) -> int:
    row = connection.execute(query, values or []).fetchone()
    return int(row[0]) if row else 0


def _some(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
