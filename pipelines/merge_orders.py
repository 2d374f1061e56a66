"""Merging orders into `raw.orders`, whole orders at a time: a later export of an order replaces all its
lines.

Every content an order was ever exported with is a row of `raw.order_versions`, with the earliest and the
latest export that show it; lines of contents that are not the latest stand in `raw.orders_history`.
"""

from __future__ import annotations

import duckdb

from pipelines.contract import Kind
from pipelines.merge import older_loads
from pipelines.raw import raw_columns


def merge_orders(
    connection: duckdb.DuckDBPyConnection, kind: Kind, load_id: int, filled: tuple[str, ...]
) -> int:
    """Merge view `incoming` of order lines, whose columns are `filled`; returns how many rows were kept."""
    names = ", ".join(filled)
    columns = ", ".join(name for name, _, _ in raw_columns(kind))
    known = connection.execute(
        "select count(*) from raw.order_versions "
        "where (source, order_id) in (select (source, order_id) from incoming)"
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
    older_loads(connection, load_id)
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
            order by load.exported_at desc nulls last, load.file_name desc, load.load_id desc) = 1
        """
    )
    # Lines of contents that are no longer, or not, the latest go to the history; a content that is the
    # latest again comes back from it.
    connection.execute(
        f"""
        insert into raw.orders_history ({names})
        select {names} from incoming
        where (source, order_id, order_hash) in (
                select (source, order_id, order_hash) from seen where not is_known)
            and (source, order_id, order_hash) not in (select (source, order_id, order_hash) from latest)
        """
    )
    connection.execute(
        f"""
        insert into raw.orders_history ({columns})
        select {columns} from raw.orders
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
        where (source, order_id, order_hash) in (
                select (source, order_id, order_hash) from seen where not is_known)
            and (source, order_id, order_hash) in (select (source, order_id, order_hash) from latest)
        """
    )
    back = """
        where (source, order_id, order_hash) in (
                select (version.source, version.order_id, version.order_hash)
                from raw.order_versions as version
                join latest using (source, order_id, order_hash) where not version.is_current)
            and (source, order_id) not in (select (source, order_id) from raw.orders)
    """
    connection.execute(f"insert into raw.orders ({columns}) select {columns} from raw.orders_history {back}")
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
    # The lines keep the load of the latest export that shows them, so that the tables do not depend on the
    # order.
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
        where (source, order_id, order_hash) in (
                select (source, order_id, order_hash) from seen where not is_known)
        """
    ).fetchone()
    return int(kept[0]) if kept else 0
