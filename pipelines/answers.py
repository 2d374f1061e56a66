"""Answers of the explore macros: as a table, CSV, JSON, or a page with a chart."""

from __future__ import annotations

import csv
import json
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.errors import GroupfunnelError, SettingsError
from pipelines.steps import Project
from pipelines.tables import guarded, print_table

# DuckDB's errors of the macros' own checks and of names that are not there: the question is wrong.
_WRONG_QUESTION = (
    "Invalid Input Error: ", "Binder Error: ", "Catalog Error: ", "Conversion Error: ",
    "Not implemented Error: Unknown TimeZone",
)  # fmt: skip


def ask(project: Project, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names of the columns and rows of an answer.

    Raises SettingsError, in the macro's own words, when the question is wrong.
    """
    from pipelines.run import query

    try:
        return query(project, sql)
    except GroupfunnelError as error:
        text = str(error)
        for kind in _WRONG_QUESTION:
            if text.startswith(kind):
                wrong = text.removeprefix(kind.split("Unknown")[0]).split("\nLINE ")[0].strip()
                # A column is taken from a row as from a struct.
                wrong = wrong.replace("Could not find key", "there is no column").replace(" in struct", "")
                raise SettingsError(
                    " ".join(wrong.split()).replace("Candidate Entries:", "; near:")
                ) from error
        raise


def show(project: Project, sql: str, title: str, *, as_csv: bool, as_json: bool, html: Path | None) -> None:
    """Ask, and print or write the answer. Raises SettingsError when the question is wrong."""
    names, rows = ask(project, sql)
    if html is not None:
        from pipelines.answer_page import page

        html.write_text(page(title, names, rows), encoding="utf-8", newline="\n")
        print(f"Wrote {html}.", file=sys.stderr)
        if not (as_csv or as_json):
            return
    if as_json:
        print(json.dumps([dict(zip(names, row, strict=True)) for row in rows], default=_plain,
                         ensure_ascii=False, indent=2))  # fmt: skip
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([[guarded(_in_one(cell)) for cell in row] for row in rows])
    else:
        kept = told_columns(names, rows)
        print_table([names[i] for i in kept], [[readable(names[i], row[i]) for i in kept] for row in rows])


def told_columns(names: list[str], rows: list[tuple[Any, ...]]) -> list[int]:
    """Positions of the columns that tell something: by_value and period_start only where they are filled."""
    return [
        i for i, name in enumerate(names)
        if name not in ("by_value", "period_start", "adds_up") or any(row[i] is not None for row in rows)
    ]  # fmt: skip


def readable(name: str, cell: Any) -> Any:
    """A cell for people: shares in percent, seconds as days, hours and minutes."""
    if cell is None or isinstance(cell, list):
        return _in_one(cell)
    if name == "rate" or name.endswith("rate") or "rate_" in name or name.startswith("share"):
        return f"{100 * float(cell):.1f} %"
    if "seconds" in name:
        return _duration(float(cell))
    return cell


def _in_one(cell: Any) -> Any:
    """Put the instants of a chain into one cell; an empty place is a step that is not there."""
    if isinstance(cell, list):
        return "; ".join("" if one is None else str(one) for one in cell)
    return cell


def _duration(seconds: float) -> str:
    if seconds >= 172_800:
        return f"{seconds / 86_400:.1f} d"
    if seconds >= 7_200:
        return f"{seconds / 3_600:.1f} h"
    return f"{seconds / 60:.1f} min" if seconds >= 120 else f"{seconds:.0f} s"


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else str(value)
