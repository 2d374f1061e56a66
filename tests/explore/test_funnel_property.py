"""Funnels agree with brute force on generated sequences, ties included."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.explore.conftest import fill
from tests.explore.funnels import Event, Exclude, Funnel, paths

START = datetime(2026, 3, 6, 10)
ZONE = "Asia/Shanghai"
NAMES = ("a", "b", "c", "x")


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events of up to 36 members in eight instants, so that many are the same."""
    # Few without an order among those that have one: they come last in their instant.
    has_order, few_without = draw(st.booleans()), draw(st.booleans())
    count = draw(st.integers(1, 200))
    orders = draw(st.permutations(range(count)))
    # Every name occurs once, in somebody who is not looked at: an unknown name is an error.
    known = [Event(-1, name, START - timedelta(days=90), i if has_order else None) for i, name in
             enumerate(NAMES)]  # fmt: skip
    return known + [
        Event(
            draw(st.integers(1, 36)),
            draw(st.sampled_from(NAMES)),
            START + timedelta(hours=6 * draw(st.integers(0, 7))),
            orders[i] if has_order and not (few_without and orders[i] % 5 == 0) else None,
            draw(st.sampled_from(("g", "h", None))),
        )
        for i in range(count)
    ]


@st.composite
def questions(draw: st.DrawFn) -> Funnel:
    """A funnel of up to four steps with any of its parameters."""
    mode = draw(st.sampled_from(("ordered", "ordered", "strict", "any", "open")))
    simple = st.sampled_from(("a", "b", "c"))
    steps = draw(st.lists(simple, min_size=1, max_size=4))
    if mode in ("ordered", "strict"):
        steps = draw(st.lists(st.sampled_from(("a", "b", "c", "a|b", "b|c")), min_size=1, max_size=4))
    exclude = None
    if mode in ("ordered", "strict") and len(steps) > 1 and draw(st.booleans()):
        after = draw(st.integers(1, len(steps) - 1))
        exclude = Exclude(
            draw(st.sampled_from(("x", "c"))),
            after,
            draw(st.integers(after + 1, len(steps))),
            draw(st.sampled_from(("drop_member", "not_converted"))),
        )
    day = st.sampled_from((None, None, date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 8)))
    first, last = draw(day), draw(day)
    if first is not None and last is not None and first > last:
        first, last = last, first
    return Funnel(
        tuple(steps),
        draw(
            st.sampled_from((None, timedelta(0), timedelta(hours=6), timedelta(hours=12), timedelta(days=1)))
        ),
        mode,
        draw(st.sampled_from(("best", "first"))),
        first,
        last,
        exclude,
        draw(st.booleans()),
    )


@st.composite
def plain_questions(draw: st.DrawFn) -> Funnel:
    """An ordered funnel whose steps have no event in common, and nothing excluded: what is asked most."""
    steps = draw(st.permutations(draw(st.sampled_from((("a",), ("a", "b", "c", "x"), ("a|b", "c", "x"))))))
    asked = draw(questions())
    return replace(
        asked,
        steps=tuple(steps[: draw(st.integers(1, len(steps)))]),
        mode="ordered",
        exclude=None,
    )


def arguments(funnel: Funnel, by: str = "'value'") -> str:
    """The question as a caller writes it."""
    within = "null" if funnel.within is None else f"to_seconds({int(funnel.within.total_seconds())})"
    told = [str(list(funnel.steps)), within, f"mode := '{funnel.mode}'", f"entry := '{funnel.entry}'"]
    for name, day in (("from_day", funnel.from_day), ("to_day", funnel.to_day)):
        told += [f"{name} := date '{day}'"] if day else []
    if funnel.exclude:
        e = funnel.exclude
        told.append(
            f"exclude := {{event: '{e.event}', after_step: {e.after_step}, before_step: {e.before_step}, "
            f"policy: '{e.policy}'}}"
        )
    told += [f"mature_only := {funnel.mature_only}", f"by := {by}", "events := 'own_events'"]
    return ", ".join(told)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(), st.one_of(questions(), plain_questions()))
def test_paths_are_those_of_brute_force(
    warehouse: duckdb.DuckDBPyConnection, events: list[Event], funnel: Funnel
) -> None:
    fill(warehouse, events)
    end = max(e.at for e in events)
    expected = [(p.member, p.times, p.reached, p.value, p.is_open) for p in paths(events, funnel, end, ZONE)]
    got: list[Any] = warehouse.execute(
        "select member_id, step_times, step_reached, by_value, is_open "
        f"from explore.funnel_paths({arguments(funnel)}) order by member_id"
    ).fetchall()
    assert [(m, tuple(t), r, v, o) for m, t, r, v, o in got] == expected


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(), st.one_of(questions(), plain_questions()))
def test_paths_are_the_same_without_a_breakdown(
    warehouse: duckdb.DuckDBPyConnection, events: list[Event], funnel: Funnel
) -> None:
    fill(warehouse, events)
    end = max(e.at for e in events)
    expected = [(p.member, p.times, p.reached, p.is_open) for p in paths(events, funnel, end, ZONE)]
    got: list[Any] = warehouse.execute(
        "select member_id, step_times, step_reached, is_open "
        f"from explore.funnel_paths({arguments(funnel, 'null')}) order by member_id"
    ).fetchall()
    assert [(m, tuple(t), r, o) for m, t, r, o in got] == expected
