# ruff: noqa: E501
"""Tables as people have them: spreadsheets, JSON, archives, titles, totals, guards, encodings."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from pipelines.errors import InputRefused
from pipelines.inventory import take_inventory
from pipelines.readers import json as json_reader
from pipelines.readers.top import find_top
from tests.load.inboxes import Warehouse, write
from tests.load.workbooks import ods, packed, xlsx

HEADERS = ["订单编号", "下单时间", "实付金额"]
HEADER = ",".join(HEADERS) + "\n"


def orders(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        "select order_id, ordered_at::varchar, amount from raw.orders order by row_number, order_id"
    )


@pytest.mark.parametrize("headers", [
    "订单编号,下单时间,实付金额", "实付金额,订单编号,下单时间,新列", " 订单编号 ,下单时间\u3000,实付金额",
    "\ufeff订单编号,下单时间,实付金额", "订单号,订单创建时间,订单实付金额", "ＯＲＤＥＲ＿ＩＤ,ordered at,Amount",
])  # fmt: skip
def test_24_headers_drift(warehouse: Warehouse, headers: str) -> None:
    cells = {
        "实付": "5",
        "ount": "5",
        "订单": "a",
        "ＯＲ": "a",
        "下单": "2026-03-02",
        "orde": "2026-03-02",
        "创建": "2026-03-02",
    }

    def cell(header: str) -> str:
        name = header.strip(" \u3000\ufeff")
        if "创建" in name or "下单" in name or "ordered" in name:
            return cells["下单"]
        return "5" if "实付" in name or name == "Amount" else "x" if name == "新列" else "a"

    result = warehouse.one("orders.csv", headers + "\n" + ",".join(map(cell, headers.split(","))) + "\n")
    assert orders(warehouse) == [("a", "2026-03-01 16:00:00", Decimal("5.00"))]
    assert result.warnings == (("column '新列' maps to nothing and stays out",) if "新列" in headers else ())


def test_24_full_width_brackets_and_columns_of_one_name_that_nobody_needs(warehouse: Warehouse) -> None:
    result = warehouse.one(
        "x.csv", "订单编号,下单时间,实付金额（元）,维权状态,实付金额,备注,备注\na,2026-03-02,9,,5,,\n"
    )
    assert orders(warehouse) == [("a", "2026-03-01 16:00:00", Decimal("5.00"))]
    assert result.warnings.count("column '备注' maps to nothing and stays out") == 1


def test_24_a_missing_column_is_named_with_the_nearest(warehouse: Warehouse) -> None:
    with pytest.raises(
        InputRefused, match=r"orders\.csv: .*no column for ordered_at.*nearest header is 'orderd_at'"
    ):
        warehouse.one("orders.csv", "order_id,orderd_at,amount\na,2026-03-02,5\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_25_every_encoding_gives_the_same_rows(warehouse: Warehouse, encoding: str) -> None:
    text = "\t".join(HEADERS) + "\r\n一号\t2026-03-02\t5\r\n二号\t2026-03-02\t6\r\n"
    warehouse.one("orders.csv", text.encode(encoding))
    assert [row[0] for row in orders(warehouse)] == ["一号", "二号"]
    assert warehouse.rows("select encoding from raw.loads") == [(encoding.removesuffix("-sig"),)]


def test_25_a_wrong_guess_is_refused_and_lost_text_is_rejected(warehouse: Warehouse) -> None:
    with pytest.raises(InputRefused, match="neither UTF-8 nor GB18030"):
        warehouse.one("orders.csv", HEADER.encode() + b"\xff\xff,2026-03-02,5\n")
    (warehouse.inbox / "orders.csv").unlink()
    warehouse.one("orders_b.csv", HEADER + "锟斤拷,2026-03-02,5\nb,2026-03-02,5\n")
    assert [(n, c) for n, c, _ in warehouse.rejects()] == [(1, "order_id")]


@pytest.mark.parametrize(("top", "place"), [
    ("店铺：一号店,,\n导出时间 2026-03-05,,\n" + HEADER, 0),
    ("\n\n三月订单\n\n" + HEADER, 0),
    ("订单信息,,金额\n" + HEADER, 0),
    ("订单编号,下单时间,\n,,实付金额\n", 0),
])  # fmt: skip
def test_titles_and_merged_headers_are_no_rows(warehouse: Warehouse, top: str, place: int) -> None:
    result = warehouse.one("orders.csv", top + "a,2026-03-02,5\nb,2026-03-02,6\n")
    assert [row[0] for row in orders(warehouse)] == ["a", "b"]
    assert (result.rows_read, result.warnings) == (2, ())
    assert warehouse.rows("select row_number from raw.orders order by 1") == [(1,), (2,)]


@pytest.mark.parametrize("rows", [[], [["a"]], [["a", "b"], ["1", "2"]], [["x", "", ""], ["1", "2", "3"]]])
def test_a_top_is_found_in_any_rows(rows: list[list[str]]) -> None:
    top = find_top(rows)
    assert len(top.headers) == len(set(top.headers)) and top.rows <= max(1, len(rows))


def test_26_totals_and_blank_rows(warehouse: Warehouse) -> None:
    body = "a,2026-03-02,5\n,,\n合计,,5\n,总计：,10\nb,2026-03-02,6\n,,\n, ,\n"
    result = warehouse.one("orders.csv", HEADER + body)
    assert (result.rows_read, result.rows_kept, result.rows_rejected) == (4, 2, 2)
    assert warehouse.rejects() == [(n, None, "is a row of totals, not of data") for n in (3, 4)]
    assert warehouse.rows("select row_number from raw.orders order by 1") == [(1,), (5,)]


def test_26_totals_of_a_list_without_times(warehouse: Warehouse) -> None:
    warehouse.one("groups.csv", "group_id,group_name\ng,一群\nTotal,1\n")
    assert warehouse.rows("select group_id from raw.groups") == [("g",)]


@pytest.mark.parametrize(("text", "held"), [
    ('="00123"', "00123"), ('"=""00123"""', "00123"), ("'00123", "00123"), ("\t00123\t", "00123"), ("00123", "00123"),
    ("O'1", "O'1"),
])  # fmt: skip
def test_26_guards_are_taken_off(warehouse: Warehouse, text: str, held: str) -> None:
    warehouse.one("orders.csv", HEADER + f"{text},2026-03-02,5\n")
    assert [row[0] for row in orders(warehouse)] == [held]


