"""Every explore macro against the brute-force second reading, on thousands of short event sequences.

One example is one draw of parameters over one table of members, each with a few events out of few names and
few instants, so that ties, windows that end on an event, midnights and days of 23 and 25 hours are common.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.explore import second_reading as funnels
from tests.explore import second_reading_counts as counts
from tests.explore import second_reading_returns as returns
from tests.explore.second_reading import Exclude, Question, Row, Span
from tests.explore.second_reading_scenes import TICK, Scene, questions, ranges, scenes


def literal(value: Any) -> str:
    """A value in SQL."""
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    if isinstance(value, Span):
        seconds = value.exact // TICK
        return f"(to_months({value.months}) + to_microseconds({seconds}))"
    if isinstance(value, Exclude):
        parts = {"event": value.event, "policy": value.policy, "after_step": value.after_step}
        if value.before_step:
            parts["before_step"] = value.before_step
        return "{" + ", ".join(f"{name}: {literal(part)}" for name, part in parts.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, datetime):
        return f"timestamp '{value}'"
    return f"date '{value}'" if isinstance(value, date) else repr(value)


def asked(warehouse: duckdb.DuckDBPyConnection, macro: str, *given: Any, **named: Any) -> list[Row]:
    """The rows of a macro."""
    call = [literal(value) for value in given] + [f'"{k}" := {literal(v)}' for k, v in named.items()]
    return warehouse.execute(f"from explore.{macro}({', '.join(call)})").fetchall()


def key(row: Row) -> str:
    """What rows are sorted by: the whole row, numbers without what rounding may change."""
    return repr([round(cell, 6) + 0.0 if isinstance(cell, float) else cell for cell in row])


def check(found: list[Row], expected: list[Row], keys: int, tolerance: float = 1e-7) -> None:
    """Hold rows against rows; the first `keys` columns tell rows apart."""
    found = sorted(found, key=lambda row: key(row[:keys]))
    expected = sorted(expected, key=lambda row: key(row[:keys]))
    left, right = [row[:keys] for row in found], [row[:keys] for row in expected]
    assert left == right, f"macro {left}, second reading {right}"
    for one, two in zip(found, expected, strict=True):
        assert len(one) == len(two)
        for got, wanted in zip(one, two, strict=True):
            if isinstance(wanted, float) and isinstance(got, float):
                same = math.isclose(got, wanted, rel_tol=tolerance, abs_tol=tolerance)
            else:
                same = got == wanted
            assert same, f"macro {one}, second reading {two}"


def named_of(question: Question, scene: Scene) -> dict[str, Any]:
    """A question's parameters by name."""
    names = ("mode", "entry", "from_day", "to_day", "exclude", "mature_only")
    own = {name: getattr(question, name) for name in names}
    return {**scene.named, **own, "by": "value" if question.by else None}


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_funnel(warehouse: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    scene = data.draw(scenes())
    question = data.draw(questions(scene))
    scene.fill(warehouse)
    named = named_of(question, scene)
    call = (question.steps, question.within)
    expected = funnels.funnel_members(question, scene.events, scene.clock)
    check(asked(warehouse, "funnel_members", *call, **named), expected, 2)
    check(asked(warehouse, "funnel", *call, **named), counts.funnel(question, scene.events, scene.clock), 2)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_funnel_trend(warehouse: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    scene = data.draw(scenes())
    question = data.draw(questions(scene))
    reentry = data.draw(st.booleans())
    period = data.draw(st.sampled_from(["day", "week", "month", scene.period]))
    scene.fill(warehouse)
    found = asked(
        warehouse, "funnel_trend", question.steps, question.within,
        **named_of(question, scene), period=period, reentry=reentry,
    )  # fmt: skip
    check(found, counts.funnel_trend(question, scene.events, scene.clock, period, reentry), 3)


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_compare(warehouse: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    scene = data.draw(scenes(most_members=8))
    question = replace(data.draw(questions(scene)), by=True)
    copies = data.draw(st.sampled_from([1, 1, 5, 30]))
    base, other = data.draw(st.permutations(["u", "v", "w"]))[:2]
    scene.events = [
        replace(event, member=event.member + 1000 * copy) for event in scene.events for copy in range(copies)
    ]
    scene.fill(warehouse)
    named = {name: value for name, value in named_of(question, scene).items() if name != "by"}
    call = (question.steps, question.within, "value", base, other)
    entered = {path.entry.value for path in funnels.paths(question, scene.events, scene.clock)}
    if not {base, other} <= entered:
        with pytest.raises(duckdb.InvalidInputException, match="nobody entered with value"):
            asked(warehouse, "compare", *call, **named)
        return
    found = asked(warehouse, "compare", *call, **named)
    check(found, counts.compare(question, scene.events, scene.clock, base, other), 2, 2e-7)


@given(st.data())
@settings(max_examples=110, deadline=None)
def test_retention(warehouse: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    draw = data.draw
    scene = draw(scenes())
    names = st.sampled_from(["a", "b", "a|b", "b|a", "b|c"])
    question = returns.Retention(
        draw(names), draw(names), scene.period, draw(st.sampled_from(["first_time", "recurring"])),
        draw(st.sampled_from(["on", "on_or_after"])), draw(st.sampled_from(["calendar", "rolling"])),
        draw(st.booleans()), draw(st.sampled_from([0, 2, 5])), mature_only=draw(st.booleans()),
        **ranges(draw, scene),
    )  # fmt: skip
    scene.fill(warehouse)
    named = {name: getattr(question, name) for name in (
        "period", "cohort", "criteria", "clock", "periods", "from_day", "to_day", "mature_only"
    )}  # fmt: skip
    named |= {**scene.named, "by": "value" if question.by else None}
    found = asked(warehouse, "retention", question.start, question.back, **named)
    check(found, returns.retention(question, scene.events, scene.clock), 4)
    del named["mature_only"]
    found = asked(warehouse, "retention_average", question.start, question.back, **named)
    check(found, returns.retention_average(question, scene.events, scene.clock), 2)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_lifecycle_and_stickiness(warehouse: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    draw = data.draw
    scene = draw(scenes())
    period = draw(st.sampled_from(["day", "week", "month", scene.period, scene.period]))
    active = draw(st.sampled_from([None, ["a"], ["a", "b"], ["a|c"], ["a|c", "b"]]))
    days = ranges(draw, scene)
    scene.fill(warehouse)
    scene.named.pop("order_column", None)
    call = (period, scene.events, scene.clock, active, *days.values())
    found = asked(warehouse, "lifecycle", period, active, **days, **scene.named)
    check(found, returns.lifecycle(*call), 1)
    found = asked(warehouse, "stickiness", period, active, **days, **scene.named)
    check(found, returns.stickiness(*call), 1)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_attribution(warehouse: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    draw = data.draw
    scene = draw(scenes())
    model = draw(st.sampled_from(["first", "last", "linear", "position"]))
    gaps = st.sampled_from(scene.instants).map(lambda one: Span(0, one - scene.instants[0]))
    lookback = draw(st.none() | gaps | st.just(Span(1)))
    days = ranges(draw, scene)
    is_paid = draw(st.booleans())
    touches = [returns.Touch(e.member, e.name, e.at) for e in scene.events if e.name != "x"]
    orders = [
        returns.Order(n, e.member if n % 7 else None, e.at, (n * 977) % 1999 - 99, not is_paid or n % 5 != 0)
        for n, e in enumerate(scene.events)
        if e.name == "x"
    ]
    if scene.named["as_of"] is None:
        scene.clock = replace(scene.clock, end=max(order.at for order in orders) + TICK)
    warehouse.execute(
        "create or replace table own_touches as select unnest(?::bigint[]) as member_id, "
        "unnest(?::varchar[]) as channel, unnest(?::timestamp[]) as touched_at",
        [[getattr(t, f) for t in touches] for f in ("member", "channel", "at")],
    )
    warehouse.execute(
        "create or replace table own_orders as select unnest(?::bigint[]) as order_id, "
        "unnest(?::bigint[]) as member_id, unnest(?::timestamp[]) as paid_at, "
        "(unnest(?::bigint[]) / 100)::decimal(18, 2) as net_revenue"
        + (", unnest(?::boolean[]) as is_paid" if is_paid else ""),
        [[getattr(o, f) for o in orders] for f in ("order", "member", "at", "net", "is_paid")[: 4 + is_paid]],
    )
    found = asked(
        warehouse, "attribution", model, lookback, **days, as_of=scene.named["as_of"],
        time_zone=scene.zone, touches="own_touches", orders="own_orders",
    )  # fmt: skip
    expected = returns.attribution(model, lookback, touches, orders, scene.clock, *days.values())
    whole = sum(cents for _, cents in expected.values())
    assert sum(int(row[2] * 100) for row in found) == whole
    assert {row[0]: row[1] for row in found if row[1]} == {c: n for c, (n, _) in expected.items()}
    for channel, number, credited, share in found:
        cents = expected.get(channel, (0, 0))[1]
        assert abs(int(credited * 100) - cents) <= number, (channel, credited, cents)
        assert whole == 0 or math.isclose(share, int(credited * 100) / float(whole)), share
