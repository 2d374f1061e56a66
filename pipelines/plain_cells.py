"""Plain cells: SQL that types the usual spelling of a cell at a fraction of what `cells.py` costs, and tells
whether a cell has it.

The two agree on every plain cell; whatever is not plain (a blank at an end, a guard of a spreadsheet,
1,234.50, a number that may be a phone, an unknown word, something wrong) is left to `cells.py`. Being plain
is decided by tests that are cheap per cell: one may call a cell odd that is none, never the other way round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.cells import BLANKS, EARLIEST, NOTHING_WORDS, cell_text, time_limit, time_value
from pipelines.contract import Column
from pipelines.readers.text import ReadResult
from pipelines.settings import ColumnMapping
from pipelines.warehouse import literal
from pipelines.zones import offset_sql

# Words for nothing, but for those that sort before all digits: no plain id begins with one of their signs.
# A pattern of them: a list of many values would be looked up by a join of its own, for every row.
NOTHING = "|".join(re.escape(word) for word in NOTHING_WORDS if word >= "0")
LONGEST = max(len(word.encode()) for word in NOTHING_WORDS)
# An id without signs beside these is neither address nor number from abroad, and has no blanks in it.
PERSONAL_ID = "[0-9A-Za-z_:.\\p{L}-]+"
# What a mobile number, also a masked one, has somewhere, with or without signs between its digits.
MOBILE = "(^|[^0-9])(0[.-]*0[.-]*)?(8[.-]*6[.-]*)?1[.-]*[3-9]([.-]*[0-9]){9}|[xX]{4}"
# Several ids in one cell, and what a number written in parts would have there.
PERSONAL_IDS = "[0-9A-Za-z_:.,; -]*"
DIGIT_RUN = "[0-9][0-9. -]{9,}[0-9]"
SECOND = "'____-__-_____:__:__'"


@dataclass(frozen=True)
class Plain:
    """A column's plain reading: SQL of its text `t_<column>` ('' where that is simply the cell) and of its
    value, and tests that every plain cell passes and no other.
    """

    text: str
    value: str
    tests: tuple[str, ...]


def plain_cell(
    column: Column,
    mapping: ColumnMapping,
    source: str | None,
    seen: ReadResult,
    zone: str,
    limits: tuple[str, str],
    currency: str,
) -> Plain | None:
    """The plain reading of a column; None where it has none. Arguments as cells.cell_text and cell_value."""
    is_mapped = bool(mapping.extract or mapping.values or source is None)
    if mapping.hash or mapping.unit == "epoch" or (column.is_personal and source is None):
        return None
    text = cell_text(column, mapping, source, seen, is_plain=True) if is_mapped else ""
    # What a cell of a mapped column is written like is asked of the cell itself.
    tests = [*_written(str(source), column, seen)] if is_mapped and source is not None else []
    name = column.name
    cell = f"t_{name}" if is_mapped else str(source)
    value = cell
    match column.type:
        case "id" if column.is_personal:
            is_number = f"strlen({cell}) >= 9 and regexp_matches({cell}, {literal(MOBILE)})"
            tests += [
                f"{cell} >= '0'",
                _says_something(cell),
                f"regexp_full_match({cell}, {literal(PERSONAL_ID)})",
                f"not ({is_number})",
                *_whole(cell, seen),
            ]
        case "id" | "text":
            if not is_mapped or column.type == "id":
                tests += _written(cell, column, seen)
            tests += _whole(cell, seen)
            if column.is_personal:
                tests += [
                    f"regexp_full_match({cell}, {literal(PERSONAL_IDS)})",
                    f"(strlen({cell}) < 11 or not regexp_matches({cell}, {literal(DIGIT_RUN)}))",
                ]
            elif column.type == "id" and seen.has_scientific:
                tests.append(f"not contains(upper({cell}), 'E+')")
            if name == "currency":
                tests.append(f"upper({cell}) = {literal(currency)}")
        case "time":
            value = _time(cell, mapping, zone, seen.epoch)
            tests.append(f"{name} between {EARLIEST} and {time_limit(column, limits)}")
            # A blank at its end would hide an offset.
            tests += [test for test in _trimmed(cell, seen) if "starts_with" not in test]
        case "date":
            value = f"case when {cell} like '____-__-__' then try_cast({cell} as date) end"
        case "money":
            value = f"try_cast({cell} as decimal(18,2))"
            if mapping.unit == "fen":
                value = f"try_cast(round({value} * cast(0.01 as decimal(2,2)), 2) as decimal(18,2))"
        case "number":
            value = f"try_cast({cell} as decimal(18,4))"
        case "integer":
            # As it would be written: neither 12.6 nor 1e3.
            value = f"try_cast({cell} as bigint)"
            tests += [f"cast({name} as varchar) = {cell}", f"strlen({cell}) <= 15"]
        case "boolean":
            # Twice as fast as two lists of words.
            words = "when 'true' then true when 'false' then false when '1' then true when '0' then false"
            value = f"case {cell} {words} end"
        case "enum":
            # Spelled out, as many values in a list would be joined to every row.
            known = " ".join(f"when {literal(word)} then {literal(word)}" for word in column.values)
            value = f"case {cell} {known} end"
    if value != cell:
        tests.insert(0, f"{name} is not null")
    if not tests:
        return Plain(text, value, ())
    is_plain = tests[0] if len(tests) == 1 else " and ".join(tests)
    # An optional column is mostly empty: that is asked first.
    empty = f"{source} is null" if source is not None and not is_mapped else f"{cell} is null"
    if is_mapped and source is not None:
        # Nothing left of a cell that held something is a matter of its spelling, too.
        empty = f"{cell} is null and ({source} is null or ({' and '.join(_written(source, column, seen))}))"
    return Plain(text, value, tuple(tests) if column.is_required else (f"({empty} or ({is_plain}))",))


def _written(cell: str, column: Column, seen: ReadResult) -> list[str]:
    """SQL: a cell has no blank at its ends, no guard, and no word for nothing."""
    tests = [f"{cell} <> ''", *_trimmed(cell, seen)]
    if seen.is_document:
        return tests
    if column.type == "text":
        if seen.has_guards:
            tests += [f"not starts_with({cell}, '=')", f"not starts_with({cell}, chr(39))"]
        return tests
    # Signs sort before digits, but for the one that begins a guard.
    guard = [f"({cell} < '=' or {cell} >= '>')"] if seen.has_guards else []
    return [
        f"{cell} >= '0'",
        *guard,
        _says_something(cell),
        *(test for test in _trimmed(cell, seen) if "starts_with" not in test),
    ]


def _says_something(cell: str) -> str:
    """SQL: a cell is no word for nothing. Comparing the first letter is cheaper than looking them all up."""
    other = f"{cell} < 'N' or ({cell} >= 'O' and {cell} < 'n') or ({cell} >= 'o' and {cell} < '~')"
    long = f"strlen({cell}) > {LONGEST}"
    return f"({long} or {other} or not regexp_full_match(lower({cell}), {literal(NOTHING)}))"


def _trimmed(cell: str, seen: ReadResult) -> list[str]:
    if seen.has_wide_blanks:
        return [f"{cell} = trim({cell}, {BLANKS})"]
    return [f"not starts_with({cell}, ' ')", f"not ends_with({cell}, ' ')"]


def _whole(cell: str, seen: ReadResult) -> list[str]:
    if not seen.has_lost_text:
        return []
    return [f"not contains({cell}, chr(65533))", f"not contains({cell}, '锟斤拷')"]


def _time(cell: str, mapping: ColumnMapping, zone: str, epoch: str) -> str:
    careful, ahead = time_value(cell, mapping, zone, epoch), offset_sql(zone)
    if mapping.format or mapping.unit in ("s", "ms") or ahead is None:
        return careful
    # Neither an offset nor another spelling has room in these 19 places.
    return f"case when {cell} like {SECOND} then try_cast({cell} as timestamp) - {ahead} else {careful} end"
