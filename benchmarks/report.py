"""How long the pages of many groups take: `python benchmarks/report.py --groups 200`.

Every group of the tests' small warehouse is copied, with its weeks, until there are that many; then a week's
report is written into a temporary folder, or `--keep`. Printed: pages, seconds on the clock and of the
processor, the largest files. The mark is 200 groups in less than 10 seconds on two cores.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import duckdb

from pipelines.report import build_site, write_shared_assets
from pipelines.settings import Settings
from tests.report.warehouses import build_warehouse

LARGEST = 6


def multiply(connection: duckdb.DuckDBPyConnection, groups: int) -> int:
    """Copy groups until there are `groups`, in every table that has a group_id; return how many there are."""
    tables = connection.execute(
        "select table_schema || '.' || table_name from information_schema.columns"
        " where column_name = 'group_id'"
    ).fetchall()
    first = [row[0] for row in connection.execute("select group_id from core.groups order by all").fetchall()]
    copies = [(first[at % len(first)], f"copy-{at:05d}") for at in range(groups - len(first))]
    connection.execute("create temp table copies (old varchar, new varchar)")
    connection.executemany("insert into copies values (?, ?)", copies)
    for (table,) in tables:
        connection.execute(
            f"insert into {table} by name select t.* replace (c.new as group_id)"
            f" from {table} as t join copies as c on c.old = t.group_id"
        )
    return len(first) + len(copies)


def measure(folder: Path, groups: int) -> None:
    """Build the warehouse in memory, write the report, print what it took."""
    with build_warehouse() as connection:
        total = multiply(connection, groups)
        write_shared_assets(folder)
        begin, before = time.perf_counter(), time.process_time()
        written = build_site(connection, Settings(), folder / "2026-W46")
        seconds, busy = time.perf_counter() - begin, time.process_time() - before
    pages = sum(path.suffix == ".html" for path in written)
    print(f"{total} groups: {pages} pages in {seconds:.1f} s, {busy:.1f} s of the processor")
    for path in sorted(written, key=lambda path: -path.stat().st_size)[:LARGEST]:
        print(f"{path.stat().st_size / 1024:8.0f} KB  {path.relative_to(folder)}")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--groups", type=int, default=200)
    parser.add_argument("--keep", type=Path, help="folder to write the report into, not a temporary one")
    asked = parser.parse_args()
    if asked.keep is not None:
        measure(asked.keep, asked.groups)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), asked.groups)


if __name__ == "__main__":
    main()
