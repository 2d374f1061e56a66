"""One generated sample for all tests, and its files as DuckDB tables read without the project's loader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.sample import generate

EVENT_TABLES = ("joins", "messages", "orders", "invites")


@dataclass(frozen=True)
class Sample:
    """A generated folder, its truth, and a connection with a view of all text columns per kind of file."""

    folder: Path
    truth: dict[str, Any]
    files: duckdb.DuckDBPyConnection

    def one(self, query: str) -> Any:
        """The single value of a query over the files."""
        row = self.files.execute(query).fetchone()
        assert row is not None
        return row[0]

    def column(self, query: str) -> list[Any]:
        """The first column of a query over the files."""
        return [row[0] for row in self.files.execute(query).fetchall()]


def open_files(folder: Path) -> duckdb.DuckDBPyConnection:
    """Views of the files' rows, all columns as text; `first_<table>` keeps one row per id."""
    connection = duckdb.connect()
    for table in EVENT_TABLES:
        pattern = str(folder / f"{table}_*.csv.gz").replace("'", "''")
        connection.execute(
            f"create table {table} as select * from read_csv('{pattern}', all_varchar = true, header = true, "
            "filename = true, delim = ',', quote = '\"', escape = '\"')"
        )
    for table in (
        "members",
        "aliases",
        "coverage",
        "platform_stats",
        "gifts",
        "campaigns",
        "products",
        "targets",
    ):
        path = str(folder / f"{table}.csv").replace("'", "''")
        connection.execute(
            f"create table {table} as select * from read_csv('{path}', all_varchar = true, header = true, "
            "delim = ',', quote = '\"', escape = '\"')"
        )
    for table, key in (("joins", "event_id"), ("messages", "message_id"), ("invites", "invite_id")):
        connection.execute(
            f"create view first_{table} as select * from {table} "
            f"qualify row_number() over (partition by {key} order by filename) = 1"
        )
    # the latest export of an order replaces its lines
    connection.execute(
        "create view last_orders as select * from orders "
        "qualify filename = max(filename) over (partition by order_id)"
    )
    return connection


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """The sample of seed 7 at scale 1."""
    folder = tmp_path_factory.mktemp("sample")
    truth = generate(folder, seed=7)
    connection = open_files(folder)
    yield Sample(folder, truth, connection)
    connection.close()
