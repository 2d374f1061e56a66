"""Merging the rows of one file into `raw.*`: the same tables whatever the order and number of loads.

Every row has an `event_key`; every file a version, ordered by (exported_at, file name, content hash). A key is
held with its latest version's content, so loading is a maximum over versions and does not depend on the order
in which files arrive. Orders are replaced whole: a later export of an order replaces all its lines.
"""

from __future__ import annotations

import duckdb

from pipelines.contract import Kind
from pipelines.raw import raw_columns


def content_hash(columns: tuple[str, ...]) -> str:
    """SQL: hash of a row's canonical columns; NULL and empty text differ."""
    return "md5(concat_ws(chr(31), " + ", ".join(f"coalesce(cast({c} as varchar), chr(30))" for c in columns) + "))"


def key_columns(kind: Kind) -> str:
    """SQL: `row_hash` and `event_key` over a relation of typed rows with `row_number`."""
    content = content_hash(kind.names)
    ordinal = f"{content} || '#' || row_number() over (partition by {content} order by row_number)"
    if kind.own_id:
        # A platform's message id may be unique in its group only.
        own = f"group_id || '/' || {kind.own_id}"
        key = f"case when {kind.own_id} is not null then {own} else {ordinal} end"
    elif kind.key:
        key = "concat_ws('/', " + ", ".join(f"coalesce(cast({c} as varchar), '')" for c in kind.key) + ")"
    else:
        key = ordinal
    return f"{content} as row_hash, {key} as event_key"


