"""Plain rows are read by cheap SQL, the others by careful SQL: on plain rows both give the same."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import duckdb
import pytest

from pipelines.contract import CONTRACT
from pipelines.identify import anyone, make_typed
from pipelines.mapping import Resolved, resolve
from pipelines.people import People
from pipelines.plain_rows import plain_select
from pipelines.readers import ReadResult
from pipelines.readers.text import GUARDS, LOST_TEXT, WIDE_BLANKS
from pipelines.settings import Export, Settings
from pipelines.typed_rows import typed_select
from pipelines.zones import fixed_offset, local_day_sql

Rows = list[list[str]]
LIMITS = ("timestamp '2026-12-31'", "timestamp '2026-12-31'")
USUAL = {
    "id": "g7", "text": "tea", "time": "2026-03-01 20:15:00", "date": "2026-03-01", "money": "12.50",
    "number": "3", "integer": "12", "boolean": "true", "enum": "",
    "currency": "CNY",
}  # fmt: skip
# Put into every column: ids, numbers of people, words for nothing, guards, numbers, times.
CELLS = (
    "", "a", "A1", "_x", "user:12", "m000123", "msg000000123", "0", "007", "18446744073709551615",
    "123456789012345678", "550e8400-e29b-41d4-a716-446655440000", "组1", "小明", "无", "空", "null",
    "NULL", "N/A", "none", "nil", "-", "--", "—", "/", "(null)", "#N/A", " a", "a ", " ", "\ta",
    "a\u3000", "a\u00a0b", "\u200ba", '="007"', "'007", "'=1", "=1+1", "x=1", "@a", "+1", "4.2E+27",
    "1e+05", "1E5", "1e3", "13800138000", "+8613800138000", "8613800138000", "008613800138000",
    "138-0013-8000", "138.0013.8000", "138 0013 8000", "(138)00138000", "13800138000.0",
    "tel:13800138000", "tel:138-00138000", "Li13800138000", "Li 13800138000", "a13800138000b",
    "113800138000", "138001380001", "0-086.138-00138000", "1-3800138000", "１３８００１３８０００",
    "me@example.com", "ＭＥ＠example.com", "138****1234", "138＊＊＊＊1234", "138xxxx1234", "138XxXx12",
    "13800xxxx", "p_0123456789abcdef0123", "p_13800138000abcdefabc", "a b", "a,b;c", "m1 m2,m3",
    "m1 13800138000", "+86 138 0013 8000,m2", "1380013 8000", "m1，m2", "12", "12.", "12.6", "12.0",
    "-5", "+5", " 12", "12 ", "1,234.50", "¥12", "US$5", "(12.00)", "１２", "1_000", "0x1F",
    "99999999999999999999", "1e400", "0.005", "-0.005", "12.345", "99999999999999.99", "nan", "inf",
    "true", "TRUE", "t", "yes", "1", "否", "false", "text", "Text", "image", "refund", "paid", "unpaid",
    "join", "leave", "owner", "CNY", "cny", "USD", "2026-03-01", "2026-3-1", "2026/03/01",
    "2026/3/1 9:05", "2026-03-01 20:15", "2026-03-01T20:15:00", "2026-03-01 20:15:00Z",
    "2026-03-01 20:15:00Z ", " 2026-03-01 20:15:00", "2026-03-01 20:15:00+08",
    "2026-03-01 20:15:00 +0800", "2026-03-01 20:15:00 +08:00 ", "2026-03-01 20:15+08",
    "2026-03-01 20:15-03", "2026-3-01 20:15:00Z", "2026-03-01 2+:00:00", "2026-03-01/20:15:00",
    "2026-03-01 20:15:00.123", "2026-03-01 20:15:00.123456789", "2026年3月1日", "2026年3月1日 9时05分",
    "2004-12-31 23:00:00", "2027-06-01 00:00:00", "1970-01-01 00:00:00", "  26-03-01", "2026-13-01",
    "2026-02-30 00:00:00", "46083.4", "1772380800", "1772380800123", "infinity", "epoch", "合计",
    "Total:", "总计 ", "\ufffd", "a锟斤拷", "\x00a", "\r\n",
)  # fmt: skip
MAPPINGS = {
    "join": {"action": {"from": "action", "values": {"加入": "join", "null": "leave", "a": "kick"}}},
    "message": {
        "occurred_at": {"from": "occurred_at", "format": "%Y-%m-%d %H:%M:%S"},
        "group_id": {"from": "group_id", "extract": "^([0-9a-z]+)"},
        "member_id": {"from": "member_id", "extract": "([0-9]+)$"},
        "subject": {"from": "subject", "values": {"tea": "coffee"}},
    },
    "order": {
        "ordered_at": {"from": "ordered_at", "values": {"2026-03-01 20:15:00": "2026-03-02"}},
        "due_at": {"from": "due_at", "unit": "s"},
        "amount": {"from": "amount", "unit": "fen"},
    },
}


def _seen(
    kind: str, cells: tuple[str, ...], own: dict[str, str] | None = None, **traits: bool
) -> tuple[ReadResult, Rows]:
    """Every cell in every column of a kind, the other columns being usual; and rows drawn at random. The rows
    stand in table `source`, which `_connection` makes.
    """
    names = [column.name for column in CONTRACT[kind].columns]  # type: ignore[index]
    columns, told = CONTRACT[kind].columns, {**USUAL, **(own or {})}  # type: ignore[index]
    usual = [told.get(column.name, USUAL[column.type]) for column in columns]
    rows = [[*usual[:i], cell, *usual[i + 1 :]] for i in range(len(names)) for cell in cells]
    draw = random.Random(kind)
    rows += [[draw.choice((*cells, one, one, one)) for one in usual] for _ in range(300)]
    rows.append([""] * len(names))
    seen = ReadResult("csv", "utf-8", tuple(names), "source", has_row_numbers=True, **traits)
    return seen, rows


def _connection(rows: Rows) -> tuple[duckdb.DuckDBPyConnection, People]:
    connection = duckdb.connect()
    connection.execute("set time zone 'UTC'")
    cells = ", ".join(f"nullif(cells[{i + 1}], '') as c{i}" for i in range(len(rows[0])))
    connection.execute(
        f"create table source as select row_number() over () as row_number, {cells} "
        "from (select unnest(?::varchar[][]) as cells)",
        [rows],
    )
    return connection, anyone(connection, b"k" * 32)


def _resolved(kind: str, seen: ReadResult, zone: str, columns: dict[str, Any]) -> Resolved:
    settings = Settings.model_validate({"project": {"time_zone": zone}})
    export = Export.model_validate({"files": "x", "event": kind, "source": "s", "columns": columns})
    return resolve(CONTRACT[kind], seen, export, settings, "x", LIMITS)  # type: ignore[index]


def _compare(kind: str, seen: ReadResult, rows: Rows, zone: str, columns: dict[str, Any]) -> tuple[int, int]:
    """(plain rows, all rows), after every plain row was found to be what careful reading makes of it."""
    resolved = _resolved(kind, seen, zone, columns)
    plain = plain_select(resolved, seen)
    assert plain is not None
    names = ["row_number", *(item.column.name for item in resolved.bound)]
    connection, _ = _connection(rows)
    connection.execute(f"create table plain as {plain}")
    connection.execute(f"create table careful as {typed_select(resolved, seen)}")
    usual, told = (
        connection.execute(
            f"select {', '.join(names)}, wrong, {rest} from {table} where row_number in "
            "(select row_number from plain where odd is null) order by row_number"
        ).fetchall()
        for table, rest in (("plain", "null, 0"), ("careful", "who, masked"))
    )
    differ = [(one, other) for one, other in zip(usual, told, strict=True) if one != other]
    assert differ == []
    count = connection.execute("select count(*) from plain").fetchone()
    return len(usual), count[0] if count else 0


@pytest.mark.parametrize(
    ("kind", "zone"),
    [
        ("join", "Europe/London"),
        ("message", "Asia/Shanghai"),
        ("order", "Asia/Shanghai"),
        ("members", "Asia/Shanghai"),
        ("platform_stats", "UTC"),
    ],
)
def test_plain_rows_are_what_careful_reading_makes_of_them(kind: str, zone: str) -> None:
    cells = tuple(cell for cell in CELLS if "\x00" not in cell)
    plain, rows = _compare(kind, *_seen(kind, cells), zone, {})
    assert 0.1 < plain / rows < 0.9


@pytest.mark.parametrize("kind", ["join", "message"])
@pytest.mark.parametrize("is_document", [False, True])
def test_also_where_the_file_lacks_what_is_looked_for(kind: str, is_document: bool) -> None:
    lacking = (*LOST_TEXT, *GUARDS, *WIDE_BLANKS, "E+", "e+", "\x00", "\r")
    cells = tuple(cell for cell in CELLS if not any(mark in cell for mark in lacking))
    seen, given = _seen(
        kind, cells, has_lost_text=False, has_wide_blanks=False, has_guards=False, has_scientific=False,
        is_document=is_document,
    )  # fmt: skip
    plain, rows = _compare(kind, seen, given, "Asia/Shanghai", {})
    assert 0.1 < plain / rows < 0.9


@pytest.mark.parametrize("kind", sorted(MAPPINGS))
def test_also_where_cells_are_mapped(kind: str) -> None:
    cells = tuple(cell for cell in CELLS if "\x00" not in cell)
    plain, rows = _compare(
        kind, *_seen(kind, cells, {"due_at": "1772380800"}), "Asia/Shanghai", MAPPINGS[kind]
    )
    assert 0.01 < plain / rows < 0.9


def test_odd_rows_go_back_to_their_places() -> None:
    seen, cells = _seen("message", ("", "m1", " m1", "4.2E+27", "13800138000", "2026/3/1 9:05", "(null)"))
    resolved = _resolved("message", seen, "UTC", {})
    names = ", ".join(item.column.name for item in resolved.bound)
    found = []
    for is_plain in (True, False):
        connection, people = _connection(cells)
        given = resolved
        if not is_plain:
            given = replace(resolved, bound=tuple(replace(item, plain=None) for item in resolved.bound))
        told, masked = make_typed(connection, given, seen, people)
        rows = connection.execute(
            f"select {told.number} as number, {names}, wrong, raw_row from typed order by number"
        ).fetchall()
        found.append((rows, masked, sorted(people._seen)))
    assert found[0] == found[1]
    assert len(found[0][2]) > 0 and any(row[-1] for row in found[0][0])


@pytest.mark.parametrize(
    "column", [{"from": "member_id", "hash": True}, {"from": "occurred_at", "unit": "epoch"}]
)
def test_what_no_cheap_test_spares_is_read_carefully(column: dict[str, Any]) -> None:
    seen, _ = _seen("join", ("",))
    assert plain_select(_resolved("join", seen, "UTC", {column["from"]: column}), seen) is None


def test_zones_of_one_offset() -> None:
    hours = {
        "Asia/Shanghai": 8,
        "UTC": 0,
        "Asia/Kolkata": 5.5,
        "Europe/London": None,
        "America/New_York": None,
    }
    for zone, ahead in hours.items():
        told = fixed_offset(zone)
        assert (told.total_seconds() / 3600 if told is not None else None) == ahead
    late = "timestamp '2026-03-01 16:00:00'"
    for zone, day in (("Asia/Shanghai", "2026-03-02"), ("Europe/London", "2026-03-01")):
        with duckdb.connect() as connection:
            row = connection.execute(f"select cast({local_day_sql(late, zone)} as varchar)").fetchone()
        assert row == (day,)
