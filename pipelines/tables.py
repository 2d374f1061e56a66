"""Tables on the command line, and cells that a spreadsheet cannot be tricked by."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from typing import Any


def print_table(names: list[str], rows: list[Any]) -> None:
    """Print rows below their names, numbers to the right; no colours where nobody looks."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    for name, cells in zip(names, columns, strict=True):
        is_number = all(isinstance(c, int | float) or c is None or _is_decimal(c) for c in cells) and bool(
            cells
        )
        table.add_column(escape(name), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_text(cell)) for cell in row))
    width = None if sys.stdout.isatty() else max(120, min(400, 24 * len(names)))
    Console(width=width, highlight=False).print(table)


def _is_decimal(cell: Any) -> bool:
    from decimal import Decimal

    return isinstance(cell, Decimal)


def _text(cell: Any) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.4g}" if abs(cell) < 1000 else f"{cell:,.1f}"
    return f"{cell:,}" if _is_decimal(cell) else str(cell)


TRIGGERS = "=+-@\t\r"


class Digits(str):
    """A number that is written already: no text that somebody chose."""


def guarded(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula, made harmless; numbers stay numbers.

    The one rule of every CSV; `csvCell` in report.js is the same, and a test compares them.
    """
    is_text = isinstance(cell, str) and not isinstance(cell, Digits)
    return "'" + cell if is_text and cell.startswith(tuple(TRIGGERS)) else cell


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as the text of a CSV file as spreadsheets open it: byte order mark, CRLF, guarded cells."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerows([["" if cell is None else guarded(cell) for cell in row] for row in rows])
    return "\ufeff" + buffer.getvalue()
