"""Gate 1 over the rows of new loads says what it says over all rows, and looks at all where it must."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.checks import CheckResult, run_gate, write_results
from pipelines.checks.fresh import Fresh, fresh_rows
from pipelines.settings import Settings

OLD = "update raw.messages set kind = 'riddle' where message_id = 'm1'"
NEW_LOADS = """
insert into raw.loads by name
    select 8 as load_id, 'messages_2.csv' as file_name, 'b8' as sha256, 'main' as source,
        'message' as event_kind, 9 as rows_read, 9 as rows_kept, 0 as rows_duplicate, 0 as rows_rejected,
        date '2026-01-12' as covered_from, date '2026-01-18' as covered_to,
        timestamp '2026-01-19' as exported_at;
insert into raw.messages by name
    select group_id, member_id, timestamp '2026-01-13 03:00:00' as occurred_at,
        message_id || 'x' as message_id, kind, source, 8 as load_id, row_number, date '2026-01-13' as day
    from raw.messages;
"""
# What a new row breaks, and the name of the check that has to say so.
FAULTS = {
    "raw.messages.key_is_unique": "update raw.messages set message_id = 'm2' where message_id = 'm2x'",
    "raw.messages.member_id_is_filled": "update raw.messages set member_id = null where message_id = 'm2x'",
    "raw.messages.occurred_at_in_range": "update raw.messages set occurred_at = timestamp '2030-01-01' "
    "where message_id = 'm2x'",
    "raw.messages.kind_is_known": "update raw.messages set kind = 'riddle' where message_id = 'm2x'",
    "raw.messages.parent_exists": "update raw.messages set reply_to_message_id = 'm9' "
    "where message_id = 'm2x'",
    "raw.messages.answers_follow_questions": "update raw.messages set reply_to_message_id = 'm2x', "
    "occurred_at = timestamp '2026-01-12 03:00:00' where message_id = 'm3x'",
}
# An old reply whose question comes late, and later than it.
LATE_QUESTION = (
    "update raw.messages set message_id = 'm7', occurred_at = timestamp '2026-01-13 03:00:00' "
    "where message_id = 'm2x'"
)


@pytest.fixture
def passed(loaded: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Sound rows that passed the gate in the build before, and a sound load since."""
    connection = loaded
    build_before(connection)
    connection.execute(NEW_LOADS)
    return connection


def build_before(connection: duckdb.DuckDBPyConnection) -> None:
    """What a build leaves behind: its basis, its files, the verdicts of the gate."""
    connection.execute("create or replace table raw.state as select 'f' as fingerprint, 'basis' as basis")
    for table, of in (("built_loads", "loads"), ("built_tombstones", "tombstones")):
        column = "sha256" if of == "loads" else "tombstone"
        connection.execute(f"create or replace table raw.{table} as select {column} from raw.{of}")
    connection.execute("create schema if not exists quality")
    write_results(connection, "loaded", run_gate(connection, "loaded", Settings()))


def fresh_of(connection: duckdb.DuckDBPyConnection) -> Fresh:
    """What is new, where something is."""
    fresh = fresh_rows(connection, "basis")
    assert fresh is not None
    return fresh


def gate(connection: duckdb.DuckDBPyConnection, fresh: Fresh | None) -> list[CheckResult]:
    """The verdicts of gate 1."""
    return run_gate(connection, "loaded", Settings(), fresh)


def test_new_rows_are_those_of_the_loads_since(passed: duckdb.DuckDBPyConnection) -> None:
    fresh = fresh_of(passed)
    assert fresh.loads == (8,)
    assert "raw.messages.key_is_unique" in fresh.passed
    assert gate(passed, fresh) == gate(passed, None)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_new_row_is_told_as_over_all_rows(passed: duckdb.DuckDBPyConnection, name: str) -> None:
    passed.execute(FAULTS[name])
    narrow, whole = gate(passed, fresh_of(passed)), gate(passed, None)
    assert narrow == whole
    assert {r.name for r in narrow if r.outcome == "failed"} >= {name}


def test_an_old_reply_to_a_late_question_is_told(loaded: duckdb.DuckDBPyConnection) -> None:
    loaded.execute("update raw.messages set reply_to_message_id = 'm7' where message_id = 'm3'")
    build_before(loaded)
    loaded.execute(NEW_LOADS)
    loaded.execute(LATE_QUESTION)
    narrow = gate(loaded, fresh_of(loaded))
    assert narrow == gate(loaded, None)
    told = {r.name: r.outcome for r in narrow}
    assert told["raw.messages.parent_exists"] == "passed"
    assert told["raw.messages.answers_follow_questions"] == "failed"


def test_rows_that_passed_are_not_looked_at_again(passed: duckdb.DuckDBPyConnection) -> None:
    fresh = fresh_of(passed)
    passed.execute(OLD)
    told = {r.name: r.outcome for r in gate(passed, fresh)}
    assert told["raw.messages.kind_is_known"] == "passed"
    assert {r.name: r.outcome for r in gate(passed, None)}["raw.messages.kind_is_known"] == "failed"


def test_a_check_that_failed_looks_at_all_rows(loaded: duckdb.DuckDBPyConnection) -> None:
    loaded.execute("update raw.messages set reply_to_message_id = 'm9' where message_id = 'm3'")
    build_before(loaded)
    loaded.execute(NEW_LOADS)
    loaded.execute(FAULTS["raw.messages.parent_exists"])
    (told,) = [r for r in gate(loaded, fresh_of(loaded)) if r.name == "raw.messages.parent_exists"]
    assert told.failing_rows == 2


@pytest.mark.parametrize(
    "change",
    [
        "update raw.state set basis = 'other'",
        "drop table raw.state",
        "delete from raw.loads where load_id = 2",
        "insert into raw.tombstones (tombstone) values ('t')",
        "insert into raw.retention values (date '2026-01-01')",
    ],
)
def test_everything_is_looked_at_where_more_changed(passed: duckdb.DuckDBPyConnection, change: str) -> None:
    passed.execute(change)
    assert fresh_rows(passed, "basis") is None
