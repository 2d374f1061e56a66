"""A Telegram group that became a supergroup: what both exports tell stands once, in the supergroup.

The export of a supergroup begins with the messages of the group it was, their ids less a thousand million.
The group's own export has the same messages under another group id, so that loading cannot know them by
their key. Which group it was is told by messages that agree in id, sender and second.
"""

from __future__ import annotations

import duckdb

SHIFT = 1_000_000_000
OWN_IDS = {"messages": "message_id", "joins": "event_id"}


def leave_out_repeats(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    """Delete what a group's own export repeats of its supergroup's; returns how many rows.

    The supergroup becomes the group's successor. In the ledger they stay as what they were when loaded, like
    every row that another file replaced.
    """
    for table, own_id in OWN_IDS.items():
        _make_old_half(connection, table, own_id, source)
    connection.execute(
        """
        create or replace temp table pairs as
        select distinct own.group_id as old_id, half.group_id as new_id
        from raw.messages as own
        join old_messages as half on own.message_id = half.own_id and own.member_id = half.member_id
            and own.occurred_at = half.occurred_at and own.group_id <> half.group_id
        where own.source = ?
        """,
        [source],
    )
    gone = 0
    connection.execute("begin transaction")
    try:
        for table, own_id in OWN_IDS.items():
            connection.execute(
                f"""
                create or replace temp table repeats as
                select own.rowid as place
                from raw.{table} as own
                join pairs on own.group_id = pairs.old_id
                semi join old_{table} as half on own.{own_id} = half.own_id
                    and own.occurred_at = half.occurred_at and pairs.new_id = half.group_id
                where own.source = ?
                """,
                [source],
            )
            deleted = connection.execute(
                f"delete from raw.{table} where rowid in (select place from repeats)"
            ).fetchone()
            gone += int(deleted[0]) if deleted else 0
        connection.execute(
            "update raw.groups set successor_group_id = pairs.new_id from pairs "
            "where raw.groups.group_id = pairs.old_id and raw.groups.source = ? "
            "and raw.groups.successor_group_id is null",
            [source],
        )
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return gone


def _make_old_half(connection: duckdb.DuckDBPyConnection, table: str, own_id: str, source: str) -> None:
    """Temp table old_<table>: rows of supergroups from before, with the id they had then."""
    number = f"try_cast(split_part({own_id}, '.', 1) as bigint)"
    rest = f"substr({own_id}, length(split_part({own_id}, '.', 1)) + 1)"
    connection.execute(
        f"""
        create or replace temp table old_{table} as
        select group_id, member_id, occurred_at, cast({number} + {SHIFT} as varchar) || {rest} as own_id
        from raw.{table}
        where source = ? and starts_with({own_id}, '-') and {number} between {-SHIFT} and -1
        """,
        [source],
    )
