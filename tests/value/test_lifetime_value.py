"""The lifetime models against brute force: buyers simulated by the story each model tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import betaln

from pipelines import lifetime_value as lv

Vector = Any
STORY = (0.8, 40.0, 0.8, 2.5)
BUYERS = 12_000
AHEAD = 90.0


@dataclass(frozen=True)
class Simulated:
    """Buyers watched for `age` days: what a fit sees, and what it cannot see."""

    x: Vector
    t_x: Vector
    age: Vector
    is_alive: Vector
    later: Vector


def _simulate(parameters: tuple[float, ...], *, stops_at_first: bool, seed: int) -> Simulated:
    r, alpha, a, b = parameters
    numbers = np.random.default_rng(seed)
    rate = numbers.gamma(r, 1 / alpha, BUYERS)
    stop = numbers.beta(a, b, BUYERS)
    age = numbers.uniform(30, 400, BUYERS)
    x, t_x, later = np.zeros(BUYERS), np.zeros(BUYERS), np.zeros(BUYERS)
    at, still = np.zeros(BUYERS), np.ones(BUYERS, dtype=bool)
    is_alive = np.zeros(BUYERS, dtype=bool)
    if stops_at_first:
        still = numbers.random(BUYERS) >= stop
    while still.any():
        at = np.where(still, at + numbers.exponential(1 / rate), at)
        is_alive |= still & (at > age)
        seen = still & (at <= age)
        x += seen
        t_x = np.where(seen, at, t_x)
        later += still & (at > age) & (at <= age + AHEAD)
        still &= at <= age + AHEAD
        still &= numbers.random(BUYERS) >= stop
    return Simulated(x, t_x, age, is_alive, later)


@pytest.fixture(scope="module")
def world() -> Simulated:
    return _simulate(STORY, stops_at_first=True, seed=11)


@pytest.mark.parametrize("stops_at_first", [True, False])
def test_purchase_parameters_are_recovered(stops_at_first: bool) -> None:
    seen = _simulate(STORY, stops_at_first=stops_at_first, seed=5)
    fit = lv.fit_purchases(seen.x, seen.t_x, seen.age, stops_at_first=stops_at_first)
    assert fit.is_converged
    for found, planted, error in zip(fit.parameters, STORY, fit.standard_errors, strict=True):
        assert 0 < error < planted / 2
        assert abs(found - planted) < 4 * error
    at_truth = lv.purchase_log_likelihood(STORY, seen.x, seen.t_x, seen.age, stops_at_first=stops_at_first)
    assert at_truth <= fit.log_likelihood < at_truth + 15


def test_a_library_finds_the_same_maximum(world: Simulated) -> None:
    told = lv.fit_purchases(world.x, world.t_x, world.age, stops_at_first=True)

    def down(logs: Vector) -> float:
        seen = world.x, world.t_x, world.age
        return -lv.purchase_log_likelihood(np.exp(logs), *seen, stops_at_first=True) / BUYERS

    found = minimize(down, np.log((1.0, 20.0, 1.0, 1.0)), method="BFGS", options={"gtol": 1e-6})
    assert told.log_likelihood / BUYERS >= -found.fun - 1e-9
    assert told.log_likelihood / BUYERS == pytest.approx(-found.fun, abs=1e-8)
    assert told.parameters == pytest.approx(np.exp(found.x), rel=0.002)


def test_the_story_that_was_told_fits_better(world: Simulated) -> None:
    told, other = (
        lv.fit_purchases(world.x, world.t_x, world.age, stops_at_first=way) for way in (True, False)
    )
    assert told.log_likelihood > other.log_likelihood + 20


def test_spending_parameters_are_recovered() -> None:
    numbers = np.random.default_rng(3)
    p, q, gamma = 6.0, 4.0, 15.0
    x = numbers.integers(1, 8, BUYERS).astype(float)
    amount = numbers.gamma(p * x, 1 / (numbers.gamma(q, 1 / gamma, BUYERS) * x))
    fit = lv.fit_spending(x, amount)
    assert fit.is_converged
    for found, planted, error in zip(fit.parameters, (p, q, gamma), fit.standard_errors, strict=True):
        assert abs(found - planted) < 4 * error
    assert fit.log_likelihood >= lv.spending_log_likelihood((p, q, gamma), x, amount)
    # On average the next purchase is worth what the model expects, whatever was seen of the buyer.
    worth = lv.expected_amount(fit.parameters, x, amount)
    assert np.mean(worth) == pytest.approx(np.mean(amount), rel=0.01)


def test_chance_to_be_alive_is_the_share_alive(world: Simulated) -> None:
    told = lv.probability_alive(STORY, world.x, world.t_x, world.age)
    for times in (0, 1, 2, 3, 5):
        group = world.x == times
        error = np.sqrt(np.mean(told[group] * (1 - told[group])) / group.sum())
        assert abs(np.mean(told[group]) - np.mean(world.is_alive[group])) < 4 * error
    for low, high in ((0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1)):
        group = (told >= low) & (told < high)
        assert group.sum() > 100
        error = np.sqrt(np.mean(told[group] * (1 - told[group])) / group.sum())
        assert abs(np.mean(told[group]) - np.mean(world.is_alive[group])) < 4 * error


def test_expected_purchases_are_the_mean_of_later_ones(world: Simulated) -> None:
    told = lv.expected_purchases(STORY, AHEAD, world.x, world.t_x, world.age)
    for low, high in ((0, 1), (1, 2), (2, 4), (4, 8), (8, 1000)):
        group = (world.x >= low) & (world.x < high)
        error = np.std(world.later[group]) / np.sqrt(group.sum())
        assert abs(np.mean(told[group]) - np.mean(world.later[group])) < 4 * error


def _by_quadrature(parameters: tuple[float, ...], t: float, x: float, t_x: float, age: float) -> float:
    """The same expectation as an integral over p: E[(1 - (1 + pt/(α+T))^-(r+x)) / p] times P(alive)."""
    r, alpha, a, b = parameters

    def weighed(p: float) -> float:
        log_density = (a - 1) * np.log(p) + (b + x) * np.log1p(-p) - betaln(a, b + x + 1)
        return float(np.exp(log_density) * -np.expm1(-(r + x) * np.log1p(p * t / (alpha + age))) / p)

    peak = min(max((a + 1) / (a + b + x + 3), 1e-6), 0.5)
    whole = sum(quad(weighed, *ends, limit=300)[0] for ends in ((0, peak / 10), (peak / 10, peak), (peak, 1)))
    one = np.array([x]), np.array([t_x]), np.array([age])
    return float(whole * lv.probability_alive(parameters, *one)[0])


@pytest.mark.parametrize(
    "parameters", [STORY, (0.73, 36.9, 3.86, 41.5), (1.5, 5.0, 1.0, 3.0), (0.2, 90, 9, 2)]
)
@pytest.mark.parametrize("t", [90.0, 365.0])
def test_hypergeometric_form_agrees_with_the_integral(parameters: tuple[float, ...], t: float) -> None:
    cases = [
        (0, 0, 0),
        (0, 0, 300),
        (1, 1, 4),
        (3, 200, 210),
        (14, 129, 140),
        (60, 170, 180),
        (200, 364, 365),
    ]
    x, t_x, age = (np.array(values, dtype=float) for values in zip(*cases, strict=True))
    told = lv.expected_purchases(parameters, t, x, t_x, age)
    wanted = [_by_quadrature(parameters, t, *map(float, case)) for case in cases]
    assert told == pytest.approx(wanted, rel=1e-5)


def test_likelihood_of_who_never_came_back() -> None:
    r, alpha, a, b = STORY
    x, t_x, age = np.zeros(1), np.zeros(1), np.array([100.0])
    never = a / (a + b) + b / (a + b) * (alpha / (alpha + 100)) ** r
    assert np.exp(lv.purchase_log_likelihood(STORY, x, t_x, age, stops_at_first=True)) == pytest.approx(never)
    waiting = (alpha / (alpha + 100)) ** r
    told = lv.purchase_log_likelihood(STORY, x, t_x, age, stops_at_first=False)
    assert np.exp(told) == pytest.approx(waiting)


@pytest.mark.parametrize("stops_at_first", [True, False])
def test_chances_sum_to_one(stops_at_first: bool) -> None:
    # P(none) + P(one, anywhere) + P(two, …) with the times of all but the last integrated out: x purchases
    # ending at t_x have their first x - 1 anywhere before, t_x^(x-1) / (x-1)! of them.
    age, parameters = 20.0, (0.8, 40.0, 0.8, 2.5)
    total = 0.0
    for times in range(12):

        def density(t_x: float, times: int = times) -> float:
            told = lv.purchase_log_likelihood(
                parameters, np.array([float(times)]), np.array([t_x]), np.array([age]),
                stops_at_first=stops_at_first,
            )  # fmt: skip
            before = t_x ** (times - 1) / float(np.prod(np.arange(1, times))) if times else 1.0
            return float(np.exp(told)) * before

        total += density(0.0) if times == 0 else quad(density, 0, age)[0]
    assert total == pytest.approx(1.0, abs=2e-5)


def test_a_unit_of_time_is_only_a_unit(world: Simulated) -> None:
    days = lv.fit_purchases(world.x, world.t_x, world.age, stops_at_first=True)
    weeks = lv.fit_purchases(world.x, world.t_x / 7, world.age / 7, stops_at_first=True)
    assert days.parameters == pytest.approx(np.array(weeks.parameters) * (1, 7, 1, 1), rel=1e-6)
    assert lv.expected_purchases(days.parameters, 91, world.x, world.t_x, world.age) == pytest.approx(
        lv.expected_purchases(weeks.parameters, 13, world.x, world.t_x / 7, world.age / 7), rel=1e-6
    )


def test_order_and_doubling_change_nothing_but_the_errors(world: Simulated) -> None:
    once = lv.fit_purchases(world.x, world.t_x, world.age, stops_at_first=True)
    twice = lv.fit_purchases(
        *(np.concatenate((v[::-1], v)) for v in (world.x, world.t_x, world.age)), stops_at_first=True
    )
    assert list(lv.rounded(np.array(once.parameters))) == list(lv.rounded(np.array(twice.parameters)))
    assert np.array(twice.standard_errors) * np.sqrt(2) == pytest.approx(
        np.array(once.standard_errors), rel=1e-4
    )


def test_who_never_stops_has_no_maximum() -> None:
    numbers = np.random.default_rng(8)
    age = np.full(2_000, 200.0)
    gaps = numbers.exponential(20, (2_000, 60)).cumsum(axis=1)
    seen = gaps <= 200
    x, t_x = seen.sum(axis=1).astype(float), np.where(seen, gaps, 0).max(axis=1)
    assert not lv.fit_purchases(x, t_x, age, stops_at_first=True).is_converged


def test_a_longer_silence_is_worse_and_more_so_for_the_frequent() -> None:
    t_x = np.array([30.0, 30.0, 30.0, 30.0])
    alive = lv.probability_alive(
        STORY, np.array([1.0, 1.0, 9.0, 9.0]), t_x, np.array([40.0, 200.0, 40.0, 200.0])
    )
    assert alive[0] > alive[1] and alive[2] > alive[3] and alive[3] < alive[1]


def test_first_purchase_is_worth_the_mean_of_all() -> None:
    p, q, gamma = 6.0, 4.0, 15.0
    amounts = lv.expected_amount((p, q, gamma), np.array([0.0, 2.0, 1e9]), np.array([np.nan, 50.0, 50.0]))
    assert amounts[0] == pytest.approx(p * gamma / (q - 1))
    weight = p * 2 / (p * 2 + q - 1)
    assert amounts[1] == pytest.approx(weight * 50 + (1 - weight) * amounts[0])
    assert amounts[2] == pytest.approx(50)


def test_rounded_keeps_nine_digits() -> None:
    told = lv.rounded(np.array([123456.7891234, -0.00012345678949, 0.0, np.nan, np.inf]))
    assert list(told[:3]) == [123456.789, -0.000123456789, 0.0]
    assert np.isnan(told[3]) and np.isnan(told[4])


def test_nothing_is_computed_for_a_few_buyers() -> None:
    def query(_: str) -> lv.Columns:
        raise AssertionError("asked for the buyers")

    rows = {"model": ["mbg_nbd"], "parameter": ["r"], "is_shown": [False]}
    assert lv.parameter_columns(rows, query) == {}
    assert lv.value_columns({"is_shown": [False]}, query) == {}
