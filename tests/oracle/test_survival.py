"""retention.survival and activation.curve against statsmodels, on samples and on awkward cases."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from pipelines.load import load_all, take_inventory
from pipelines.models import build_models, read_models
from pipelines.raw import create_raw, write_settings
from pipelines.resources import shipped_path
from pipelines.settings import Settings
from pipelines.warehouse import open_warehouse
from tests.oracle import sources
from tests.oracle.chances import Ends
from tests.oracle.conftest import Built
from tests.oracle.returning import ends_of_stays, months_of
from tests.oracle.world import DAY, HOUR

MOMENT = timedelta(microseconds=1)
Rows = list[tuple[object, ...]]


def _staying(ends: Ends) -> Callable[[timedelta], float]:
    times = np.array([time / MOMENT for time, _ in ends])
    fitted = SurvfuncRight(times, np.array([int(kind == 1) for _, kind in ends]))
    return _step(fitted.surv_times, fitted.surv_prob, 1.0)


def _reached(ends: Ends, kind: int) -> Callable[[timedelta], float]:
    times = np.array([time / MOMENT for time, _ in ends])
    kinds = np.array([k for _, k in ends])
    if not (kinds == kind).any():
        return lambda time: 0.0
    # Kinds are numbered from 1 on without a hole, and the first is the one that is looked at.
    order = np.where(kinds == 0, 0, np.where(kinds == kind, 1, 2))
    fitted = CumIncidenceRight(times, order)
    return _step(fitted.times, fitted.cinc[0], 0.0)


def _step(times: np.ndarray, values: np.ndarray, before: float) -> Callable[[timedelta], float]:
    def at(time: timedelta) -> float:
        place = int(np.searchsorted(times, time / MOMENT, side="right"))
        return float(values[place - 1]) if place else before

    return at


def _check_survival(connection: duckdb.DuckDBPyConnection, month: object, ends: Ends) -> int:
    """Compare a month's days, return how many have a value."""
    rows = connection.execute(
        "select day, stay_probability from retention.survival where cohort_month is not distinct from ?",
        [month],
    ).fetchall()
    assert len(rows) == 181
    chance, seen = _staying(ends), 0
    for day, got in rows:
        if got is not None:
            seen += 1
            assert got == pytest.approx(chance(day * DAY), rel=1e-9, abs=1e-9), (month, day)
    return seen


def _check_curve(connection: duckdb.DuckDBPyConnection, week: object, acted: Ends, spoke: Ends) -> int:
    """Compare a week's hours, return how many have a value."""
    rows = connection.execute(
        """
        select hour, activated_share, left_share, spoken_share from activation.curve
        where cohort_week is not distinct from ?
        """,
        [week],
    ).fetchall()
    assert len(rows) == len(sources.HOURS)
    chances = (_reached(acted, 1), _reached(acted, 2), _reached(spoke, 1))
    seen = 0
    for hour, *values in rows:
        for chance, got in zip(chances, values, strict=True):
            if got is not None:
                seen += 1
                expected = chance(hour * HOUR - MOMENT)
                assert got == pytest.approx(expected, rel=1e-9, abs=1e-9), (week, hour)
    return seen


def test_survival_of_a_sample(sample: Built) -> None:
    seen = [
        _check_survival(sample.connection, month, ends_of_stays(sample.book, cohort))
        for month, cohort in months_of(sample.book).items()
    ]
    assert sum(seen) > 300


def test_curve_of_a_sample(sample: Built) -> None:
    book, seen = sample.book, 0
    cohorts = book.cohorts(None)
    end = sources.end_of(book, "join", "message", "order")
    spoken_end = sources.end_of(book, "join", "message")
    everybody = [s for cohort in cohorts.values() for s in cohort]
    for week, cohort in (*cohorts.items(), (None, everybody)):
        heard = [s for s in cohort if book.members[s.member_id].consent is not False]
        acted = sources.ends_of(book, cohort, end, ())
        seen += _check_curve(
            sample.connection, week, acted, sources.ends_of(book, heard, spoken_end, ("post",))
        )
    assert seen > 900


