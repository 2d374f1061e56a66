"""Gate 1: what must hold of the rows of each raw table, written from the contract of the exports."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.checks.loaded_rules import ledger_checks, reference_checks
from pipelines.checks.loaded_talk import talk_checks
from pipelines.checks.model import Check, rows
from pipelines.contract import CONTRACT, EVENT_KINDS, Column, Kind
from pipelines.thresholds import Thresholds

FIRST_MOMENT = "2005-01-01 00:00:00"
LARGEST_AMOUNT = 10_000_000

# Written by the loader beside the exported columns.
PROVENANCE = ("source", "load_id", "row_number", "event_key", "day")
# Planned times, which may lie in the future.
PLANNED = frozenset({"due_at"})


def loaded_checks(thresholds: Thresholds) -> tuple[Check, ...]:
    """Every check of gate 1, in the order in which they are reported."""
    found: list[Check] = list(ledger_checks(thresholds))
    for name in EVENT_KINDS:
        kind = CONTRACT[name]
        found += _keys(kind)
        found += _required(kind)
        found += _times(kind)
    for kind in CONTRACT.values():
        found += _amounts(kind)
        found += _enums(kind)
    found += talk_checks()
    found += reference_checks()
    return tuple(found)


def _keys(kind: Kind) -> Iterator[Check]:
    table = f"raw.{kind.table}"
    if kind.name == "order":
        # All lines of an order share its event_key: a later export replaces the order whole.
        yield Check(
            f"{table}.line_is_unique", table, "critical",
            "Every line of an order stands in raw.orders once: source, order_id and line_number are its key.",
            "Look for two exports of the same orders with different line numbers and remove one.",
            "ExpectCompoundColumnsToBeUnique",
            {"column_list": ["source", "order_id", "line_number"], "ignore_row_if": "never"},
            needs=(kind.name,),
        )  # fmt: skip
        return
    yield rows(
        f"{table}.key_is_unique", table,
        f"""
select source, event_key, count(*) as copies
from {table}
group by source, event_key
having count(*) > 1
order by source, event_key, copies
""",
        f"Every row of {table} has a key of its own within its source, so that nothing is counted twice.",
        "Load everything again with `groupfunnel run --full`; if it stays, two exports disagree on an id.",
        needs=(kind.name,),
        new_sql=f"""
select source, event_key, count(*) as copies
from {table}
where event_key in (select event_key from {table} where load_id in ($new_loads))
group by source, event_key
having count(*) > 1
order by source, event_key, copies
""",
    )  # fmt: skip


def _required(kind: Kind) -> Iterator[Check]:
    table = f"raw.{kind.table}"
    names = [*(column.name for column in kind.required), *PROVENANCE]
    if kind.name == "order":
        names.append("line_number")
    for name in names:
        yield Check(
            f"{table}.{name}_is_filled", table, "critical",
            f"Every row of {table} has a value in {name}.",
            f"Correct the mapping of {name} in the settings, then load again."
            if name not in PROVENANCE
            else "Load everything again with `groupfunnel run --full`.",
            "ExpectColumnValuesToNotBeNull", {"column": name}, needs=(kind.name,),
        )  # fmt: skip


def _times(kind: Kind) -> Iterator[Check]:
    table = f"raw.{kind.table}"
    for column in kind.columns:
        if column.type != "time":
            continue
        bounds = {"min_value": FIRST_MOMENT}
        until = "."
        if column.name not in PLANNED:
            bounds["max_value"] = "$newest_end"
            until = " and not after the newest covered day (a day's grace)."
        yield Check(
            f"{table}.{column.name}_in_range", table, "critical" if column.is_required else "warning",
            f"Times in {table}.{column.name} are not before 2005{until}",
            "A wrong unit (seconds, milliseconds), time zone or date format: correct the mapping.",
            "ExpectColumnValuesToBeBetween", {"column": column.name, **bounds}, needs=(kind.name,),
        )  # fmt: skip


def _amounts(kind: Kind) -> Iterator[Check]:
    table = f"raw.{kind.table}"
    for column in kind.columns:
        if not _is_amount(column):
            continue
        yield Check(
            f"{table}.{column.name}_in_range", table, "critical" if column.is_required else "warning",
            f"Amounts in {table}.{column.name} lie within 10 million either way.",
            "Most often the unit is wrong (fen read as yuan) or an id stands there: correct the mapping.",
            "ExpectColumnValuesToBeBetween",
            {"column": column.name, "min_value": -LARGEST_AMOUNT, "max_value": LARGEST_AMOUNT},
            needs=(kind.name,),
        )  # fmt: skip


def _is_amount(column: Column) -> bool:
    return column.type == "money" or column.name == "unit_price"


def _enums(kind: Kind) -> Iterator[Check]:
    table = f"raw.{kind.table}"
    for column in kind.columns:
        if not column.values:
            continue
        yield Check(
            f"{table}.{column.name}_is_known", table, "critical" if column.is_strict else "warning",
            f"The column {table}.{column.name} holds only these words: {', '.join(column.values)}.",
            f"Translate the other words in the mapping of {column.name} (`values`), then load again.",
            "ExpectColumnValuesToBeInSet", {"column": column.name, "value_set": list(column.values)},
            needs=(kind.name,),
        )  # fmt: skip
