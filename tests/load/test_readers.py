# ruff: noqa: E501
"""Formats, encodings, dialects and damage: what a file holds arrives whole, or it is said which rows do not."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import InputRefused
from tests.load.inboxes import Warehouse

HEADER = ("group_id", "member_id", "occurred_at", "message_id")
ROWS = [
    ("群一", "m1", "2026-03-02 00:30:00", "9007199254740993"),
    ("群一", "m2", "2026-03-02 10:00:00", "12345678901234567890"),
    ("群二", "李", "2026-03-03 10:00:00", "007"),
]
LOADED = [
    ("群一", "m1", "2026-03-01 16:30:00", "9007199254740993"),
    ("群一", "m2", "2026-03-02 02:00:00", "12345678901234567890"),
    ("群二", "李", "2026-03-03 02:00:00", "007"),
]


def _delimited(delimiter: str, end: str = "\n") -> str:
    return end.join(delimiter.join(row) for row in [HEADER, *ROWS]) + end


def _jsonl() -> str:
    lines = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    # The first id as a number that a float would change.
    first = json.dumps(lines[0], ensure_ascii=False).replace('"9007199254740993"', "9007199254740993")
    return "\n".join([first, *(json.dumps(line, ensure_ascii=False) for line in lines[1:])]) + "\n"


def _parquet(tmp_path: Path) -> bytes:
    path = tmp_path / "made.parquet"
    values = ", ".join(str(row) for row in ROWS)
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select group_id, member_id, occurred_at::timestamp as occurred_at, message_id "
            f"from (values {values}) as t({', '.join(HEADER)})) to '{path}' (format parquet)"
        )
    return path.read_bytes()


def _loaded(warehouse: Warehouse) -> list[tuple[str, ...]]:
    return warehouse.rows(
        "select group_id, member_id, occurred_at::varchar, message_id from raw.messages order by row_number"
    )


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("name", "encoding", "told"),
    [
        ("messages.csv", "utf-8", ("csv", "utf-8")),
        ("messages.csv", "utf-8-sig", ("csv", "utf-8")),
        ("messages.csv", "utf-16", ("csv", "utf-16")),
        ("messages.csv", "gb18030", ("csv", "gb18030")),
        ("messages.tsv", "utf-8", ("tsv", "utf-8")),
        ("messages.tsv", "utf-16", ("tsv", "utf-16")),
        ("messages.jsonl", "utf-8", ("jsonl", "utf-8")),
        ("messages.jsonl", "utf-8-sig", ("jsonl", "utf-8")),
        ("messages.jsonl", "utf-16", ("jsonl", "utf-16")),
        ("messages.jsonl", "gb18030", ("jsonl", "gb18030")),
        ("messages.parquet", None, ("parquet", "binary")),
        ("messages (1) [a*b]?.csv", "utf-8", ("csv", "utf-8")),
    ],
)
def test_every_format_gives_the_same_rows(
    warehouse: Warehouse, tmp_path: Path, name: str, encoding: str | None, told: tuple[str, str], packed: bool
) -> None:
    if encoding is None:
        content = _parquet(tmp_path)
    elif name.endswith("jsonl"):
        content = _jsonl().encode(encoding)
    else:
        content = _delimited("\t" if name.endswith("tsv") else ",").encode(encoding)
    result = warehouse.one(name + (".gz" if packed else ""), gzip.compress(content) if packed else content)
    assert _loaded(warehouse) == LOADED
    assert (result.rows_kept, result.warnings) == (3, ())
    assert warehouse.rows("select source_format, encoding from raw.loads") == [told]


def test_a_gzip_of_several_members_is_read_to_its_end(warehouse: Warehouse) -> None:
    text = _delimited(",").encode()
    warehouse.one("messages.csv.gz", gzip.compress(text[:40]) + gzip.compress(text[40:]))
    assert _loaded(warehouse) == LOADED


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_and_line_ends(warehouse: Warehouse, delimiter: str, end: str) -> None:
    warehouse.one("messages.csv", _delimited(delimiter, end))
    assert _loaded(warehouse) == LOADED


DIRTY = {
    "short row": ("a,m,2026-03-02 10:00\nb,m\nc,m,2026-03-02 10:00\n", {2: "fewer"}, "ac"),
    "long row": ("a,m,2026-03-02 10:00,x\nb,m,2026-03-02 10:00\n", {1: "more"}, "b"),
    "blank lines do not count": ("\na,m,2026-03-02 10:00\n\n\nb,m\n\nc,m,2026-03-02 10:00\n", {2: "fewer"}, "ac"),
    "row numbers count records, not lines": (
        'a,"m\n\nx",2026-03-02 10:00\nb\nc,m,2026-03-02 10:00\n', {2: "fewer"}, "ac",
    ),
    "a quote that is never closed costs its row only": (
        'a,m,2026-03-02 10:00\nb,"m,2026-03-02 10:00\nc,m,2026-03-02 10:00\nd,m,2026-03-02 10:00\n',
        {2: "quotation mark"}, "acd",
    ),
    "a quote closed by a later one costs its row only": (
        'a,m,2026-03-02 10:00\nb,"m,2026-03-02 10:00\nc,"m",2026-03-02 10:00\nd,m,2026-03-02 10:00\n',
        {2: "quotation mark"}, "acd",
    ),
    "text after a closed quote": (
        'a,m,2026-03-02 10:00\nb,"m" x,2026-03-02 10:00\nc,m,2026-03-02 10:00\n', {2: "quotation mark"}, "ac",
    ),
    "mixed line ends": ("a,m,2026-03-02 10:00\r\nb,m,2026-03-02 10:00\nc,m,2026-03-02 10:00\r\n", {}, "abc"),
    "last row cut short": ("a,m,2026-03-02 10:00\nb,m,2026-03", {2: "not a time"}, "a"),
    "last row without its columns": ("a,m,2026-03-02 10:00\nb,m", {2: "fewer"}, "a"),
    "a row longer than can be": (
        f"a,m,2026-03-02 10:00\nb,{'x' * 5_000_000},2026-03-02 10:00\nc,m,2026-03-02 10:00\n", {2: "longer"}, "ac",
    ),
    "a bare quote inside a cell is text": ('a,m"x,2026-03-02 10:00\nb,m,2026-03-02 10:00\n', {}, "ab"),
}  # fmt: skip


@pytest.mark.parametrize("case", DIRTY)
def test_a_row_that_does_not_split_is_rejected_alone(warehouse: Warehouse, case: str) -> None:
    body, bad, kept = DIRTY[case]
    result = warehouse.one("joins.csv", "group_id,member_id,occurred_at\n" + body)
    assert "".join(g for (g,) in warehouse.rows("select group_id from raw.joins order by row_number")) == kept
    rejects = warehouse.rejects()
    assert [row for row, _, _ in rejects] == list(bad)
    assert all(part in reason for (_, _, reason), part in zip(rejects, bad.values(), strict=True))
    numbers = [n for (n,) in warehouse.rows("select row_number from raw.joins order by 1")]
    assert sorted(numbers + list(bad)) == list(range(1, result.rows_read + 1))


def test_row_numbers_are_right_far_into_a_large_file(warehouse: Warehouse) -> None:
    lines = [f"g,m{i},2026-03-02 10:00" for i in range(1, 60_001)]
    lines[40_000] = "g,broken"
    lines[50_000] = "g,m50001,not a time"
    warehouse.one("joins.csv", "group_id,member_id,occurred_at\n" + "\n".join(lines) + "\n")
    assert [row for row, _, _ in warehouse.rejects()] == [40_001, 50_001]
    assert warehouse.rows("select count(*) from raw.joins where member_id <> 'm' || row_number") == [(0,)]


def test_blank_lines_before_the_header(warehouse: Warehouse) -> None:
    warehouse.one("joins.csv", "\n\r\n" + "group_id,member_id,occurred_at\ng,m,2026-03-02 10:00\n")
    assert warehouse.rows("select group_id, row_number from raw.joins") == [("g", 1)]


@pytest.mark.parametrize(
    "headers",
    [
        "\ufeffgroup_id,member_id,occurred_at",
        " Group ID ,member-id, OCCURRED_AT ",
        "ｇｒｏｕｐ＿ｉｄ,member\u3000id,occurred at",
        '"group_id","member_id","occurred_at"',
        "群ID,成员ID,入群时间",
    ],
)
def test_headers_drift(warehouse: Warehouse, headers: str) -> None:
    result = warehouse.one("joins.csv", f"{headers}\ng,m,2026-03-02 10:00\n")
    assert (result.rows_kept, result.warnings) == (1, ())


@pytest.mark.parametrize(
    "headers", ["member_id,member_id,occurred_at,group_id", "Member_ID,member id,occurred_at,group_id"]
)
def test_two_headers_for_one_column_are_refused(warehouse: Warehouse, headers: str) -> None:
    with pytest.raises(InputRefused, match=r"joins\.csv.*several columns.*Rename one"):
        warehouse.one("joins.csv", f"{headers}\na,b,2026-03-02 10:00,g\n")
    assert warehouse.rows("select count(*) from raw.loads") == [(0,)]


def test_headers_that_differ_in_case_only_do_no_harm_where_nobody_uses_them(warehouse: Warehouse) -> None:
    result = warehouse.one(
        "joins.csv", "group_id,member_id,occurred_at,Id,ID,row_number,,\ng,m,2026-03-02 10:00,1,2,3,4,5\n"
    )
    assert result.rows_kept == 1
    assert len(result.warnings) == 5


@pytest.mark.parametrize(
    "content", ["", "\n\n", "\ufeff", "group_id,member_id,occurred_at\n", "group_id,member_id,occurred_at"]
)
def test_an_empty_export_is_valid_and_covers_its_days(warehouse: Warehouse, content: str) -> None:
    result = warehouse.one("joins_2026-03-02_2026-03-08.csv", content)
    assert (result.rows_read, result.warnings) == (0, ("has no rows",))
    assert warehouse.rows(
        "select covered_from::varchar, covered_to::varchar, is_coverage_declared from raw.loads"
    ) == [("2026-03-02", "2026-03-08", True)]


def test_files_that_are_cut_short_are_refused_by_name(warehouse: Warehouse, tmp_path: Path) -> None:
    packed = gzip.compress(_delimited(",").encode() * 500)
    parquet = _parquet(tmp_path)
    garbled = bytearray(packed)
    garbled[200:260] = b"\x00" * 60
    damaged_page = bytearray(parquet)
    damaged_page[8:60] = b"\xff" * 52
    for name, content in {
        "messages_a.csv.gz": packed[:-20],
        "messages_b.csv.gz": bytes(garbled),
        "messages_c.parquet": parquet[: len(parquet) // 2],
        "messages_d.parquet.gz": gzip.compress(parquet)[:-30],
        "messages_e.parquet": bytes(damaged_page),
    }.items():
        path = warehouse.inbox / name
        path.write_bytes(content)
        with pytest.raises(InputRefused, match=name.replace(".", r"\.") + ".*(cut short|cannot be read)"):
            warehouse.load()
        path.unlink()
    assert warehouse.rows("select count(*) from raw.loads") == [(0,)]
    assert warehouse.rows("select count(*) from raw.messages") == [(0,)]


def test_text_that_is_neither_utf8_nor_gb18030_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(InputRefused, match=r"joins\.csv: neither UTF-8 nor GB18030"):
        warehouse.one("joins.csv", b"group_id,member_id,occurred_at\n\xff\xff,m,2026-03-02 10:00\n")


def test_binary_files_are_refused_by_name(warehouse: Warehouse) -> None:
    with pytest.raises(InputRefused, match=r"joins\.xls: not a format that is known"):
        warehouse.one("joins.xls", b"\xd0\xcf\x11\xe0\x00\x00\x00\x01" * 40)


@pytest.mark.parametrize("name", ["锟斤拷", "a\ufffdb"])
def test_names_that_a_wrong_decoding_destroyed_are_rejected(warehouse: Warehouse, name: str) -> None:
    warehouse.one(
        "joins.csv", f"group_id,member_id,occurred_at\n{name},m,2026-03-02 10:00\ng,m,2026-03-02 10:00\n"
    )
    assert [(row, column) for row, column, _ in warehouse.rejects()] == [(1, "group_id")]


def test_a_broken_line_of_json_is_rejected_alone(warehouse: Warehouse) -> None:
    good = '{"group_id":"g","member_id":"m","occurred_at":"2026-03-02T10:00:00Z"}'
    lines = [good, '{"group_id":"g",', "", good.replace('"g"', '"h"'), "[1]", '{"text":"a\\x0Fb"}', "null"]
    result = warehouse.one("joins.jsonl", "\n".join(lines) + "\n")
    assert (result.rows_kept, result.rows_rejected) == (2, 4)
    assert [row for row, _, _ in warehouse.rejects()] == [2, 5, 6, 7]
    assert [n for (n,) in warehouse.rows("select row_number from raw.joins order by 1")] == [1, 4]


def test_nested_json_and_odd_keys(warehouse: Warehouse) -> None:
    line = {
        "group_id": "g", "member_id": 9007199254740993, "occurred_at": "2026-03-02T10:00:00+08:00",
        "channel": {"a": [1, {"b": 2}]}, 'odd " ~/key': 1, "region": None, "campaign_id": True,
    }  # fmt: skip
    result = warehouse.one("joins.jsonl", json.dumps(line) + "\n")
    assert warehouse.rows("select member_id, channel, region, campaign_id from raw.joins") == [
        ("9007199254740993", '{"a":[1,{"b":2}]}', None, "true")
    ]
    assert result.warnings == ("column 'odd \" ~/key' maps to nothing and stays out",)


def test_a_file_that_changes_while_it_is_read_is_refused(warehouse: Warehouse) -> None:
    from pipelines.inventory import take_inventory
    from pipelines.load import load_file
    from tests.load.inboxes import NOW, write

    write(warehouse.inbox, "joins.csv", "group_id,member_id,occurred_at\ng,m,2026-03-02 10:00\n")
    (candidate,) = take_inventory(warehouse.connection, warehouse.inbox, warehouse.settings).new
    (warehouse.inbox / "joins.csv").write_text("group_id,member_id,occurred_at\n", encoding="utf-8")
    with pytest.raises(InputRefused, match="changed while it was read"):
        load_file(warehouse.connection, candidate, warehouse.settings, NOW)
    assert warehouse.rows("select count(*) from raw.joins") == [(0,)]
