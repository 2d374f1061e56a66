"""The top of a table: which of its first rows holds the headers, below titles and across merged cells.

Exports made for people begin with a title, the name of the shop, the days; their headers may be two rows, the
upper one naming groups of columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.headers import knows

# Rows that are looked at: titles are few.
TOP_ROWS = 20


@dataclass(frozen=True)
class Top:
    """The headers of a table, and how many of its (not blank) rows end with the last of theirs."""

    headers: tuple[str, ...]
    rows: int


def find_top(rows: Sequence[list[str]]) -> Top:
    """The headers among the first rows of a table: the first row of words that a mapping knows, else the
    first that fills more than half as many cells as the fullest; with the row below where it completes it.

    A cell without a name is called by its position, from 1.
    """
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    widest = max(filled, default=0)
    full = (i for i, count in enumerate(filled) if 2 * count > widest)
    place = next((i for i, row in enumerate(rows) if knows(row)), next(full, 0))
    cells = list(rows[place]) if rows else []
    last = place
    if place + 1 < len(rows) and _completes(rows[place + 1], cells):
        last = place + 1
        below = rows[last]
        cells = [
            below[i] if i < len(below) and below[i].strip() else cells[i] if i < len(cells) else ""
            for i in range(max(len(cells), len(below)))
        ]
    while len(cells) > 1 and not cells[-1].strip() and all(len(row) < len(cells) for row in rows[last + 1 :]):
        cells.pop()
    headers = tuple(c if c.strip() else f"column {i}" for i, c in enumerate(cells, start=1))
    return Top(headers, last + 1)


def _completes(below: Sequence[str], above: Sequence[str]) -> bool:
    """Whether a row is the lower half of merged headers: it names every cell that the row above leaves open
    (and the one that group begins with), leaves open what is named above, and holds no number.
    """
    open_above = {i for i, cell in enumerate(above) if not cell.strip()}
    open_below = {i for i in range(len(above)) if i >= len(below) or not below[i].strip()}
    return (
        bool(open_above)
        and bool(open_below)
        and not open_above & open_below
        and not any(re.search(r"\d", cell) for cell in below)
    )
