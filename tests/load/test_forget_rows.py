# ruff: noqa: E501
"""Forgetting takes a person out of the raw tables as if they had never been loaded, and keeps them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import InputRefused, SettingsError
from pipelines.forget import clean_pages, forget_person, keep_tombstones
from pipelines.people import People, key_file
from tests.load.inboxes import NOW, Warehouse, write
from tests.load.test_ledger import contents

PHONE, NAME = "+86 138 0013 8000", "p"
FILES = {
    "joins_2026-03-02_2026-03-08.csv": (
        "group_id,member_id,occurred_at,inviter_id\n"
        "g,13800138000,2026-03-02 10:00,m1\n"
        "g,m2,2026-03-02 11:00,13800138000\n"
        "g,m2,2026-03-02 11:00,m1\n"
        "g,m2,2026-03-02 11:00,\n"
        "g,13800138000,never,m1\n"
    ),
    "messages_2026-03-02_2026-03-08.csv": (
        "group_id,member_id,occurred_at,message_id,reply_to_message_id,thread_id,mentions,claimed_by\n"
        "g,13800138000,2026-03-02 12:00,w1,,,,\n"
        "g,m1,2026-03-02 12:01,w2,w1,w1,m2 13800138000,\n"
        "g,m2,2026-03-02 12:02,,,,\"m1,13800138000\",13800138000\n"
        "g,m2,2026-03-02 12:03,,,,\"m1,m3\",m1\n"
    ),
    "orders_2026-03-02_2026-03-08.csv": (
        "order_id,member_id,ordered_at,amount,leader_id\n"
        "o1,138-0013-8000,2026-03-02 12:00,5,\no2,m1,2026-03-02 12:00,6,13800138000\no3,,2026-03-02 12:00,7,\n"
    ),
    "orders_2026-03-03_2026-03-09.csv": (
        "order_id,member_id,ordered_at,amount,leader_id\n"
        "o1,138-0013-8000,2026-03-02 12:00,4,\no2,m1,2026-03-02 12:00,5,13800138000\n"
    ),
    "invites.csv": (
        "group_id,inviter_id,invited_at,invitee_id\n"
        "g,m1,2026-03-02 09:00,13800138000\ng,13800138000,2026-03-02 09:00,m2\n"
    ),
    "groups.csv": "group_id,owner_id,leader_id\ng,m1,13800138000\n",
    "members.csv": "member_id,role\n13800138000,staff\nm1,member\n",
    "gifts.csv": "gift_id,member_id\nk1,13800138000\nk2,m1\n",
}  # fmt: skip


def raw(warehouse: Warehouse) -> dict[str, object]:
    """What stands in the raw tables, but for the story of the loads."""
    told = contents(warehouse)
    return {name: rows for name, rows in told.items() if name not in ("loads", "rejects")}


def filled(folder: Path) -> Warehouse:
    warehouse = Warehouse(folder)
    for name, text in FILES.items():
        write(warehouse.inbox, name, text)
    warehouse.load()
    return warehouse


def test_what_stays_is_what_a_load_without_the_person_gives(tmp_path: Path) -> None:
    old = filled(tmp_path / "old")
    told = forget_person(old.connection, old.inbox, old.settings, PHONE, NOW)
    assert told.removed.rows == {
        "joins": 1, "messages": 1, "orders": 1, "orders_history": 1, "invites": 1, "members": 1, "gifts": 1
    }  # fmt: skip
    assert told.removed.blanked == {
        "joins": 1,
        "messages": 2,
        "orders": 1,
        "orders_history": 1,
        "invites": 1,
        "groups": 1,
    }
    assert {name for name, _ in told.files} == set(FILES)
    person = People(key_file()).keyed("+8613800138000")
    for table in (
        "joins",
        "messages",
        "orders",
        "orders_history",
        "invites",
        "groups",
        "members",
        "gifts",
        "rejects",
    ):
        cells = old.rows(f"select columns(*)::varchar from raw.{table}")
        assert not [
            row for row in cells for cell in row if cell and (person in cell or "13800138000" in cell)
        ], table
    # The files once more, in a new warehouse that only has the tombstone.
    new = Warehouse(tmp_path / "new")
    for row in old.rows("from raw.tombstones"):
        new.connection.execute("insert into raw.tombstones values (?, ?, ?)", list(row))
    for name, text in FILES.items():
        write(new.inbox, name, text)
    results = new.load()
    assert raw(new) == raw(old)
    assert sum(result.rows_rejected for result in results) == 8
    assert {reason for _, _, reason in new.rejects()} == {"forgotten"}
    assert new.rows("select count(raw_row) from raw.rejects") == [(0,)]


def test_a_re_export_brings_nobody_back_and_nothing_twice(tmp_path: Path) -> None:
    warehouse = filled(tmp_path)
    forget_person(warehouse.connection, warehouse.inbox, warehouse.settings, PHONE, NOW)
    before = raw(warehouse)
    for name, text in FILES.items():
        if name.startswith(("joins", "messages")):
            write(warehouse.inbox, name.replace("03-08", "03-10"), text)
    (joins, messages) = warehouse.load()
    assert (joins.rows_kept, joins.rows_rejected, messages.rows_kept, messages.rows_rejected) == (0, 2, 0, 1)
    assert raw(warehouse) == before
    assert People(key_file()).find(People(key_file()).keyed("+8613800138000")) is not None
    People(key_file()).remove([People(key_file()).keyed("+8613800138000")])
    write(warehouse.inbox, "joins_2026-03-02_2026-03-11.csv", FILES["joins_2026-03-02_2026-03-08.csv"])
    warehouse.load()
    assert People(key_file()).find(People(key_file()).keyed("+8613800138000")) is None


def test_all_ids_of_a_person_go_and_one_that_was_handed_on_stays(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.one(
        "joins.csv",
        "group_id,member_id,occurred_at\n"
        + "".join(f"g,{m},2026-03-02 10:00\n" for m in ("shop9", "wx1", "wx2", "card")),
    )
    warehouse.one(
        "aliases.csv",
        "alias_id,member_id,valid_from,valid_to\nshop9,wx1,,\ncard,wx1,2026-01-01 00:00,2026-02-01 00:00\ncard,wx2,2026-02-01 00:00,\n",
    )
    told = forget_person(warehouse.connection, warehouse.inbox, warehouse.settings, "shop9", NOW)
    assert told.ids[-2:] == ("shop9", "wx1") and told.shared == 1
    assert warehouse.rows("select member_id from raw.joins order by 1") == [("card",), ("wx2",)]
    assert warehouse.rows("select alias_id, member_id from raw.aliases") == [("card", "wx2")]


def test_nobody_and_several_of_a_name_are_told_apart(tmp_path: Path) -> None:
    warehouse = filled(tmp_path)
    with pytest.raises(InputRefused, match="Nobody here"):
        forget_person(warehouse.connection, warehouse.inbox, warehouse.settings, "who", NOW)
    people = People(key_file())
    one, other = people.pseudonym("a/g", "Twin of two"), people.pseudonym("b/g", "Twin of two")
    people.save()
    with pytest.raises(InputRefused) as told:
        forget_person(warehouse.connection, warehouse.inbox, warehouse.settings, "Twin of two", NOW)
    assert one in str(told.value) and other in str(told.value) and "Twin" not in str(told.value)


def test_another_key_is_refused_where_people_were_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = filled(tmp_path)
    forget_person(warehouse.connection, warehouse.inbox, warehouse.settings, "m1", NOW)
    monkeypatch.setenv("GROUPFUNNEL_KEY_FILE", str(tmp_path / "other"))
    write(warehouse.inbox, "joins_b.csv", "group_id,member_id,occurred_at\ng,m1,2026-03-04 10:00\n")
    with pytest.raises(SettingsError, match="Restore that key"):
        warehouse.load()


def test_tombstones_are_taken_over_by_a_rebuild(tmp_path: Path) -> None:
    old = filled(tmp_path / "old")
    forget_person(old.connection, old.inbox, old.settings, "m1", NOW)
    expected = old.rows("from raw.tombstones")
    old.connection.close()
    new = Warehouse(tmp_path / "new")
    for _ in range(2):
        keep_tombstones(new.connection, tmp_path / "old" / "warehouse.duckdb")
    assert new.rows("from raw.tombstones") == expected


def test_earlier_pages_lose_the_id_and_keep_their_figures(tmp_path: Path) -> None:
    page = tmp_path / "2026-W01" / "a.html"
    page.parent.mkdir()
    page.write_text(
        '<td>m1</td><td>m10</td><p>x-m1</p><td>77</td><script>[77, 3]</script>"77"', encoding="utf-8"
    )
    assert clean_pages(tmp_path, ["m1", "77"]) == 1
    assert page.read_text(encoding="utf-8") == (
        '<td>•••</td><td>m10</td><p>x-m1</p><td>•••</td><script>[77, 3]</script>"•••"'
    )
    assert clean_pages(tmp_path, ["m1", "77"]) == 0
