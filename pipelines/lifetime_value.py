"""Lifetime value of buyers: three models of the marketing literature, fitted by maximum likelihood.

MBG/NBD (Batislam, Denizel & Filiztekin 2007; Hoppe & Wagner 2007) and BG/NBD (Fader, Hardie & Lee 2005) say
how often somebody buys and when they stop, Gamma-Gamma (Fader & Hardie 2013) what a purchase is worth. A
buyer is (x, t_x, T): purchases after the first, time of the last and time watched, both since the first.
Time has any unit; rates and `alpha` are in it. Pure functions; the last two are the steps of the build.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Vector = np.ndarray[Any, np.dtype[np.float64]]
    Slope = Callable[[Vector], tuple[float, Vector]]

# Significant digits of what is told: beyond them stand the last bits of a machine, or of a difference.
DIGITS, ERROR_DIGITS = 9, 5
# Where a fit begins: shape and scale of rates, then of stopping, times and amounts having mean 1.
STARTS = ((0.7, 0.5, 0.5, 2.0), (2.0, 1.0, 1.0, 4.0))
SPENDING_STARTS = ((2.0, 2.0, 2.0), (0.7, 4.0, 5.0))
# Parameters are e to the power of -BOUND to BOUND. One whose error is VAGUE times itself is not told by the
# data: the likelihood rises towards an edge, as when nobody is seen to stop.
BOUND = 12.0
VAGUE = 10.0
STRIDE, CLOSE, STEPS = 2.0, 1e-10, 40


@dataclass(frozen=True)
class Fit:
    """Parameters at the maximum, their standard errors, the log-likelihood; whether it is a maximum."""

    parameters: tuple[float, ...]
    standard_errors: tuple[float, ...]
    log_likelihood: float
    is_converged: bool


def fit_purchases(x: Vector, t_x: Vector, age: Vector, *, stops_at_first: bool) -> Fit:
    """Fit (r, alpha, a, b) to buyers: MBG/NBD when a buyer may stop after the first purchase, else BG/NBD."""
    import numpy as np

    scale = float(np.mean(age)) or 1.0
    triples, counts = np.unique(np.column_stack((x, t_x / scale, age / scale)), axis=0, return_counts=True)
    slope = _purchase_slope(triples, counts.astype(float), stops_at_first)
    found = _maximise(slope, STARTS)
    units = np.array([1.0, scale, 1.0, 1.0])
    # Each observed purchase is a density in time: a change of unit moves the log-likelihood.
    moved = found.log_likelihood - float(np.sum(x)) * float(np.log(scale))
    return Fit(
        tuple(np.array(found.parameters) * units), tuple(np.array(found.standard_errors) * units),
        moved, found.is_converged,
    )  # fmt: skip


def purchase_log_likelihood(
    parameters: Sequence[float], x: Vector, t_x: Vector, age: Vector, *, stops_at_first: bool
) -> float:
    """Log-likelihood of (r, alpha, a, b): Fader, Hardie & Lee 2005 (6), Hoppe & Wagner 2007 (8)."""
    import numpy as np

    triples = np.column_stack((x, t_x, age)).astype(float)
    slope = _purchase_slope(triples, np.ones(len(triples)), stops_at_first)
    return slope(np.log(np.asarray(parameters, dtype=float)))[0]


def _purchase_slope(triples: Vector, weights: Vector, stops_at_first: bool) -> Slope:
    """The log-likelihood and its slope in the logarithms of r, alpha, a, b.

    With b' = b + x (+ 1 where one can stop at the first purchase), L = Γ(r+x) α^r / Γ(r) / B(a, b) ×
    [B(a, b') (α+T)^-(r+x) + B(a+1, b'-1) (α+t_x)^-(r+x)]; in BG/NBD the second only for x > 0.
    """
    import numpy as np
    from scipy.special import betaln, expit, gammaln, psi

    x, t_x, age = triples.T
    values, place = np.unique(x, return_inverse=True)
    later = int(stops_at_first)
    # In BG/NBD nobody has stopped without a later purchase: the term is absent, 1 stands in for its argument.
    can_stop = values + later > 0
    buyers = np.bincount(place, weights)
    total = float(np.sum(weights))

    def slope(logs: Vector) -> tuple[float, Vector]:
        r, alpha, a, b = np.exp(logs)
        stays = b + values + later
        stops = np.where(can_stop, stays - 1, 1.0)
        base = betaln(a, b)
        lives = betaln(a, stays) - base
        ends = np.where(can_stop, betaln(a + 1, stops) - base, -np.inf)
        log_age, log_t_x = np.log(alpha + age), np.log(alpha + t_x)
        more = (ends - lives)[place] + (r + x) * (log_age - log_t_x)
        gone = weights * expit(more)
        alive = weights - gone
        shape = gammaln(r + values) - gammaln(r) + r * np.log(alpha) + lives
        fit = np.sum(buyers * shape) + np.sum(weights * (np.logaddexp(0.0, more) - (r + x) * log_age))
        stopped = np.bincount(place, gone)
        common = psi(a + b) - psi(a + stays)
        by_r = np.sum(buyers * (psi(r + values) - psi(r) + np.log(alpha))) - np.sum(
            alive * log_age + gone * log_t_x
        )
        by_alpha = total * r / alpha - np.sum((r + x) * (alive / (alpha + age) + gone / (alpha + t_x)))
        by_a = np.sum(buyers * common) + np.sum(gone) / a
        by_b = np.sum(buyers * (common - psi(b)) + (buyers - stopped) * psi(stays) + stopped * psi(stops))
        return float(fit), np.array([by_r * r, by_alpha * alpha, by_a * a, by_b * b])

    return slope


def fit_spending(x: Vector, mean_amount: Vector) -> Fit:
    """Fit Gamma-Gamma (p, q, gamma) to buyers with x >= 1 purchases of a positive mean amount; q > 1."""
    import numpy as np

    scale = float(np.mean(mean_amount)) or 1.0
    found = _maximise(_spending_slope(x, mean_amount / scale), SPENDING_STARTS)
    p, above, gamma = found.parameters
    errors = np.array(found.standard_errors) * (1.0, 1.0, scale)
    moved = found.log_likelihood - len(x) * float(np.log(scale))
    return Fit((p, 1.0 + above, gamma * scale), tuple(errors), moved, found.is_converged)


def spending_log_likelihood(parameters: Sequence[float], x: Vector, mean_amount: Vector) -> float:
    """Log-likelihood of (p, q, gamma): Fader & Hardie 2013 (1a)."""
    import numpy as np

    p, q, gamma = parameters
    return _spending_slope(x, mean_amount)(np.log(np.array([p, q - 1.0, gamma])))[0]


def _spending_slope(x: Vector, z: Vector) -> Slope:
    """The log-likelihood and its slope in the logarithms of p, q - 1, gamma.

    L = Γ(px+q) / (Γ(px) Γ(q)) γ^q z^(px-1) x^(px) (γ+xz)^-(px+q).
    """
    import numpy as np
    from scipy.special import gammaln, psi

    values, place = np.unique(x, return_inverse=True)
    log_z, log_x = np.log(z), np.log(x)

    def slope(logs: Vector) -> tuple[float, Vector]:
        p, above, gamma = np.exp(logs)
        q = 1.0 + above
        log_sum = np.log(gamma + x * z)
        shape = gammaln(p * values + q) - gammaln(p * values) - gammaln(q) + q * np.log(gamma)
        fit = shape[place] + (p * x - 1) * log_z + p * x * log_x - (p * x + q) * log_sum
        by_p = x * ((psi(p * values + q) - psi(p * values))[place] + log_z + log_x - log_sum)
        by_q = (psi(p * values + q) - psi(q) + np.log(gamma))[place] - log_sum
        by_gamma = q / gamma - (p * x + q) / (gamma + x * z)
        parts = (by_p * p, by_q * above, by_gamma * gamma)
        return float(np.sum(fit)), np.array([float(np.sum(part)) for part in parts])

    return slope


def _maximise(slope: Slope, starts: Sequence[Sequence[float]]) -> Fit:
    """The best of the climbs from several starts; errors from the inverse Hessian."""
    import numpy as np

    value, logs = max((_climb(slope, np.log(start)) for start in starts), key=lambda climb: climb[0])
    value, by = slope(logs)
    curve = _curvature(slope, logs)
    is_peak = bool(np.all(np.linalg.eigvalsh(-curve) > 0)) if np.all(np.isfinite(curve)) else False
    is_flat = bool(np.max(np.abs(by)) <= 1e-6 * max(1.0, abs(value)))
    relative = np.sqrt(np.diag(np.linalg.inv(-curve))) if is_peak else np.full(len(logs), np.inf)
    is_told = bool(np.all(relative < VAGUE))
    found = np.exp(logs)
    return Fit(tuple(found), tuple(found * relative), value, is_peak and is_flat and is_told)


def _climb(slope: Slope, logs: Vector) -> tuple[float, Vector]:
    """Damped Newton steps, each at most STRIDE long and halved until it does not lead down.

    Where the likelihood is not curved like a peak, the step goes up by the size of the curvature. Four
    parameters need no library for this, and loading one would take longer than the fit.
    """
    import numpy as np

    value, by = slope(logs)
    for _ in range(STEPS):
        sizes, ways = np.linalg.eigh(-_curvature(slope, logs))
        sizes = np.maximum(np.abs(sizes), 1e-9 * np.max(np.abs(sizes)))
        step = ways @ ((ways.T @ by) / sizes)
        step *= min(1.0, STRIDE / float(np.max(np.abs(step))) if np.any(step) else 1.0)
        while True:
            trial = np.clip(logs + step, -BOUND, BOUND)
            trial_value, trial_by = slope(trial)
            if trial_value >= value - 1e-13 * abs(value) or np.max(np.abs(step)) < CLOSE:
                break
            step /= 2
        logs, value, by = trial, trial_value, trial_by
        if np.max(np.abs(step)) < CLOSE:
            break
    return value, logs


def _curvature(slope: Slope, logs: Vector, step: float = 1e-5) -> Vector:
    """Second derivatives in the logarithms, by central differences of the slope."""
    import numpy as np

    columns = [
        (slope(logs + move)[1] - slope(logs - move)[1]) / (2 * step) for move in np.eye(len(logs)) * step
    ]
    return (np.array(columns) + np.array(columns).T) / 2


def probability_alive(parameters: Sequence[float], x: Vector, t_x: Vector, age: Vector) -> Vector:
    """P(not stopped at T | x, t_x, T) of MBG/NBD: 1 / (1 + a/(b+x) ((α+T)/(α+t_x))^(r+x))."""
    import numpy as np
    from scipy.special import expit

    r, alpha, a, b = parameters
    odds_gone = np.log(a / (b + x)) + (r + x) * np.log((alpha + age) / (alpha + t_x))
    return np.asarray(expit(-odds_gone))


def expected_purchases(parameters: Sequence[float], t: float, x: Vector, t_x: Vector, age: Vector) -> Vector:
    """E[purchases in (T, T+t] | x, t_x, T] of MBG/NBD (Hoppe & Wagner 2007).

    P(alive) (a+b+x)/(a-1) [1 - ((α+T)/(α+T+t))^(r+x) 2F1(r+x, b+x+1; a+b+x; t/(α+T+t))]. With argument
    -t/(α+T) instead, SciPy's 2F1 is off by orders of magnitude. With at most one purchase per unit of time
    2F1 stays below e^t.
    """
    import numpy as np
    from scipy.special import hyp2f1

    r, alpha, a, b = parameters
    # a = 1 is a removable gap of the formula: step beside it.
    a = 1.0 + 1e-6 if abs(a - 1.0) < 1e-6 else a
    power = np.exp((r + x) * np.log((alpha + age) / (alpha + age + t)))
    left = power * hyp2f1(r + x, b + x + 1.0, a + b + x, t / (alpha + age + t))
    while_alive = (a + b + x) / (a - 1.0) * (1.0 - left)
    return np.asarray(probability_alive(parameters, x, t_x, age) * while_alive)


def expected_amount(parameters: Sequence[float], x: Vector, mean_amount: Vector) -> Vector:
    """E[amount of a purchase | x purchases of this mean] of Gamma-Gamma: p (γ + x z) / (p x + q - 1)."""
    import numpy as np

    p, q, gamma = parameters
    spent = np.where(x > 0, x * np.where(x > 0, mean_amount, 0.0), 0.0)
    return np.asarray(p * (gamma + spent) / (p * x + q - 1.0))


def rounded(values: Vector, digits: int = DIGITS) -> Vector:
    """To so many significant digits, so that the last bits of a machine are not in a table."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.floor(np.log10(np.abs(values)))
    scale = np.power(10.0, digits - 1 - np.where(np.isfinite(size), size, 0.0))
    return np.asarray(np.where(np.isfinite(values), np.round(values * scale) / scale, np.nan))