# Days until the end, and its kind: 0 still there, 1 left, 2 dissolved.
STAYS: dict[str, list[tuple[float, int]]] = {
    "one_stays": [(10, 0)],
    "one_leaves": [(3, 1)],
    "one_is_dissolved": [(3, 2)],
    "everybody_leaves": [(1, 1), (2, 1), (2, 1), (9.5, 1)],
    "everybody_leaves_at_once": [(5, 1)] * 4,
    "nobody_leaves": [(4, 0), (7, 0), (30, 0)],
    "ties": [(2, 1), (2, 1), (2, 0), (5, 1), (5, 0), (6, 0)],
    "left_at_the_instant_of_the_last_look": [(7, 0), (7, 1), (7, 2), (1, 0)],
    "the_last_one_leaves": [(1, 0), (2, 2), (3, 1)],
}
# Hours until the end, and its kind: 0 silent to the last, 1 wrote, 2 left.
STARTS: dict[str, list[tuple[float, int]]] = {
    "one_is_silent": [(100, 0)],
    "one_writes": [(3, 1)],
    "one_leaves": [(3, 2)],
    "everybody_writes": [(1, 1), (2, 1), (2, 1), (90.5, 1)],
    "everybody_writes_at_once": [(0, 1)] * 3,
    "everybody_leaves": [(5, 2), (7, 2), (7, 2)],
    "ties": [(24, 1), (24, 2), (24, 1), (24, 0), (48, 2), (48, 0), (60, 1)],
    "at_the_instant_of_the_last_look": [(72, 0), (72, 1), (72, 2), (1, 0), (3, 1)],
}
LAST = datetime(2026, 4, 1)  # the export ends here, in the business time zone


def _build(folder: Path, exports: dict[str, list[list[str]]]) -> duckdb.DuckDBPyConnection:
    inbox = folder / "inbox"
    inbox.mkdir()
    for name, rows in exports.items():
        with (inbox / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    settings = Settings()
    connection = open_warehouse(folder / "warehouse.duckdb")
    create_raw(connection)
    found = take_inventory(connection, inbox, settings)
    results = load_all(connection, found, settings, datetime.now(UTC), lambda *_: None)
    assert not any(r.rows_rejected for r in results)
    write_settings(connection, settings)
    models = read_models(shipped_path("sql"))
    needed, waiting = {}, ["retention.survival", "activation.curve"]
    while waiting:
        name = waiting.pop()
        if name in models and name not in needed:
            needed[name] = models[name]
            waiting += [read for read, _ in models[name].reads]
    build_models(connection, needed, lambda _: None)
    return connection


def _joins(*rows: tuple[str, str, datetime, str]) -> list[list[str]]:
    return [["group_id", "member_id", "occurred_at", "action"], *([g, m, str(at), a] for g, m, at, a in rows)]


@pytest.mark.parametrize("case", STAYS)
def test_awkward_stays(case: str, tmp_path: Path) -> None:
    # Somebody of the month before left: exits are exported.
    joins = [
        ("g", "before", datetime(2026, 2, 10, 10), "join"),
        ("g", "before", datetime(2026, 2, 11, 10), "leave"),
    ]
    groups = [["group_id", "created_at", "closed_at"], ["g", "2026-01-01 00:00:00", ""]]
    for place, (days, kind) in enumerate(STAYS[case]):
        joined = LAST - days * DAY if kind == 0 else datetime(2026, 3, 1) + place * HOUR
        group = f"g{place}" if kind == 2 else "g"
        joins.append((group, f"m{place}", joined, "join"))
        if kind == 1:
            joins.append((group, f"m{place}", joined + days * DAY, "leave"))
        if kind == 2:
            groups.append([group, "2026-01-01 00:00:00", str(joined + days * DAY)])
    connection = _build(tmp_path, {"joins_2026-02-09_2026-03-31.csv": _joins(*joins), "groups.csv": groups})
    try:
        ends = [(days * DAY, int(kind == 1)) for days, kind in STAYS[case]]
        before = [(1 * DAY, 1)]
        # A month has no value after its end (its youngest member is followed for a moment only): all have.
        assert _check_survival(connection, None, ends + before) > 0
        assert _check_survival(connection, datetime(2026, 3, 1).date(), ends) == 1
    finally:
        connection.close()


@pytest.mark.parametrize("case", STARTS)
def test_awkward_starts(case: str, tmp_path: Path) -> None:
    joins, messages = [], [["group_id", "member_id", "occurred_at", "kind"]]
    # Somebody of an earlier week left in silence: exits and messages are exported.
    joins += [
        ("g", "before", datetime(2026, 2, 10, 10), "join"),
        ("g", "before", datetime(2026, 2, 10, 11), "leave"),
    ]
    for place, (hours, kind) in enumerate(STARTS[case]):
        joined = LAST - hours * HOUR if kind == 0 else datetime(2026, 3, 24, place)
        joins.append(("g", f"m{place}", joined, "join"))
        if kind == 1:
            messages.append(["g", f"m{place}", str(joined + hours * HOUR), "text"])
        if kind == 2:
            joins.append(("g", f"m{place}", joined + hours * HOUR, "leave"))
    connection = _build(
        tmp_path,
        {"joins_2026-02-09_2026-03-31.csv": _joins(*joins), "messages_2026-02-09_2026-03-31.csv": messages},
    )
    try:
        ends = [(hours * HOUR, kind) for hours, kind in STARTS[case]]
        every = [*ends, (1 * HOUR, 2)]
        assert _check_curve(connection, None, every, every) > 0
        assert _check_curve(connection, datetime(2026, 2, 9).date(), every[-1:], every[-1:]) == 42
    finally:
        connection.close()
