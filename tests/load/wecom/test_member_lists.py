"""Member lists as tables: of SCRM programmes, of one's own; units, order of files, and exits out of them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from pipelines.models import build_models, read_models
from pipelines.raw import write_settings
from pipelines.resources import shipped_path
from tests.load.inboxes import Warehouse, write
from tests.load.wecom.files import millis, seconds

MODELS = read_models(shipped_path("sql"))
WSHOTO = "chat_id,userid,type,join_time,join_scene,invitor\n"
WEIBAN = (
    "chat_id,userid,join_time,deleted,deleted_time,last_chat_msg_time,chat_msg_count,invitor_ext_id,unionid\n"
)
IN = "2026-03-01 10:00:00"


def _stays(warehouse: Warehouse) -> list[tuple[object, ...]]:
    """core.stays and what it reads, built anew."""
    write_settings(warehouse.connection, warehouse.settings)
    wanted, queue = {}, ["core.stays", "core.exported"]
    while queue:
        name = queue.pop()
        if name in MODELS and name not in wanted:
            wanted[name] = MODELS[name]
            queue += [read for read, _ in MODELS[name].reads]
    build_models(warehouse.connection, wanted, lambda _: None)
    return warehouse.rows(
        "select group_id, member_id, joined_at::varchar, left_after::varchar, left_at::varchar, exit_kind, "
        "is_exit_inferred, is_join_known from core.stays order by all"
    )


def _list(*rows: tuple[str, int]) -> str:
    return WSHOTO + "".join(f"g,{who},2,{joined},3,owner\n" for who, joined in rows)


@pytest.mark.parametrize("unit", [seconds, millis])
def test_20_the_numbers_of_a_file_say_their_unit(warehouse: Warehouse, unit: object) -> None:
    assert callable(unit)
    result = warehouse.one("scrm_2026-03-09.csv", _list(("wm1", unit(IN)), ("wm2", unit(IN)), ("wm3", 0)))
    assert result.event_kind == "member_list" and result.rows_rejected == 0
    assert warehouse.rows(
        "select member_id, joined_at::varchar, scene, inviter_id, role from raw.member_lists order by 1"
    ) == [
        ("wm1", "2026-03-01 02:00:00", "qr", "owner", None),
        ("wm2", "2026-03-01 02:00:00", "qr", "owner", None),
        ("wm3", None, "qr", "owner", None),
    ]


@pytest.mark.parametrize(
    ("most", "odd"), [(seconds, millis), (millis, seconds)], ids=["one in ms", "one in s"]
)
def test_20_units_that_are_mixed_are_rejected(warehouse: Warehouse, most: object, odd: object) -> None:
    assert callable(most) and callable(odd)
    rows = [("wm1", most(IN)), ("wm2", odd(IN)), ("wm3", most(IN))]
    result = warehouse.one("scrm_2026-03-09.csv", _list(*rows))
    assert (result.rows_kept, result.rows_rejected) == (2, 1)
    assert [(row, column) for row, column, _ in warehouse.rejects()] == [(2, "joined_at")]


def test_09_a_list_that_keeps_who_left_tells_when(warehouse: Warehouse) -> None:
    for day, rows in (
        ("2026-03-02", f"g,wm1,{seconds(IN)},0,0,0,3,,u\ng,wm2,{seconds(IN)},0,0,0,0,,u\n"),
        ("2026-03-09", f"g,wm1,{seconds(IN)},1,{seconds('2026-03-05 10:00:00')},0,3,,u\n"),
    ):
        warehouse.one(f"weiban_{day}.csv", WEIBAN + rows)
    told = [(who, until, inferred) for _, who, _, _, until, _, inferred, _ in _stays(warehouse)]
    assert told == [("wm1", "2026-03-05 02:00:00", False), ("wm2", "2026-03-09 15:59:59.999999", True)]


def test_09_exits_between_two_lists_are_intervals(warehouse: Warehouse) -> None:
    warehouse.one("scrm_2026-03-02_0900.csv", _list(("wm1", seconds(IN)), ("wm2", seconds(IN))))
    warehouse.one("scrm_2026-03-09_0900.csv", _list(("wm2", seconds(IN))))
    assert [row[1:] for row in _stays(warehouse)] == [
        ("wm1", "2026-03-01 16:00:00", "2026-03-02 01:00:00", "2026-03-09 01:00:00", "leave", True, False),
        ("wm2", "2026-03-01 16:00:00", None, None, None, False, False),
    ]
    assert warehouse.rows("select has_exits, has_logged_exits from core.exported") == [(True, False)]


def test_40_the_first_list_shows_survivors_only(warehouse: Warehouse) -> None:
    warehouse.one("scrm_2026-03-02.csv", _list(("wm1", seconds(IN)), ("wm2", seconds("2026-02-01 10:00:00"))))
    assert [(row[1], row[-1]) for row in _stays(warehouse)] == [("wm1", False), ("wm2", False)]
    assert warehouse.rows("select has_exits from core.exported") == [(False,)]


def test_10_joins_after_the_first_list_are_known(warehouse: Warehouse) -> None:
    warehouse.one("scrm_2026-03-02.csv", _list(("wm1", seconds(IN))))
    later = seconds("2026-03-04 10:00:00")
    warehouse.one("scrm_2026-03-09.csv", _list(("wm1", seconds(IN)), ("wm2", later)))
    assert [(row[1], row[2], row[-1]) for row in _stays(warehouse)] == [
        ("wm1", "2026-03-01 16:00:00", False), ("wm2", "2026-03-04 02:00:00", True),
    ]  # fmt: skip


FILES = {
    "scrm/a_2026-03-02.csv": _list(("wm1", seconds(IN)), ("wm2", seconds(IN)), ("wm4", seconds(IN))),
    "scrm/b_2026-03-09.csv": _list(("wm1", seconds(IN)), ("wm3", seconds("2026-03-04 10:00:00"))),
    "scrm/c_2026-03-16.csv": _list(("wm1", seconds(IN)), ("wm2", seconds("2026-03-12 10:00:00"))),
    "scrm/joins.csv": "group_id,member_id,occurred_at,action\ng,wm4,2026-03-05 10:00:00,leave\n"
    "g,wm3,2026-03-04 10:00:03,join\n",
}


def test_03_lists_and_logs_added_in_any_order_give_the_same(tmp_path: Path) -> None:
    told = set()
    for number, order in enumerate(itertools.permutations(FILES)):
        if number % 5:
            continue
        warehouse = Warehouse(tmp_path / str(number))
        for name in order:
            write(warehouse.inbox, name, FILES[name])
            warehouse.load()
        told.add(tuple(_stays(warehouse)))
        warehouse.connection.close()
    (stays,) = told
    assert [(row[1], row[4], row[5], row[6]) for row in stays] == [
        ("wm1", None, None, False),
        ("wm2", "2026-03-09 15:59:59.999999", "leave", True),
        ("wm2", None, None, False),
        ("wm3", "2026-03-16 15:59:59.999999", "leave", True),
        ("wm4", "2026-03-05 02:00:00", "leave", False),
    ]
