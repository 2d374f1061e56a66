"""DuckDB's answers: of the Parquet files, as the peers give them, and of the tables of our warehouse.

`python -m benchmarks.peer_duckdb parquet|core|built|explore QUESTION PLACE END MEMORY`; PLACE is the folder
of the Parquet files or the warehouse.
"""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measured import measure_here, threads_told
from benchmarks.questions import BUILT, CORE, EXPLORE, PARQUET, TABLES


def plain(cell: object) -> str | int | None:
    """A cell as every engine tells it: days as text, everything else but names as an integer."""
    if isinstance(cell, date | datetime):
        return cell.isoformat()[:10]
    return cell if isinstance(cell, str) or cell is None else int(cell)  # type: ignore[call-overload]


def main(way: str, question: str, place: Path, end: str, memory: str) -> None:
    """Answer one question and print what it took."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads_told(),
        "memory_limit": memory,
    }

    def answer() -> dict[str, Any]:
        if way == "parquet":
            connection = duckdb.connect(config=config)
            for table in TABLES:
                connection.execute(f"create view {table} as from '{place / (table + '.parquet')}'")
        else:
            connection = duckdb.connect(str(place), read_only=True, config=config)
        sql = {"parquet": PARQUET, "core": CORE, "built": BUILT, "explore": EXPLORE}[way][question]
        rows = connection.execute(sql.replace("{end}", end)).fetchall()
        connection.close()
        return {"answer": [[plain(cell) for cell in row] for row in rows], "version": duckdb.__version__}

    measure_here(answer)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4], sys.argv[5])
