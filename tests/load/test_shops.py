# ruff: noqa: E501
"""Orders as shops export them, and what becomes of money: refunds, stored value, pre-orders, totals."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.models import build_models, order_models, read_models
from pipelines.raw import write_settings
from pipelines.resources import shipped_path
from tests.load.inboxes import Warehouse, settings_of, write

SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,"
    "Lineitem name,Lineitem price,Lineitem discount,Cancelled at,Refunded Amount,Phone,Source,Billing Name,Billing Address1\n"
)
YOUZAN = (
    "订单号,订单状态,订单创建时间,买家付款时间,全部商品名称,商品种类数,订单商品总件数,商品金额合计,运费,店铺优惠合计,订单实付金额,收货人/提货人,"
    "收货人手机号/提货人手机号,收货人省份,收货人城市,收货人地区,详细收货地址/提货地址,买家昵称,买家手机号,优惠券码名称,分销员\n"
)
HEAD = "order_id,ordered_at,amount,status,refunded_amount,kind,refund_of_order_id,preorder_id,bonus_amount,member_id,line_number\n"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GROUPFUNNEL_KEY_FILE", str(tmp_path / "key"))


def built(warehouse: Warehouse, *names: str) -> None:
    """Build these models and what they read."""
    write_settings(warehouse.connection, warehouse.settings)
    raw = [
        f"raw.{name}"
        for (name,) in warehouse.rows("select table_name from duckdb_tables() where schema_name = 'raw'")
    ]
    ordered = {model.name: model for model in order_models(read_models(shipped_path("sql")), raw)}
    wanted, queue = set(), list(names)
    while queue:
        name = queue.pop()
        if name in ordered and name not in wanted:
            wanted.add(name)
            queue += [read for read, _ in ordered[name].reads]
    build_models(
        warehouse.connection,
        {name: model for name, model in ordered.items() if name in wanted},
        lambda _: None,
    )


def money(warehouse: Warehouse) -> dict[str, tuple[Any, ...]]:
    """(gmv, refunded, net) per order."""
    built(warehouse, "core.orders")
    return {
        row[0]: row[1:]
        for row in warehouse.rows(
            "select order_id, gmv::varchar, refunded::varchar, net_revenue::varchar from core.orders"
        )
    }


def shopify(*rows: str) -> str:
    width = SHOPIFY.count(",")
    return SHOPIFY + "".join(row + "," * (width - row.count(",")) + "\n" for row in rows)


def test_youzan_orders_are_known_by_their_headers_and_nobody_is_loaded(warehouse: Warehouse) -> None:
    rows = (
        "E2026030100001,交易成功,2026-03-01 10:00:00,2026-03-01 10:01:00,茶;杯,2,3,33.00,0,3.00,30.00,某某,13800000000,浙江,杭州,西湖,一号,某昵称,u1,-,无\n"
        "E2026030100002,待付款,2026-03-01 11:00:00,,茶,1,1,10.00,0,0,10.00,某某,13800000000,浙江,杭州,西湖,一号,某昵称,u2,,\n"
        "E2026030100003,交易关闭,2026-03-01 12:00:00,2026-03-01 12:01:00,茶,1,1,10.00,0,0,10.00,某某,13800000000,浙江,杭州,西湖,一号,某昵称,u3,,\n"
    )
    result = warehouse.one("2026年3月订单.csv", (YOUZAN + rows).encode("gb18030"))
    assert warehouse.rows("select order_id, status, amount, product_id, paid_at::varchar, source from raw.orders order by 1") == [
        ("E2026030100001", "completed", Decimal("30.00"), None, "2026-03-01 02:01:00", "youzan"),
        ("E2026030100002", "unpaid", Decimal("10.00"), "茶", None, "youzan"),
        ("E2026030100003", "cancelled", Decimal("10.00"), "茶", "2026-03-01 04:01:00", "youzan"),
    ]  # fmt: skip
    assert (result.rows_kept, result.warnings) == (3, ())
    held = str(warehouse.rows("select * from raw.orders"))
    assert not any(word in held for word in ("某", "13800000000", "西湖", "一号"))
    assert [gmv for gmv, _, _ in money(warehouse).values()].count("30.00") == 1


def test_18_items_of_an_order_have_their_own_amounts(warehouse: Warehouse) -> None:
    warehouse.one(
        "items.csv",
        "订单号,订单创建时间,订单状态,商品名称,商品数量,商品实付金额,订单实付金额\na,2026-03-01 10:00,已完成,茶,1,10,30\na,2026-03-01 10:00,已完成,杯,2,20,30\n",
    )
    assert warehouse.rows("select product_id, amount from raw.orders order by 2") == [
        ("茶", Decimal("10.00")),
        ("杯", Decimal("20.00")),
    ]


def test_18_lines_that_do_not_add_up_to_the_total_are_rejected(warehouse: Warehouse) -> None:
    body = "a,2026-03-01,10,30\na,2026-03-01,20,30\nb,2026-03-01,30,30\nb,2026-03-01,30,30\nc,2026-03-01,9.99,10\nd,2026-03-01,5,\n"
    result = warehouse.one("orders.csv", "order_id,ordered_at,amount,order_total\n" + body)
    assert warehouse.rows("select distinct order_id from raw.orders order by 1") == [("a",), ("c",), ("d",)]
    assert (result.rows_kept, result.rows_rejected) == (4, 2)
    assert [
        (n, c, "not what the lines of the order add up to" in told) for n, c, told in warehouse.rejects()
    ] == [(3, "order_total", True), (4, "order_total", True)]


def test_18_shopify_lines_add_up_to_the_total_of_their_order(warehouse: Warehouse) -> None:
    warehouse.one("orders_export.csv", shopify(
        "#1,a@example.com,paid,2026-05-01 10:00:00 +0200,CNY,28.00,5.00,1.00,33.00,2.00,2026-05-01 09:59:00 +0200,1,Tea,10.00,0,,0,'+490000,web,Some One,Street 1",
        "#1,a@example.com,,,,,,,,,2026-05-01 09:59:00 +0200,2,Cup,10.00,0",
        "#2,b@example.com,pending,,CNY,10,0,0,10.00,0,2026-05-01 10:00:00 +0200,1,Tea,10.00,0,,0",
        "#3,b@example.com,paid,2026-05-01 10:00:00 +0200,CNY,10,0,0,99.00,0,2026-05-01 10:00:00 +0200,1,Tea,10.00,0,,0",
        "#4,b@example.com,paid,2026-05-01 10:00:00 +0200,USD,10,0,0,10.00,0,2026-05-01 10:00:00 +0200,1,Tea,10.00,0,,0",
    ))  # fmt: skip
    assert warehouse.rows("select order_id, product_id, amount, status, paid_at::varchar from raw.orders order by row_number") == [
        ("#1", "Tea", Decimal("11.00"), "paid", "2026-05-01 08:00:00"), ("#1", "Cup", Decimal("22.00"), "paid", "2026-05-01 08:00:00"),
        ("#2", "Tea", Decimal("10.00"), "unpaid", None),
    ]  # fmt: skip
    assert [(n, c) for n, c, _ in warehouse.rejects()] == [(4, None), (5, "currency")]
    held = str(warehouse.rows("select * from raw.orders"))
    assert "example" not in held and "Street" not in held and "490000" not in held
    assert warehouse.rows(
        "select count(distinct member_id) from raw.orders where member_id like 'p\\_%' escape '\\'"
    ) == [(2,)]


def test_15_shopify_refunds_are_dated_by_the_export_that_first_shows_them(warehouse: Warehouse) -> None:
    line = "#1,a@example.com,{},2026-05-01 10:00:00 +0800,CNY,10,0,0,10.00,0,2026-05-01 10:00:00 +0800,1,Tea,10.00,0,,{}"
    for name, status, amount in (
        ("2026-05-01_2026-05-07", "paid", 0),
        ("2026-05-01_2026-05-14", "partially_refunded", 4),
        ("2026-05-01_2026-05-21", "partially_refunded", 4),
    ):
        write(warehouse.inbox, f"shop_{name}.csv", shopify(line.format(status, amount)))
        warehouse.load()
    assert money(warehouse) == {"#1": ("10.00", "-4.00", "6.00")}
    assert warehouse.rows("select effective_day::varchar from core.order_lines where is_refund") == [
        ("2026-05-14",)
    ]


@pytest.mark.parametrize(("rows", "expected"), [
    # A refund on a later day, in part and then to the end.
    (["a,2026-03-01,10,paid,,,,,,m,1", "r,2026-03-05,-4,,,refund,a,,,m,1", "s,2026-03-06,-6,,,refund,a,,,m,1"], ("10.00", "-10.00", "0.00")),
    # Known by its amount only, beside a dated one that is part of it.
    (["a,2026-03-01,10,paid,7,,,,,m,1", "r,2026-03-05,-4,,,refund,a,,,m,1"], ("10.00", "-7.00", "3.00")),
    (["a,2026-03-01,10,paid,7,,,,,m,1", "a,2026-03-01,5,paid,,,,,,m,2"], ("15.00", "-7.00", "8.00")),
    (["a,2026-03-01,10,refunded,,,,,,m,1"], ("10.00", "-10.00", "0.00")),
    (["a,2026-03-01,10,paid,0,,,,,m,1"], ("10.00", "0.00", "10.00")),
    # Refunded before it was paid for: both count on their own days.
    (["a,2026-03-05,10,paid,,,,,,m,1", "r,2026-03-01,-10,,,refund,a,,,m,1"], ("10.00", "-10.00", "0.00")),
])  # fmt: skip
def test_15_refunds_later_partial_and_before_payment(
    warehouse: Warehouse, rows: list[str], expected: tuple[str, ...]
) -> None:
    warehouse.one("orders_2026-03-01_2026-03-10.csv", HEAD + "\n".join(rows) + "\n")
    assert money(warehouse)["a"] == expected


def test_05_a_later_export_replaces_all_lines_of_an_order(warehouse: Warehouse) -> None:
    first = HEAD + "a,2026-03-01,10,paid,,,,,,m,1\na,2026-03-01,5,paid,,,,,,m,2\n"
    later = HEAD + "a,2026-03-01,10,refunded,,,,,,m,1\n"
    for name, text in (
        ("orders_2026-03-01_2026-03-14.csv", later),
        ("orders_2026-03-01_2026-03-07.csv", first),
    ):
        write(warehouse.inbox, name, text)
        warehouse.load()
    assert warehouse.rows("select line_number, status from raw.orders") == [(1, "refunded")]
    assert warehouse.rows("select count(*), sum(amount) from raw.orders_history") == [(2, Decimal("15.00"))]
    assert money(warehouse) == {"a": ("10.00", "-10.00", "0.00")}


def test_16_stored_value_is_counted_when_it_is_spent(warehouse: Warehouse) -> None:
    warehouse.one(
        "orders_2026-03-01_2026-03-10.csv",
        HEAD + "top,2026-03-01,100,paid,,recharge,,,20,m,1\nbuy,2026-03-02,60,paid,,balance_spend,,,10,m,1\n",
    )
    built(warehouse, "core.orders")
    assert warehouse.rows("select sum(gmv)::varchar from core.orders") == [("50.00",)]


def test_17_deposit_and_balance_are_one_order(warehouse: Warehouse) -> None:
    warehouse.one(
        "orders_2026-03-01_2026-03-10.csv",
        HEAD
        + "d,2026-03-01,20,paid,,preorder_deposit,,p1,,m,1\nb,2026-03-05,80,paid,,preorder_balance,,p1,,m,1\n",
    )
    assert money(warehouse) == {"d": ("100.00", "0.00", "100.00")}


def test_19_fen_are_declared_and_sums_are_exact(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        '[[exports]]\nfiles="*.csv"\nevent="order"\n[exports.columns]\namount={from="金额",unit="fen"}\n',
    )
    warehouse = Warehouse(tmp_path / "home", settings)
    warehouse.one("x.csv", "order_id,ordered_at,金额\n" + "".join(f"o{i},2026-03-01,10\n" for i in range(10)))
    assert warehouse.rows("select sum(amount)::varchar from raw.orders") == [("1.00",)]


def test_13_one_person_in_the_groups_and_two_shops(warehouse: Warehouse) -> None:
    warehouse.one(
        "joins_2026-03-01_2026-03-10.csv", "group_id,member_id,occurred_at\ng,wm1,2026-03-01 10:00\n"
    )
    warehouse.one(
        "orders_2026-03-01_2026-03-10.csv",
        HEAD + "a,2026-03-02,10,paid,,,,,,yz9,1\nb,2026-03-02,10,paid,,,,,,stranger,1\n",
    )
    warehouse.one("store/orders_2026-03-01_2026-03-10.csv", HEAD + "c,2026-03-03,10,paid,,,,,,store7,1\n")
    warehouse.one("aliases.csv", "alias_id,member_id\nyz9,wm1\nstore7,wm1\n")
    built(warehouse, "core.orders")
    assert warehouse.rows("select order_id, member_id from core.orders order by 1") == [
        ("a", "wm1"),
        ("b", "stranger"),
        ("c", "wm1"),
    ]


def test_settings_add_words_to_those_of_the_platform(tmp_path: Path) -> None:
    toml = '[[exports]]\nfiles="*.csv"\nevent="order"\nplatform="youzan"\n[exports.columns]\nstatus={from="订单状态",values={"待核销"="paid"}}\n'
    warehouse = Warehouse(tmp_path / "home", settings_of(tmp_path, toml))
    body = "".join(f"{status},{status},2026-03-01 10:00,5\n" for status in ("待核销", "交易成功", "别的"))
    warehouse.one("x.csv", "订单号,订单状态,订单创建时间,订单实付金额\n" + body)
    assert dict(warehouse.rows("select order_id, status from raw.orders")) == {
        "待核销": "paid",
        "交易成功": "completed",
    }
    assert [(n, c) for n, c, _ in warehouse.rejects()] == [(3, "status")]


@pytest.mark.parametrize(
    ("mail", "phone"),
    [
        ("", "+86 138 0013 8000"), ("", "'+8613800138000"), ("", "１３８-0013-8000"), ("", "0086 13800138000"),
        ("n/a", "(86) 13800138000"), ("a***@example.com", "138-0013-8000"),
    ],
)  # fmt: skip
def test_13_a_phone_in_the_groups_and_in_shopify_is_one_person(
    warehouse: Warehouse, mail: str, phone: str
) -> None:
    warehouse.one("joins.csv", "group_id,member_id,occurred_at\ng,13800138000,2026-05-01 10:00\n")
    line = f"#1,{mail},paid,2026-05-01 10:00:00 +0800,CNY,10,0,0,10.00,0,2026-05-01 10:00:00 +0800,1,Tea,10.00,0,,0,{phone}"
    warehouse.one("orders_export.csv", shopify(line))
    assert warehouse.rows("select member_id from raw.orders") == warehouse.rows(
        "select member_id from raw.joins"
    )


@pytest.mark.parametrize(
    ("mail", "phone"), [("", "138****8000"), ("n/a", ""), ("", "12"), ("a***@example.com", "")]
)
def test_51_masked_and_missing_buyers_of_shopify_are_unknown(
    warehouse: Warehouse, mail: str, phone: str
) -> None:
    line = f"#1,{mail},paid,2026-05-01 10:00:00 +0800,CNY,10,0,0,10.00,0,2026-05-01 10:00:00 +0800,1,Tea,10.00,0,,0,{phone}"
    warehouse.one("orders_export.csv", shopify(line))
    assert warehouse.rows("select member_id from raw.orders") == [(None,)]
