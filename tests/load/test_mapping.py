# ruff: noqa: E501
"""Mappings: from cells as people export them to typed values, or to a reject that says why."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import InputRefused
from tests.load.inboxes import Warehouse, settings_of

Make = Callable[..., Warehouse]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A warehouse with one export entry: `columns` is TOML below [exports.columns]."""

    def made(
        event: str, columns: str = "", extra: str = "", zone: str = "Asia/Shanghai", more: str = ""
    ) -> Warehouse:
        toml = f'[project]\ntime_zone = "{zone}"\n[[exports]]\nfiles = "*.csv"\nevent = "{event}"\n{extra}\n'
        return Warehouse(
            tmp_path / "home", settings_of(tmp_path, f"{toml}[exports.columns]\n{columns}\n{more}")
        )

    return made


def _time(warehouse: Warehouse, text: str) -> str | None:
    warehouse.one("joins.csv", f'group_id,member_id,occurred_at\ng,m,"{text}"\n')
    rows = warehouse.rows("select occurred_at::varchar from raw.joins")
    return rows[0][0] if rows else None


@pytest.mark.parametrize(
    ("zone", "text", "utc"),
    [
        ("Asia/Shanghai", "2026-03-02 00:30:00", "2026-03-01 16:30:00"),
        ("Asia/Shanghai", "2026-03-02T00:30", "2026-03-01 16:30:00"),
        ("Asia/Shanghai", "2026/3/2 0:30", "2026-03-01 16:30:00"),
        ("Asia/Shanghai", "2026-03-02", "2026-03-01 16:00:00"),
        ("Asia/Shanghai", "2026-03-02 00:30:00.125", "2026-03-01 16:30:00.125"),
        # An offset in the text wins over every setting, however short the text is.
        ("Asia/Shanghai", "2026-03-02T10:00:00Z", "2026-03-02 10:00:00"),
        ("Asia/Shanghai", "2026-03-02T10:00Z", "2026-03-02 10:00:00"),
        ("Asia/Shanghai", "2026-03-02 10:00+00", "2026-03-02 10:00:00"),
        ("Europe/London", "2026-03-02 10:00:00+08:00", "2026-03-02 02:00:00"),
        ("Europe/London", "2026-03-02 10:00:00+0800", "2026-03-02 02:00:00"),
        ("Europe/London", "2026-03-02 10:00:00 +0800", "2026-03-02 02:00:00"),
        ("Europe/London", "2026-03-02 10:00:00.5-0330", "2026-03-02 13:30:00.5"),
        ("Europe/London", "2026/03/02 10:00 -03:30", "2026-03-02 13:30:00"),
        # Summer time: an hour that comes twice is the later one, in winter time; one that is skipped moves on.
        ("Europe/London", "2025-10-26 00:30", "2025-10-25 23:30:00"),
        ("Europe/London", "2025-10-26 01:30", "2025-10-26 01:30:00"),
        ("Europe/London", "2025-10-26 02:30", "2025-10-26 02:30:00"),
        ("Europe/London", "2026-03-29 00:30", "2026-03-29 00:30:00"),
        ("Europe/London", "2026-03-29 01:30", "2026-03-29 01:30:00"),
        ("Europe/London", "2026-03-29 02:30", "2026-03-29 01:30:00"),
        ("UTC", "1970-01-01 00:00", None),
        ("UTC", "2031-01-01 00:00", None),
        ("UTC", "02/03/2026 10:00", None),
        ("UTC", "46083.4", None),
        ("UTC", "soon", None),
    ],
)
def test_times(make: Make, zone: str, text: str, utc: str | None) -> None:
    warehouse = make("join", zone=zone)
    assert _time(warehouse, text) == utc
    expected = [] if utc else [(1, "occurred_at", "is not a time between 2005 and the end of the export")]
    assert warehouse.rejects() == expected


