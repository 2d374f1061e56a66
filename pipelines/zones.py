"""Time zones that keep one offset: there the way to UTC is a subtraction, and asking the calendar costs ten
times that for every cell.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import duckdb

# Times of events lie between these; a clock that was set forward stays so for weeks.
FIRST, LAST, STEP = "timestamp '2004-12-01'", "timestamp '2100-02-01'", "interval 7 days"


@cache
def fixed_offset(zone: str) -> timedelta | None:
    """How far a zone's clocks are ahead of UTC, where that is the same all the time from 2005 to 2100, as
    DuckDB's own calendar has it; None where it changes.
    """
    if zone == "UTC":
        return timedelta()
    with duckdb.connect() as connection:
        row = connection.execute(
            f"""
            select min(ahead), max(ahead)
            from (
                select timezone(?, timezone('UTC', instant)) - instant as ahead
                from range({FIRST}, {LAST}, {STEP}) as times (instant)
            )
            """,
            [zone],
        ).fetchone()
    return row[0] if row is not None and row[0] == row[1] else None


def offset_sql(zone: str) -> str | None:
    """The fixed offset of a zone as an SQL interval; None where it has none."""
    ahead = fixed_offset(zone)
    return None if ahead is None else f"interval '{round(ahead.total_seconds())} seconds'"


def local_day_sql(instant: str, zone: str) -> str:
    """SQL of the day that a naive UTC instant falls on in a zone."""
    if ahead := offset_sql(zone):
        return f"cast({instant} + {ahead} as date)"
    return f"cast(timezone('{zone}', timezone('UTC', {instant})) as date)"
