"""Mappings: from the headers of a file to canonical columns, as SQL over the reader's text columns.

`resolve` decides for each canonical column of an export kind which header (or constant) it comes from, in this
order: the settings' mapping, the shipped mapping of the source, the shipped aliases. `Resolved.select` is the
typed select; a row that breaks a rule carries the column and the reason instead of being dropped.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pipelines.contract import CONTRACT, SQL_TYPES, Column, Kind
from pipelines.errors import InputRefused, SettingsError
from pipelines.settings import ColumnMapping, Export, Settings
from pipelines.warehouse import literal, quote

EARLIEST = "timestamp '2005-01-01 00:00:00'"
TRUE_WORDS = ("true", "t", "yes", "y", "1", "是", "对")
FALSE_WORDS = ("false", "f", "no", "n", "0", "否", "不")


@dataclass(frozen=True)
class Bound:
    """A canonical column bound to its text (`text`, SQL), its typed value and what is wrong when that is NULL."""

    column: Column
    text: str
    typed: str
    reason: str
    header: str | None


@dataclass(frozen=True)
class Resolved:
    """How one file's headers map: bound columns, headers nobody uses, and canonical columns it lacks."""

    kind: Kind
    bound: tuple[Bound, ...]
    unused: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def has(self) -> frozenset[str]:
        """Names of the canonical columns the file fills."""
        return frozenset(item.column.name for item in self.bound)


def normalise(header: str) -> str:
    """A header as compared: NFKC, no byte-order mark, lower case, blanks and dashes as one underscore."""
    text = unicodedata.normalize("NFKC", header).replace("\ufeff", "").strip().lower()
    return re.sub(r"[\s_\-]+", "_", text)


@cache
def shipped(name: str) -> dict[str, dict[str, ColumnMapping]]:
    """A shipped mapping by name: kind -> column -> mapping; empty when there is none of that name."""
    entry = resources.files("pipelines") / "mappings" / f"{name}.toml"
    if not entry.is_file():
        return {}
    data = tomllib.loads(entry.read_text(encoding="utf-8"))
    return {
        kind: {
            column: ColumnMapping.model_validate({"from": spec} if isinstance(spec, str | list) else spec)
            for column, spec in columns.items()
        }
        for kind, columns in data.items()
    }


def resolve(kind: Kind, headers: tuple[str, ...], export: Export, settings: Settings, file: str, latest: str) -> Resolved:
    """Bind the canonical columns of `kind` to `headers`.

    `latest` is the SQL timestamp after which an event cannot lie. Raises InputRefused naming the file, the
    missing required column and the nearest header found.
    """
    found = {normalise(header): header for header in headers}
    source_mapping = shipped(export.source or "").get(kind.name, {})
    aliases = shipped("canonical").get(kind.name, {})
    bound: list[Bound] = []
    used: set[str] = set()
    missing: list[str] = []
    for column in kind.columns:
        if column.name in export.columns:
            candidates = [export.columns[column.name]]
        else:
            candidates = [m for m in (source_mapping.get(column.name), aliases.get(column.name)) if m is not None]
            candidates.append(ColumnMapping.model_validate({"from": [column.name]}))
        item = None
        for mapping in candidates:
            header = next((found[normalise(h)] for h in mapping.source if normalise(h) in found), None)
            if header is not None or mapping.const is not None:
                item = _bind(column, mapping, header, export, settings, latest)
                break
        if item is None:
            if column.name in export.columns:
                missing.append(f"{column.name} (from {' or '.join(export.columns[column.name].source)})")
            elif column.is_required:
                missing.append(column.name)
            continue
        if item.header is not None:
            used.add(item.header)
        bound.append(item)
    have = {item.column.name for item in bound}
    if kind.name == "order" and "amount" not in have and {"quantity", "unit_price"} <= have:
        missing = [name for name in missing if name != "amount"]
        bound.append(_amount_of(bound, kind))
    required_missing = [m for m in missing if m.split(" ")[0] in {c.name for c in kind.required}]
    if required_missing:
        raise InputRefused(_missing_message(file, kind, required_missing[0], headers, set(have)))
    ignored = {normalise(name) for name in export.ignore}
    unused = tuple(h for h in headers if h not in used and normalise(h) not in ignored)
    order = {name: i for i, name in enumerate(kind.names)}
    return Resolved(kind, tuple(sorted(bound, key=lambda b: order[b.column.name])), unused, tuple(missing))


