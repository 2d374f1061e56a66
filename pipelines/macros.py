"""The explore macros: `sql/explore/<macro>.sql`, stored in the warehouse for any DuckDB client to call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from pipelines.errors import ModelError
from pipelines.resources import shipped_path
from pipelines.warehouse import literal

_CREATE = re.compile(r"(?m)^create or replace macro explore\.(\w+)\(")
_CALL = re.compile(r"\bexplore\.(\w+)\(")
# Names inside a macro are looked up in the current catalogue.
_ATTACHED = "In an attached warehouse say `use <its name>` first."


@dataclass(frozen=True)
class Macro:
    """One file: the macro's name, its statement, what its header says, and whether it gives a table."""

    name: str
    sql: str
    comment: str
    is_table: bool
    calls: frozenset[str]


def read_macros(folder: Path | None = None) -> dict[str, Macro]:
    """All macros by name, each before those that call it. Raises ModelError on a file that is none."""
    macros = {}
    for path in sorted((folder or shipped_path("sql") / "explore").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        made = _CREATE.findall(text)
        if made != [path.stem]:
            raise ModelError(f"sql/explore/{path.name}: a file makes the one macro it is named after.")
        header = text[: text.index("create or replace macro")]
        comment = " ".join(line.removeprefix("--").strip() for line in header.splitlines())
        macros[path.stem] = Macro(
            path.stem,
            text,
            f"{comment.strip()} {_ATTACHED}",
            re.search(r"\) as table\b", text) is not None,
            frozenset(_CALL.findall(text)) - {path.stem},
        )
    for macro in macros.values():
        if unknown := macro.calls - macros.keys():
            raise ModelError(f"sql/explore/{macro.name}.sql: there is no explore.{min(unknown)}.")
    order = TopologicalSorter({name: sorted(macro.calls) for name, macro in macros.items()})
    return {name: macros[name] for name in order.static_order()}


def install_macros(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Store all macros and their comments, drop those no file makes any more; returns the names.

    Raises ModelError naming the file that DuckDB refuses.
    """
    macros = read_macros()
    connection.execute("create schema if not exists explore")
    for macro in macros.values():
        kind = "macro table" if macro.is_table else "macro"
        try:
            connection.execute(macro.sql)
            connection.execute(f"comment on {kind} explore.{macro.name} is {literal(macro.comment)}")
        except duckdb.Error as error:
            raise ModelError(f"sql/explore/{macro.name}.sql: {error}") from error
    held = connection.execute(
        "select distinct function_name, function_type from duckdb_functions() "
        "where schema_name = 'explore' and function_type in ('macro', 'table_macro')"
    ).fetchall()
    for name, function_type in held:
        if name not in macros:
            connection.execute(
                f"drop macro {'table ' if function_type == 'table_macro' else ''}explore.{name}"
            )
    return list(macros)
