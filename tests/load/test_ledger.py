# ruff: noqa: E501
"""The ledger, duplicates and versions: any order of files and any repeats give the same tables."""

from __future__ import annotations

import random
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contract import CONTRACT
from pipelines.inventory import take_inventory
from pipelines.load import load_all
from pipelines.models import SCHEMAS, build_models, read_models
from pipelines.raw import raw_columns, write_settings
from pipelines.resources import shipped_path
from tests.load.inboxes import NOW, Warehouse, write

Files = dict[str, str]
FEW = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def contents(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """Ordered content of every raw table; loads by the content of their file, without which equal row was kept."""
    told: dict[str, list[tuple[Any, ...]]] = {}
    for kind in CONTRACT.values():
        # By name: what was filled first stands first.
        names = sorted({name for name, _, _ in raw_columns(kind)} - {"load_id", "row_number"})
        cells = ", ".join(f"{name}::varchar" for name in names)
        told[kind.table] = warehouse.rows(f"select {cells} from raw.{kind.table} order by all")
    told["history"] = warehouse.rows(
        "select columns(* exclude (load_id, row_number))::varchar from raw.orders_history order by all"
    )
    told["versions"] = warehouse.rows(
        """
        select v.source, order_id, order_hash, first.sha256, last.sha256, is_current from raw.order_versions as v
        join raw.loads as first on first.load_id = first_load_id join raw.loads as last on last.load_id = last_load_id
        order by all
        """
    )
    told["loads"] = warehouse.rows(
        "select file_name, sha256, rows_read, rows_rejected, covered_from, covered_to, exported_at "
        "from raw.loads order by all"
    )
    told["rejects"] = warehouse.rows(
        "select sha256, row_number, column_name, reason, raw_row from raw.rejects join raw.loads using (load_id) "
        "order by all"
    )
    return told


@cache
def in_order(seed: int) -> dict[str, list[tuple[Any, ...]]]:
    """What the raw tables hold after the files came all at once."""
    with TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder))
        for name, text in weekly_exports(seed).items():
            write(warehouse.inbox, name, text)
        warehouse.load()
        told = contents(warehouse)
        assert (
            warehouse.rows(
                "select * from raw.loads where rows_read <> rows_kept + rows_duplicate + rows_rejected"
            )
            == []
        )
        warehouse.connection.close()
    return told


def weekly_exports(seed: int) -> Files:
    """Overlapping exports of a small community: with and without ids, edits, status changes, bad rows."""
    dice = random.Random(seed)
    files: Files = {}
    people = [f"m{i}" for i in range(8)]
    messages = [
        (
            dice.choice("gh"),
            dice.choice(people),
            f"2026-03-{day:02} {dice.randrange(8, 22):02}:{dice.choice(('00', '30'))}",
        )
        for day in range(1, 22)
        for _ in range(4)
    ]
    messages += messages[::7]
    for number, (first, last) in enumerate([(1, 9), (5, 14), (10, 21), (1, 21)]):
        name = f"2026-03-{first:02}_2026-03-{last:02}"
        days = [f"2026-03-{day:02}" for day in range(first, last + 1)]
        here = [m for m in messages if m[2][:10] in days]
        dice.shuffle(here)
        files[f"messages_{name}.csv"] = "group_id,member_id,occurred_at\n" + "".join(
            ",".join(m) + "\n" for m in [*here, ("g", "m1", "never")]
        )
        files[f"joins_{name}.csv"] = "event_id,group_id,member_id,occurred_at,channel\n" + "".join(
            f"{i},g,{person},{days[i % len(days)]} 09:00,channel {number if i % 3 else 0}\n"
            for i, person in enumerate(people)
        )
        lines = []
        for i in range(10):
            status = dice.choice(["paid", "paid", "refunded", "unpaid"])
            lines += [f"o{i},{days[i % 5]} 10:00,{i + line}.50,{status},p{line}" for line in range(1 + i % 2)]
        dice.shuffle(lines)
        files[f"orders_{name}.csv"] = (
            "order_id,ordered_at,amount,status,product_id\n" + "\n".join([*lines, "broken"]) + "\n"
        )
    files["members_2026-03-09.csv"] = "member_id,role\nm1,member\nm2,staff\n"
    files["members_2026-03-21.csv"] = "member_id,role\nm1,kol\nm3,bot\n"
    return files


@FEW
@given(seed=st.integers(0, 1), shuffle=st.randoms(use_true_random=False), repeats=st.integers(0, 6))
def test_03_any_order_and_any_repeats_give_the_same_tables(
    seed: int, shuffle: random.Random, repeats: int
) -> None:
    files = weekly_exports(seed)
    names = sorted(files)
    expected = in_order(seed)
    mixed = names + shuffle.choices(names, k=repeats)
    shuffle.shuffle(mixed)
    with TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder))
        for name in mixed:
            write(warehouse.inbox, name, files[name])
            warehouse.load()
            if shuffle.random() < 0.3:
                (warehouse.inbox / name).unlink()
        found = contents(warehouse)
        warehouse.connection.close()
    for table, rows in expected.items():
        assert found[table] == rows, table