@pytest.mark.parametrize("text", ["NULL", "n/a", "-", "无", "none", "--"])
def test_words_for_nothing_are_nobody(warehouse: Warehouse, text: str) -> None:
    warehouse.one(
        "orders.csv",
        f"order_id,ordered_at,amount,member_id,paid_at\na,2026-03-02,5,{text},{text}\n{text},2026-03-02,5,m,\n",
    )
    assert warehouse.rows("select order_id, member_id, paid_at from raw.orders") == [("a", None, None)]
    assert warehouse.rejects() == [(2, "order_id", "is empty")]


@pytest.mark.parametrize(("text", "utc"), [
    ("2026年3月1日", "2026-02-28 16:00:00"), ("2026年03月01日 9:05", "2026-03-01 01:05:00"),
    ("2026年3月1日9时05分", "2026-03-01 01:05:00"), ("2026年3月1日 21时", "2026-03-01 13:00:00"),
    ("2026年3月1日 9时5分30秒", "2026-03-01 01:05:30"), ("2026/3/1 9:05", "2026-03-01 01:05:00"),
])  # fmt: skip
def test_26_dates_as_people_write_them(warehouse: Warehouse, text: str, utc: str) -> None:
    warehouse.one("orders.csv", HEADER + f"a,{text},5\n")
    assert [row[1] for row in orders(warehouse)] == [utc]