def typed_select(resolved: Resolved, relation: str, settings: Settings) -> str:
    """SQL: row_number, every canonical column typed, `problem_column` and `problem` (NULL for a good row)."""
    bound = {item.column.name: item for item in resolved.bound}
    columns, texts, problems = [], [], []
    for column in resolved.kind.columns:
        item = bound.get(column.name)
        if item is None:
            columns.append(f"cast(null as {SQL_TYPES[column.type]}) as {column.name}")
            continue
        columns.append(f"{item.typed} as {column.name}")
        texts.append(f"{item.text} as text_{column.name}")
        wrong = []
        if column.is_required:
            wrong.append((f"text_{column.name} is null", "is empty"))
        if item.reason:
            wrong.append((f"text_{column.name} is not null and {column.name} is null", item.reason))
        if column.name == "currency":
            code = settings.project.currency
            wrong.append((f"upper({column.name}) <> {literal(code)}", f"is not the project's currency {code}"))
        problems += [(condition, column.name, reason) for condition, reason in wrong]
    problem_column = " ".join(f"when {c} then {literal(n)}" for c, n, _ in problems)
    problem = " ".join(f"when {c} then {literal(r)}" for c, _, r in problems)
    names = ", ".join(resolved.kind.names)
    return f"""
        select row_number, {names}, case {problem_column} end as problem_column, case {problem} end as problem
        from (select row_number, {", ".join(columns + texts)} from {relation})
    """


def _bind(
    column: Column, mapping: ColumnMapping, header: str | None, export: Export, settings: Settings, latest: str
) -> Bound:
    text = literal(mapping.const) if mapping.const is not None else f"nullif(trim({quote(header or '')}), '')"
    if mapping.extract:
        text = f"nullif(regexp_extract({text}, {literal(mapping.extract)}, 1), '')"
    if mapping.values:
        whens = " ".join(f"when {literal(k.lower())} then {literal(v)}" for k, v in mapping.values.items())
        text = f"case lower({text}) {whens} else {text} end"
    zone = mapping.time_zone or export.time_zone or settings.project.time_zone
    match column.type:
        case "id":
            typed = f"case when not ({_bad_id(text, column)}) then {text} end"
            reason = (
                "is a masked phone number, which is nobody's id"
                if column.is_personal and column.is_required
                else "is a number in scientific notation: the id was lost in Excel. Export the column as text"
            )
            if column.is_personal and not column.is_required:
                # A masked number says nothing about who it is: the row stays, of an unknown person.
                text = f"case when not contains({text}, '**') then {text} end"
        case "text":
            typed, reason = text, ""
        case "time":
            value = _time(text, mapping, zone)
            limit = latest if column.name in ("occurred_at", "ordered_at", "paid_at", "invited_at") else (
                "timestamp '2100-01-01 00:00:00'"
            )
            typed = f"case when {value} between {EARLIEST} and {limit} then {value} end"
            reason = "is not a time between 2005 and the end of the export"
        case "date":
            typed = f"try_cast(replace({text}, '/', '-') as date)"
            reason = "is not a date like 2026-03-01"
        case "money":
            typed, reason = _money(text, mapping.unit == "fen"), "is not an amount of money"
        case "number":
            typed, reason = f"coalesce(try_cast({text} as decimal(18,4)), try_cast(replace({text}, ',', '') as decimal(18,4)))", "is not a number"
        case "integer":
            typed, reason = f"try_cast({text} as bigint)", "is not a whole number"
        case "boolean":
            yes, no = (", ".join(map(literal, words)) for words in (TRUE_WORDS, FALSE_WORDS))
            typed = f"case when lower({text}) in ({yes}) then true when lower({text}) in ({no}) then false end"
            reason = "is neither yes nor no"
        case "enum":
            known = ", ".join(map(literal, column.values))
            typed = f"case when lower({text}) in ({known}) then lower({text}) end"
            reason = (
                f"is none of {', '.join(column.values)}. Map it with values = {{…}} in the settings"
                if column.is_strict
                else ""
            )
    return Bound(column, text, typed, reason, header)


