"""Rows whose every cell is plain are typed in one cheap pass; the others keep their cells for `typed_rows`.

Most exports have nothing but plain rows: then a large file costs little more than reading it, and a small one
no planning of expressions that it does not need.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from pipelines.mapping import Resolved, is_total
from pipelines.readers import ReadResult
from pipelines.typed_rows import is_computed


def plain_select(resolved: Resolved, seen: ReadResult) -> str | None:
    """SQL: every column the file fills, typed; `wrong` and `raw_row`, NULL; `odd`, the cells (as JSON) of a
    row that is not plain (NULL for a plain one, whose columns are all that careful reading gives);
    `row_number` where the reader has it. None where rows have to be compared, or cells read with a care that
    no cheap test spares.
    """
    kind = resolved.kind
    plain = {item.column.name: item.plain for item in resolved.bound}
    required = [column.name for column in kind.required if column.name in plain]
    if kind.name == "aliases" or not required or None in plain.values():
        return None
    told = {name: one for name, one in plain.items() if one is not None}
    cells = [f"c{i}" for i in range(len(seen.headers))]
    number = ["row_number"] if seen.has_row_numbers else []
    texts = [f"{one.text} as t_{name}" for name, one in told.items() if one.text]
    # A column that is computed from others comes after them.
    computed = [item.column.name for item in resolved.bound if is_computed(item)]
    values = [f"{one.value} as {name}" for name, one in told.items() if name not in computed]
    later = [f"{told[name].value} as {name}" for name in computed]
    kept = [f"t_{name}" for name, one in told.items() if one.text]
    tests = [test for one in told.values() for test in one.tests]
    if resolved.problems[-1][1] != "false":
        tests.append(f"not {is_total(required[0])}")
    inner = f"select {', '.join(['*', *texts])} from {seen.relation}"
    typed = f"select {', '.join([*number, *cells, *kept, *values])} from ({inner})"
    if later:
        typed = f"select *, {', '.join(later)} from ({typed})"
    # A text, as a column of lists costs several times as much to write even where it is empty.
    kept_cells = f"cast(json_array({', '.join(cells)}) as varchar)"
    return f"""
        select {", ".join([*number, *told])},
            cast(null as integer) as wrong, cast(null as varchar) as raw_row,
            case when {" and ".join(tests)} then null else {kept_cells} end as odd
        from ({typed})
    """


def odd_rows(seen: ReadResult) -> ReadResult:
    """The rows of temp table `typed` that are not plain, as a reader would give them."""
    cells = "".join(f", odd[{i + 1}] as c{i}" for i in range(len(seen.headers)))
    relation = f"""
        (select row_number{cells}
        from (
            select {seen.number} as row_number, from_json(odd, '["VARCHAR"]') as odd
            from typed where odd is not null))
    """
    return replace(seen, relation=relation, has_row_numbers=True)


def put_back(connection: duckdb.DuckDBPyConnection, seen: ReadResult) -> ReadResult:
    """Put the rows of temp table `careful` in the place of the odd ones of `typed`; they bring their numbers.

    Returns what the reader saw, with what tells the numbers of rows from now on.
    """
    connection.execute("delete from typed where odd is not null")
    if not seen.has_row_numbers:
        connection.execute("alter table typed add column row_number bigint")
    connection.execute("insert into typed by name select * exclude (who, masked) from careful")
    return replace(seen, has_row_numbers=True, is_mixed=True)
