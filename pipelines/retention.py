"""What is not kept: events older than the settings allow, and texts of messages unless they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.contract import CONTRACT
from pipelines.settings import Settings

EVENT_TABLES = tuple(kind.table for kind in CONTRACT.values() if kind.is_event)


@dataclass(frozen=True)
class Swept:
    """What was removed: the first day that is kept (None: all are) and rows per table."""

    kept_from: date | None
    rows: dict[str, int]


def set_text_column(connection: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Give raw.messages the column `text`, or take it away with all it holds; True where it went."""
    has = connection.execute(
        "select count(*) from duckdb_columns() where schema_name = 'raw' and table_name = 'messages' "
        "and column_name = 'text' and database_name = current_database()"
    ).fetchone() == (1,)
    if settings.privacy.keep_text and not has:
        connection.execute("alter table raw.messages add column text varchar")
        connection.execute("comment on column raw.messages.text is 'text, kept because the settings say so'")
    elif has and not settings.privacy.keep_text:
        connection.execute("alter table raw.messages drop column text")
        return True
    return False


def sweep(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Swept:
    """Remove events of days before the last covered day less `retention_days`; writes raw.retention, from
    which the models know that those days are not covered.
    """
    days = settings.privacy.retention_days
    row = connection.execute(
        """
        select max(covered_to) - ?::integer from raw.loads
        where event_kind in ('join', 'message', 'order', 'invite')
        """,
        [days],
    ).fetchone()
    kept_from = row[0] if days and row else None
    rows: dict[str, int] = {}
    if kept_from is not None:
        for table in (*EVENT_TABLES, "orders_history"):
            told = connection.execute(f"delete from raw.{table} where day < ?", [kept_from]).fetchone()
            if told and told[0]:
                rows[table] = int(told[0])
        connection.execute(
            """
            delete from raw.order_versions where (source, order_id, order_hash) not in (
                select (source, order_id, order_hash) from raw.orders
                union
                select (source, order_id, order_hash) from raw.orders_history)
            """
        )
        # What is kept of refused rows has no day of its own: it goes with its file.
        connection.execute(
            """
            update raw.rejects set raw_row = null
            where load_id in (select load_id from raw.loads where covered_to < ?) and raw_row is not null
            """,
            [kept_from],
        )
    connection.execute("delete from raw.retention")
    connection.execute("insert into raw.retention values (?)", [kept_from])
    return Swept(kept_from, rows)
