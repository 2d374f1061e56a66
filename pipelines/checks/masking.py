"""What an example may show: groups, dates, numbers, the first two characters of any other id; never text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

SHOWN_ROWS = 3

# Text columns that are shown as they are: groups and sources, never a person.
_OPEN = frozenset({"group_id", "source"})
# Text columns in which our own models write words; anything else in them is not shown.
_WORDS = frozenset({"event_kind", "metric", "stage"})
_WORD = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
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
    if column in _OPEN or (column in _WORDS and _WORD.match(str(value))):
        return str(value)
    if _MASKED.search(column):
        return f"{str(value)[:2]}…"
    return None


def mask_rows(found: Sequence[Mapping[str, Any]], limit: int = SHOWN_ROWS) -> str:
    """The first rows of `found` as `column value, …; …`, masked; text columns are named only."""
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
