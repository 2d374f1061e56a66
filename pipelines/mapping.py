"""Mappings: from the headers of a file to canonical columns, as SQL over the reader's text columns.

`resolve` decides for each canonical column of an export kind which header (or constant) it comes from, in
this order: the settings' mapping, the shipped mapping of the source, the shipped aliases.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace

from pipelines.cells import (
    BLANKS,
    FORGOTTEN,
    Rule,
    alias_rules,
    cell_people,
    cell_rules,
    cell_text,
    cell_value,
    forgotten_sql,
    names_its_row,
)
from pipelines.contacts import masked_sql
from pipelines.contract import Column, Kind
from pipelines.errors import InputRefused
from pipelines.headers import may_be_shown, normalise, told_headers
from pipelines.message_text import TEXT_HEADERS, reduced_text
from pipelines.plain_cells import Plain, plain_cell
from pipelines.readers.text import ReadResult
from pipelines.settings import ColumnMapping, Export, Settings
from pipelines.shipped import shipped, shipped_table
from pipelines.warehouse import literal

# No canonical column: it is there only where the settings say that texts are kept.
TEXT = Column("text", "text", "text of the message", is_personal=True)

# Of a column that is made of others.
NO_TEXT = "cast(null as varchar)"

# What the last row of a table says that sums up the others.
TOTAL_WORDS = (
    "合计",
    "总计",
    "小计",
    "共计",
    "汇总",
    "总和",
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sum",
)


@dataclass(frozen=True)
class Bound:
    """A canonical column bound to a header: SQL of its text and its value, and what makes a row wrong in
    it. `people` is SQL of whom it names by a number, `masked` of whether that number is blotted out; `plain`
    reads what needs no care.
    """

    column: Column
    text: str
    typed: str
    rules: tuple[Rule, ...]
    header: str | None
    people: str = ""
    masked: str = ""
    plain: Plain | None = None


@dataclass(frozen=True)
class Resolved:
    """How one file's headers map: bound columns, headers nobody uses, and canonical columns it lacks."""

    kind: Kind
    bound: tuple[Bound, ...]
    unused: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def problems(self) -> tuple[tuple[str | None, str, str], ...]:
        """(column, SQL condition, reason) of all that can be wrong with a row, in the order it is told: first
        that it is of somebody forgotten; the last, of no column, also of a row that something else is wrong
        with: it is one of totals.
        """
        told: list[tuple[str | None, str, str]] = [
            (item.column.name, *rule) for item in self.bound for rule in item.rules
        ]
        told.sort(key=lambda problem: problem[2] != FORGOTTEN)
        required = [item.column for item in self.bound if item.column.is_required]
        # Without a time, which totals have none of, a row of totals would look like any other.
        is_hidden = required and not any(column.type in ("time", "date") for column in required)
        condition = is_total(f"t_{required[0].name}") if is_hidden else "false"
        return (*told, (None, condition, "is a row of totals, not of data"))

    @property
    def has(self) -> frozenset[str]:
        """Names of the canonical columns the file fills."""
        return frozenset(item.column.name for item in self.bound)


def resolve(
    kind: Kind,
    seen: ReadResult,
    export: Export,
    settings: Settings,
    file: str,
    limits: tuple[str, str],
    *,
    is_forgetting: bool = False,
) -> Resolved:
    """Bind the canonical columns of `kind` to the headers of a file.

    `limits` are SQL timestamps after which no event, and nothing else that has happened, can lie;
    `is_forgetting` says that there are people to be left out. Raises InputRefused naming the file, the
    missing required column and the nearest header found, or two headers that read the same.
    """
    found: dict[str, list[int]] = {}
    for position, header in enumerate(seen.headers):
        found.setdefault(normalise(header), []).append(position)
    # A header that the settings give to one column is not taken for another that happens to be called so.
    claimed = {normalise(h) for mapping in export.columns.values() for h in mapping.source}
    source_mapping = shipped(export.platform or export.source or "").get(kind.name, {})
    aliases = shipped("canonical").get(kind.name, {})
    bound: dict[str, Bound] = {}
    used: set[int] = set()
    missing: list[str] = []
    for column in kind.columns:
        if column.name in export.columns:
            # The platform's words go on being known beside those of the settings.
            words = source_mapping[column.name].values if column.name in source_mapping else {}
            own = export.columns[column.name]
            candidates = [own.model_copy(update={"values": words | own.values})]
        else:
            candidates = [
                m for m in (source_mapping.get(column.name), aliases.get(column.name)) if m is not None
            ]
            candidates.append(ColumnMapping.model_validate({"from": [column.name]}))
        taken = set() if column.name in export.columns else claimed
        for mapping in candidates:
            spellings = [normalise(h) for h in mapping.source]
            places = next((found[h] for h in spellings if h in found and h not in taken), [])
            if len(places) > 1:
                raise InputRefused(_ambiguous_message(file, column.name, [seen.headers[i] for i in places]))
            if places or mapping.const is not None:
                bound[column.name] = _bind(
                    column, mapping, places, seen, export, settings, limits, is_forgetting
                )
                used.update(places)
                break
        else:
            if column.name in export.columns:
                missing.append(f"{column.name} (from {' or '.join(export.columns[column.name].source)})")
            elif column.is_required:
                missing.append(column.name)
    if kind.name == "order" and "amount" not in bound and {"quantity", "unit_price"} <= bound.keys():
        missing = [name for name in missing if name != "amount"]
        bound["amount"] = _amount_of(kind)
    if kind.name == "aliases" and {"alias_id", "member_id"} <= bound.keys():
        bound["alias_id"] = replace(
            bound["alias_id"], rules=(*bound["alias_id"].rules, *alias_rules(bound.keys()))
        )
    if kind.name == "message":
        used |= _bind_text(kind, found, used, bound, settings.privacy.keep_text)
    required = {column.name for column in kind.required}
    if lacking := next((m for m in missing if m.split(" ")[0] in required), None):
        raise InputRefused(_missing_message(file, kind, lacking, seen.headers, export))
    known = shipped_table(export.platform or export.source or "", "ignore").get(kind.name, [])
    ignored = {normalise(name) for name in (*export.ignore, *known)}
    unused = tuple(h for i, h in enumerate(seen.headers) if i not in used and normalise(h) not in ignored)
    in_order = tuple(bound[name] for name in (*kind.names, TEXT.name) if name in bound)
    return Resolved(kind, in_order, unused, tuple(missing))