def older_loads(connection: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Make temp tables `older` and `newer`: loads whose version is before and after that of `load_id`."""
    for name, sign in (("older", "<"), ("newer", ">")):
        connection.execute(
            f"""
            create or replace temp table {name} as
            select other.load_id
            from raw.loads as other, raw.loads as mine
            where mine.load_id = {load_id} and other.load_id <> mine.load_id
                and (coalesce(other.exported_at, timestamp '1970-01-01'), other.file_name, other.sha256)
                {sign} (coalesce(mine.exported_at, timestamp '1970-01-01'), mine.file_name, mine.sha256)
            """
        )


def merge_rows(connection: duckdb.DuckDBPyConnection, kind: Kind) -> int:
    """Merge temp table `incoming` (columns of the raw table) row by row; returns how many rows were kept."""
    table, names = f"raw.{kind.table}", ", ".join(name for name, _, _ in raw_columns(kind))
    is_keyed = bool(kind.own_id or kind.key)
    if is_keyed:
        # The same key twice in one file: the later row is the newer state.
        connection.execute(
            """
            create or replace temp table winning_rows as
            select * from incoming
            qualify row_number() over (partition by source, event_key order by incoming.row_number desc) = 1
            """
        )
    winners = "winning_rows" if is_keyed else "incoming"
    connection.execute(f"create or replace temp view winners as select * from {winners}")
    if is_keyed:
        connection.execute(
            f"""
            create or replace temp table known as
            select held.rowid as held_row, held.event_key, held.source, held.row_hash = new.row_hash as is_same,
                held.load_id in (select load_id from older) as is_older, new.load_id, new.row_number
            from {table} as held join winners as new using (source, event_key)
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
            insert into {table} ({names})
            select {names} from winners
            where (source, event_key) not in (select (source, event_key) from known where is_same or not is_older)
            """
        ).fetchone()
    else:
        kept = connection.execute(
            f"""
            insert into {table} ({names})
            select {names} from winners
            where not exists (
                select 1 from {table} as held
                where held.source = winners.source and held.event_key = winners.event_key)
            """
        ).fetchone()
    return int(kept[0]) if kept else 0


def merge_orders(connection: duckdb.DuckDBPyConnection, kind: Kind) -> int:
    """Merge temp table `incoming` of order lines, whole orders at a time; returns how many rows were kept."""
    names = ", ".join(name for name, _, _ in raw_columns(kind))
    known = connection.execute(
        "select count(*) from raw.order_versions where (source, order_id) in (select (source, order_id) from incoming)"
    ).fetchone()
    if known == (0,):
        connection.execute(
            """
            insert into raw.order_versions
            select distinct source, order_id, order_hash, load_id, load_id, true from incoming
            """
        )
        kept = connection.execute(f"insert into raw.orders ({names}) select {names} from incoming").fetchone()
        return int(kept[0]) if kept else 0
    connection.execute(
        """
        create or replace temp table seen as
        select new.source, new.order_id, new.order_hash, any_value(new.load_id) as load_id,
            any_value(version.order_hash) is not null as is_known
        from (select distinct source, order_id, order_hash, load_id from incoming) as new
        left join raw.order_versions as version using (source, order_id, order_hash)
        group by all
        """
    )
    connection.execute(
        """
        update raw.order_versions as version set
            first_load_id = case when version.first_load_id in (select load_id from newer) then seen.load_id
                else version.first_load_id end,
            last_load_id = case when version.last_load_id in (select load_id from older) then seen.load_id
                else version.last_load_id end
        from seen
        where version.source = seen.source and version.order_id = seen.order_id
            and version.order_hash = seen.order_hash
        """
    )
    connection.execute(
        "insert into raw.order_versions "
        "select source, order_id, order_hash, load_id, load_id, false from seen where not is_known"
    )
    connection.execute(
        """
        create or replace temp table latest as
        select version.source, version.order_id, version.order_hash, version.last_load_id
        from raw.order_versions as version
        join seen on version.source = seen.source and version.order_id = seen.order_id
        join raw.loads as load on load.load_id = version.last_load_id
        qualify row_number() over (
            partition by version.source, version.order_id
            order by load.exported_at desc nulls last, load.file_name desc, load.sha256 desc) = 1
        """
    )
    # Lines of contents that are no longer, or not, the latest go to the history; a content that is the
    # latest again comes back from it.
    connection.execute(
        f"""
        insert into raw.orders_history ({names})
        select {names} from incoming
        where (source, order_id, order_hash) in (select (source, order_id, order_hash) from seen where not is_known)
            and (source, order_id, order_hash) not in (select (source, order_id, order_hash) from latest)
        """
    )
    connection.execute(
        f"""
        insert into raw.orders_history ({names})
        select {names} from raw.orders
        where (source, order_id) in (select (source, order_id) from latest)
            and (source, order_id, order_hash) not in (select (source, order_id, order_hash) from latest)
        """
    )
    connection.execute(
        """
        delete from raw.orders
        where (source, order_id) in (select (source, order_id) from latest)
            and (source, order_id, order_hash) not in (select (source, order_id, order_hash) from latest)
        """
    )
    connection.execute(
        f"""
        insert into raw.orders ({names})
        select {names} from incoming
        where (source, order_id, order_hash) in (select (source, order_id, order_hash) from seen where not is_known)
            and (source, order_id, order_hash) in (select (source, order_id, order_hash) from latest)
        """
    )
    back = """
        where (source, order_id, order_hash) in (
                select (version.source, version.order_id, version.order_hash) from raw.order_versions as version
                join latest using (source, order_id, order_hash) where not version.is_current)
            and (source, order_id) not in (select (source, order_id) from raw.orders)
    """
    connection.execute(f"insert into raw.orders ({names}) select {names} from raw.orders_history {back}")
    connection.execute(
        """
        delete from raw.orders_history
        where (source, order_id, order_hash) in (select (source, order_id, order_hash) from latest)
        """
    )
    connection.execute(
        """
        update raw.order_versions as version set is_current = latest.order_hash = version.order_hash
        from latest where latest.source = version.source and latest.order_id = version.order_id
        """
    )
    # The lines keep the load of the latest export that shows them, so that the tables do not depend on the order.
    connection.execute(
        """
        update raw.orders set load_id = latest.last_load_id
        from latest
        where raw.orders.source = latest.source and raw.orders.order_id = latest.order_id
            and raw.orders.load_id <> latest.last_load_id
        """
    )
    kept = connection.execute(
        """
        select count(*) from incoming
        where (source, order_id, order_hash) in (select (source, order_id, order_hash) from seen where not is_known)
        """
    ).fetchone()
    return int(kept[0]) if kept else 0
