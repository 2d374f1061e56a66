"""Chances over time, in plain Python, against statsmodels: awkward cases, and random ones full of ties."""

from __future__ import annotations

import random
from datetime import timedelta

import numpy as np
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from tests.oracle.chances import Ends, reached, staying
from tests.oracle.world import DAY, HOUR

CASES: dict[str, Ends] = {
    "one_stays": [(10 * DAY, 0)],
    "one_leaves": [(3 * DAY, 1)],
    "one_ends_otherwise": [(3 * DAY, 2)],
    "everybody_leaves": [(1 * DAY, 1), (2 * DAY, 1), (2 * DAY, 1), (9 * DAY, 1)],
    "everybody_leaves_at_once": [(5 * DAY, 1)] * 4,
    "nobody_leaves": [(4 * DAY, 0), (7 * DAY, 0), (30 * DAY, 0)],
    "ties": [(2 * DAY, 1), (2 * DAY, 1), (2 * DAY, 0), (5 * DAY, 1), (5 * DAY, 0), (6 * DAY, 0)],
    "event_at_the_instant_of_the_last_look": [(7 * DAY, 0), (7 * DAY, 1), (7 * DAY, 2), (1 * DAY, 0)],
    "last_one_leaves_last": [(1 * DAY, 0), (2 * DAY, 2), (3 * DAY, 1)],
    "at_the_join": [(timedelta(0), 1), (timedelta(0), 0), (HOUR, 2), (DAY, 1)],
}


def _random(seed: int) -> Ends:
    pick = random.Random(seed)
    return [
        (
            pick.randint(0, 40) * HOUR + pick.randint(0, 1) * timedelta(microseconds=1),
            pick.choice((0, 0, 1, 2)),
        )
        for _ in range(pick.randint(1, 120))
    ]


def _cases() -> dict[str, Ends]:
    return CASES | {f"random{seed}": _random(seed) for seed in range(20)}


@pytest.mark.parametrize("case", _cases())
def test_staying(case: str) -> None:
    ends = _cases()[case]
    times = np.array([time / timedelta(microseconds=1) for time, _ in ends])
    events = np.array([int(kind == 1) for _, kind in ends])
    fitted = SurvfuncRight(times, events)
    ours = staying(ends)
    for time, chance in zip(fitted.surv_times, fitted.surv_prob, strict=True):
        assert ours(timedelta(microseconds=int(time))) == pytest.approx(chance, abs=1e-12)
    assert ours(timedelta(microseconds=-1)) == 1


@pytest.mark.parametrize("case", _cases())
def test_reached(case: str) -> None:
    ends = _cases()[case]
    times = np.array([time / timedelta(microseconds=1) for time, _ in ends])
    kinds = np.array([kind for _, kind in ends])
    ours = reached(ends)
    if not any(kind == 1 for _, kind in ends):
        assert ours(365 * DAY) == 0
        return
    fitted = CumIncidenceRight(times, kinds)
    for time, chance in zip(fitted.times, fitted.cinc[0], strict=True):
        assert ours(timedelta(microseconds=int(time))) == pytest.approx(chance, abs=1e-12)
