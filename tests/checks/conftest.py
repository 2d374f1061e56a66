"""Real warehouses for the gates: one with sound raw rows, one with sound built tables; tests break them."""
# Rows of data read better in long lines.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.checks.generic import PUBLISHED
from pipelines.contract import CONTRACT
from pipelines.raw import create_raw, fill_columns

from .built_tables import BUILT, GRAINS

LOADED = """
insert into raw.loads by name
    select 1 as load_id, 'joins.csv' as file_name, 'a1' as sha256, 'main' as source, 'join' as event_kind,
        3 as rows_read, 3 as rows_kept, 0 as rows_duplicate, 0 as rows_rejected, date '2026-01-05' as covered_from,
        date '2026-01-11' as covered_to, timestamp '2026-01-12' as exported_at
    union all
    select 2, 'messages.csv', 'a2', 'main', 'message', 5, 3, 1, 1, date '2026-01-05', date '2026-01-11',
        timestamp '2026-01-12';
insert into raw.loads by name
    select 3 as load_id, 'orders.csv' as file_name, 'a3' as sha256, 'main' as source, 'order' as event_kind,
        3 as rows_read, 3 as rows_kept, 0 as rows_duplicate, 0 as rows_rejected, date '2026-01-05' as covered_from,
        date '2026-01-11' as covered_to, timestamp '2026-01-12' as exported_at;
update raw.loads set rows_read = 50, rows_kept = 48 where load_id = 2;
insert into raw.rejects by name
    select 2 as load_id, 4 as row_number, 'occurred_at' as column_name, 'not a time' as reason;
insert into raw.groups by name
    select 'g1' as group_id, 'selling' as group_type, 'main' as source, 1 as load_id, 1 as row_number,
        'g1' as event_key;
insert into raw.joins by name
    select 'g1' as group_id, 'member' || i as member_id, timestamp '2026-01-05 03:00:00' as occurred_at,
        'join' as action, 'qr' as scene, 'main' as source, 1 as load_id, i as row_number, 'j' || i as event_key,
        date '2026-01-05' as day
    from range(1, 4) as numbers(i);
insert into raw.messages by name
    select 'g1' as group_id, 'member' || i as member_id, timestamp '2026-01-06 03:00:00' as occurred_at,
        'm' || i as message_id, 'text' as kind, case when i > 1 then 'm1' end as reply_to_message_id,
        'main' as source, 2 as load_id, i as row_number, date '2026-01-06' as day
    from range(1, 4) as numbers(i);
insert into raw.campaigns by name
    select 'c1' as campaign_id, 'coupon' as campaign_type, 5 as spend, 'main' as source, 'c1' as event_key;
insert into raw.products by name select 'p1' as product_id, 1 as cost, 'main' as source, 'p1' as event_key;
insert into raw.orders by name
    select 'order' || i as order_id, timestamp '2026-01-07 03:00:00' as ordered_at,
        timestamp '2026-01-07 03:01:00' as paid_at, case when i = 3 then -10 else 25.5 end as amount,
        case when i = 3 then 'refund' else 'sale' end as kind, 'member' || i as member_id, 1 as line_number,
        case when i = 3 then 'order1' end as refund_of_order_id, 'c1' as campaign_id, 'p1' as product_id,
        'main' as source, 3 as load_id, i as row_number, 'order' || i as event_key, date '2026-01-07' as day
    from range(1, 4) as numbers(i);
insert into raw.invites by name
    select 'g1' as group_id, 'member1' as inviter_id, 'member2' as invitee_id,
        timestamp '2026-01-05 02:00:00' as invited_at, 5 as reward_cost, 'main' as source, 1 as load_id,
        1 as row_number, 'i1' as event_key, date '2026-01-05' as day;
insert into raw.gifts by name
    select 'f1' as gift_id, 'lead' as gift_kind, 2.5 as unit_cost, 'main' as source, 'f1' as event_key;
"""


def loaded_warehouse() -> duckdb.DuckDBPyConnection:
    """A new warehouse in memory whose raw rows pass gate 1."""
    connection = duckdb.connect()
    create_raw(connection)
    fill_columns(connection, CONTRACT["message"], ["kind", "reply_to_message_id"])
    connection.execute(LOADED)
    return connection


def built_warehouse() -> duckdb.DuckDBPyConnection:
    """The same with small built tables, which pass gate 2."""
    connection = loaded_warehouse()
    for schema in (*PUBLISHED, "quality"):
        connection.execute(f"create schema {schema}")
    connection.execute("create schema staging")
    for table in ("joins", "messages", "orders", "invites", "campaigns", "products", "gifts"):
        connection.execute(f"create view staging.{table} as select * from raw.{table}")
    connection.execute("create view staging.source_days as select distinct source, day from raw.joins")
    for table, select in BUILT.items():
        connection.execute(f"create table {table} as {select}")
    connection.execute("create table quality.models (schema_name varchar, table_name varchar, grain varchar)")
    connection.executemany(
        "insert into quality.models values (?, ?, ?)",
        [
            (*table.split("."), grain)
            for table, grain in (GRAINS | {table: GRAINS.get(table) for table in BUILT}).items()
        ],
    )
    return connection


@pytest.fixture(scope="session")
def _loaded() -> Iterator[duckdb.DuckDBPyConnection]:
    with loaded_warehouse() as connection:
        yield connection


@pytest.fixture(scope="session")
def _built() -> Iterator[duckdb.DuckDBPyConnection]:
    with built_warehouse() as connection:
        yield connection


@pytest.fixture
def loaded(_loaded: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse whose raw rows pass gate 1; what a test changes is rolled back."""
    _loaded.execute("begin")
    yield _loaded
    _loaded.execute("rollback")


@pytest.fixture
def built(_built: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same with small built tables that pass gate 2; what a test changes is rolled back."""
    _built.execute("begin")
    yield _built
    _built.execute("rollback")
