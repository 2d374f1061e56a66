"""Run the command in a process of its own, and ask and compare the warehouses it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests.warm import groupfunnel

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

# Which file a row came from depends on the order of loading, and nothing else may.
OF_LOADING = frozenset({"load_id", "first_load_id", "last_load_id"})
STORY_OF_RUNS = frozenset(
    f"{schema}.{table}"
    for schema, tables in (
        ("raw", ("loads", "rejects", "state", "built_loads", "built_tombstones", "retention")),
        ("quality", ("checks", "builds", "restatements")),
    )
    for table in tables
)


@dataclass(frozen=True)
class BuiltHome:
    """A home that was built: its folder and what the command said."""

    root: Path
    said: str

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query on the published warehouse."""
        with duckdb.connect(str(self.root / "data" / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def row(self, query: str) -> tuple[Any, ...]:
        """The one row of a query."""
        (row,) = self.rows(query)
        return row

    def one(self, query: str) -> Any:
        """The one value of a query."""
        (value,) = self.row(query)
        return value

    def page(self, name: str) -> str:
        """The text of a page of the report."""
        return (self.root / "reports" / "latest" / name).read_text(encoding="utf-8")


def run_home(inbox: Path, settings: Path, home: Path) -> BuiltHome:
    """`groupfunnel run` into a new home; fails with what the command said unless it published."""
    done = groupfunnel("run", "--inbox", inbox, "--settings", settings, "--home", home)
    assert done.returncode == 0, done.stdout + done.stderr
    return BuiltHome(home, done.stdout + done.stderr)


def contents(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, str]]:
    """Table -> (rows, hash of its ordered content) of every table and view, without what tells of loading."""
    names = connection.execute(
        """
        select table_schema || '.' || table_name, list(column_name order by ordinal_position)
        from information_schema.columns
        where table_catalog = current_database()
            and table_schema not in ('information_schema', 'main')
        group by all
        """
    ).fetchall()
    found = {}
    for table, columns in names:
        if table in STORY_OF_RUNS or table.startswith("staging."):
            continue
        kept = ", ".join(f'"{name}"' for name in columns if name not in OF_LOADING)
        # One hash per row and an order of its own: equal content in any order of storage is equal.
        count, digest = connection.execute(
            f"select count(*), md5(string_agg(line, ',' order by line)) "
            f"from (select md5(cast(row({kept}) as varchar)) as line from {table})"
        ).fetchall()[0]
        found[table] = (count, digest or "")
    return found
