"""Wide files: of one row per day with a column per number, one row per number is made."""

from __future__ import annotations

from dataclasses import replace

from pipelines.errors import InputRefused
from pipelines.headers import normalise, told_headers
from pipelines.readers import ReadResult
from pipelines.settings import Export
from pipelines.shipped import shipped_table
from pipelines.warehouse import literal


def made_long(file: str, export: Export, seen: ReadResult) -> ReadResult:
    """What a reader saw, with the wide columns as `metric` and `value`; rows keep their number.

    The settings name the columns (header = metric); otherwise the shipped mapping of the platform does, of
    which a file may lack some. Raises InputRefused naming a header of the settings that the file lacks.
    """
    found = {normalise(header): i for i, header in enumerate(seen.headers)}
    wide = _told(file, export, seen, found) if export.unpivot else _shipped(export, found)
    if not wide:
        return seen
    kept = [i for i in range(len(seen.headers)) if i not in wide]
    columns = ", ".join(f"c{i} as c{place}" for place, i in enumerate(kept))
    metrics = ", ".join(literal(metric) for metric in wide.values())
    values = ", ".join(f"c{i}" for i in wide)
    number = "row_number" if seen.has_row_numbers else "row_number() over () as row_number"
    cells = ", ".join(f"c{i}" for i in range(len(seen.headers)))
    relation = f"""
        (select row_number, {columns}{", " if kept else ""}
            unnest([{metrics}]) as c{len(kept)}, unnest([{values}]) as c{len(kept) + 1}
        from (select {number}, {cells} from {seen.relation}))
    """
    headers = (*(seen.headers[i] for i in kept), "metric", "value")
    return replace(seen, headers=headers, relation=relation, has_row_numbers=True)


def _told(file: str, export: Export, seen: ReadResult, found: dict[str, int]) -> dict[int, str]:
    wide = {}
    for column, metric in export.unpivot.items():
        if normalise(column) not in found:
            raise InputRefused(
                f"{file}: has no column {column!r}, which the settings unpivot. {told_headers(seen.headers)}"
            )
        wide[found[normalise(column)]] = metric
    return wide


def _shipped(export: Export, found: dict[str, int]) -> dict[int, str]:
    """The first spelling of each metric that the file has; nothing where the file is long already."""
    if "metric" in found or export.event != "platform_stats":
        return {}
    spellings = shipped_table(export.platform or export.source or "", "unpivot").get("platform_stats", {})
    wide = {}
    for metric, headers in spellings.items():
        place = next((found[normalise(h)] for h in headers if normalise(h) in found), None)
        if place is not None:
            wide[place] = metric
    return wide
