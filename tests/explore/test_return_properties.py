"""Retention, lifecycle, stickiness and attribution agree with plain counting on generated histories."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.explore.conftest import fill
from tests.explore.funnels import Event, day_of
from tests.explore.returns import (
    Order,
    Retention,
    Touch,
    attribution,
    first_day,
    lifecycle,
    retention,
    stickiness,
)

# Begins before a change of the clock in both zones with one, near a month's and a year's end.
START = datetime(2025, 10, 20, 15)
NAMES = ("a", "b", "c")
ZONES = st.sampled_from(("Asia/Shanghai", "Europe/Berlin", "America/New_York"))
WEEKS = st.sampled_from(("monday", "sunday"))
CHECKED = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events of up to ten members over up to ninety days, on whole six hours, so that many are the same."""
    has_order = draw(st.booleans())
    count = draw(st.integers(1, 50))
    orders = draw(st.permutations(range(count)))
    longest = draw(st.sampled_from((20, 120, 360)))
    known = [Event(-1, n, START - timedelta(days=400), i if has_order else None) for i, n in enumerate(NAMES)]
    return known + [
        Event(
            draw(st.integers(1, 10)),
            draw(st.sampled_from(NAMES)),
            START + timedelta(hours=6 * draw(st.integers(0, longest))),
            orders[i] if has_order else None,
        )
        for i in range(count)
    ]


@st.composite
def questions(draw: st.DrawFn) -> Retention:
    """Any parameters of explore.retention."""
    day = st.sampled_from((None, None, date(2025, 10, 21), date(2025, 10, 26), date(2025, 11, 30)))
    start, end = draw(day), draw(day)
    if start and end and start > end:
        start, end = end, start
    return Retention(
        draw(st.sampled_from(("a", "a|b"))),
        draw(st.sampled_from(("a", "b", "b|a", "c", "b|c"))),
        draw(st.sampled_from(("day", "week", "month"))),
        draw(st.sampled_from(("first_time", "recurring"))),
        draw(st.sampled_from(("on", "on_or_after"))),
        draw(st.sampled_from(("calendar", "rolling"))),
        draw(st.integers(0, 5)),
        draw(WEEKS),
        start,
        end,
    )


@CHECKED
@given(histories(), questions(), ZONES)
def test_retention(
    warehouse: duckdb.DuckDBPyConnection, events: list[Event], ask: Retention, zone: str
) -> None:
    fill(warehouse, events)
    days = "".join(
        f", {name} := date '{day}'"
        for name, day in (("from_day", ask.from_day), ("to_day", ask.to_day))
        if day
    )
    rest = (
        f"'{ask.start}', '{ask.back}', period := '{ask.period}', cohort := '{ask.cohort}', "
        f"criteria := '{ask.criteria}', clock := '{ask.clock}', periods := {ask.periods}, "
        f"week_starts := '{ask.week_starts}', time_zone := '{zone}', events := 'own_events'{days}"
    )
    rows = warehouse.execute(
        "select cohort_start, period_index, cohort_size, members, is_complete, rate "
        f"from explore.retention({rest}, mature_only := false)"
    ).fetchall()
    expected = retention(events, ask, max(e.at for e in events), zone)
    assert {(row[0], row[1]): row[2:5] for row in rows} == expected
    assert all(row[5] == row[3] / row[2] for row in rows)
    assert len(rows) == len(expected)
    pooled = warehouse.execute(
        f"select period_index, cohorts, cohort_size, members from explore.retention_average({rest})"
    ).fetchall()
    by_index: dict[int, tuple[int, int, int]] = {}
    for (_, k), (size, members, is_complete) in expected.items():
        if is_complete:
            n, sizes, back = by_index.get(k, (0, 0, 0))
            by_index[k] = (n + 1, sizes + size, back + members)
    assert {row[0]: row[1:] for row in pooled} == by_index


