"""What makes a file suspect although every row of it can be read: rounded ids, rows that are missing."""

from __future__ import annotations

import duckdb

from pipelines.errors import InputRefused
from pipelines.mapping import Resolved

# A spreadsheet keeps 15 digits of a number: the rest of a long id becomes zeros.
KEPT_DIGITS = 15
# Ids end in a zero by chance, three of three ending in one or more of them past the 15th digit hardly.
ROUNDED_IDS = 3
# Files of one export to compare with, and how far from their median is far.
FILES, FACTOR = 4, 4


def refuse_rounded_ids(connection: duckdb.DuckDBPyConnection, resolved: Resolved, file: str) -> None:
    """Raise InputRefused, naming the column, when all long ids of temp table `typed` end in zeros from their
    16th digit on.
    """
    columns = [item for item in resolved.bound if item.column.type == "id" and item.header is not None]
    if not columns:
        return
    # Asked as a filter, which what DuckDB keeps of each column answers where no id is long.
    has_long = " or ".join(f"strlen({item.column.name}) > {KEPT_DIGITS}" for item in columns)
    if connection.execute(f"select 1 from typed where {has_long} limit 1").fetchone() is None:
        return
    counts = []
    for item in columns:
        name = item.column.name
        is_long = f"strlen({name}) > {KEPT_DIGITS} and regexp_full_match({name}, '[0-9]+')"
        is_rounded = f"rtrim({name}[{KEPT_DIGITS + 1}:], '0') = ''"
        counts.append(f"count(distinct case when {is_long} and {is_rounded} then {name} end)")
        counts.append(f"count(case when {is_long} and not {is_rounded} then 1 end)")
    row = connection.execute(f"select {', '.join(counts)} from typed").fetchone() or ()
    for item, rounded, other in zip(columns, row[0::2], row[1::2], strict=True):
        if rounded >= ROUNDED_IDS and not other:
            raise InputRefused(
                f"{file}: all long numbers in column {item.header!r} end in zeros after digit "
                f"{KEPT_DIGITS}: a spreadsheet rounded them, and different ids became one. "
                "Export the file again and do not save it from a spreadsheet, or make the column text "
                "before it is filled."
            )


def unusual_count(connection: duckdb.DuckDBPyConnection, load_id: int) -> str | None:
    """A warning when a file has far fewer or more rows a day than the others of its source and kind."""
    row = connection.execute(
        f"""
        with daily as (
            select load_id, source, event_kind,
                rows_read / coalesce(date_diff('day', covered_from, covered_to) + 1, 1) as count
            from raw.loads
        )
        select mine.count, median(other.count)
        from daily as mine
        join daily as other using (source, event_kind)
        where mine.load_id = ? and other.load_id <> mine.load_id
        group by mine.count
        having count(*) >= {FILES}
        """,
        [load_id],
    ).fetchone()
    if row is None or 1 / FACTOR <= row[0] / max(row[1], 1e-9) <= FACTOR:
        return None
    word = "fewer" if row[0] < row[1] else "more"
    return (
        f"has far {word} rows a day than the other files of this export ({row[0]:,.1f}, usually "
        f"{row[1]:,.1f}): it may be cut short or hold something else"
    )
