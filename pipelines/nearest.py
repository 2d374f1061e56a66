"""The nearest valid name to a wrong one, for error messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from zoneinfo import available_timezones

# What people in China write for the one zone of the country.
_SHANGHAI = frozenset(
    {"beijing", "peking", "北京", "北京时间", "上海", "shanghai", "china", "中国", "utc+8", "gmt+8"}
)


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the nearest known name, else a list of the first twelve."""
    names = list(known)
    match = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    return f"; did you mean {match[0]}?" if match else f"; known: {', '.join(sorted(names)[:12])}"


def nearest_zone(name: str) -> str:
    """`; did you mean …?` with the time zone of the city somebody may mean, else a few that are known."""
    city = name.rsplit("/", 1)[-1].strip().casefold().replace(" ", "_")
    if city in _SHANGHAI:
        return "; did you mean Asia/Shanghai?"
    cities = {zone.rsplit("/", 1)[-1].casefold(): zone for zone in sorted(available_timezones())}
    match = difflib.get_close_matches(city, cities, n=1, cutoff=0.75)
    return (
        f"; did you mean {cities[match[0]]}?"
        if match
        else "; known: Asia/Shanghai, Europe/London, UTC and so on"
    )
