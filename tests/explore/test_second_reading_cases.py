"""Hand-counted cases of what the second reading found in the macros."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from tests.explore.conftest import fill
from tests.explore.funnels import Event


def event(member: int, name: str, at: str, value: str | None = None) -> Event:
    """One event."""
    return Event(member, name, datetime.fromisoformat(at), None, value)


@pytest.mark.parametrize(
    ("as_of", "told"),
    [("2026-03-07", [(0, 1)]), ("2026-03-08", [(1, 0)])],
)
def test_a_mature_member_does_not_change_with_the_next_day(
    warehouse: duckdb.DuckDBPyConnection, as_of: str, told: list[tuple[int, int]]
) -> None:
    # Events that have dates only: the seven days from the 1st on end with the 8th.
    fill(warehouse, [event(1, "a", "2026-03-01"), event(1, "b", "2026-03-08"), event(2, "b", "2026-03-20")])
    rows = warehouse.execute(
        "select members, open_members from explore.funnel(['a', 'b'], interval 7 day, time_zone := 'UTC', "
        f"as_of := '{as_of}', events := 'own_events') where step = 2"
    ).fetchall()
    assert rows == told


def test_compare_in_mode_open_is_of_those_with_any_step(warehouse: duckdb.DuckDBPyConnection) -> None:
    told = [
        event(1, "a", "2026-03-01", "u"),
        event(2, "b", "2026-03-01", "u"),
        event(3, "b", "2026-03-01", "u"),
    ]
    fill(warehouse, [*told, event(4, "a", "2026-03-01", "v"), event(4, "b", "2026-03-02", "v")])
    rows = warehouse.execute(
        "select base_n, base_members, base_rate, other_n, other_members, other_rate "
        "from explore.compare(['a', 'b'], null, 'value', 'u', 'v', mode := 'open', events := 'own_events')"
    ).fetchall()
    assert rows == [(3, 2, pytest.approx(2 / 3), 1, 1, 1.0)]


def test_compare_of_open_windows_has_no_rates(warehouse: duckdb.DuckDBPyConnection) -> None:
    fill(
        warehouse,
        [event(1, "a", "2026-03-01", "u"), event(2, "a", "2026-03-01", "v"), event(3, "b", "2026-03-02")],
    )
    question = "explore.compare(['a', 'b'], interval 30 day, 'value', 'u', 'v', events := 'own_events'"
    rows = warehouse.execute(
        f"select base_n, base_rate, other_rate, difference, lift, z, p_value, is_significant from {question})"
    ).fetchall()
    assert rows == [(0, None, None, None, None, None, None, False)]
    with pytest.raises(duckdb.InvalidInputException, match="nobody entered with value 'u'"):
        warehouse.execute(f"from {question}, from_day := date '2030-01-01')").fetchall()


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("America/Havana", "2024-11-03", "2024-11-03 04:00"),  # 1:00 becomes 0:00: midnight twice
        ("Atlantic/Azores", "2024-10-27", "2024-10-27 00:00"),
        ("America/Havana", "2024-03-10", "2024-03-10 05:00"),  # 0:00 becomes 1:00: no midnight
        ("Asia/Beirut", "2024-10-27", "2024-10-26 22:00"),  # 24:00 becomes 23:00
        ("Europe/Berlin", "2024-10-27", "2024-10-26 22:00"),
        ("Asia/Shanghai", "2024-10-27", "2024-10-26 16:00"),
    ],
)
def test_a_day_starts_at_its_first_instant(
    warehouse: duckdb.DuckDBPyConnection, zone: str, day: str, start: str
) -> None:
    row = warehouse.execute(
        f"select explore.day_start_at(date '{day}', '{zone}'), "
        f"explore.local_day(timestamp '{start}', '{zone}'), "
        f"explore.local_day(timestamp '{start}' - interval 1 microsecond, '{zone}') < date '{day}'"
    ).fetchone()
    assert row == (datetime.fromisoformat(start), date.fromisoformat(day), True)


def test_a_recurring_start_is_the_first_of_those_asked_for(warehouse: duckdb.DuckDBPyConnection) -> None:
    # Member 1 starts on Monday and on Thursday of one week; asked for from Wednesday on, Thursday counts.
    told = [
        event(1, "a", "2026-03-02 12:00"),
        event(1, "b", "2026-03-03 12:00"),
        event(1, "a", "2026-03-05 12:00"),
    ]
    fill(warehouse, [*told, event(1, "b", "2026-03-09 12:00"), event(2, "b", "2026-03-30 12:00")])
    question = (
        "explore.retention('a', 'b', periods := 1, from_day := date '2026-03-04', events := 'own_events'"
    )
    columns = "cohort_start, cohort_size, period_index, members"
    rows = warehouse.execute(f"select {columns} from {question}, cohort := 'recurring')").fetchall()
    assert rows == [(date(2026, 3, 2), 1, 0, 0), (date(2026, 3, 2), 1, 1, 1)]
    assert warehouse.execute(f"select {columns} from {question})").fetchall() == []


def test_a_touch_without_a_channel_is_none(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(
        "create or replace table own_touches as select * from (values "
        "(1, null, timestamp '2026-03-01'), (2, null, timestamp '2026-03-01'), "
        "(2, 'qr', timestamp '2026-03-02')) as t(member_id, channel, touched_at); "
        "create or replace table own_orders as select * from (values "
        "(1, 1, timestamp '2026-03-05', 10.00), (2, 2, timestamp '2026-03-05', 20.00)) "
        "as o(order_id, member_id, paid_at, net_revenue)"
    )
    rows = warehouse.execute(
        "select channel, orders, credited_amount from explore.attribution('linear', null, "
        "touches := 'own_touches', orders := 'own_orders') order by channel"
    ).fetchall()
    assert rows == [("none", 1, Decimal(10)), ("qr", 1, Decimal(20))]