def test_03_built_tables_do_not_depend_on_the_order_either(tmp_path: Path) -> None:
    files = weekly_exports(1)
    built = []
    for number, names in enumerate((sorted(files), random.Random(5).sample(sorted(files), len(files)))):
        warehouse = Warehouse(tmp_path / str(number))
        for name in names:
            write(warehouse.inbox, name, files[name])
            warehouse.load()
        write_settings(warehouse.connection, warehouse.settings)
        build_models(warehouse.connection, read_models(shipped_path("sql")), lambda _: None)
        tables = warehouse.rows(
            f"select schema_name, table_name from duckdb_tables() where schema_name in {SCHEMAS} order by all"
        )
        built.append(
            {
                f"{s}.{t}": warehouse.rows(f"select columns(*)::varchar from {s}.{t} order by all")
                for s, t in tables
            }
        )
        warehouse.connection.close()
    assert len(built[0]) > 20
    for table, rows in built[0].items():
        assert built[1][table] == rows, table


cell = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=4) | st.sampled_from(
    ["g", "m", "2026-03-02 10:00", '"', "x,y", '"a,b"', "a\nb", "", "1E+9", "138****1234"]
)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    rows=st.lists(st.lists(cell, min_size=1, max_size=5), max_size=12),
    end=st.sampled_from(["\n", "\r\n", ""]),
)
def test_every_row_is_kept_duplicate_or_rejected(rows: list[list[str]], end: str) -> None:
    body = "\n".join(",".join(row) for row in rows) + end
    with TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder))
        result = warehouse.one("joins.csv", f"group_id,member_id,occurred_at\n{body}")
        numbers = warehouse.rows(
            "select row_number from raw.joins union all select row_number from raw.rejects order by all"
        )
        assert numbers == [(i,) for i in range(1, result.rows_read + 1)]
        warehouse.connection.close()


def test_03_a_renamed_file_is_skipped_and_a_rerun_changes_nothing(warehouse: Warehouse) -> None:
    text = "group_id,member_id,occurred_at\ng,m,2026-03-02 10:00\n"
    warehouse.one("joins.csv", text)
    before = contents(warehouse)
    write(warehouse.inbox, "joins_copy.csv", text)
    assert take_inventory(warehouse.connection, warehouse.inbox, warehouse.settings).known == 2
    assert warehouse.load() == []
    assert contents(warehouse) == before


def test_01_equal_lines_of_one_file_are_two_events_and_of_a_re_export_the_same(warehouse: Warehouse) -> None:
    line = "g,m,2026-03-02 10:00,text\n"
    header = "group_id,member_id,occurred_at,kind\n"
    assert warehouse.one("messages_2026-03-02_2026-03-02.csv", header + line * 2).rows_kept == 2
    again = warehouse.one(
        "messages_2026-03-02_2026-03-03.csv", header + line * 2 + "g,m,2026-03-03 10:00,text\n"
    )
    assert (again.rows_kept, again.rows_duplicate) == (1, 2)
    more = warehouse.one("messages_2026-03-02_2026-03-04.csv", header + line * 3)
    assert (more.rows_kept, more.rows_duplicate) == (1, 2)
    assert warehouse.rows("select count(*) from raw.messages") == [(4,)]


def test_a_file_without_a_column_repeats_one_where_it_is_empty(warehouse: Warehouse) -> None:
    warehouse.one("joins_a.csv", "group_id,member_id,occurred_at\ng,m,2026-03-02 10:00\n")
    again = warehouse.one(
        "joins_b.csv", "group_id,member_id,occurred_at,action,region\ng,m,2026-03-02 10:00,join,\n"
    )
    assert (again.rows_kept, again.rows_duplicate) == (0, 1)


def test_ids_win_over_content_and_the_later_version_over_the_earlier(warehouse: Warehouse) -> None:
    header = "group_id,member_id,occurred_at,message_id,kind\n"
    warehouse.one(
        "messages_2026-03-02_2026-03-09.csv",
        header + "g,m,2026-03-02 10:00,1,image\nh,m,2026-03-02 10:00,1,text\n",
    )
    older = warehouse.one("messages_2026-03-02_2026-03-03.csv", header + "g,m,2026-03-02 10:00,1,video\n")
    assert (older.rows_kept, older.rows_duplicate) == (0, 1)
    twice = warehouse.one(
        "messages_2026-03-02_2026-03-10.csv",
        header + "g,m,2026-03-02 10:00,1,file\ng,m,2026-03-02 10:00,1,poll\n",
    )
    assert (twice.rows_kept, twice.rows_duplicate) == (1, 1)
    assert warehouse.rows("select group_id, kind from raw.messages order by 1") == [
        ("g", "poll"),
        ("h", "text"),
    ]