@pytest.mark.parametrize(
    ("mapping", "text", "utc"),
    [
        ('unit = "s"', "1772380800", "2026-03-01 16:00:00"),
        ('unit = "ms"', "1772380800123", "2026-03-01 16:00:00.123"),
        ('unit = "s"', "1772380800.5", "2026-03-01 16:00:00.5"),
        ('unit = "s"', "1772380800123", None),
        ('unit = "ms"', "1772380800", None),
        ('unit = "s"', "9" * 18, None),
        ('format = "%d/%m/%Y %H:%M"', "02/03/2026 10:00", "2026-03-02 02:00:00"),
        ('format = "%d/%m/%Y %H:%M", time_zone = "Europe/London"', "02/07/2025 10:00", "2025-07-02 09:00:00"),
        (
            'format = "%d/%m/%Y %H:%M %z", time_zone = "Europe/London"',
            "02/03/2026 10:00 +0800",
            "2026-03-02 02:00:00",
        ),
        ('format = "%Y年%m月%d日 %H:%M"', "2026年3月2日 10:00", "2026-03-02 02:00:00"),
        ('format = "%d/%m/%Y %H:%M"', "2026-03-02 10:00", None),
        ('time_zone = "America/New_York"', "2026-03-02 10:00", "2026-03-02 15:00:00"),
    ],
)
def test_time_mappings(make: Make, mapping: str, text: str, utc: str | None) -> None:
    assert _time(make("join", f'occurred_at = {{ from = "occurred_at", {mapping} }}'), text) == utc


def test_half_past_midnight_is_the_day_before_in_utc_and_the_same_business_day(make: Make) -> None:
    warehouse = make("join")
    _time(warehouse, "2026-03-02 00:30")
    assert warehouse.rows("select day::varchar, covered_from::varchar from raw.joins, raw.loads") == [
        ("2026-03-02", "2026-03-02")
    ]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", "12.00"), ("-12.5", "-12.50"), ("1234.567", "1234.57"), ("1.005", "1.01"), ("-1.005", "-1.01"),
        ("1.00495", "1.00"), ("1e5", "100000.00"), ("1E+05", "100000.00"), ("¥1,234.50", "1234.50"),
        ("￥1,234,567.50", "1234567.50"), ("(12.00)", "-12.00"), ("¥(1,200)", "-1200.00"),
        ("（12.00）", "-12.00"), ("１２３．４５", "123.45"), ("－１２", "-12.00"), ("12.50元", "12.50"),
        ("1 234.50", "1234.50"), ("\u00a012.5\u3000", "12.50"), ("0", "0.00"),
        ("12,50", None), ("1,23,456", None), ("1.234,50", None), ("nan", None), ("inf", None), ("12a", None),
        ("9" * 17, None), ("--5", None),
    ],
)  # fmt: skip
def test_money(make: Make, text: str, amount: str | None) -> None:
    warehouse = make("order")
    warehouse.one("orders.csv", f'order_id,ordered_at,amount\no,2026-03-02 10:00,"{text}"\n')
    held = warehouse.rows("select amount from raw.orders")
    assert held == ([(Decimal(amount),)] if amount else [])
    assert warehouse.rejects() == ([] if amount else [(1, "amount", "is not an amount of money")])


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1234", "12.34"), ("1", "0.01"), ("9007199254740993", "90071992547409.93"), ("12.5", "0.13")],
)
def test_money_in_fen_is_exact(make: Make, text: str, amount: str) -> None:
    warehouse = make("order", 'amount = { from = "分", unit = "fen" }')
    warehouse.one("orders.csv", f"order_id,ordered_at,分\no,2026-03-02 10:00,{text}\n")
    assert warehouse.rows("select amount from raw.orders") == [(Decimal(amount),)]


