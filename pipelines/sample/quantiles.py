"""Quantiles of the gamma and the beta distribution, by summing their densities on a fine grid."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

STEPS = 4097  # one more than the last index a draw can reach
GRID = 20000


def _invert(density: Callable[[float], float], top: float, power: float) -> list[float]:
    """Quantiles at (i + 0.5) / STEPS; the grid x = top u^power is fine near 0, where densities are steep."""
    edges = [top * (i / GRID) ** power for i in range(GRID + 1)]
    masses = [density((low + high) / 2) * (high - low) for low, high in pairwise(edges)]
    total = math.fsum(masses)
    quantiles: list[float] = []
    reached, cell = 0.0, 0
    for i in range(STEPS):
        wanted = (i + 0.5) / STEPS * total
        while cell < GRID - 1 and reached + masses[cell] < wanted:
            reached += masses[cell]
            cell += 1
        share = (wanted - reached) / masses[cell] if masses[cell] else 0.0
        quantiles.append(edges[cell] + min(1.0, share) * (edges[cell + 1] - edges[cell]))
    return quantiles


def gamma_quantiles(shape: float, rate: float) -> list[float]:
    """Quantiles of the gamma distribution with `shape` and `rate` (events per week when rate is in weeks)."""
    return _invert(lambda x: x ** (shape - 1) * math.exp(-rate * x), top=30.0 / rate, power=3.0)


def beta_quantiles(a: float, b: float) -> list[float]:
    """Quantiles of the beta distribution with parameters `a` and `b`."""
    return _invert(lambda x: x ** (a - 1) * max(1e-12, 1 - x) ** (b - 1), top=1.0, power=3.0)