@CHECKED
@given(histories(), st.sampled_from(("day", "week", "month")), WEEKS, ZONES, st.integers(0, 40))
def test_lifecycle_and_stickiness(
    warehouse: duckdb.DuckDBPyConnection,
    events: list[Event],
    period: str,
    week_starts: str,
    zone: str,
    quiet_days: int,
) -> None:
    own = [e for e in events if e.member > 0]
    fill(warehouse, own)
    end = max(e.at for e in own) + timedelta(days=quiet_days, microseconds=1)
    rest = (
        f"'{period}', week_starts := '{week_starts}', time_zone := '{zone}', events := 'own_events', "
        f"as_of := timestamp '{end}'"
    )
    rows = warehouse.execute(
        'select period_start, "new", "returning", resurrecting, dormant, active, is_complete '
        f"from explore.lifecycle({rest})"
    ).fetchall()
    assert rows == lifecycle(own, period, end, zone, week_starts)
    middle = day_of(sorted(e.at for e in own)[len(own) // 2], zone)
    shown = warehouse.execute(
        'select period_start, "new", "returning", resurrecting, dormant, active, is_complete '
        f"from explore.lifecycle({rest}, from_day := date '{middle}')"
    ).fetchall()
    assert shown == [row for row in rows if row[0] >= first_day(middle, period, week_starts)]
    told = warehouse.execute(f"from explore.stickiness({rest}, from_day := date '{middle}')").fetchall()
    assert told == stickiness([e for e in own if day_of(e.at, zone) >= middle], period, zone, week_starts)


@CHECKED
@given(
    st.lists(
        st.builds(
            Touch,
            st.integers(1, 3),
            st.sampled_from(("qr", "link", "invite")),
            st.integers(0, 12).map(lambda n: START + timedelta(days=n)),
        ),
        max_size=20,
    ),
    st.lists(
        st.tuples(
            st.sampled_from((1, 2, 3, None)),
            st.integers(0, 14).map(lambda n: START + timedelta(days=n)),
            st.integers(-500, 9999).map(lambda n: Decimal(n) / 100),
        ),
        min_size=1,
        max_size=10,
    ),
    st.sampled_from(("first", "last", "linear", "position")),
    st.sampled_from((None, timedelta(0), timedelta(days=3))),
)
def test_attribution(
    warehouse: duckdb.DuckDBPyConnection,
    touches: list[Touch],
    bought: list[tuple[int | None, datetime, Decimal]],
    model: str,
    lookback: timedelta | None,
) -> None:
    orders = [Order(i, *order) for i, order in enumerate(bought)]
    warehouse.execute(
        "create or replace table own_touches (member_id bigint, channel varchar, touched_at timestamp); "
        "create or replace table own_orders "
        "(order_id bigint, member_id bigint, paid_at timestamp, net_revenue decimal(18, 2))"
    )
    for t in touches:
        warehouse.execute("insert into own_touches values (?, ?, ?)", [t.member, t.channel, t.at])
    for o in orders:
        warehouse.execute("insert into own_orders values (?, ?, ?, ?)", [o.id, o.member, o.at, o.amount])
    span = "null" if lookback is None else f"to_days({lookback.days})"
    rows = warehouse.execute(
        f"select channel, orders, credited_amount from explore.attribution('{model}', {span}, "
        "touches := 'own_touches', orders := 'own_orders')"
    ).fetchall()
    expected = attribution(touches, orders, model, lookback)
    assert {row[0]: row[1] for row in rows} == {channel: count for channel, (count, _) in expected.items()}
    for channel, _, amount in rows:
        # Every order is rounded to cents, at most one cent per touch of it.
        assert float(amount) == pytest.approx(expected[channel][1], abs=0.01 * 20 * len(orders))
        if model in ("first", "last"):
            assert float(amount) == pytest.approx(expected[channel][1], abs=1e-6)
    assert sum(row[2] for row in rows) == sum(o.amount for o in orders)