def _bad_id(text: str, column: Column) -> str:
    scientific = f"(contains(upper({text}), 'E+') and regexp_full_match({text}, '[0-9](\\.[0-9]+)?[eE]\\+[0-9]+'))"
    return f"{scientific} or contains({text}, '**')" if column.is_personal else scientific


def _time(text: str, mapping: ColumnMapping, zone: str) -> str:
    if mapping.unit in ("s", "ms"):
        factor = 1_000_000 if mapping.unit == "s" else 1_000
        return f"make_timestamp(try_cast(try_cast({text} as decimal(18,3)) * {factor} as bigint))"
    if mapping.format:
        return f"timezone('UTC', timezone({literal(zone)}, try_strptime({text}, {literal(mapping.format)})))"
    plain = f"try_cast(case when contains({text}, '/') then replace({text}, '/', '-') else {text} end as timestamp)"
    local = plain if zone == "UTC" else f"timezone('UTC', timezone({literal(zone)}, {plain}))"
    # Only a text longer than 19 characters can carry an offset; asking first spares the pattern.
    offset = f"length({text}) > 19 and regexp_matches({text}, '(Z|[+-][0-9]{{2}}:?[0-9]{{2}}|[+-][0-9]{{2}})$')"
    return f"case when {offset} then timezone('UTC', try_cast({text} as timestamptz)) else {local} end"


def _money(text: str, is_fen: bool) -> str:
    cleaned = (
        f"regexp_replace(translate({text}, '０１２３４５６７８９．－，（）', '0123456789.-,()'), '[¥￥$€£,\\s元]', '', 'g')"
    )
    accounting = f"regexp_replace({cleaned}, '^\\((.*)\\)$', '-\\1')"
    value = f"coalesce(try_cast({text} as decimal(18,4)), try_cast({accounting} as decimal(18,4)))"
    # Rounded half away from zero, as money is.
    return f"try_cast(round({value}{' / 100' if is_fen else ''}, 2) as decimal(18,2))"


def _amount_of(bound: list[Bound], kind: Kind) -> Bound:
    column = next(c for c in kind.columns if c.name == "amount")
    parts = {item.column.name: item for item in bound}
    quantity, price = parts["quantity"], parts["unit_price"]
    text = f"case when {quantity.text} is not null then {price.text} end"
    typed = f"try_cast(round(cast(({quantity.typed}) as decimal(18,4)) * ({price.typed}), 2) as decimal(18,2))"
    return Bound(column, text, typed, "quantity times unit_price is not an amount of money", None)


def _missing_message(file: str, kind: Kind, column: str, headers: tuple[str, ...], have: set[str]) -> str:
    name = column.split(" ")[0]
    near = difflib.get_close_matches(normalise(name), [normalise(h) for h in headers], n=1, cutoff=0.4)
    nearest = next((h for h in headers if near and normalise(h) == near[0]), None)
    hint = f" The nearest header is {nearest!r}." if nearest else f" Its headers are: {', '.join(headers[:12])}."
    return (
        f"{file}: the {kind.name} export has no column for {column}.{hint} "
        f'Map it in the settings: [[exports]] files = "{file}", event = "{kind.name}", '
        f'columns.{name} = "its header".'
    )


def check_mappings(settings: Settings) -> None:
    """Refuse settings whose constants or value maps give values the contract does not know."""
    for number, export in enumerate(settings.exports, start=1):
        for name, mapping in export.columns.items():
            column = next(c for c in CONTRACT[export.event].columns if c.name == name)
            given = ([mapping.const] if mapping.const else []) + list(mapping.values.values())
            for value in given:
                if column.type == "enum" and value.lower() not in column.values:
                    near = difflib.get_close_matches(value, column.values, n=1, cutoff=0.4)
                    hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(column.values)}"
                    raise SettingsError(f"exports.{number}.columns.{name}: {value!r} is no value of {name}{hint}")
