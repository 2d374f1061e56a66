"""What the shared report hides: who people are, and every number that rests on fewer than five of them.

Rows are protected as they leave the warehouse, so that nothing made of them (pages, figures, tables, CSV)
holds what it must not. `share_rules.toml` says what each column counts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from pipelines.report.numbers import known

LEAST = 5  # people a shown number rests on at least
HIDDEN = "fewer than five people"
STAR = "＊"  # what stands for a hidden number
OF_GROUPS = ("healthy_groups", "dying_or_dead_groups")  # scores that count groups, not people
NOBODY = ("", "none", "unknown")
SENTENCES = ("sentence_en", "sentence_zh", "evidence", "evidence_zh")
SMALL = re.compile(r"(?<![\d.,:/W-])[1-4](?![\d.,:/-]|\s*%)")
SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%\s*(?:of|/)\s*(\d[\d,]*)")

Row = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """What the columns count; see the file's comments for each field."""

    people: frozenset[str]
    shown: frozenset[str]
    sums: tuple[tuple[str, ...], ...]
    never_second: frozenset[str]
    parts: tuple[str, ...]
    within: tuple[str, ...]
    names: frozenset[str]
    rates: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    rests: dict[str, tuple[str, ...]]


@dataclass
class Names:
    """The numbers that stand for people in one report, given as they turn up: id -> #1, #2, …"""

    given: dict[str, str] = field(default_factory=dict)

    def add(self, ids: Iterable[str]) -> None:
        """Number those that have none yet; sorted, so that the order of rows does not matter."""
        for one in sorted(set(ids) - self.given.keys()):
            self.given[one] = f"#{len(self.given) + 1}"

    def of(self, member_id: object) -> Any:
        """Return a person's number; what is nobody stays as it is."""
        return self.given.get(str(member_id), member_id)


@cache
def rules() -> Rules:
    """Read the rules that come with the package."""
    text = resources.files("pipelines.report").joinpath("share_rules.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    return Rules(
        frozenset(raw["people"]),
        frozenset(raw["shown"]),
        tuple(tuple(terms) for terms in raw["sums"]),
        frozenset(raw["never_second"]),
        tuple(raw["parts"]),
        tuple(raw["within"]),
        frozenset(raw["names"]),
        {rate: (tuple(top), tuple(base)) for rate, (top, base) in raw["rates"].items()},
        {name: tuple(bases) for name, bases in raw["rests"].items()},
    )


@cache
def named() -> frozenset[str]:
    """Every column of which the rules say what it counts."""
    told = rules()
    terms = {term.lstrip("-") for terms in told.sums for term in terms}
    return told.people | told.shown | told.names | terms | told.rates.keys() | told.rests.keys()


def is_few(value: Any) -> bool:
    """Tell whether a number of people is 1 to 4, or a mean below five; zero people are nobody."""
    number = _number(value)
    return number is not None and 0 < abs(number) < LEAST


def protect(rows: Sequence[Row], names: Names) -> list[Row]:
    """Return the rows without what a shared report hides: None in its place, `reason` saying why
    (`own_reason` is the row's own).

    People get numbers (`names`), sentences with a small number go. A cell goes where it counts 1-4 people
    or all but 1-4 of them, where it rests on such a cell, and where the shown rest of a sum would give it
    away: of each sum and of each column of parts none or at least two cells are hidden.
    """
    given = [dict(row) for row in rows]
    hidden = [_few(row) for row in given]
    while _spread(given, hidden):
        pass
    for row, columns in zip(given, hidden, strict=True):
        for column in columns:
            row[column] = None
        if columns and "reason" in row:
            row |= {"own_reason": row["reason"], "reason": HIDDEN}
    _rename(given, names)
    return given


def protect_scores(rows: Sequence[Row]) -> list[Row]:
    """Hide weekly scores that rest on fewer than five people, and the change from a hidden week to the next.

    The rows are ordered by metric and week.
    """
    found: list[Row] = []
    before: Row | None = None
    for given in rows:
        row = dict(given)
        top, base = _number(row["numerator"]), _number(row["denominator"])
        value = _number(row["value"])
        of_rate = str(row["metric"]).endswith("_rate") or str(row["metric"]).startswith("retention")
        left = base - top if of_rate and top is not None and base is not None else None
        counted = value if top is None and base is None else None
        if row["metric"] not in OF_GROUPS and any(map(is_few, (top, base, left, counted))):
            row |= {"value": None, "numerator": None, "denominator": None, "change": None, "reason": HIDDEN}
            row["is_unusual"] = False
        if before is not None and before["metric"] == row["metric"] and before["reason"] == HIDDEN:
            row |= {"previous_value": None, "change": None}
        found.append(row)
        before = row
    return found


