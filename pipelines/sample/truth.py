"""The truth beside the sample: what was planted and what the generator's own tables say, for one seed.

Counted by plain queries over people, seats and messages in seconds, never through the project's models.
The queries stand in `sql/truth_*.sql`, each under the name of its entry.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import duckdb

from pipelines.sample.build import SQL, Plan, run_sql
from pipelines.sample.planted import PLANTED

QUERY_FILES = ("truth_people", "truth_money", "truth_referral", "truth_lists")
# "-- name", "-- section.name", with " []" for a list and " {}" for a table of names and values
_HEADING = re.compile(r"^-- ([a-zA-Z0-9_.]+)( \[\]| \{\})?$", re.MULTILINE)


def _queries(text: str) -> list[tuple[str, str, str]]:
    """(name, shape, query) of each entry of a truth file; shape is "", "[]" or "{}"."""
    found = list(_HEADING.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return [
        (match[1], (match[2] or "").strip(), text[match.end() : end])
        for match, end in zip(found, ends, strict=True)
    ]


def _plain(value: Any) -> Any:
    """A JSON value: money and big sums arrive as Decimal, whole ones become int."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _answer(connection: duckdb.DuckDBPyConnection, query: str, shape: str) -> Any:
    rows = connection.execute(query).fetchall()
    if shape == "{}":
        return {str(key): _plain(value) for key, value in rows}
    if shape == "[]":
        return [_plain(row[0]) for row in rows]
    return _plain(rows[0][0]) if rows else None


def measure(connection: duckdb.DuckDBPyConnection, plan: Plan) -> dict[str, Any]:
    """Count the truth in the generator's tables; call it after the files are written.

    Returns sections of named numbers, rates from 0 to 1, money as text with two places.
    """
    run_sql(connection, "21_truth")
    truth: dict[str, Any] = {
        "about": "Counted from the generator's own tables; rates are 0 to 1, money is CNY.",
        "seed": plan.seed,
        "scale": plan.scale,
        "message_factor": plan.message_factor,
        "first_day": str(plan.start_day),
        "last_day": str(plan.end_day),
        "time_zone": "Asia/Shanghai",
        "planted": PLANTED,
    }
    for file in QUERY_FILES:
        for name, shape, query in _queries((SQL / f"{file}.sql").read_text(encoding="utf-8")):
            section, _, entry = name.rpartition(".")
            target = truth.setdefault(section, {}) if section else truth
            target[entry] = _answer(connection, query, shape)
    truth["faults"]["gb18030_file"] = "groups.csv"
    return truth