def test_amounts_from_quantity_and_price_are_exact(make: Make) -> None:
    warehouse = make("order")
    warehouse.one(
        "orders.csv",
        "order_id,ordered_at,quantity,unit_price\na,2026-03-02 10:00,3,0.335\nb,2026-03-02 10:00,-2,1.1\n"
        "c,2026-03-02 10:00,,1\nd,2026-03-02 10:00,x,1\n",
    )
    assert warehouse.rows("select order_id, amount, kind from raw.orders order by 1") == [
        ("a", Decimal("1.01"), "sale"), ("b", Decimal("-2.20"), "refund"),
    ]  # fmt: skip
    assert [(row, column) for row, column, _ in warehouse.rejects()] == [(3, "amount"), (4, "amount")]


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ("4.2E+27", "scientific notation"), ("4,2e+27", "scientific notation"), ("1E+05", "scientific notation"),
        ("138****1234", "masked phone"), ("", "is empty"), ("E+5", None), ("a*b", None),
    ],
)  # fmt: skip
def test_ids(make: Make, member: str, reason: str | None) -> None:
    warehouse = make("join")
    warehouse.one("joins.csv", f'group_id,member_id,occurred_at\ng,"{member}",2026-03-02 10:00\n')
    assert warehouse.rows("select member_id from raw.joins") == ([] if reason else [(member,)])
    assert [reason is not None and reason in told for _, _, told in warehouse.rejects()] == (
        [True] if reason else []
    )


def test_a_masked_buyer_is_unknown_and_the_order_stays(make: Make) -> None:
    warehouse = make("order")
    warehouse.one(
        "orders.csv",
        "order_id,ordered_at,amount,member_id\na,2026-03-02 10:00,5,138****1234\nb,2026-03-02 10:00,5,4E+9\n",
    )
    assert warehouse.rows("select order_id, member_id from raw.orders") == [("a", None)]
    assert "scientific" in warehouse.rejects()[0][2]


def test_rejected_rows_hide_people_and_unmapped_cells(make: Make) -> None:
    warehouse = make("join")
    warehouse.one(
        "joins.csv", "group_id,member_id,occurred_at,phone\ng,138****1234,2026-03-02 10:00,13812341234\n"
    )
    (row,) = warehouse.rows("select raw_row::json from raw.rejects")
    assert row == ('{"group_id":"g","member_id":"•••","occurred_at":"2026-03-02 10:00","phone":"•••"}',)


def test_cells_are_trimmed_of_every_blank(make: Make) -> None:
    warehouse = make("join")
    warehouse.one(
        "joins.csv", 'group_id,member_id,occurred_at,scene\n\tg\u3000,"\u00a0m ", 2026-03-02 10:00\t, QR \n'
    )
    assert warehouse.rows("select group_id, member_id, scene from raw.joins") == [("g", "m", "qr")]


def test_currency_and_enums(make: Make) -> None:
    warehouse = make("order")
    warehouse.one(
        "orders.csv",
        "order_id,ordered_at,amount,currency,kind,channel\na,2026-03-02 10:00,5,cny,SALE,Group\n"
        "b,2026-03-02 10:00,5,USD,sale,store\nc,2026-03-02 10:00,5,CNY,returned,store\n"
        "d,2026-03-02 10:00,5,,,wechat\n",
    )
    assert warehouse.rows("select order_id, kind, channel from raw.orders order by 1") == [
        ("a", "sale", "group"), ("d", "sale", None),
    ]  # fmt: skip
    assert [(row, column) for row, column, _ in warehouse.rejects()] == [(2, "currency"), (3, "kind")]
    assert "Map it with values" in warehouse.rejects()[1][2]


def test_constants_value_maps_and_extraction(make: Make) -> None:
    warehouse = make(
        "order",
        'channel = { const = "store" }\nkind = { from = "类型", values = { "退款" = "refund", Sale = "sale" } }\n'
        "member_id = { from = \"buyer\", extract = '^u(\\d+)' }\n",
    )
    warehouse.one(
        "orders.csv",
        "order_id,ordered_at,amount,类型,buyer\na,2026-03-02 10:00,5,退款,u12 (Ann)\nb,2026-03-02 10:00,5,SALE,x\n",
    )
    assert warehouse.rows("select order_id, channel, kind, amount, member_id from raw.orders order by 1") == [
        ("a", "store", "refund", Decimal("-5.00"), "12"), ("b", "store", "sale", Decimal("5.00"), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "headers", "told"),
    [
        ("", "group_id,membr_id,occurred_at", ["no column for member_id", "nearest header is 'membr_id'"]),
        (
            'member_id = "Customer No"',
            "group_id,CustomerNo,occurred_at",
            ["from Customer No", "is 'CustomerNo'"],
        ),
        (
            "",
            "x,y,z",
            ["no column for group_id", "None of its 3 headers is known", 'columns.group_id = "its header"'],
        ),
    ],
)
def test_a_missing_required_column_names_file_column_and_nearest_header(
    make: Make, columns: str, headers: str, told: list[str]
) -> None:
    with pytest.raises(InputRefused) as error:
        make("join", columns).one("joins_7.csv", f"{headers}\ng,m,2026-03-02 10:00\n")
    assert str(error.value).startswith("joins_7.csv: the join export has no column")
    for part in told:
        assert part in str(error.value)


