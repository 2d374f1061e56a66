"""The values that placeholders in checks stand for, computed from the warehouse when a gate runs.

Time zones are dealt with here, in Python: the SQL of a check never converts a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

_WEEK = timedelta(days=7)


class MissingValue(LookupError):
    """A placeholder cannot be computed; the message says why."""


def newest_end(connection: duckdb.DuckDBPyConnection) -> str:
    """The latest time an event may have, naive UTC: the newest covered day's end and one day more.

    Without any declared coverage it is one day after the newest export, and without that the end of time.
    """
    row = connection.execute("select max(covered_to), max(exported_at) from raw.loads").fetchone()
    covered, exported = row if row is not None else (None, None)
    if covered is not None:
        day = covered.date() if isinstance(covered, datetime) else covered
        return _moment(datetime.combine(day, time()) + timedelta(days=2))
    if exported is not None:
        return _moment(exported.replace(tzinfo=None) + timedelta(days=1))
    return _moment(datetime(9999, 12, 31))


def report_local(connection: duckdb.DuckDBPyConnection) -> str:
    """`core.settings.report_at` as a naive time of the business time zone; long ago before any whole week."""
    report_at, zone = _settings(connection, "report_at")
    if report_at is None:
        return _moment(datetime(1970, 1, 1))
    return _moment(report_at.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None))


def week_ranges(connection: duckdb.DuckDBPyConnection) -> str:
    """SQL rows `(week_start, from_at, to_at)` of every week of revenue.weekly, the ends naive UTC."""
    _, zone = _settings(connection, "time_zone")
    starts = connection.execute("select distinct week_start from revenue.weekly order by 1").fetchall()
    if not starts:
        raise MissingValue("revenue.weekly is empty")
    return ",\n".join(
        f"(date '{start}', timestamp '{_utc(start, zone)}', timestamp '{_utc(start + _WEEK, zone)}')"
        for (start,) in starts
    )


VALUES = {"newest_end": newest_end, "report_local": report_local, "week_ranges": week_ranges}


def fill(
    keywords: Mapping[str, Any], connection: duckdb.DuckDBPyConnection, known: dict[str, str]
) -> dict[str, Any]:
    """`keywords` with every `$name` in their strings replaced; `known` keeps what was computed before.

    Raises MissingValue when a value cannot be computed and duckdb.Error when its table cannot be read.
    """
    filled: dict[str, Any] = {}
    for key, value in keywords.items():
        if isinstance(value, str) and "$" in value:
            template = Template(value)
            for name in template.get_identifiers():
                if name not in known:
                    known[name] = VALUES[name](connection)
            filled[key] = template.substitute(known)
        else:
            filled[key] = value
    return filled


def _settings(connection: duckdb.DuckDBPyConnection, column: str) -> tuple[Any, ZoneInfo]:
    row = connection.execute(f"select {column}, time_zone from core.settings").fetchone()
    if row is None:
        raise MissingValue("core.settings is empty")
    return row[0], ZoneInfo(row[1])


def _utc(day: date, zone: ZoneInfo) -> str:
    return _moment(datetime.combine(day, time(), tzinfo=zone).astimezone(UTC).replace(tzinfo=None))


def _moment(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")