@pytest.mark.parametrize("text", ["$5", "€5", "HK$5", "5 USD", "£1,000.00"])
def test_19_another_currency_is_no_amount(warehouse: Warehouse, text: str) -> None:
    warehouse.one("orders.csv", HEADER + f'a,2026-03-02,"{text}"\nb,2026-03-02,¥6\n')
    assert [row[0] for row in orders(warehouse)] == ["b"]
    assert [(c, "another currency than the project's CNY" in told) for _, c, told in warehouse.rejects()] == [
        ("amount", True)
    ]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("¥1,234.50", "1234.50"),
        ("(12.00)", "-12.00"),
        ("１２．５", "12.50"),
        ("12.5元", "12.50"),
        ("CNY 3", "3.00"),
    ],
)
def test_19_money_as_people_write_it(warehouse: Warehouse, text: str, amount: str) -> None:
    warehouse.one("orders.csv", HEADER + f'a,2026-03-02,"{text}"\n')
    assert [row[2] for row in orders(warehouse)] == [Decimal(amount)]


SHEET: list[list[object]] = [
    ["三月订单"], [], HEADERS, ["00123", (46082.378472222,), 12.5], ["007", 46082.5, "¥1,000.10"],
    [202603011234567890, (46082,), 3], [None, None, None], ["合计", None, 1012.6], [None, None, None],
]  # fmt: skip


def test_26_a_spreadsheet_as_people_have_it(warehouse: Warehouse) -> None:
    result = warehouse.one(
        "三月.xlsx".replace("三月", "orders"), xlsx({"说明": [["hello", "you"]], "订单": SHEET})
    )
    assert orders(warehouse) == [
        ("00123", "2026-03-01 01:05:00", Decimal("12.50")), ("007", "2026-03-01 04:00:00", Decimal("1000.10")),
    ]  # fmt: skip
    (lost, totals) = warehouse.rejects()
    assert lost[:2] == (3, "order_id") and "scientific notation" in lost[2] and totals[:2] == (4, None)
    assert result.warnings == ("sheet '订单' is read; '说明' would have to be a file of its own",)


def test_26_day_counts_of_1904(warehouse: Warehouse) -> None:
    warehouse.one(
        "orders.xlsx",
        xlsx({"a": [HEADERS, ["a", 46082.5 - 1462, 5], ["b", (46082 - 1462,), 5]]}, is_1904=True),
    )
    assert [row[1] for row in orders(warehouse)] == ["2026-03-01 04:00:00", "2026-02-28 16:00:00"]


def test_26_numbers_are_day_counts_of_times_only_and_of_workbooks_only(warehouse: Warehouse) -> None:
    warehouse.one("orders.xlsx", xlsx({"a": [HEADERS, [46082, (46082,), 46082]]}))
    assert orders(warehouse) == [("46082", "2026-02-28 16:00:00", Decimal("46082.00"))]
    warehouse.one("orders_b.csv", HEADER + "b,46082.5,5\n")
    assert len(orders(warehouse)) == 1


def test_26_ids_that_were_rounded_are_refused(warehouse: Warehouse) -> None:
    rows = "".join(f"20260301123456{n}000,2026-03-02,5\n" for n in range(3))
    with pytest.raises(InputRefused, match="a spreadsheet rounded them"):
        warehouse.one("orders.csv", HEADER + rows)
    (warehouse.inbox / "orders.csv").unlink()
    warehouse.one("orders_b.csv", HEADER + rows + "202603011234569001,2026-03-02,5\n")
    assert len(orders(warehouse)) == 4


def test_18_a_merged_total_stands_once(warehouse: Warehouse) -> None:
    rows = [[*HEADERS, "商品"], ["a", "2026-03-02", 10, "茶"], [None, None, None, "杯"]]
    for merged, kept in (("A2:A3", 1), ("C2:C3", 1)):
        result = warehouse.one(f"orders_{merged[0]}.xlsx", xlsx({"a": rows}, merged=merged))
        assert result.rows_rejected == 1 and result.rows_kept <= kept
    assert [row[2] for row in orders(warehouse)] == [Decimal("10.00")]


