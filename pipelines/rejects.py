"""Rows that were refused, as raw.rejects keeps them: their number, what is wrong, and nobody's name."""

from __future__ import annotations

import duckdb

from pipelines.mapping import Resolved
from pipelines.readers import ReadResult
from pipelines.warehouse import literal


def keep_rejects(
    connection: duckdb.DuckDBPyConnection, load_id: int, seen: ReadResult, resolved: Resolved, wrong: int
) -> None:
    """Write the refused rows to raw.rejects with their reason."""
    if seen.bad_rows:
        connection.execute(
            "insert into raw.rejects select ?, unnest(?::bigint[]), null, unnest(?::varchar[]), null",
            [load_id, [row for row, _ in seen.bad_rows], [reason for _, reason in seen.bad_rows]],
        )
    if wrong:
        columns = ", ".join("null" if name is None else literal(name) for name, _, _ in resolved.problems)
        reasons = ", ".join(literal(reason) for _, _, reason in resolved.problems)
        number = seen.number
        connection.execute(
            f"""
            insert into raw.rejects
            select {load_id}, {number} as row_number, [{columns}][wrong], [{reasons}][wrong], raw_row
            from typed where wrong is not null order by row_number
            """
        )