Columns = dict[str, Any]
Query = Callable[[str], Columns]
BUYERS = (
    "select clv_frequency, clv_recency_days, clv_age_days, clv_monetary from revenue.rfm order by member_id"
)


def parameter_columns(rows: Columns, query: Query) -> Columns:
    """Step of revenue.lifetime_value_parameters: value, standard_error, log_likelihood, reason per row.

    `rows` are the table's rows with model, parameter and is_shown; nothing is fitted unless they are shown.
    """
    if not any(rows["is_shown"]):
        return {}
    import numpy as np

    x, t_x, age, amount = _numbers(query(BUYERS))
    pays = (x > 0) & (amount > 0)
    fits = {
        "mbg_nbd": fit_purchases(x, t_x, age, stops_at_first=True),
        "bg_nbd": fit_purchases(x, t_x, age, stops_at_first=False),
    }
    if np.any(pays):
        fits["gamma_gamma"] = fit_spending(x[pays], amount[pays])
    place = {"r": 0, "alpha": 1, "a": 2, "b": 3, "p": 0, "q": 1, "gamma": 2}
    told = []
    for model, parameter in zip(rows["model"], rows["parameter"], strict=True):
        fit = fits.get(str(model))
        i = place[str(parameter)]
        told.append(
            (fit.parameters[i], fit.standard_errors[i], fit.log_likelihood, None)
            if fit is not None and fit.is_converged
            else (np.nan, np.nan, np.nan, "not_converged")
        )
    values, errors, fitted, reasons = zip(*told, strict=True)
    return {
        "value": rounded(np.array(values)),
        "standard_error": rounded(np.array(errors), ERROR_DIGITS),
        "log_likelihood": rounded(np.array(fitted)),
        "reason": np.array(reasons, dtype=object),
    }


