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
        marks = "?, ?, ?, ?, ?" if has_order else "?, ?, ?, ?"
        connection.executemany(
            f"insert into {table} values ({marks})",
            [[e.member, e.name, e.at, e.value, *([e.order] if has_order else [])] for e in events],
        )
