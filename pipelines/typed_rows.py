"""The SQL that types every cell of a file; a row that breaks a rule carries the number of its problem instead
of being dropped.
"""

from __future__ import annotations

import json

from pipelines.cells import BLANKS, FORGOTTEN
from pipelines.contacts import contact_sql
from pipelines.mapping import Bound, Resolved, is_total
from pipelines.readers.text import ReadResult
from pipelines.warehouse import literal

HIDDEN = literal("•••")


def typed_select(resolved: Resolved, seen: ReadResult) -> str:
    """SQL: every column the file fills, typed, `wrong` (which of resolved.problems, from 1; NULL for a
    good row) and, for a wrong row, `raw_row` as JSON with personal, free and unmapped cells masked, of cells
    that are wrong the shape alone (nothing of somebody forgotten); `row_number` where the reader has it;
    `who` lists the numbers and addresses that became pseudonyms, `masked` counts those that are nobody's id.
    """
    # A column that is computed from others comes after them.
    in_order = sorted(resolved.bound, key=is_computed)
    texts = [f"{item.text} as t_{item.column.name}" for item in in_order]
    values = [f"{item.typed} as {item.column.name}" for item in in_order]
    cells = [f"c{i}" for i in range(len(seen.headers))]
    shown = {item.header: _shown(item) for item in resolved.bound if item.header is not None}
    told = shown.keys() | set(resolved.unused)
    raw = _as_json([(header, shown.get(header, HIDDEN)) for header in seen.headers if header in told])
    problems = resolved.problems
    whens = " ".join(f"when {condition} then {i}" for i, (_, condition, _) in enumerate(problems, start=1))
    # A row without a single cell is none: load deletes it.
    is_blank = " and ".join(f"nullif(trim({cell}, {BLANKS}), '') is null" for cell in cells)
    wrong, told_wrong = f"case {whens} end", "wrong"
    if not seen.is_document:
        wrong = f"case when {is_blank} then 0 {whens} end"
        totals = f"len(list_filter([{', '.join(cells)}], lambda cell: {is_total('cell')})) > 0"
        told_wrong = f"case when wrong > 0 and {totals} then {len(problems)} else wrong end as wrong"
    number = ["row_number"] if seen.has_row_numbers else []
    names = [item.column.name for item in resolved.bound]
    people = [f"{item.people} as k_{item.column.name}" for item in resolved.bound if item.people]
    is_masked = " + ".join(f"cast({item.masked} as integer)" for item in resolved.bound if item.masked)
    forgotten = sum(reason == FORGOTTEN for _, _, reason in resolved.problems)
    return f"""
        select {", ".join([*number, *names])}, {told_wrong}, who, masked,
            case when wrong > {forgotten} then {raw} end as raw_row
        from (
            select *, {wrong} as wrong
            from (
                select {", ".join([*number, *cells, *(f"t_{name}" for name in names), *values])},
                    {_who(resolved)} as who, masked
                from (
                    select {", ".join(["*", *people])}
                    from (
                        select {", ".join([*number, *cells, *texts])}, {is_masked or 0} as masked
                        from {seen.relation}
                    )
                )
            )
        )
    """


def _shown(item: Bound) -> str:
    """SQL of what is kept of a cell of a wrong row, behind a sign of how. What stands in the wrong place may
    be a name or number: letters become x and digits 9 there.
    """
    name = item.column.name
    if item.column.is_personal or item.column.type == "text":
        return HIDDEN
    # The first sign says what `_as_json` shows: all of it (=), all where it is plain (?), its shape (#).
    sign = "?" if item.column.type in ("id", "money", "number", "integer") else "="
    return f"case when {name} is not null then '{sign}' else '#' end || t_{name}"


def _as_json(cells: list[tuple[str, str]]) -> str:
    """SQL of a row as JSON: (header, `_shown`). One function for all cells: to each its own patterns would
    take longer than the rows.
    """
    shape = "regexp_replace(regexp_replace(left(told[2:], 40), '\\p{L}', 'x', 'g'), '\\p{N}', '9', 'g')"
    is_plain = f"regexp_full_match(told[2:], '[!-~]+') and ({contact_sql('told[2:]')}) is null"
    cell = (
        f"case when told is null or told = {HIDDEN} then told "
        f"when told[1] = '=' or (told[1] = '?' and {is_plain}) then told[2:] else {shape} end"
    )
    if not cells:
        return "'{}'"
    texts = ", ".join(text for _, text in cells)
    values = f"list_transform([{texts}], lambda told: coalesce(cast(to_json({cell}) as varchar), 'null'))"
    names = ", ".join(literal(json.dumps(header, ensure_ascii=False) + ":") for header, _ in cells)
    pairs = f"list_transform(list_zip([{names}], {values}), lambda pair: pair[1] || pair[2])"
    return f"'{{' || array_to_string({pairs}, ',') || '}}'"


def _who(resolved: Resolved) -> str:
    """SQL of the list of all that `k_…` columns name in a row; NULL where they name nobody."""
    ids = [f"k_{i.column.name}" for i in resolved.bound if i.people and i.column.type == "id"]
    lists = [f"k_{i.column.name}" for i in resolved.bound if i.people and i.column.type != "id"]
    if not ids and not lists:
        return "cast(null as varchar[])"
    some = " or ".join([*(f"{name} is not null" for name in ids), *(f"len({name}) > 0" for name in lists)])
    parts = [f"[{', '.join(ids)}]" if ids else "[]::varchar[]", *(f"coalesce({name}, [])" for name in lists)]
    told = parts[0]
    for part in parts[1:]:
        told = f"list_concat({told}, {part})"
    return f"case when {some} then list_filter({told}, lambda one: one is not null) end"


def is_computed(item: Bound) -> bool:
    """Whether a column is made of the values of others."""
    return item.header is None and item.column.name == "amount"
