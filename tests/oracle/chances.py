"""Chances over time with members who are followed for different times, in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

Step = Callable[[timedelta], float]
Ends = Sequence[
    tuple[timedelta, int]
]  # how long followed; 0 = no longer seen, 1 = the event, 2 = another end


def staying(ends: Ends) -> Step:
    """Kaplan–Meier: the chance that the event has not come by a time, events at that time included."""
    steps: list[tuple[timedelta, float]] = []
    chance, at_risk = 1.0, len(ends)
    events = Counter(time for time, kind in ends if kind == 1)
    everybody = Counter(time for time, _ in ends)
    for time in sorted(everybody):
        chance *= 1 - events[time] / at_risk
        at_risk -= everybody[time]
        steps.append((time, chance))
    return _step(steps, 1.0)


def reached(ends: Ends) -> Step:
    """Aalen–Johansen: the chance that the event has come by a time where another end takes that chance."""
    steps: list[tuple[timedelta, float]] = []
    free, chance, at_risk = 1.0, 0.0, len(ends)
    events = Counter(time for time, kind in ends if kind == 1)
    others = Counter(time for time, kind in ends if kind == 2)
    everybody = Counter(time for time, _ in ends)
    for time in sorted(everybody):
        chance += free * events[time] / at_risk
        free *= 1 - (events[time] + others[time]) / at_risk
        at_risk -= everybody[time]
        steps.append((time, chance))
    return _step(steps, 0.0)


def _step(steps: list[tuple[timedelta, float]], before: float) -> Step:
    def value(time: timedelta) -> float:
        last = before
        for at, chance in steps:
            if at > time:
                break
            last = chance
        return last

    return value
