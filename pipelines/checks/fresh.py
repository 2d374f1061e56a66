"""What gate 1 need not look at again: rows that it has passed, as long as nothing but new loads came since.

A check that judges each row alone, or each key, holds for all rows when it held for those before and holds
for the new ones. So the rows of new loads are looked at, their keys and what they answer against all others.
Everything is looked at again where software or settings are others than those of the last build, where
a load or a person is gone that was there then, where old rows are removed for their age, and by a check that
did not pass then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from string import Template

import duckdb

from pipelines.checks.model import ROWS_KEYWORD, Check
from pipelines.contract import CONTRACT, EVENT_KINDS

# Expectations about one value of one row.
_BY_ROW = frozenset({
    "ExpectColumnValuesToNotBeNull", "ExpectColumnValuesToBeBetween", "ExpectColumnValuesToBeInSet",
})  # fmt: skip
_EVENT_TABLES = frozenset(f"raw.{CONTRACT[kind].table}" for kind in EVENT_KINDS)


@dataclass(frozen=True)
class Fresh:
    """`loads`: ids of the loads since the last build; `passed`: names of the checks that passed then."""

    loads: tuple[int, ...]
    passed: frozenset[str]


def fresh_rows(connection: duckdb.DuckDBPyConnection, basis: str) -> Fresh | None:
    """What is new since the warehouse was built; None where everything has to be looked at.

    `basis`: hash of the settings and the software of this run (`pipelines.state.basis_of`).
    """
    try:
        if connection.execute("select basis from raw.state").fetchone() != (basis,):
            return None
        gone = connection.execute(
            """
            select sha256 from raw.built_loads where sha256 not in (select sha256 from raw.loads)
            union all
            (select tombstone from raw.built_tombstones union select tombstone from raw.tombstones)
            except
            (select tombstone from raw.built_tombstones intersect select tombstone from raw.tombstones)
            union all
            select cast(kept_from as varchar) from raw.retention where kept_from is not null
            """
        ).fetchone()
        if gone is not None:
            return None
        loads = connection.execute(
            "select load_id from raw.loads where sha256 not in (select sha256 from raw.built_loads) "
            "order by load_id"
        ).fetchall()
        passed = connection.execute(
            "select check_name from quality.checks where suite = 'loaded' and outcome = 'passed'"
        ).fetchall()
    except duckdb.Error:  # nothing was ever built here
        return None
    return Fresh(tuple(load for (load,) in loads), frozenset(name for (name,) in passed))


def narrowed(connection: duckdb.DuckDBPyConnection, check: Check, fresh: Fresh) -> Check | None:
    """The check for the new rows alone, or as it is; None where it has none to look at, and so passes."""
    is_by_row = check.expectation in _BY_ROW
    if check.name not in fresh.passed or check.table not in _EVENT_TABLES or not (is_by_row or check.new_sql):
        return check
    listed = ", ".join(map(str, fresh.loads))
    if (
        not listed
        or connection.execute(f"select 1 from {check.table} where load_id in ({listed}) limit 1").fetchone()
        is None
    ):
        return None
    if is_by_row:
        return replace(check, loads=fresh.loads)
    return replace(check, keywords={ROWS_KEYWORD: Template(check.new_sql).substitute(new_loads=listed)})