def is_total(cell: str) -> str:
    """SQL: whether a cell reads 合计, Total or the like."""
    words = ", ".join(map(literal, TOTAL_WORDS))
    return f"coalesce(lower(rtrim(trim({cell}, {BLANKS}), ':： ')) in ({words}), false)"


def _bind(
    column: Column,
    mapping: ColumnMapping,
    places: list[int],
    seen: ReadResult,
    export: Export,
    settings: Settings,
    limits: tuple[str, str],
    is_forgetting: bool,
) -> Bound:
    zone = mapping.time_zone or export.time_zone or settings.project.time_zone
    source = f"c{places[0]}" if places else None
    rules = cell_rules(column, settings.project.currency, seen.has_lost_text)
    if is_forgetting and names_its_row(column):
        rules = [(forgotten_sql(column.name), FORGOTTEN), *rules]
    is_dropped = column.is_personal and column.type == "id" and not column.is_required and source
    text = cell_text(column, mapping, source, seen)
    # Which of the two units a file has shows by the size of most of its numbers; it does not mix them.
    units = ("s", "ms") if mapping.unit == "epoch" else (mapping.unit,)
    typed = [
        cell_value(
            column,
            mapping.model_copy(update={"unit": unit}),
            zone,
            limits,
            settings.project.currency,
            seen.epoch,
            is_forgetting=is_forgetting,
        )
        for unit in units
    ]
    return Bound(
        column,
        text,
        typed[0]
        if len(typed) == 1
        else f"case when {_is_in_ms(text, seen)} then {typed[1]} else {typed[0]} end",
        tuple(rules),
        seen.headers[places[0]] if places else None,
        cell_people(column, mapping),
        f"coalesce({masked_sql(str(source))}, false)" if is_dropped else "",
        None
        if is_forgetting
        else plain_cell(column, mapping, source, seen, zone, limits, settings.project.currency),
    )


def _is_in_ms(text: str, seen: ReadResult) -> str:
    """SQL: whether most numbers of a column are too large for seconds, and so are milliseconds."""
    number = "try_cast(told as decimal(38, 3))"
    return (
        f"(select 2 * count(case when {number} >= 100000000000 then 1 end) > count({number}) "
        f"from (select {text} as told from {seen.relation}))"
    )


def _bind_text(
    kind: Kind, found: dict[str, list[int]], used: set[int], bound: dict[str, Bound], is_kept: bool
) -> set[int]:
    """Bind length and flags of messages to a column with their text, where the file has one and not them;
    and the text itself, where it is to be kept.
    """
    place = next((found[h][0] for h in TEXT_HEADERS if h in found and found[h][0] not in used), None)
    if place is None:
        return set()
    for name, sql in reduced_text(f"c{place}").items():
        if name not in bound:
            column = next(c for c in kind.columns if c.name == name)
            bound[name] = Bound(column, NO_TEXT, sql, (), None, plain=Plain("", sql, ()))
    if is_kept:
        kept = f"nullif(trim(c{place}), '')"
        bound[TEXT.name] = Bound(TEXT, NO_TEXT, kept, (), None, plain=Plain("", kept, ()))
    return {place}


def _amount_of(kind: Kind) -> Bound:
    """The amount of a line from its quantity and price, exact and rounded once."""
    column = next(c for c in kind.columns if c.name == "amount")
    text = "case when t_quantity is not null then t_unit_price end"
    typed = "try_cast(round(cast(quantity as decimal(18,4)) * unit_price, 2) as decimal(18,2))"
    rules = (
        ("t_amount is null", "is empty"),
        ("t_amount is not null and amount is null", "quantity times unit_price is not an amount of money"),
    )
    return Bound(column, text, typed, rules, None, plain=Plain("", typed, ("amount is not null",)))


def _missing_message(file: str, kind: Kind, lacking: str, headers: tuple[str, ...], export: Export) -> str:
    name = lacking.split(" ")[0]
    # What the settings call the column comes first, then its own name.
    wanted = [*(export.columns[name].source if name in export.columns else ()), name]
    known = {normalise(h): h for h in headers}
    near = [
        match
        for w in wanted
        for match in difflib.get_close_matches(normalise(w), list(known), n=1, cutoff=0.4)
    ]
    if not may_be_shown(headers):
        return (
            f"{file}: its first line looks like data, not like headers: the {kind.name} export needs a "
            f"header line with a column for {lacking}. Export it with headers, or write them above."
        )
    hint = f" The nearest header is {known[near[0]]!r}." if near else f" {told_headers(headers)}"
    return (
        f"{file}: the {kind.name} export has no column for {lacking}.{hint} "
        f'Map it in the settings: [[exports]] files = "{file}", event = "{kind.name}", '
        f'columns.{name} = "its header".'
    )


def _ambiguous_message(file: str, column: str, headers: list[str]) -> str:
    names = " and ".join(repr(header) for header in headers)
    return f"{file}: {column} could come from several columns, {names}. Rename one of them in the export."
