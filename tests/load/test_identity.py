# ruff: noqa: E501
"""Who is one person: by id, by aliases with their spans, by hashed numbers; names alone never merge two people."""

from __future__ import annotations

from pipelines.checks.gate import run_gate
from pipelines.models import build_models, read_models
from pipelines.people import People, key_file
from pipelines.raw import write_settings
from pipelines.resources import shipped_path
from pipelines.settings import Settings
from tests.load.inboxes import Warehouse

JOINS = "group_id,member_id,occurred_at\n"


def staged(warehouse: Warehouse) -> None:
    """Build what identity is decided in: the staging models."""
    write_settings(warehouse.connection, warehouse.settings)
    models = {
        name: model for name, model in read_models(shipped_path("sql")).items() if name.startswith("staging.")
    }
    warehouse.connection.execute("create schema if not exists staging")
    build_models(warehouse.connection, models, lambda _: None)


def test_12_one_name_in_two_groups_is_two_people_and_one_name_twice_in_a_group_is_reported(
    warehouse: Warehouse,
) -> None:
    people = People(key_file())
    here, there = people.pseudonym("chat/g", "Twin"), people.pseudonym("chat/h", "Twin")
    assert here != there
    warehouse.one(
        "joins.csv",
        JOINS + f"g,{here},2026-03-02 10:00\ng,{here},2026-03-05 10:00\nh,{there},2026-03-02 10:00\n"
        "g,m1,2026-03-02 10:00\ng,m1,2026-03-05 10:00\n",
    )
    staged(warehouse)
    assert warehouse.rows("select count(distinct member_id) from staging.joins") == [(3,)]
    told = {result.name: result for result in run_gate(warehouse.connection, "loaded", Settings())}
    found = told["raw.joins.names_are_unambiguous"]
    assert (found.outcome, found.failing_rows, found.severity) == ("failed", 1, "warning")
    assert "Twin" not in found.message


def test_12_names_are_merged_by_an_aliases_file_alone(warehouse: Warehouse) -> None:
    people = People(key_file())
    here, there = people.pseudonym("chat/g", "Solo"), people.pseudonym("chat/h", "Solo")
    warehouse.one("joins.csv", JOINS + f"g,{here},2026-03-02 10:00\nh,{there},2026-03-02 10:00\n")
    warehouse.one("aliases.csv", f"alias_id,member_id\n{there},{here}\n")
    staged(warehouse)
    assert warehouse.rows("select distinct member_id from staging.joins") == [(here,)]


def test_13_and_52_one_person_in_the_chat_the_shop_and_the_store(warehouse: Warehouse) -> None:
    warehouse.one(
        "wecom/joins.csv",
        JOINS + "g,wm_app1,2026-03-02 10:00\ng,wm_app2,2026-03-03 10:00\ng,wm_else,2026-03-03 10:00\n",
    )
    warehouse.one(
        "shop/orders.csv",
        "order_id,member_id,ordered_at,amount\ns1,+86 138 0013 8000,2026-03-04 10:00,5\ns2,138****8000,2026-03-04 10:00,6\n",
    )
    warehouse.one(
        "store/orders.csv",
        "order_id,member_id,ordered_at,amount\nt1,13800138000,2026-03-05 10:00,7\nt2,card77,2026-03-05 10:00,8\n",
    )
    warehouse.one("aliases.csv", "alias_id,member_id\n138-0013-8000,wm_app1\nwm_app2,wm_app1\n")
    staged(warehouse)
    # Two external ids, a phone in the shop and the same one in the store are one person; a masked one is nobody.
    assert warehouse.rows("select distinct member_id from staging.joins order by 1") == [
        ("wm_app1",),
        ("wm_else",),
    ]
    assert warehouse.rows("select order_id, member_id from staging.orders order by 1") == [
        ("s1", "wm_app1"), ("s2", None), ("t1", "wm_app1"), ("t2", "card77"),
    ]  # fmt: skip