def _few(row: Row) -> set[str]:
    """Return the cells of a row that count too few people by themselves, or nobody said what."""
    found = {column for column in row if column in rules().people and is_few(row[column])}
    found |= {column for column in row.keys() - named() if _is_number(row[column])}
    for rate, (tops, bases) in rules().rates.items():
        value = _number(row.get(rate))
        base_name = next((name for name in bases if name in row), None)
        top_name = next((name for name in tops if name in row), None)
        base = _number(row[base_name]) if base_name else None
        if value is None or base is None:
            continue
        top = _number(row[top_name]) if top_name else None
        top = round(value * base) if top is None else top
        if is_few(top) or is_few(base - top) or is_few(base):
            found |= {rate} | ({top_name} if top_name else set())
    return found


def _spread(rows: list[Row], hidden: list[set[str]]) -> bool:
    """Hide what follows from what is hidden, one round; tell whether anything was added."""
    before = sum(map(len, hidden))
    for row, columns in zip(rows, hidden, strict=True):
        for terms in rules().sums:
            _keep_secret(row, columns, [term.lstrip("-") for term in terms])
        for rate, (tops, bases) in rules().rates.items():
            used = [next((name for name in names if name in row), "") for names in (tops, bases)]
            if row.get(rate) is not None and columns.intersection(used):
                columns.add(rate)
        for name, bases in rules().rests.items():
            if row.get(name) is not None and columns.intersection(bases):
                columns.add(name)
    _keep_parts(rows, hidden)
    return sum(map(len, hidden)) > before


def _keep_secret(row: Row, columns: set[str], terms: list[str]) -> None:
    """Where one term of a sum is hidden and all others are shown, hide the smallest of the others too."""
    if any(term not in row for term in terms) or len(columns.intersection(terms)) != 1:
        return
    shown = [term for term in terms if term not in columns and row[term] is not None]
    free = [term for term in shown if term not in rules().never_second]
    if free and len(shown) == len(terms) - 1:
        columns.add(min(free, key=lambda term: (not row[term], abs(_number(row[term]) or 0.0))))


def _keep_parts(rows: list[Row], hidden: list[set[str]]) -> None:
    """Where one part of a whole is hidden in a column, hide the smallest other part too."""
    if not rows or not any(name in rows[0] for name in rules().parts):
        return
    keys = [name for name in rules().within if name in rows[0]]
    wholes: dict[tuple[Any, ...], list[int]] = {}
    for place, row in enumerate(rows):
        wholes.setdefault(tuple(row[key] for key in keys), []).append(place)
    rates = rules().rates.keys()
    for places in wholes.values():
        for column in sorted(set().union(*(hidden[place] for place in places)) - rates):
            gone = [place for place in places if column in hidden[place]]
            left = [place for place in places if place not in gone and _number(rows[place][column])]
            if len(gone) == 1 and left:
                hidden[min(left, key=lambda place: abs(_number(rows[place][column]) or 0.0))].add(column)


def _rename(rows: list[Row], names: Names) -> None:
    """Put numbers in the place of people, also where they are the subject of a sentence."""
    columns = [name for name in rules().names if rows and name in rows[0]]
    people = {str(row[name]) for row in rows for name in columns if _is_somebody(row[name])}
    people |= {str(row["subject"]) for row in rows if row.get("subject_kind") in ("member", "owner")}
    names.add(people)
    for row in rows:
        for name in columns:
            row[name] = names.of(row[name])
        if "examples" in row:
            row["examples"] = None
        if row.get("subject_kind") in ("member", "owner"):
            number = names.of(row["subject"])
            for name in [name for name in SENTENCES if row.get(name)]:
                row[name] = str(row[name]).replace(str(row["subject"]), number)
            row |= {name: number for name in ("subject", "subject_name") if name in row}
        for name in [name for name in SENTENCES if row.get(name)]:
            row[name] = told(str(row[name]), row)


def told(sentence: str, row: Row) -> str:
    """Return a sentence, or what stands for it where it counts too few people.

    A sentence on a group with a percentage goes as well: the group's size is on its page.
    """
    few = any(
        is_few(float(part) * float(base.replace(",", "")) / 100) for part, base in SHARE.findall(sentence)
    )
    of_group = row.get("subject_kind", "group") == "group" and "%" in sentence
    if not (few or of_group or SMALL.search(sentence)):
        return sentence
    return STAR + (sentence[-1] if sentence.endswith(("。", ".")) else "")


def _is_somebody(value: object) -> bool:
    return value is not None and str(value) not in NOBODY


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and _number(value) is not None


def _number(value: Any) -> float | None:
    return known(value) if isinstance(value, int | float) or hasattr(value, "as_tuple") else None
