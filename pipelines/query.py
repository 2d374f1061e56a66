"""Questions to the published warehouse: read-only, without access to files or the network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import GroupfunnelError
from pipelines.layout import check_layout
from pipelines.settings import Engine
from pipelines.warehouse import open_warehouse

READING = ("SELECT", "EXPLAIN", "PRAGMA", "CALL", "MULTI")


def query(warehouse: Path, sql: str, engine: Engine) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names of the columns and rows of the answer.

    Raises GroupfunnelError with DuckDB's message when the query is wrong or wants more than to read, and
    InputRefused where another version wrote the warehouse.
    """
    connection = open_warehouse(warehouse, read_only=True, engine=engine)
    try:
        check_layout(connection, warehouse)
        statements = connection.extract_statements(sql)
        if len(statements) != 1:
            raise GroupfunnelError("Give one query at a time, like: from scorecard.weekly limit 5")
        if statements[0].type.name not in READING:
            kind = statements[0].type.name.lower()
            raise GroupfunnelError(
                f"The published warehouse is only read here, and {kind} is more than that."
            )
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        answer = connection.execute(sql)
        names = [column[0] for column in answer.description or []]
        return names, answer.fetchall()
    except duckdb.Error as error:
        raise GroupfunnelError(re.sub(r"\s*\n\s*\n", "\n", str(error))) from error
    finally:
        connection.close()
