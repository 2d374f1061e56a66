"""A warehouse in memory with the macros, and events of a test's own in it."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.macros import install_macros
from tests.explore.funnels import Event

SETTINGS = (
    "create table core.settings as select 'Asia/Shanghai' as time_zone, 'monday' as week_starts, "
    "null::timestamp as watermark_join_at, null::timestamp as watermark_message_at, "
    "null::timestamp as watermark_order_at, null::timestamp as watermark_invite_at"
)


@pytest.fixture(scope="session")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """The macros, with settings in which nothing has a watermark."""
    connection = duckdb.connect()
    connection.execute("create schema core")
    connection.execute(SETTINGS)
    connection.execute(
        "create table core.events (member_id bigint, group_id varchar, event_name varchar, "
        "occurred_at timestamp, event_order bigint)"
    )
    install_macros(connection)
    yield connection
    connection.close()


def fill(connection: duckdb.DuckDBPyConnection, events: list[Event], table: str = "own_events") -> None:
    """Lay events into a table; event_order is a column only where an event has one."""
    has_order = any(e.order is not None for e in events)
    order = ", event_order bigint" if has_order else ""
    connection.execute(
        f"create or replace table {table} (member_id bigint, event_name varchar, occurred_at timestamp, "
        f"value varchar{order})"
    )
    if events:
        cells = [[e.member for e in events], [e.name for e in events], [e.at for e in events]]
        cells += [[e.value for e in events], *([[e.order for e in events]] if has_order else [])]
        kinds = ("bigint", "varchar", "timestamp", "varchar", "bigint")
        told = ", ".join(f"unnest(?::{kind}[])" for kind in kinds[: len(cells)])
        # One statement: each row of `executemany` is planned by itself.
        connection.execute(f"insert into {table} select {told}", cells)
