"""Numbers and addresses in the place of ids: one spelling in Python and SQL, one pseudonym everywhere."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.contacts import contact, contact_sql, is_masked, masked_sql, people_in_sql
from pipelines.identify import people_of
from pipelines.people import People, key_file
from tests.load.inboxes import Warehouse, settings_of

CASES = {
    "13800138000": "+8613800138000",
    "+86 138-0013-8000": "+8613800138000",
    "８６１３８００１３８０００": "+8613800138000",
    "0086 13800138000": "+8613800138000",
    "(+86)138\u00a00013\u00a08000": "+8613800138000",
    "13800138000.0": "+8613800138000",
    "tel:+8613800138000": "+8613800138000",
    "\u202a+49 170 1234567\u202c": "+491701234567",
    "Ada.B@Example.COM": "ada.b@example.com",
    "13800138000@c.us": "13800138000@c.us",
    "店长13800138000": "店长13800138000",
    "m1": None,
    "23800138000": None,
    "138001380001": None,
    "wmAAAAcQAAd1f": None,
    "100000000001": None,
    "p_ab13912345678cdef0ab": None,
    "2026-03-01 12:00": None,
    "": None,
}


@pytest.mark.parametrize("text", CASES)
def test_one_spelling_of_each_in_python_and_sql(text: str) -> None:
    assert contact(text) == CASES[text]
    with duckdb.connect() as connection:
        assert connection.execute(f"select {contact_sql('$1')}", [text]).fetchone() == (CASES[text],)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("138****1234", True), ("138＊＊＊＊1234", True), ("138xxxx1234", True), ("138••••1234", True),
        ("a**@b.cn", True), ("13800138000", False), ("a*b", False), ("12xx34", False), ("", False),
    ],
)  # fmt: skip
def test_masked_numbers_are_known_in_python_and_sql(text: str, masked: bool) -> None:
    assert is_masked(text) is masked
    with duckdb.connect() as connection:
        assert connection.execute(f"select {masked_sql('$1')}", [text]).fetchone() == (masked,)


def test_a_cell_names_several_people_and_a_number_in_parts_is_one() -> None:
    with duckdb.connect() as connection:
        told = connection.execute(
            f"select {people_in_sql('$1')}", ["m1,+86 138 0013 8000;m2、138-0013-8001 +49 170 1234567"]
        ).fetchone()
    assert told == (["m1", "+8613800138000", "m2", "13800138001", "+491701234567"],)


def test_a_phone_is_one_pseudonym_in_every_source_and_reveal_knows_it(warehouse: Warehouse) -> None:
    warehouse.one("a/joins.csv", "group_id,member_id,occurred_at\ng,+86 138 0013 8000,2026-03-02 10:00\n")
    warehouse.one("b/orders.csv", "order_id,member_id,ordered_at,amount\no,13800138000,2026-03-02 11:00,5\n")
    warehouse.one(
        "c/messages.csv",
        "group_id,member_id,occurred_at,mentions,claimed_by\n"
        'g,m1,2026-03-02 12:00,m2 138-0013-8000,"13800138000,m3"\n',
    )
    ((member,),) = warehouse.rows("select member_id from raw.joins")
    assert member.startswith("p_") and warehouse.rows("select member_id from raw.orders") == [(member,)]
    assert warehouse.rows("select mentions, claimed_by from raw.messages") == [
        (f"m2 {member}", f"{member} m3")
    ]
    people = People(key_file())
    assert people.find(member) == ("", "+8613800138000")
    assert people.pseudonym("any/group", "1380013 8000") == member


def test_a_name_that_is_a_number_is_the_same_person_in_every_chat() -> None:
    people = People(key_file())
    assert people.pseudonym("a/g", "+86 13800138000") == people.pseudonym("b/h", "13800138000")
    assert people.pseudonym("a/g", "Ada") != people.pseudonym("b/h", "Ada")


def test_hash_makes_a_pseudonym_of_every_id_of_a_column(tmp_path: Path) -> None:
    told = settings_of(
        tmp_path,
        '[[exports]]\nfiles = "o*"\nevent = "order"\n[exports.columns]\n'
        'member_id = { from = "buyer", hash = true }\n',
    )
    warehouse = Warehouse(tmp_path / "home", told)
    warehouse.one(
        "o.csv",
        "order_id,buyer,ordered_at,amount\no1,Ada,2026-03-02 11:00,5\no2,13800138000,2026-03-02 11:00,5\n"
        "o3,138****8000,2026-03-02 11:00,5\no4,,2026-03-02 11:00,5\n",
    )
    people = people_of(warehouse.connection, told)
    assert warehouse.rows("select order_id, member_id from raw.orders order by 1") == [
        ("o1", people.keyed("Ada")), ("o2", people.keyed("+8613800138000")), ("o3", None), ("o4", None),
    ]  # fmt: skip


def test_the_key_is_made_only_when_somebody_needs_it(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "own" / "key"
    monkeypatch.setenv("GROUPFUNNEL_KEY_FILE", str(key))
    warehouse.one("joins.csv", "group_id,member_id,occurred_at\ng,m1,2026-03-02 10:00\n")
    assert not key.exists()
    warehouse.one("joins_b.csv", "group_id,member_id,occurred_at\ng,13800138000,2026-03-02 10:00\n")
    assert key.exists()
    expected = People(key).keyed("+8613800138000")
    assert warehouse.rows("select member_id from raw.joins order by 1") == [("m1",), (expected,)]


def test_51_a_masked_number_is_nobodys_id_and_it_is_said(warehouse: Warehouse) -> None:
    result = warehouse.one(
        "orders.csv",
        "order_id,member_id,ordered_at,amount\no1,138****1234,2026-03-02 11:00,5\n"
        "o2,138xxxx1234,2026-03-02 11:00,5\no3,m1,2026-03-02 11:00,5\n",
    )
    assert warehouse.rows("select order_id, member_id from raw.orders order by 1") == [
        ("o1", None), ("o2", None), ("o3", "m1"),
    ]  # fmt: skip
    assert any("2 masked phone numbers" in text for text in result.warnings)
    # Where a row is somebody's it cannot stay without them.
    refused = warehouse.one("joins.csv", "group_id,member_id,occurred_at\ng,138****1234,2026-03-02 10:00\n")
    assert refused.rows_rejected == 1
    assert [reason for _, _, reason in warehouse.rejects()] == [
        "is a masked phone number, which is nobody's id"
    ]
