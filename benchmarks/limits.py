"""What DuckDB alone takes, the limits of load and build; and the Parquet files of the peers.

`python -m benchmarks.limits read INBOX FOLDER MEMORY`: a bare typed `create table as` of all CSV files of
the four events, a table each, into a new file. `python -m benchmarks.limits group WAREHOUSE MEMORY`: one
bare `group by day, group_id, member_id` with a count over the loaded messages, into a temporary table.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measured import measure_here, threads_told

Config = dict[str, str | bool | int | float | list[str]]
TYPES = {
    "messages": "message_id varchar, group_id varchar, member_id varchar, occurred_at timestamp, "
    "kind varchar, text_length bigint, is_question boolean, is_emoji_only boolean, "
    "reply_to_message_id varchar",
    "joins": "group_id varchar, member_id varchar, occurred_at timestamp, action varchar, scene varchar, "
    "channel varchar",
    "orders": "order_id varchar, ordered_at timestamp, amount decimal(18,2), member_id varchar, "
    "group_id varchar, paid_at timestamp, kind varchar, status varchar, product_id varchar, "
    "quantity decimal(18,4), refund_of_order_id varchar",
    "invites": "invite_id varchar, group_id varchar, inviter_id varchar, invited_at timestamp, "
    "invitee_id varchar, joined_at timestamp",
}


def csv(inbox: Path, kind: str) -> str:
    """All files of a kind, typed, in the order of their weeks."""
    pairs = (part.strip().rsplit(" ", 1) for part in TYPES[kind].split(", "))
    types = ", ".join(f"'{name}': '{of}'" for name, of in pairs)
    return (
        f"read_csv('{inbox / kind}_*.csv', columns = {{{types}}}, header = true, auto_detect = false, "
        "delim = ',', quote = '\"', escape = '\"')"
    )


def write_parquet(inbox: Path, folder: Path, threads: int, memory: str) -> int:
    """The exports as Parquet for all peers, money in whole cents; returns the bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"threads": threads, "memory_limit": memory}) as connection:
        for kind in TYPES:
            columns = "* exclude amount, cast(amount * 100 as bigint) as cents" if kind == "orders" else "*"
            path = folder / f"{kind}.parquet"
            connection.execute(
                f"copy (select {columns} from {csv(inbox, kind)}) to '{path}' (format parquet)"
            )
        connection.execute(
            f"copy (select member_id from '{inbox / 'members.csv'}' where role = 'staff') "
            f"to '{folder / 'staff.parquet'}' (format parquet)"
        )
    return sum(path.stat().st_size for path in folder.iterdir())


def read(inbox: Path, folder: Path, memory: str) -> dict[str, Any]:
    """The bare typed read."""
    from pipelines.warehouse import STORAGE_VERSION

    config: Config = {
        "memory_limit": memory,
        "threads": threads_told(),
        "storage_compatibility_version": STORAGE_VERSION,
    }
    with duckdb.connect(str(folder / "bare.duckdb"), config=config) as connection:
        for kind in TYPES:
            connection.execute(f"create table {kind} as select * from {csv(inbox, kind)}")
        rows = connection.execute("select count(*) from messages").fetchall()[0][0]
    return {"rows": rows, "bytes": (folder / "bare.duckdb").stat().st_size}


def group(warehouse: Path, memory: str) -> dict[str, Any]:
    """The bare group by."""
    config: Config = {"memory_limit": memory, "threads": threads_told()}
    with duckdb.connect(str(warehouse), read_only=True, config=config) as connection:
        connection.execute(
            "create temp table days as select day, group_id, member_id, count(*) as messages "
            "from raw.messages group by day, group_id, member_id"
        )
        rows = connection.execute("select count(*) from days").fetchall()[0][0]
    return {"rows": rows}


if __name__ == "__main__":
    _, what, *given = sys.argv
    if what == "read":
        measure_here(lambda: read(Path(given[0]), Path(given[1]), given[2]))
    else:
        measure_here(lambda: group(Path(given[0]), given[1]))
