"""Files that somebody writes while they are read: refused, or read as of one moment, and no row twice."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from threading import Thread

import pytest

from pipelines.errors import InputRefused
from pipelines.unfinished import wait_until_written
from tests.load.inboxes import Warehouse

HEADER = "order_id,member_id,ordered_at,amount\n"
ROWS = [f"o{i},m{i % 7},2026-03-02 10:00,{1000 + i}.50\n" for i in range(400)]
REFUSED = ("still being written", "changed while it was read", "ended before the end", "cut short")


def dribble(path: Path, content: bytes, block: int) -> Thread:
    """Somebody who writes a block every few milliseconds."""

    def write() -> None:
        with path.open("wb", buffering=0) as file:
            for start in range(0, len(content), block):
                file.write(content[start : start + block])
                time.sleep(0.01)

    writer = Thread(target=write)
    writer.start()
    return writer


def amounts(warehouse: Warehouse) -> list[tuple[object, ...]]:
    return warehouse.rows("select order_id, cast(amount as varchar) from raw.orders order by all")


@pytest.mark.parametrize("packed", [False, True], ids=["csv", "csv.gz"])
def test_50_rows_written_while_they_are_read_come_once(warehouse: Warehouse, packed: bool) -> None:
    plain = (HEADER + "".join(ROWS)).encode()
    content, name = (gzip.compress(plain), "orders.csv.gz") if packed else (plain, "orders.csv")
    written = {tuple(row.strip().split(",")[i] for i in (0, 3)) for row in ROWS}
    writer = dribble(warehouse.inbox / name, content, len(content) // 60)
    refused = 0
    while writer.is_alive():
        try:
            warehouse.load()
        except InputRefused as error:
            assert any(said in str(error) for said in REFUSED), error
            refused += 1
        assert set(amounts(warehouse)) <= written
    writer.join()
    # A gzip has no end until it is whole.
    assert refused or not packed
    warehouse.load()
    assert amounts(warehouse) == sorted(written)
    assert warehouse.rows("select count(*) from raw.rejects") == [(0,)]


def test_50_a_row_that_is_half_written_is_waited_for(warehouse: Warehouse) -> None:
    file = warehouse.inbox / "orders.csv"
    file.write_text(HEADER + ROWS[0] + "o1,m1,2026-03-02 10:00,10", encoding="utf-8")

    def finish() -> None:
        time.sleep(0.4)
        with file.open("a", encoding="utf-8") as handle:
            handle.write("01.50\n")

    writer = Thread(target=finish)
    writer.start()
    (result,) = warehouse.load()
    writer.join()
    assert amounts(warehouse) == [("o0", "1000.50"), ("o1", "1001.50")]
    assert result.warnings == ()


def test_50_a_file_without_end_is_refused(tmp_path: Path) -> None:
    writer = dribble(tmp_path / "orders.csv", b"o1,m1,2026-03-02 10:00,10.50" * 40, 28)
    time.sleep(0.05)
    with pytest.raises(InputRefused, match=r"orders\.csv: is still being written"):
        wait_until_written(tmp_path / "orders.csv", "orders.csv", patience=0.2)
    writer.join()


def test_a_table_without_its_last_line_end_is_read_once_nobody_writes_it(warehouse: Warehouse) -> None:
    (warehouse.inbox / "orders.csv").write_text(HEADER + ROWS[0].strip(), encoding="utf-8")
    started = time.monotonic()
    warehouse.load()
    assert 1.0 < time.monotonic() - started < 10
    assert amounts(warehouse) == [("o0", "1000.50")]
