"""raw.messages computes what follows from ids and what no file fills, which its readers do not notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.contract import CONTRACT
from pipelines.raw import raw_columns, stored_columns
from pipelines.warehouse import open_warehouse, rewrite
from tests.load.inboxes import Warehouse, write

HEAD = "group_id,member_id,occurred_at,message_id"
NARROW = f"{HEAD}\ng1,a,2026-03-01 10:00:00,m1\ng1,b,2026-03-01 10:01:00,m2\n"
WIDE = f"{HEAD},mentions,revoked_at\ng1,a,2026-03-02 10:00:00,m3,b,2026-03-02 11:00:00\n"
MIXED = f"{HEAD}\ng1,c,2026-03-03 10:00:00,\ng1,c,2026-03-03 10:00:00,\ng1,c,2026-03-03 10:00:00,m9\n"


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


def _stored(warehouse: Warehouse) -> set[str]:
    return stored_columns(warehouse.connection, "messages")


def test_columns_are_stored_from_the_first_file_on_that_fills_them(warehouse: Warehouse) -> None:
    write(warehouse.inbox, "messages_1.csv", NARROW)
    warehouse.load()
    assert not {"mentions", "revoked_at", "event_key", "row_hash"} & _stored(warehouse)
    assert {"group_id", "member_id", "occurred_at", "message_id", "kind", "content_key"} <= _stored(warehouse)
    write(warehouse.inbox, "messages_2.csv", WIDE)
    warehouse.load()
    assert {"mentions", "revoked_at"} <= _stored(warehouse)
    assert "subject" not in _stored(warehouse)
    assert warehouse.rows(
        "select message_id, event_key, mentions, revoked_at is null, subject from raw.messages order by 1"
    ) == [
        ("m1", "g1/m1", None, True, None),
        ("m2", "g1/m2", None, True, None),
        ("m3", "g1/m3", "b", False, None),
    ]


def test_types_and_comments_stay_what_they_are(warehouse: Warehouse) -> None:
    told = (
        "select column_name, lower(data_type), comment from duckdb_columns() "
        "where schema_name = 'raw' and table_name = 'messages' order by 1"
    )
    before = warehouse.rows(told)
    write(warehouse.inbox, "messages_2.csv", WIDE)
    warehouse.load()
    assert warehouse.rows(told) == before == sorted(raw_columns(CONTRACT["message"]))


def test_ids_of_messages_are_packed_as_bytes_and_stay_so_in_a_file_written_anew(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "a")
    rows = "".join(f"g1,a,2026-03-01 10:00:{i % 60:02},m{i:04}\n" for i in range(3000))
    write(warehouse.inbox, "messages_1.csv", f"{HEAD}\n{rows}")
    warehouse.load()
    path = Path(
        warehouse.rows("select path from duckdb_databases() where database_name = current_database()")[0][0]
    )
    warehouse.connection.close()
    rewrite(path)
    connection = open_warehouse(path)
    told = (
        "select distinct column_name, compression from pragma_storage_info('raw.messages') "
        "where segment_type = 'VARCHAR' and column_name in ('message_id', 'member_id') order by 1"
    )
    assert connection.execute(told).fetchall() == [("member_id", "DICT_FSST"), ("message_id", "ZSTD")]
    ids = connection.execute("select message_id from raw.messages order by 1").fetchall()
    assert ids == [(f"m{i:04}",) for i in range(3000)]
    connection.close()


def test_rows_without_an_id_are_known_by_content_and_ordinal(warehouse: Warehouse) -> None:
    write(warehouse.inbox, "messages_1.csv", MIXED)
    warehouse.load()
    rows = warehouse.rows(
        "select message_id, event_key, row_hash, content_key from raw.messages order by event_key"
    )
    told = {own: (key, row_hash, content) for own, key, row_hash, content in rows if own}
    assert told == {"m9": ("g1/m9", None, None)}
    first, second = [row for row in rows if row[0] is None]
    assert (first[1], second[1]) == (f"{first[2]}#1", f"{first[2]}#2")
    assert first[1] == first[3]
    # Once more, with one more of the same content: two are known.
    write(warehouse.inbox, "messages_2.csv", MIXED + "g1,c,2026-03-03 10:00:00,\n")
    (result,) = warehouse.load()
    assert (result.rows_read, result.rows_kept, result.rows_duplicate) == (4, 1, 3)


@pytest.mark.parametrize(
    ("ids", "kept"),
    [
        (("m1", "m2", "m3"), 3), (("m3", "m2", "m1"), 3), (("m1", "m2", "m2"), 2), (("m2", "m1", "m2"), 2),
        (("m1", "m2", "m1"), 2), (("m1", "m1", "m1"), 1), (("m1",), 1),
    ],
)  # fmt: skip
def test_01_repeated_ids_are_found_in_any_order(
    warehouse: Warehouse, ids: tuple[str, ...], kept: int
) -> None:
    rows = "".join(f"g1,a,2026-03-01 10:00:0{i},{own}\n" for i, own in enumerate(ids))
    write(warehouse.inbox, "messages_1.csv", f"{HEAD}\n{rows}")
    (result,) = warehouse.load()
    assert (result.rows_kept, result.rows_duplicate) == (kept, len(ids) - kept)
    # The later row of an id is the newer state.
    last = {own: i for i, own in enumerate(ids)}
    assert warehouse.rows("select message_id, second(occurred_at) from raw.messages order by 1") == sorted(
        last.items()
    )


def test_one_id_in_two_groups_is_two_messages(warehouse: Warehouse) -> None:
    rows = "g1,a,2026-03-01 10:00:00,m1\ng2,a,2026-03-01 10:00:00,m1\n"
    write(warehouse.inbox, "messages_1.csv", f"{HEAD}\n{rows}")
    (result,) = warehouse.load()
    assert result.rows_kept == 2
    write(warehouse.inbox, "messages_2.csv", f"{HEAD}\n{rows.replace('10:00:00', '10:00:09')}")
    warehouse.load()
    told = "select group_id, message_id, second(occurred_at) from raw.messages order by all"
    assert warehouse.rows(told) == [
        ("g1", "m1", 9), ("g2", "m1", 9),
    ]  # fmt: skip


def test_a_file_written_anew_computes_as_before(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "a")
    for number, text in enumerate((NARROW, MIXED, WIDE)):
        write(warehouse.inbox, f"messages_{number}.csv", text)
    warehouse.load()
    query = "select * from raw.messages order by event_key"
    before, stored = warehouse.rows(query), _stored(warehouse)
    path = Path(
        warehouse.rows("select path from duckdb_databases() where database_name = current_database()")[0][0]
    )
    warehouse.connection.close()
    rewrite(path)
    connection = open_warehouse(path)
    assert connection.execute(query).fetchall() == before
    assert stored_columns(connection, "messages") == stored
    connection.close()