def value_columns(rows: Columns, query: Query) -> Columns:
    """Step of revenue.lifetime_value: what each buyer is expected to do, by the fitted parameters."""
    if not any(rows["is_shown"]):
        return {}
    import numpy as np

    fitted = query("select model, parameter, value from revenue.lifetime_value_parameters")
    known = {
        (str(model), str(parameter)): float(value)
        for model, parameter, value in zip(
            fitted["model"], fitted["parameter"], np.ma.filled(fitted["value"], np.nan), strict=True
        )
    }
    purchases = [known["mbg_nbd", name] for name in ("r", "alpha", "a", "b")]
    spending = [known["gamma_gamma", name] for name in ("p", "q", "gamma")]
    x, t_x, age, amount = _numbers(query(BUYERS))
    # Refunds can leave the purchases of a buyer at a loss; the model knows no amounts below zero.
    worth = expected_amount(spending, x, np.maximum(np.nan_to_num(amount), 0.0))
    return {
        "expected_purchases_90d": rounded(expected_purchases(purchases, 90.0, x, t_x, age)),
        "expected_value_365d": rounded(expected_purchases(purchases, 365.0, x, t_x, age) * worth),
        "probability_alive": rounded(probability_alive(purchases, x, t_x, age)),
    }


def _numbers(buyers: Columns) -> tuple[Vector, Vector, Vector, Vector]:
    import numpy as np

    x, t_x, age, amount = (np.ma.filled(np.ma.asarray(c).astype(float), np.nan) for c in buyers.values())
    return x, t_x, age, amount
