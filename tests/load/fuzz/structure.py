"""Mutations that leave a file its form: values of JSON, cells and columns of tables, lines of chats."""

from __future__ import annotations

import copy
import csv
import io
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.load.fuzz.odd import ODD_TEXTS, ODD_VALUES
from tests.load.fuzz.seeds import PERSONAL, Rows, Seed, delimited, parquet, seeds, workbook

Draw = Callable[..., Any]
TYPES = (
    "varchar", "bigint", "double", "decimal(18,2)", "timestamp", "timestamptz", "date", "boolean", "blob",
    "varchar[]", "hugeint", "json", "uuid", "time", "interval",
)  # fmt: skip


def mutate_json(draw: Draw, text: str, indent: int | None = 1) -> str:
    """Drop, repeat, exchange, rename, nest or retype one value; what is no JSON stays."""
    try:
        root = json.loads(text)
    except (ValueError, RecursionError):
        return mutate_lines(draw, text)
    places = [place for place in _places(root) if place]
    if not places:
        return json.dumps(draw(st.sampled_from(ODD_VALUES)))
    place = places[draw(st.integers(0, len(places) - 1))]
    holder = _at(root, place[:-1])
    key = place[-1]
    match draw(st.integers(0, 9)):
        case 0:
            del holder[key]
        case 1:
            if isinstance(holder, list):
                holder[key:key] = [copy.deepcopy(holder[key])] * draw(st.integers(1, 3))
            else:
                holder[draw(st.sampled_from(ODD_TEXTS))] = holder.pop(key)
        case 2:
            other = places[draw(st.integers(0, len(places) - 1))]
            value = copy.deepcopy(_at(root, other))
            # Somebody's name in the place of an id that is shown is an export's lie, which no reader can see.
            if not any(one in json.dumps(value, ensure_ascii=False) for one in PERSONAL):
                holder[key] = value
        case 3:
            for _ in range(draw(st.sampled_from((1, 2, 40, 1200)))):
                holder[key] = [holder[key]] if draw(st.just(True)) else holder[key]
        case 4:
            holder[key] = {"text": holder[key]}
        case 5 | 6:
            holder[key] = draw(st.sampled_from(ODD_TEXTS))
        case _:
            holder[key] = copy.deepcopy(draw(st.sampled_from(ODD_VALUES)))
    try:
        return json.dumps(root, indent=indent, ensure_ascii=_has_surrogates(root) or draw(st.booleans()))
    except RecursionError:
        return "[" * 100_000


def mutate_rows(draw: Draw, text: str) -> str:
    """Mutate cells, rows or columns of a table."""
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;|", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        return mutate_lines(draw, text)
    made = _rows(draw, rows)
    match draw(st.integers(0, 9)):
        case 0:
            return delimited(made, draw(st.sampled_from(",\t;|")))
        case 1:
            # Quotes as a program writes them that has never heard of any.
            return "".join(delimiter.join(row) + "\n" for row in made)
        case 2:
            told = delimited(made, delimiter)
            place = draw(st.integers(0, len(told)))
            return told[:place] + draw(st.sampled_from(('"', '""', '"x', '","'))) + told[place:]
    return delimited(made, delimiter)


def mutate_sheet(draw: Draw, content: bytes, seed: Seed) -> bytes:
    """A workbook or Parquet file of mutated rows; what it held before does not count."""
    rows = _rows(draw, list(csv.reader(io.StringIO(seeds()["tsv"].content.decode()), delimiter="\t")))
    if not any(rows[:1]):
        rows = [["a"]]
    if seed.shape == "parquet":
        return parquet(rows, [draw(st.sampled_from(TYPES)) for _ in range(draw(st.integers(0, 4)))])
    cells: list[list[object]] = [list(row) for row in rows]
    for _ in range(draw(st.integers(0, 3))):
        row = cells[draw(st.integers(0, len(cells) - 1))]
        if row:
            odd = draw(
                st.sampled_from(
                    ("1e300", 46056.5, (46056.5,), (-1,), (1e10,), (0.99999999,), 2**60, None, "-0")
                )
            )
            row[draw(st.integers(0, len(row) - 1))] = odd
    return workbook(cells)


def mutate_lines(draw: Draw, text: str) -> str:
    """Drop, repeat, exchange, join or fill a line."""
    lines = text.split("\n")
    place, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    match draw(st.integers(0, 6)):
        case 0:
            del lines[place]
        case 1:
            lines[other:other] = [lines[place]] * draw(st.integers(1, 3))
        case 2:
            lines[place], lines[other] = lines[other], lines[place]
        case 3:
            lines[place : place + 2] = ["".join(lines[place : place + 2])]
        case 4:
            lines[place:place] = [draw(st.sampled_from(ODD_TEXTS))]
        case 5:
            cut = draw(st.integers(0, len(lines[place])))
            lines[place] = lines[place][:cut] + draw(st.sampled_from(ODD_TEXTS)) + lines[place][cut:]
        case _:
            lines[place] = draw(st.sampled_from(ODD_TEXTS))
    return "\n".join(lines)


def _rows(draw: Draw, rows: Rows) -> Rows:
    if not rows:
        return rows
    rows = [list(row) for row in rows]
    place, other = (draw(st.integers(0, len(rows) - 1)) for _ in range(2))
    widest = max(len(row) for row in rows)
    column, target = (draw(st.integers(0, max(widest - 1, 0))) for _ in range(2))
    match draw(st.integers(0, 13)):
        case 0:
            del rows[place]
        case 1:
            rows[other:other] = [list(rows[place])]
        case 2:
            for row in rows:
                del row[column : column + 1]
        case 3:
            for row in rows:
                row.append(row[column] if column < len(row) else "")
        case 4:
            for row in rows:
                if max(column, target) < len(row):
                    row[column], row[target] = row[target], row[column]
        case 5:
            for row in rows:
                row.insert(column, draw(st.sampled_from(ODD_TEXTS)))
        case 6:
            del rows[place][column:]
        case 7:
            rows[place].append(draw(st.sampled_from(ODD_TEXTS)))
        case 8:
            rows[0], rows[place] = rows[place], rows[0]
        case 9:
            rows[other:other] = [[draw(st.sampled_from(ODD_TEXTS))] * draw(st.integers(1, widest or 1))]
        case _:
            for _ in range(draw(st.integers(1, 4))):
                row = rows[draw(st.integers(0, len(rows) - 1))]
                if row:
                    row[draw(st.integers(0, len(row) - 1))] = draw(st.sampled_from(ODD_TEXTS))
    return rows


def _places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += _places(inner, (*here, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            found += _places(inner, (*here, place))
    return found


def _at(root: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        root = root[key]
    return root


def _has_surrogates(root: Any) -> bool:
    if isinstance(root, str):
        return any("\ud800" <= c <= "\udfff" for c in root)
    inner = [*root, *root.values()] if isinstance(root, dict) else root if isinstance(root, list) else ()
    return any(_has_surrogates(one) for one in inner)