def _orders(status: str, amounts: tuple[str, ...]) -> str:
    lines = "".join(f"o,2026-03-02 10:00,{amount},{status}\n" for amount in amounts)
    return "order_id,ordered_at,amount,status\n" + lines


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)])
def test_05_orders_are_replaced_whole_and_come_back(warehouse: Warehouse, order: tuple[int, ...]) -> None:
    first, second = _orders("paid", ("5", "6")), _orders("refunded", ("5",))
    # The third export shows the first content again; a line of another order keeps the file from being the same.
    third = first + "p,2026-03-02 10:00,1,paid\n"
    names = [f"orders_2026-03-02_2026-03-{day}.csv" for day in ("08", "15", "22")]
    for i in order:
        warehouse.one(names[i], (first, second, third)[i])
    assert warehouse.rows("select amount, status from raw.orders where order_id = 'o' order by 1") == [
        (Decimal("5.00"), "paid"), (Decimal("6.00"), "paid"),
    ]  # fmt: skip
    assert warehouse.rows("select amount, status from raw.orders_history") == [(Decimal("5.00"), "refunded")]
    assert warehouse.rows(
        """
        select any_value(status), first.file_name, last.file_name, is_current
        from raw.order_versions as version
        join raw.loads as first on first.load_id = first_load_id join raw.loads as last on last.load_id = last_load_id
        join (from raw.orders union all from raw.orders_history) as line using (order_id, order_hash)
        where order_id = 'o' group by all order by 1
        """
    ) == [("paid", names[0], names[2], True), ("refunded", names[1], names[1], False)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_refund_by_status_is_dated_at_the_first_export_that_shows_it(
    warehouse: Warehouse, order: tuple[int, ...]
) -> None:
    days = ("08", "15", "22")
    texts = (
        _orders("paid", ("5",)),
        _orders("refunded", ("5",)),
        _orders("refunded", ("5",)) + "p,2026-03-02 10:00,1,paid\n",
    )
    for i in order:
        warehouse.one(f"orders_2026-03-02_2026-03-{days[i]}.csv", texts[i])
    write_settings(warehouse.connection, warehouse.settings)
    query = (shipped_path("sql") / "staging" / "order_refunds_seen.sql").read_text(encoding="utf-8")
    assert [(o, str(t)) for _, o, t in warehouse.rows(query)] == [("o", "2026-03-15 15:59:59.999999")]


def test_03_lists_keep_the_latest_state_and_files_without_a_date_go_by_their_change(
    warehouse: Warehouse,
) -> None:
    warehouse.one("members_2026-03-09.csv", "member_id,role\nm,kol\nn,bot\n")
    warehouse.one("members_2026-03-01.csv", "member_id,role\nm,staff\n")
    assert warehouse.rows("select member_id, role from raw.members order by 1") == [
        ("m", "kol"),
        ("n", "bot"),
    ]


def test_inventory_tells_strangers_and_changed_mappings(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    write(warehouse.inbox, "holiday.csv", "a,b\n")
    write(warehouse.inbox, "notes.md", "x")
    write(warehouse.inbox, "shop/orders.csv", "order_id,ordered_at,amount\no,2026-03-02 10:00,5\n")
    warehouse.load()
    assert warehouse.rows("select file_name, source from raw.loads") == [("shop/orders.csv", "shop")]
    changed = warehouse.settings.model_copy(
        update={"project": warehouse.settings.project.model_copy(update={"time_zone": "UTC"})}
    )
    inventory = take_inventory(warehouse.connection, warehouse.inbox, changed)
    assert load_all(warehouse.connection, inventory, changed, NOW, lambda *_: None) == []
    assert [note.split(":")[0] for note in inventory.notes] == [
        "holiday.csv", "The settings of 1 loaded file changed since. Run with --full to read them again.",
    ]  # fmt: skip


def test_a_failed_insert_leaves_rows_to_be_numbered_in_the_order_of_their_file(warehouse: Warehouse) -> None:
    text = "group_id,member_id,occurred_at,event_id,channel\ng1,m1,2026-03-01 10:00:00,e1,street\n"
    write(warehouse.inbox, "joins.csv", text)
    warehouse.connection.execute("alter table raw.joins alter channel type integer")
    with pytest.raises(duckdb.ConversionException):
        warehouse.load()
    order = "select current_setting('preserve_insertion_order')"
    assert warehouse.rows(order) == [(True,)]
    warehouse.connection.execute("alter table raw.joins alter channel type varchar")
    warehouse.load()
    assert warehouse.rows("select channel, row_number from raw.joins") == [("street", 1)]
    assert warehouse.rows(order) == [(True,)]