def test_52_two_ids_without_an_alias_are_two_people_and_counted_as_possible_doubles(
    warehouse: Warehouse,
) -> None:
    warehouse.one("wecom/joins.csv", JOINS + "g,wm_app1,2026-03-02 10:00\ng,wm_app2,2026-03-03 10:00\n")
    warehouse.one(
        "shop/orders.csv",
        "order_id,member_id,ordered_at,amount\ns1,wm_app1,2026-03-04 10:00,5\ns2,card7,2026-03-04 10:00,6\n",
    )
    staged(warehouse)
    query = read_models(shipped_path("sql"))["quality.identities"].sql
    told = warehouse.rows(f"select people, other_people, in_both, duplicates_at_most from ({query})")
    assert told == [(2, 2, 1, 1)]


def test_13_a_later_merge_changes_history(warehouse: Warehouse) -> None:
    warehouse.one("wecom/joins.csv", JOINS + "g,wm_1,2026-03-02 10:00\n")
    warehouse.one(
        "shop/orders.csv", "order_id,member_id,ordered_at,amount\ns1,13800138000,2026-03-04 10:00,5\n"
    )
    staged(warehouse)
    ((before,),) = warehouse.rows("select member_id from staging.orders")
    assert before == People(key_file()).keyed("+8613800138000")
    warehouse.one("aliases_2026-04-01.csv", "alias_id,member_id\n13800138000,wm_1\n")
    staged(warehouse)
    assert warehouse.rows("select member_id from staging.orders") == [("wm_1",)]


def test_14_a_phone_that_was_handed_on_is_each_persons_in_their_time(warehouse: Warehouse) -> None:
    warehouse.one(
        "aliases.csv",
        "alias_id,member_id,valid_from,valid_to\n13800138000,wm_1,,2026-03-01 00:00\n13800138000,wm_2,2026-03-01 00:00,\n"
        "13900139000,wm_1,,\n",
    )
    warehouse.one(
        "orders.csv",
        "order_id,member_id,ordered_at,amount\no1,13800138000,2026-02-20 10:00,5\no2,13800138000,2026-03-20 10:00,5\n"
        "o3,13900139000,2026-03-20 10:00,5\n",
    )
    staged(warehouse)
    assert warehouse.rejects() == []
    assert warehouse.rows("select order_id, member_id from staging.orders order by 1") == [
        ("o1", "wm_1"), ("o2", "wm_2"), ("o3", "wm_1"),
    ]  # fmt: skip


def test_14_one_phone_of_two_people_at_once_is_rejected_and_merges_nobody(warehouse: Warehouse) -> None:
    warehouse.one(
        "aliases.csv",
        "alias_id,member_id,valid_from,valid_to\n"
        "13800138000,wm_1,,\n13800138000,wm_2,,\n"
        "13900139000,wm_1,2026-01-01 00:00,2026-04-01 00:00\n13900139000,wm_2,2026-03-01 00:00,\n"
        "13700137000,wm_1,,\n13700137000,wm_1,,\n",
    )
    assert [(row, column) for row, column, _ in warehouse.rejects()] == [
        (1, "alias_id"),
        (2, "alias_id"),
        (3, "alias_id"),
        (4, "alias_id"),
    ]
    reasons = {reason.split(":")[0] for _, _, reason in warehouse.rejects()}
    assert reasons == {
        "is given to two people from the same time on",
        "belongs to two people at the same time",
    }
    assert warehouse.rows("select count(*) from raw.aliases") == [(1,)]


def test_14_two_sources_that_disagree_merge_nobody_and_are_reported(warehouse: Warehouse) -> None:
    for source, member in (("a", "wm_1"), ("b", "wm_2")):
        warehouse.one(f"{source}/aliases.csv", f"alias_id,member_id\ncard7,{member}\n")
    warehouse.one("orders.csv", "order_id,member_id,ordered_at,amount\no1,card7,2026-03-20 10:00,5\n")
    staged(warehouse)
    assert warehouse.rows("select member_id from staging.orders") == [("card7",)]
    told = {result.name: result for result in run_gate(warehouse.connection, "loaded", Settings())}
    assert told["raw.aliases.one_person_at_a_time"].failing_rows == 1
