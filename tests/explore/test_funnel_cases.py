"""Funnels, case by case: each row of the parameters, and each boundary, as a person would count it.

A history is written `a0 b3 x3`: events a, b, x at hours 0, 3, 3 after the start.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pytest

from tests.explore.conftest import fill
from tests.explore.funnels import Event

# Midnight of 2 March 2026, a Monday, in Shanghai.
START = datetime(2026, 3, 1, 16)
DAY = "interval 24 hour"


def history(text: str, member: int = 1, is_ordered: bool = False) -> list[Event]:
    """Events of one member; with `is_ordered` their order in the text breaks ties."""
    return [
        Event(member, word[0], START + timedelta(hours=float(word[1:])), i if is_ordered else None)
        for i, word in enumerate(text.split())
    ]


def known(names: str = "abcx") -> list[Event]:
    """Somebody of long ago who did everything once: all names are known."""
    return [Event(-1, name, START - timedelta(days=900), 0) for name in names]


def entered(
    connection: duckdb.DuckDBPyConnection, events: list[Event], question: str
) -> dict[int, list[float]]:
    """Hours of the steps by member, of those who entered from the start on."""
    fill(connection, [Event(e.member, e.name, e.at, e.order) for e in events])
    rows = connection.execute(
        f"select member_id, step_times from explore.funnel_members({question}, events := 'own_events') "
        "where member_id > 0"
    ).fetchall()
    return {m: [(t - START) / timedelta(hours=1) if t else None for t in times] for m, times in rows}


CASES = [
    # within: inclusive at its end.
    ("a0 b24", f"['a', 'b'], {DAY}", [0, 24]),
    ("a0 b24.01", f"['a', 'b'], {DAY}", [0]),
    ("a0 b9999", "['a', 'b'], null", [0, 9999]),
    ("a0 b0", "['a', 'b'], interval 0 second", [0, 0]),
    # It is measured from the entry, not from the step before.
    ("a0 b20 c40", f"['a', 'b', 'c'], {DAY}", [0, 20]),
    # ordered: others may lie between; an earlier step 2 does not count.
    ("a0 x1 b2", f"['a', 'b'], {DAY}", [0, 2]),
    ("b0 a1", f"['a', 'b'], {DAY}", [1]),
    # Alternatives.
    ("a0 c1", f"['a', 'b|c'], {DAY}", [0, 1]),
    ("x0 b1", f"['a | x', 'b'], {DAY}", [0, 1]),
    # One event fills one step; two at one instant fill two.
    ("a0", f"['a', 'a'], {DAY}", [0]),
    ("a0 a0", f"['a', 'a'], {DAY}", [0, 0]),
    ("a0 b0", f"['a', 'b'], {DAY}", [0, 0]),
    ("a0", f"['a', 'a|b'], {DAY}", [0]),
    # strict: the very next event.
    ("a0 b1", f"['a', 'b'], {DAY}, mode := 'strict'", [0, 1]),
    ("a0 x1 b2", f"['a', 'b'], {DAY}, mode := 'strict'", [0]),
    ("a0 a1 b2", f"['a', 'b'], {DAY}, mode := 'strict'", [1, 2]),
    ("a0 b25", f"['a', 'b'], {DAY}, mode := 'strict'", [0]),
    # any: step 1 first, the rest in any order.
    ("a0 c1 b2", f"['a', 'b', 'c'], {DAY}, mode := 'any'", [0, 1, 2]),
    ("b0 a1 c2", f"['a', 'b', 'c'], {DAY}, mode := 'any'", [1, 2]),
    ("a0 b1", f"['a', 'b', 'b'], {DAY}, mode := 'any'", [0, 1]),
    ("a0 b1 b2", f"['a', 'b', 'b'], {DAY}, mode := 'any'", [0, 1, 2]),
    ("a0 b24 c25", f"['a', 'b', 'c'], {DAY}, mode := 'any'", [0, 24]),
    # open: each on its own, no entry needed.
    ("b0 c1", "['a', 'b', 'c'], null, mode := 'open'", [None, 0, 1]),
    ("b5 a9", "['a', 'b'], null, mode := 'open'", [9, 5]),
    ("a3", "['a', 'a'], null, mode := 'open'", [3, None]),
    # best: the longest chain, the earliest among equals; first: only the first entry.
    ("a0 a30 b31", f"['a', 'b'], {DAY}", [30, 31]),
    ("a0 a1 b2", f"['a', 'b'], {DAY}", [0, 2]),
    ("a0 a30 b31", f"['a', 'b'], {DAY}, entry := 'first'", [0]),
    # An entry inside a chain starts a chain of its own.
    ("a0 b1 a2 b30 c31", f"['a', 'b', 'c'], {DAY}", [0, 1]),
    ("a0 b20 a21 b22 c40", f"['a', 'b', 'c'], {DAY}", [21, 22, 40]),
    # from_day and to_day filter entries only, by business day: hour 24 is 3 March, 00:00.
    ("a23.99 b30", f"['a', 'b'], {DAY}, from_day := date '2026-03-03'", None),
    ("a24 b30", f"['a', 'b'], {DAY}, from_day := date '2026-03-03'", [24, 30]),
    ("a23 b30", f"['a', 'b'], {DAY}, to_day := date '2026-03-02'", [23, 30]),
    ("a24 b30", f"['a', 'b'], {DAY}, to_day := date '2026-03-02'", None),
    ("a0 a30 b31", f"['a', 'b'], {DAY}, from_day := date '2026-03-03', entry := 'first'", [30, 31]),
    # exclude: strictly between the two steps.
    ("a0 x1 b2", f"['a', 'b'], {DAY}, exclude := {{event: 'x'}}", None),
    ("a0 b2 x3", f"['a', 'b'], {DAY}, exclude := {{event: 'x'}}", [0, 2]),
    ("a0 x0 b2", f"['a', 'b'], {DAY}, exclude := {{event: 'x'}}", [0, 2]),
    ("a0 x2 b2", f"['a', 'b'], {DAY}, exclude := {{event: 'x'}}", [0, 2]),
    ("x0 a1 b2", f"['a', 'b'], {DAY}, exclude := {{event: 'x'}}", [1, 2]),
    ("a0 x1 b2", f"['a', 'b'], {DAY}, exclude := {{event: 'x', policy: 'not_converted'}}", [0]),
    ("a0 x1", f"['a', 'b'], {DAY}, exclude := {{event: 'x'}}", None),
    ("a0 x25", f"['a', 'b'], {DAY}, exclude := {{event: 'x'}}", [0]),
    (
        "a0 x1 b2 c3",
        f"['a', 'b', 'c'], {DAY}, exclude := {{event: 'x', after_step: 2, before_step: 3}}",
        [0, 2, 3],
    ),
    (
        "a0 b1 x2 c3",
        f"['a', 'b', 'c'], {DAY}, exclude := {{event: 'x', after_step: 1, before_step: 3, "
        "policy: 'not_converted'}",
        [0, 1],
    ),
    # More steps than windows are written for.
    ("a0 a1 a2 a3 a4 a5 a6", f"['a', 'a', 'a', 'a', 'a', 'a', 'a'], {DAY}", [0, 1, 2, 3, 4, 5, 6]),
    ("a0 b1 a2 b3 a4 b5", f"['a', 'b', 'a', 'b', 'a', 'b'], {DAY}", [0, 1, 2, 3, 4, 5]),
    # The chain that counts is the longest after the cut.
    ("a0 x1 a2 b3", f"['a', 'b'], {DAY}, exclude := {{event: 'x', policy: 'not_converted'}}", [2, 3]),
]


@pytest.mark.parametrize(("text", "question", "expected"), CASES, ids=lambda value: str(value)[:60])
def test_a_case(
    warehouse: duckdb.DuckDBPyConnection, text: str, question: str, expected: list[float] | None
) -> None:
    late = [Event(-2, "x", START + timedelta(days=900))]
    events = [Event(e.member, e.name, e.at) for e in known()] + history(text) + late
    assert entered(warehouse, events, question).get(1) == expected


@pytest.mark.parametrize(
    ("text", "mode", "expected"),
    [
        # event_order breaks ties: b before a is not in order, though at one instant.
        ("b0 a0", "ordered", [0]),
        ("a0 b0", "ordered", [0, 0]),
        ("a0 x0 b0", "strict", [0]),
        ("x0 a0 b0", "strict", [0, 0]),
    ],
)
def test_event_order_breaks_ties(
    warehouse: duckdb.DuckDBPyConnection, text: str, mode: str, expected: list[float]
) -> None:
    late = [Event(-2, "x", START + timedelta(days=900), 0)]
    events = known() + history(text, is_ordered=True) + late
    assert entered(warehouse, events, f"['a', 'b'], {DAY}, mode := '{mode}'")[1] == expected


def test_an_own_order_column_breaks_ties_after_the_steps(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(
        "create or replace view own_rows as select * from (values "
        "(1, 'x', timestamp '2026-03-02', 1), (1, 'a', timestamp '2026-03-02', 2), "
        "(1, 'a', timestamp '2026-03-02', 3)) as t (member_id, event_name, occurred_at, line)"
    )
    question = "['a'], null, by := 'line', order_column := 'line', events := 'own_rows'"
    assert warehouse.execute(f"select by_value from explore.funnel_members({question})").fetchall() == [
        ("2",)
    ]


@pytest.mark.parametrize(
    ("as_of", "within", "mature_only", "told"),
    [
        # Open is who entered so late that the window is not over at the end of the data.
        # The instant at the window's end is of the window, and not of the data before that instant.
        ("timestamp '2026-03-02 16:00:00.000001'", DAY, "true", (1, 0)),
        ("timestamp '2026-03-02 16:00'", DAY, "true", (0, 1)),
        ("timestamp '2026-03-02 15:59:59'", DAY, "true", (0, 1)),
        ("timestamp '2026-03-02 15:59:59'", DAY, "false", (1, 0)),
        ("timestamp '2026-03-01 16:00'", "null", "true", (0, 0)),
        ("timestamp '2026-03-01 16:00:01'", "null", "true", (1, 0)),
        # A day means until its end in the business time zone: 2 March ends at 16:00.
        ("date '2026-03-02'", DAY, "true", (0, 1)),
        ("'2026-03-02'", "interval 23 hour", "true", (1, 0)),
        ("'2026-03-03'", DAY, "true", (1, 0)),
        ("'2026-03-01'", DAY, "true", (0, 0)),
    ],
)
def test_open_windows_are_left_out_and_counted(
    warehouse: duckdb.DuckDBPyConnection, as_of: str, within: str, mature_only: str, told: tuple[int, int]
) -> None:
    fill(warehouse, history("a0 b1"))
    row = warehouse.execute(
        f"select members, open_members from explore.funnel(['a', 'b'], {within}, as_of := {as_of}, "
        f"mature_only := {mature_only}, events := 'own_events') where step = 1"
    ).fetchone()
    assert row == told


def test_the_latest_event_is_the_end_of_other_data(warehouse: duckdb.DuckDBPyConnection) -> None:
    fill(warehouse, history("a0 b1") + history("x24", 2) + history("a0.5", 3))
    rows = warehouse.execute(
        f"select members, open_members from explore.funnel(['a', 'b'], {DAY}, events := 'own_events')"
    ).fetchall()
    assert rows == [(1, 1), (1, 1)]


def test_a_mature_entry_counts_beside_an_open_one(warehouse: duckdb.DuckDBPyConnection) -> None:
    fill(warehouse, history("a0 a30 b31"))
    question = f"['a', 'b'], {DAY}, events := 'own_events'"
    assert warehouse.execute(f"select step_reached from explore.funnel_members({question})").fetchall() == [
        (1,)
    ]


def test_two_days_of_a_change_of_the_clock(warehouse: duckdb.DuckDBPyConnection) -> None:
    # 25 October 2026 has 25 hours in Berlin: from 24 October 22:00 to 25 October 23:00 UTC.
    times = ["2026-10-24 21:59", "2026-10-24 22:00", "2026-10-25 22:59", "2026-10-25 23:00"]
    fill(warehouse, [Event(i, "a", datetime.fromisoformat(t)) for i, t in enumerate(times)])
    rows = warehouse.execute(
        "select member_id from explore.funnel_members(['a'], null, from_day := date '2026-10-25', "
        "to_day := date '2026-10-25', time_zone := 'Europe/Berlin', events := 'own_events') order by 1"
    ).fetchall()
    assert rows == [(1,), (2,)]


@pytest.mark.parametrize(
    ("period", "week_starts", "starts"),
    [
        ("day", "monday", ["2026-02-28", "2026-03-01", "2026-03-02"]),
        ("week", "monday", ["2026-02-23", "2026-02-23", "2026-03-02"]),
        ("week", "sunday", ["2026-02-22", "2026-03-01", "2026-03-01"]),
        ("month", "monday", ["2026-02-01", "2026-03-01", "2026-03-01"]),
    ],
)
def test_periods_of_entry(
    warehouse: duckdb.DuckDBPyConnection, period: str, week_starts: str, starts: list[str]
) -> None:
    # Each at 23:30 of its business day: 28 February, 1 March (a Sunday) and 2 March.
    fill(warehouse, [Event(i, "a", START + timedelta(hours=24 * (i - 1) - 0.5)) for i in range(3)])
    rows = warehouse.execute(
        "select period_start, cast(members as bigint) from explore.funnel_trend(['a'], null, "
        f"period := '{period}', week_starts := '{week_starts}', events := 'own_events')"
    ).fetchall()
    assert [(str(day), n) for day, n in rows] == [(day, starts.count(day)) for day in sorted(set(starts))]


def test_reentry_lets_a_member_enter_once_per_period_and_says_so(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    fill(warehouse, history("a0 a1 b2 a24 b26 a50"))
    question = "['a', 'b'], interval 12 hour, period := 'day', mature_only := false, events := 'own_events'"
    columns = "cast(period_start as varchar), step, members, adds_up"
    once = warehouse.execute(f"select {columns} from explore.funnel_trend({question})").fetchall()
    assert once == [("2026-03-02", 1, 1, True), ("2026-03-02", 2, 1, True)]
    again = warehouse.execute(
        f"select {columns} from explore.funnel_trend({question}, reentry := true)"
    ).fetchall()
    assert again == [
        ("2026-03-02", 1, 1, False),
        ("2026-03-02", 2, 1, False),
        ("2026-03-03", 1, 1, False),
        ("2026-03-03", 2, 1, False),
        ("2026-03-04", 1, 1, False),
        ("2026-03-04", 2, 0, False),
    ]


@pytest.mark.parametrize("mode", ["ordered", "strict", "any", "open"])
@pytest.mark.parametrize("entry", ["best", "first"])
def test_steps_trend_breakdown_and_members_add_up(
    warehouse: duckdb.DuckDBPyConnection, mode: str, entry: str
) -> None:
    warehouse.execute("select setseed(0.25)")
    warehouse.execute(
        "create or replace table own_events as select cast(200 * random() as bigint) as member_id, "
        "['a', 'b', 'c'][1 + cast(floor(3 * random()) as bigint)] as event_name, "
        "timestamp '2026-03-01' + to_seconds(cast(40 * 86400 * random() as bigint)) as occurred_at, "
        "['g', 'h', null][1 + cast(floor(3 * random()) as bigint)] as value from range(3000)"
    )
    question = (
        f"['a', 'b', 'c'], interval 5 day, mode := '{mode}', entry := '{entry}', events := 'own_events'"
    )
    whole = warehouse.execute(
        f"select step, members, open_members from explore.funnel({question}) order by step"
    ).fetchall()
    assert whole[0][1] > 50
    for parts in (
        f"explore.funnel({question}, by := 'value')",
        f"explore.funnel_trend({question}, period := 'day')",
        f"explore.funnel_trend({question}, period := 'month', by := 'value')",
    ):
        sums = f"select step, sum(members), sum(open_members) from {parts} group by step order by step"
        assert warehouse.execute(sums).fetchall() == whole
    members = warehouse.execute(
        "select step_number, count(step_times[step_number]) from "
        f"explore.funnel_members({question}), range(1, 4) as steps (step_number) group by all order by all"
    ).fetchall()
    assert members == [(step, count) for step, count, _ in whole]
    if mode != "open":
        told = warehouse.execute(
            f"select median_seconds_from_entry, median_seconds_from_previous from explore.funnel({question}) "
            "where step = 3"
        ).fetchone()
        own = warehouse.execute(
            "select median(epoch(step_times[3]) - epoch(step_times[1])), "
            "median(epoch(step_times[3]) - epoch(step_times[2])) "
            f"from explore.funnel_members({question}) where step_reached = 3"
        ).fetchone()
        assert told == own


def test_shares_and_intervals(warehouse: duckdb.DuckDBPyConnection) -> None:
    events = [e for m in range(10) for e in history("a0 b1 c2" if m < 2 else "a0 b3" if m < 5 else "a0", m)]
    fill(warehouse, events)
    rows = warehouse.execute(
        "select step_name, members, share_of_first, round(share_of_first_low, 4), "
        "round(share_of_first_high, 4), share_of_previous, median_seconds_from_previous, "
        "mean_seconds_from_previous, p90_seconds_from_previous, median_seconds_from_entry "
        "from explore.funnel(['a', 'b', 'c'], null, events := 'own_events')"
    ).fetchall()
    # Wilson 95 % of 5 of 10 and 2 of 10, as in statsmodels' proportion_confint.
    assert rows[0] == ("a", 10, 1.0, 0.7225, 1.0, None, None, None, None, 0)
    assert rows[1] == ("b", 5, 0.5, 0.2366, 0.7634, 0.5, 10800, 7920, 10800, 10800)
    assert rows[2] == ("c", 2, 0.2, 0.0567, 0.5098, 0.4, 3600, 3600, 3600, 7200)


def test_a_funnel_of_nobody_has_its_steps(warehouse: duckdb.DuckDBPyConnection) -> None:
    fill(warehouse, history("a0 b1"))
    rows = warehouse.execute(
        "select step, members, share_of_first, share_of_previous from explore.funnel(['a', 'b'], null, "
        "from_day := date '2030-01-01', events := 'own_events')"
    ).fetchall()
    assert rows == [(1, 0, None, None), (2, 0, None, None)]


def test_compare_is_the_z_test_of_two_shares(warehouse: duckdb.DuckDBPyConnection) -> None:
    from statsmodels.stats.proportion import proportions_ztest

    def person(member: int, value: str, is_hit: bool) -> list[Event]:
        told = history("a0 b1" if is_hit else "a0", member)
        return [Event(e.member, e.name, e.at, None, value) for e in told]

    sides = (("old", 200, 40), ("new", 100, 35), ("few", 29, 29))
    events, member = [], 0
    for value, n, hits in sides:
        for i in range(n):
            member += 1
            events += person(member, value, i < hits)
    fill(warehouse, events)
    columns = "base_n, base_members, other_n, other_members, lift, z, p_value, is_significant"
    row = warehouse.execute(
        f"select {columns} from explore.compare(['a', 'b'], null, 'value', 'old', 'new', "
        "events := 'own_events')"
    ).fetchone()
    z, p = proportions_ztest([35, 40], [100, 200])
    assert row is not None and row[:4] == (200, 40, 100, 35)
    assert row[4] == pytest.approx(0.35 / 0.2 - 1)
    assert row[5:7] == (pytest.approx(z), pytest.approx(p, abs=2e-7))
    assert row[7] is True
    few = warehouse.execute(
        "select p_value < 0.001, is_significant, other_n from "
        "explore.compare(['a', 'b'], null, 'value', 'old', 'few', events := 'own_events')"
    ).fetchone()
    assert few == (True, False, 29)


WRONG = [
    (
        "explore.funnel(['a', 'zz'], null, events := 'own_events')",
        ["unknown event 'zz'", "known events: a, b"],
    ),
    ("explore.funnel(['a', 'b|zz'], null, events := 'own_events')", ["unknown event 'zz'"]),
    ("explore.funnel([''], null, events := 'own_events')", ["unknown event ''"]),
    (
        "explore.funnel(['a', 'b'], null, exclude := {event: 'a', polcy: 'not_converted'}, "
        "events := 'own_events')",
        ["exclude has no key 'polcy'", "known keys: event, after_step, before_step, policy"],
    ),
    (
        "explore.funnel_members(['a', 'b'], null, exclude := {event: 'a', after: 1, before_step: 2}, "
        "events := 'own_events')",
        ["exclude has no key 'after'", "known keys"],
    ),
    ("explore.funnel([], null, events := 'own_events')", ["steps is empty", "known events: a, b"]),
    ("explore.funnel(null, null, events := 'own_events')", ["steps is empty"]),
    ("explore.funnel(['a'], interval (-1) day, events := 'own_events')", ["within is negative"]),
    (
        "explore.funnel(['a'], null, mode := 'loose', events := 'own_events')",
        ["'loose'", "ordered, strict, any"],
    ),
    ("explore.funnel(['a'], null, entry := 'last', events := 'own_events')", ["'last'", "best, first"]),
    ("explore.funnel(['a'], null, by := 'vlaue', events := 'own_events')", ["vlaue", '"value"']),
    (
        "explore.funnel(['a'], null, from_day := '2026-03-02', to_day := '2026-03-01', "
        "events := 'own_events')",
        ["from_day is after to_day"],
    ),
    (
        "explore.funnel(['a', 'b'], null, exclude := {event: 'zz'}, events := 'own_events')",
        ["unknown event 'zz'", "known events: a, b"],
    ),
    (
        "explore.funnel(['a', 'b'], null, exclude := {event: 'b', after_step: 2}, events := 'own_events')",
        ["exclude lies between steps 2 and 2"],
    ),
    (
        "explore.funnel(['a', 'b'], null, exclude := {event: 'b', policy: 'forget'}, events := 'own_events')",
        ["'forget'", "drop_member, not_converted"],
    ),
    (
        "explore.funnel(['a', 'b'], null, mode := 'any', exclude := {event: 'b'}, events := 'own_events')",
        ["exclude needs steps in order"],
    ),
    ("explore.funnel(['a', 'a|b'], null, mode := 'open', events := 'own_events')", ["these overlap: a, a|b"]),
    ("explore.funnel(['a'], null, events := 'no_such_table')", ["no_such_table"]),
    (
        "explore.funnel_trend(['a'], null, period := 'year', events := 'own_events')",
        ["'year'", "day, week, month"],
    ),
    ("explore.compare(['a', 'b'], null, 'value', 'g', 'zz', events := 'own_events')", ["known values"]),
    ("explore.retention('a', 'zz', events := 'own_events')", ["unknown event 'zz'", "known events: a, b"]),
    ("explore.retention('a', 'b', period := 'year', events := 'own_events')", ["'year'", "day, week, month"]),
    ("explore.retention('a', 'b', cohort := 'all', events := 'own_events')", ["first_time, recurring"]),
    ("explore.retention('a', 'b', criteria := 'off', events := 'own_events')", ["on, on_or_after"]),
    ("explore.retention('a', 'b', clock := 'wall', events := 'own_events')", ["calendar, rolling"]),
    ("explore.retention('a', 'b', periods := -1, events := 'own_events')", ["periods is -1"]),
    ("explore.lifecycle('year', events := 'own_events')", ["'year'", "day, week, month"]),
    ("explore.lifecycle('week', active := ['zz'], events := 'own_events')", ["unknown event 'zz'"]),
    ("explore.stickiness('week', week_starts := 'friday', events := 'own_events')", ["monday, sunday"]),
    ("explore.funnel(['massage'], null)", ["unknown event 'massage'", "join, kick"]),
]


@pytest.mark.parametrize(("call", "told"), WRONG, ids=[call[:70] for call, _ in WRONG])
def test_wrong_use_is_an_error_that_names_what_may_be(
    warehouse: duckdb.DuckDBPyConnection, call: str, told: list[str]
) -> None:
    fill(warehouse, [Event(1, "a", START, None, "g"), Event(1, "b", START, None, "g")])
    with pytest.raises(duckdb.Error) as caught:
        warehouse.execute(f"from {call}").fetchall()
    for words in told:
        assert words in str(caught.value)
