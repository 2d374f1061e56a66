"""Merging the rows of one file into `raw.*`: the same tables whatever the order and number of loads.

Every row has an `event_key`; every file a version, ordered by (exported_at, file name, content hash). A
key is
held with its latest version's content, so loading is a maximum over versions and does not depend on the order
in which files arrive. Orders are replaced whole: a later export of an order replaces all its lines.
"""

from __future__ import annotations

import duckdb

from pipelines.contract import Kind
from pipelines.raw import fill_columns


def older_loads(connection: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Make temp tables `older` and `newer`: loads whose version is before and after that of `load_id`."""
    for name, sign in (("older", "<"), ("newer", ">")):
        connection.execute(
            f"""
            create or replace temp table {name} as
            select other.load_id
            from raw.loads as other, raw.loads as mine
            where mine.load_id = {load_id} and other.load_id <> mine.load_id
                and (coalesce(other.exported_at, timestamp '1970-01-01'), other.file_name, other.load_id)
                {sign} (coalesce(mine.exported_at, timestamp '1970-01-01'), mine.file_name, mine.load_id)
            """
        )


def merge_rows(
    connection: duckdb.DuckDBPyConnection, kind: Kind, load_id: int, names: tuple[str, ...]
) -> int:
    """Merge view `incoming`, whose columns are `names`, row by row; returns how many rows were kept."""
    table, winners, columns = f"raw.{kind.table}", "incoming", ", ".join(names)
    fill_columns(connection, kind, names)
    key = _key(kind, names)
    if (kind.own_id or kind.key) and _repeats(connection, kind, key):
        # The same key twice in one file: the later row is the newer state.
        winners = "winners"
        connection.execute(
            f"""
            create or replace temp table winners as
            select * from incoming
            qualify row_number() over (
                partition by source, {key} order by incoming.row_number desc, place desc) = 1
            """
        )
    connection.execute(
        f"""
        create or replace temp table met as
        select held.rowid as held_row, new.place
        from {table} as held join {winners} as new using (source, {key})
        """
    )
    if connection.execute("select count(*) from met").fetchone() == (0,):
        return _insert(connection, f"insert into {table} ({columns}) select {columns} from {winners}")
    older_loads(connection, load_id)
    is_same = " and ".join(
        f"held.{name} is not distinct from new.{name}" if name in names else f"held.{name} is null"
        for name in kind.names
    )
    connection.execute(
        f"""
        create or replace temp table known as
        select met.held_row, met.place, {is_same} as is_same,
            held.load_id in (select load_id from older) as is_older, new.load_id, new.row_number
        from met
        join {table} as held on held.rowid = met.held_row
        join {winners} as new on new.place = met.place
        """
    )
    connection.execute(
        f"""
        update {table} set load_id = known.load_id, row_number = known.row_number
        from known where {table}.rowid = known.held_row and known.is_same and known.is_older
        """
    )
    connection.execute(
        f"delete from {table} where rowid in (select held_row from known where not is_same and is_older)"
    )
    kept = connection.execute(
        f"""
        insert into {table} ({columns})
        select {columns} from {winners}
        where place not in (select place from known where is_same or not is_older)
        """
    ).fetchone()
    return int(kept[0]) if kept else 0


def _insert(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    """Insert rows in any order, as each has its number; returns how many.

    In the order of the file, each batch of its reader would end in a group of few rows, and the checkpoint
    write most groups a second time to join them. Where it fails, load._in_transaction sets the order right:
    a transaction that has failed takes no statement.
    """
    connection.execute("set preserve_insertion_order = false")
    kept = connection.execute(statement).fetchone()
    connection.execute("set preserve_insertion_order = true")
    return int(kept[0]) if kept else 0


def _key(kind: Kind, names: tuple[str, ...]) -> str:
    """SQL of the columns that tell rows of a source apart: the ids of which `event_key` is made where every
    row has one, as texts need not be put together to be compared.
    """
    return f"group_id, {kind.own_id}" if kind.is_vast and "content_key" not in names else "event_key"


def _repeats(connection: duckdb.DuckDBPyConnection, kind: Kind, key: str) -> bool:
    """Whether a key may stand twice in the file. Numbers are counted far faster than texts, and two keys of
    one number only cost a second look. Ids that rise from row to row, as in most logs, need no counting.
    """
    if key != "event_key":
        own = kind.own_id
        rows, rising = connection.execute(
            f"select count(*), count(*) filter ({own} > before) "
            f"from (select {own}, lag({own}) over () as before from incoming)"
        ).fetchone() or (0, 0)
        # All but the first row, so that it was one row of neighbours.
        if rows - rising <= 1:
            return False
    told = f"count(*), count(distinct hash({key}))"
    rows, keys = connection.execute(f"select {told} from incoming").fetchone() or (0, 0)
    return bool(rows != keys)
