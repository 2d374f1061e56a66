"""What the funnel macros count from the paths of members, by brute force; see second_reading.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import erfc, sqrt

from tests.explore.second_reading import Clock, Event, Path, Question, Row, paths

Z = 1.959964


def quantile(values: list[float], part: float) -> float | None:
    """The quantile between the two nearest values."""
    if not values:
        return None
    values = sorted(values)
    low, rest = divmod(part * (len(values) - 1), 1)
    high = min(int(low) + 1, len(values) - 1)
    return values[int(low)] * (1 - rest) + values[high] * rest


def wilson(hits: int, n: int) -> tuple[float | None, float | None]:
    """The Wilson 95 % interval of a share."""
    if not n:
        return None, None
    share = hits / n
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return middle - half, middle + half


def counted(question: Question, found: list[Path]) -> list[Row]:
    """Per step what explore.funnel tells of these paths, from `step` on."""
    whole = [path for path in found if not path.is_open]
    is_free = question.mode == "open"
    rows: list[Row] = []
    previous: int | None = None
    for k, name in enumerate(question.steps):
        there = [p for p in whole if (p.times[k] is not None if is_free else p.reached > k)]
        first = len(whole)
        steps = [(p.times[k] - p.times[k - 1]).total_seconds() for p in there] if k and not is_free else []
        entered = [(p.times[k] - p.times[0]).total_seconds() for p in there] if not is_free else []
        rows.append((
            k + 1, name, len(there),
            len(there) / first if first else None, *wilson(len(there), first),
            len(there) / previous if previous and not is_free else None,
            quantile(steps, 0.5), sum(steps) / len(steps) if steps else None, quantile(steps, 0.9),
            quantile(entered, 0.5), len(found) - len(whole),
        ))  # fmt: skip
        previous = len(there)
    return rows


def funnel(question: Question, events: Iterable[Event], clock: Clock) -> list[Row]:
    """Rows of explore.funnel."""
    found = paths(question, events, clock)
    values = {path.entry.value for path in found} if question.by else {None}
    return [
        (value, *row)
        for value in values
        for row in counted(question, [p for p in found if not question.by or p.entry.value == value])
    ]


def funnel_trend(
    question: Question, events: Iterable[Event], clock: Clock, period: str, reentry: bool
) -> list[Row]:
    """Rows of explore.funnel_trend."""
    parts = defaultdict(list)
    for path in paths(question, events, clock, period if reentry else None):
        value = path.entry.value if question.by else None
        parts[clock.period_of(path.entry.at, period), value].append(path)
    return [
        (start, value, *row, not reentry)
        for (start, value), found in parts.items()
        for row in counted(question, found)
    ]


def compare(question: Question, events: Iterable[Event], clock: Clock, base: str, other: str) -> list[Row]:
    """Rows of explore.compare."""
    found = [path for path in paths(question, events, clock) if not path.is_open]
    rows: list[Row] = []
    for k, name in list(enumerate(question.steps))[1:]:
        ns, hits = [], []
        for value in (base, other):
            mine = [path for path in found if path.entry.value == value]
            is_free = question.mode == "open"
            ns.append(len(mine))
            hits.append(sum(bool(p.times[k]) if is_free else p.reached > k for p in mine))
        rates = [hit / n if n else None for hit, n in zip(hits, ns, strict=True)]
        (one, two), z, lift = rates, None, None
        if one is not None and two is not None:
            lift = two / one - 1 if one else None
            pooled = sum(hits) / sum(ns)
            spread = sqrt(pooled * (1 - pooled) * (1 / ns[0] + 1 / ns[1]))
            z = (two - one) / spread if spread else None
        p_value = None if z is None else erfc(abs(z) / sqrt(2))
        rows.append((
            k + 1, name, ns[0], hits[0], one, ns[1], hits[1], two,
            None if one is None or two is None else two - one, lift, z, p_value,
            p_value is not None and p_value < 0.05 and min(ns) >= 30,
        ))  # fmt: skip
    return rows