def test_an_open_document_sheet(warehouse: Warehouse) -> None:
    warehouse.one("orders.ods", ods([HEADERS, ["007", "2026-03-02", "5"]]))
    assert [row[0] for row in orders(warehouse)] == ["007"]


@pytest.mark.parametrize("name", ["orders.xlsx", "orders.ods"])
def test_07_a_spreadsheet_cut_short_is_refused(warehouse: Warehouse, name: str) -> None:
    whole = xlsx({"a": SHEET}) if name.endswith("x") else ods([HEADERS])
    with pytest.raises(InputRefused, match="cut short or damaged"):
        warehouse.one(name, whole[: len(whole) // 2])


def test_48_an_empty_spreadsheet_is_valid(warehouse: Warehouse) -> None:
    for name, content in {
        "orders_2026-03-02_2026-03-08.xlsx": xlsx({"a": []}), "orders_2026-03-09_2026-03-15.xlsx": xlsx({"a": [HEADERS]}),
        "orders_2026-03-16_2026-03-22.data": b"[]", "orders_2026-03-23_2026-03-29.csv": HEADER.encode(),
    }.items():  # fmt: skip
        result = warehouse.one(name, content)
        assert (result.rows_read, result.warnings) == (0, ("has no rows",))
    assert warehouse.rows("select count(*), count(covered_from) from raw.loads") == [(4, 4)]


LINE = {"order_id": 12345678901234567890, "ordered_at": "2026-03-02", "amount": 5.25}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("shape", ["array", "object", "deep"])
def test_json_lists(warehouse: Warehouse, shape: str, indent: int | None) -> None:
    lines = [LINE, LINE | {"order_id": "b", "ordered_at": "2026-03-02\t10:00"}]
    told: Any = {
        "array": lines,
        "object": {"total": 2, "rows": lines},
        "deep": {"code": 0, "data": {"page": {"list": lines}, "tags": [1, "x"]}},
    }[shape]
    warehouse.one("orders.data", json.dumps(told, indent=indent))
    assert [row[0] for row in orders(warehouse)] == ["12345678901234567890", "b"]
    assert warehouse.rows("select source_format from raw.loads") == [("json",)]


@pytest.mark.parametrize(("text", "told"), [
    (json.dumps([LINE, LINE])[:-1], "cut short or damaged"), (json.dumps([LINE, LINE], indent=1)[:-30], "cut short or damaged"),
    (json.dumps({"a": [LINE], "b": [LINE]}), r"several lists \(a, b\)"), (json.dumps([LINE]) + "x", "cut short or damaged"),
])  # fmt: skip
def test_07_json_that_cannot_be_trusted_is_refused(warehouse: Warehouse, text: str, told: str) -> None:
    with pytest.raises(InputRefused, match=told):
        warehouse.one("orders.data", text)


def test_json_is_taken_apart_across_the_pieces_it_is_read_in(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_reader, "CHUNK", 7)
    warehouse.one(
        "orders.data", json.dumps({"n": 12345678, "rows": [LINE | {"order_id": f"o{i}"} for i in range(9)]})
    )
    assert len(orders(warehouse)) == 9


def test_each_file_of_an_archive_is_an_export_of_its_own(warehouse: Warehouse) -> None:
    content = packed({
        "三月/orders_2026-03-02_2026-03-08.csv": (HEADER + "a,2026-03-02,5\n").encode(), "b/orders.xlsx": xlsx({"a": [HEADERS, ["b", "2026-03-02", 5]]}),
        "readme.txt": b"hello", "__MACOSX/b/._orders.xlsx": b"x", "c/.hidden.csv": HEADER.encode(),
    })  # fmt: skip
    write(warehouse.inbox, "export.zip", content)
    assert [result.name for result in warehouse.load()] == [
        "export.zip/b/orders.xlsx",
        "export.zip/三月/orders_2026-03-02_2026-03-08.csv",
    ]
    assert sorted(row[0] for row in orders(warehouse)) == ["a", "b"]
    again = take_inventory(warehouse.connection, warehouse.inbox, warehouse.settings)
    assert (again.new, again.known) == ((), 2) and again.notes[0].startswith(
        "export.zip/readme.txt: belongs to no export"
    )
    assert warehouse.rows("select distinct source from raw.loads") == [("main",)]


def test_49_an_archive_within_an_archive_is_not_opened(warehouse: Warehouse) -> None:
    inner = packed({"orders.csv": (HEADER + "a,2026-03-02,5\n").encode()})
    write(warehouse.inbox, "export.zip", packed({"inner.ZIP": inner, "orders_b.csv": (HEADER + "b,2026-03-02,5\n").encode()}))  # fmt: skip
    notes = take_inventory(warehouse.connection, warehouse.inbox, warehouse.settings).notes
    assert notes == (
        "export.zip/inner.ZIP: an archive within an archive was not opened. Unpack the outer one.",
    )
    assert [result.name for result in warehouse.load()] == ["export.zip/orders_b.csv"]
    # One that says it is something else is read as that, and refused.
    write(warehouse.inbox, "other.zip", packed({"orders.csv": inner}))
    with pytest.raises(InputRefused, match=r"other\.zip: orders\.csv: not a format that is known"):
        warehouse.load()
    assert [row[0] for row in orders(warehouse)] == ["b"]


@pytest.mark.parametrize("name", ["../orders.csv", "/orders.csv"])
def test_49_an_archive_that_leads_out_is_refused_before_it_is_unpacked(
    warehouse: Warehouse, name: str
) -> None:
    write(warehouse.inbox, "export.zip", packed({name: HEADER.encode()}))
    with pytest.raises(InputRefused, match="leads out of its folder"):
        warehouse.load()


def test_49_a_spreadsheet_that_bursts_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(InputRefused, match="unpacks to more"):
        warehouse.one(
            "orders.xlsx", packed({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": bytes(40 << 20)})
        )


@pytest.mark.parametrize(
    "evil", ["'); drop table raw.orders; --", '"; drop table raw.orders; --', "x' or '1'='1", "{{x}} %s ?"]
)
def test_30_names_are_never_code(warehouse: Warehouse, evil: str) -> None:
    name = f"orders {evil.replace('/', '')}.csv"
    quoted = evil.replace('"', '""')
    result = warehouse.one(
        name, f'{HEADER.strip()},"{quoted}"\na,2026-03-02,5,"{quoted}"\n"{quoted}",2026-03-02,x,\n'
    )
    assert (result.rows_kept, result.rows_rejected) == (1, 1)
    assert warehouse.rows("select file_name, unused_columns from raw.loads") == [(name, evil)]
    warehouse.one(f"groups {evil.replace('/', '')}.data", json.dumps([{"group_id": evil, evil: 1}]))
    assert warehouse.rows("select group_id from raw.groups") == [
        (evil.strip("'") if evil[0] == "'" else evil,)
    ]


def test_07_a_file_without_its_last_line_end_is_warned_about(warehouse: Warehouse) -> None:
    assert "may be cut short" in warehouse.one("orders.csv", HEADER + "a,2026-03-02,5").warnings[0]
    assert warehouse.one("orders_b.csv", HEADER + "b,2026-03-02,5\r\n").warnings == ()


def test_07_far_fewer_rows_than_the_other_files_are_warned_about(warehouse: Warehouse) -> None:
    for week in range(1, 7):
        rows = "".join(f"w{week}-{i},2026-03-0{week} 10:00,5\n" for i in range(2 if week == 5 else 40))
        result = warehouse.one(f"orders_{week}.csv", HEADER + rows)
        assert any("far fewer rows" in told for told in result.warnings) == (week == 5)


def test_line_ends_of_an_old_macintosh(warehouse: Warehouse) -> None:
    warehouse.one("orders.csv", (HEADER + 'a,2026-03-02,5\n"b",2026-03-02,6\n').replace("\n", "\r"))
    assert [row[0] for row in orders(warehouse)] == ["a", "b"]