def test_wide_files_become_rows_that_keep_their_number(make: Make) -> None:
    warehouse = make(
        "platform_stats", 'day = "date"', extra='ignore = ["note"]',
        more='[exports.unpivot]\n"Total Members" = "members"\nposts = "messages"',
    )  # fmt: skip
    result = warehouse.one(
        "wide.csv",
        "date,total members,note,posts\n2026-03-01,10,x,3\n2026-03-02,11,,many\nbroken\n2026-03-03,12,,5\n",
    )
    assert warehouse.rows("select day::varchar, metric, value::int, row_number from raw.platform_stats order by 1, 2") == [
        ("2026-03-01", "members", 10, 1), ("2026-03-01", "messages", 3, 1), ("2026-03-02", "members", 11, 2),
        ("2026-03-03", "members", 12, 4), ("2026-03-03", "messages", 5, 4),
    ]  # fmt: skip
    assert [(row, column) for row, column, _ in warehouse.rejects()] == [(2, "value"), (3, None)]
    assert (result.rows_read, result.warnings) == (7, ())


@pytest.mark.parametrize(
    ("text", "length", "asks", "is_emoji"),
    [
        ("多少钱?", 4, True, False), ("这个怎么卖", 5, True, False), ("那么好吧", 4, False, False),
        ("这么便宜", 4, False, False), ("在吗", 2, True, False), ("how much", 8, True, False),
        ("showing you", 11, False, False), ("👍👍🏽", 2, False, True), ("👨‍👩‍👧", 1, False, True),
        ("[微笑][玫瑰]", 8, False, True), ("1️⃣", 1, False, True), ("好👍", 2, False, False), ("+1", 2, False, False),
    ],
)  # fmt: skip
def test_message_text_is_reduced_to_three_features(
    make: Make, text: str, length: int, asks: bool, is_emoji: bool
) -> None:
    warehouse = make("message")
    result = warehouse.one("m.csv", f'group_id,member_id,occurred_at,text\ng,m,2026-03-02 10:00,"{text}"\n')
    assert warehouse.rows("select text_length, is_question, is_emoji_only from raw.messages") == [
        (length, asks, is_emoji)
    ]
    assert result.warnings == ()
    columns: list[Any] = [c for (c,) in warehouse.rows("select column_name from (describe raw.messages)")]
    assert "text" not in columns


def test_numbers_that_are_not_whole_are_no_integers(make: Make) -> None:
    warehouse = make("message")
    warehouse.one(
        "m.csv",
        "group_id,member_id,occurred_at,text_length\ng,a,2026-03-02 10:00,12.0\ng,b,2026-03-02 10:00,12.6\n",
    )
    assert warehouse.rows("select text_length from raw.messages") == [(12,)]
    assert warehouse.rejects() == [(2, "text_length", "is not a whole number")]


def test_payments_may_come_after_the_days_a_file_covers(make: Make) -> None:
    warehouse = make("order")
    warehouse.one(
        "orders_2026-03-02_2026-03-08.csv",
        "order_id,ordered_at,paid_at,amount\na,2026-03-08 10:00,2026-03-12 10:00,5\nb,2026-03-12 10:00,,5\n",
    )
    assert warehouse.rows("select order_id from raw.orders") == [("a",)]
    assert [(row, column) for row, column, _ in warehouse.rejects()] == [(2, "ordered_at")]
