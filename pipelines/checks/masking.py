"""What an example may show: groups, dates and numbers; the first two characters of any other id; never text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

SHOWN_ROWS = 3

# Text columns whose values this project or the group's own administration writes, never a person.
OPEN_COLUMNS = frozenset({
    "group_id", "parent_group_id", "from_group", "to_group", "load_id", "source", "event_kind", "rule",
    "table_name", "column_name", "metric", "stage", "expected_step", "channel_kind", "event_name",
})  # fmt: skip
_MASKED = re.compile(r"(_id|_key|^sha256)$")
_QUOTED = re.compile(r"'[^']*'")
_LONG_NUMBER = re.compile(r"\d{5,}")


def mask_value(column: str, value: Any) -> str | None:
    """One value as it may be shown, or None where nothing of it may be (free text)."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int | Decimal):
        return str(value)
    if column in OPEN_COLUMNS:
        return str(value)
    if _MASKED.search(column):
        return f"{str(value)[:2]}…"
    return None


def mask_rows(found: Sequence[Mapping[str, Any]], limit: int = SHOWN_ROWS) -> str:
    """The first rows of `found` as `column value, …; …`, masked; a column of text is named without its value."""
    shown = []
    for row in found[:limit]:
        parts = []
        for column, value in row.items():
            masked = mask_value(column, value)
            parts.append(f"{column} (text)" if masked is None else f"{column} {masked}")
        shown.append(", ".join(parts))
    return "; ".join(shown)


def mask_error(error: str) -> str:
    """The first line of a database error without the values it quotes: they may be somebody's."""
    lines = [line for line in error.strip().splitlines() if line.strip()]
    line = lines[0] if lines else "unknown error"
    line = re.sub(r"^\(\S+\)\s*", "", line)
    return _LONG_NUMBER.sub("…", _QUOTED.sub("'…'", line))[:300]
