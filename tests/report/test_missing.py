"""Kinds of export and tables that are not there: one line that says what to do, no empty charts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.report import build_site
from pipelines.report.packing import unpacked
from pipelines.settings import Settings

from .markup import parse
from .warehouses import KINDS, PAGES, build_warehouse

NEEDS = {
    "join": {"acquisition": "joins_*.csv", "activation": "joins_*.csv", "retention": "joins_*.csv"},
    "order": {"revenue": "orders_*.csv"},
    "invite": {"referral": "invites_*.csv"},
    "message": {},
}


def build(tmp_path: Path, without: tuple[str, ...], *statements: str) -> dict[str, str]:
    with build_warehouse(without=without) as connection:
        for statement in statements:
            connection.execute(statement)
        build_site(connection, Settings(), tmp_path)
    return {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")}


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_kind_gives_one_line(kind: str, tmp_path: Path) -> None:
    pages = build(tmp_path, (kind,))
    for page, export in NEEDS[kind].items():
        document = parse(pages[page])
        assert len([a for tag, a in document.elements if tag == "p" and a.get("class") == "need"]) == 1, page
        assert export in pages[page]
        assert document.scripts == {}, page
        assert "plotly" not in pages[page]
    assert "未导出" in pages["index"]


def test_only_orders(tmp_path: Path) -> None:
    pages = build(
        tmp_path,
        ("join", "message", "invite"),
        "delete from group_health.groups",
        "delete from core.groups",
        "delete from scorecard.weekly where metric not in ('gmv', 'net_revenue', 'buyers')",
    )
    assert parse(pages["revenue"]).scripts
    for page in ("groups", "acquisition", "activation", "retention", "referral"):
        assert 'class="need"' in pages[page], page
    index = parse(pages["index"])
    assert {a["data-metric"] for a in index.having("data-metric")} == {"net_revenue", "buyers"}
    assert len(index.having("data-value")) == 2
    assert not [a for tag, a in index.elements if a.get("class") == "need"]
    for kind in ("joins_*.csv", "messages_*.csv", "invites_*.csv"):
        assert pages["index"].count(kind) == 2, kind  # one line, in both languages
    assert 'id="funnel"' not in pages["index"]
    assert 'id="groups"' not in pages["index"]
    assert "非成员" not in pages["index"]
    assert "已知买家" in pages["index"]
    assert "attributed to groups" not in pages["revenue"]


def test_before_180_days_of_orders_nobody_is_called_new_or_returning(tmp_path: Path) -> None:
    html = build(tmp_path, (), "update revenue.weekly set new_buyers = null, repeat_buyers = null")["revenue"]
    assert "the order history is too short to tell new from returning" in html
    assert "for a second time" not in html and "老客 —" not in html


def test_without_orders_nothing_is_said_of_sales(tmp_path: Path) -> None:
    statements = (
        "update group_health.groups set conversion_30d = null, net_revenue_28d = null, buyers_30d = null",
        "update group_health.groups set reason = 'no messages and no orders in 14 days' where state = 'dead'",
        "update scorecard.weekly set value = null, reason = 'no_order_export' where metric in "
        "('gmv', 'net_revenue', 'buyers', 'average_order_value', 'spend_per_buyer', 'repurchase_90d_rate', "
        "'margin', 'link_coverage', 'first_order_7d_rate', 'first_order_30d_rate')",
    )
    pages = build(tmp_path, ("order",), *statements)
    # What an invitation cost is no sale.
    pages["index"], costs = re.subn(r'<div data-ask="fission">.*?</div>', "", pages["index"], flags=re.S)
    assert costs == 1
    for name in ("index", "groups"):
        assert "¥" not in pages[name], name
        assert "orders in 14 days" not in pages[name], name
    assert "no messages in 14 days (orders are not exported)" in pages["groups"]
    assert "Quiet but buying" not in pages["groups"]
    page = (tmp_path / "groups" / "g01.html").read_text(encoding="utf-8")
    assert "¥" not in page
    assert 'data-def="net_revenue_28d"' not in page
    assert "Net revenue, 28 days (no order export)" in page
    shown = parse(pages["index"]).having("data-metric")
    assert len(shown) == len(parse(pages["index"]).having("data-value")) > 4


def test_without_exits_no_exit_is_a_zero(tmp_path: Path) -> None:
    pages = build(
        tmp_path,
        (),
        "update acquisition.weekly set exit_rate = null, reason = 'exits_not_exported'",
        "update scorecard.weekly set value = null, reason = 'exits_not_exported' "
        "where metric in ('exit_rate', 'stay_30d_rate')",
    )
    assert 'data-def="leaves"' not in pages["acquisition"]
    assert "fig-exit" not in pages["acquisition"]
    assert "sizes are upper bounds" in pages["acquisition"]
    assert 'data-metric="net_members"' not in pages["index"]
    assert "In-group stay, 30 days (exits are not exported)" in pages["index"]
    assert "exits are not exported" in pages["retention"]
    assert parse(pages["acquisition"]).figures()["fig-flow-json"]["data"][0]["y"]


def test_messages_without_orders_still_activate(tmp_path: Path) -> None:
    pages = build(tmp_path, ("order",))
    assert 'class="need"' not in pages["activation"]
    assert "fig-first-orders" not in pages["activation"]
    assert "fig-spoken" in pages["activation"]


def test_nothing_but_settings(tmp_path: Path) -> None:
    schemas = (
        "raw",
        "acquisition",
        "activation",
        "retention",
        "revenue",
        "referral",
        "group_health",
        "scorecard",
        "quality",
    )
    drops = [f"drop schema {name} cascade" for name in schemas]
    pages = build(tmp_path, (), "drop table core.coverage", "drop table core.groups", *drops)
    assert len(pages) == len(PAGES) + 1
    for page in ("groups", "acquisition", "activation", "retention", "revenue", "referral"):
        assert "groupfunnel run" in pages[page], page
    assert "尚未检查" in pages["index"]


def test_empty_tables(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        rows = connection.execute(
            """
            select table_schema || '.' || table_name from information_schema.tables
            where table_catalog = current_database() and table_name <> 'settings'
            """
        ).fetchall()
        for (table,) in rows:
            connection.execute(f"delete from {table}")
        paths = build_site(connection, Settings(), tmp_path)
    assert sum(path.suffix == ".html" for path in paths) == len(PAGES) + 1


def test_a_null_shows_its_reason(tmp_path: Path) -> None:
    pages = build(
        tmp_path,
        (),
        "update acquisition.weekly set exit_rate = null, reason = 'exits_not_exported'",
        "update scorecard.weekly set value = null, reason = 'exits_not_exported' where metric = 'exit_rate'",
    )
    assert "没有导出退群记录" in pages["acquisition"]
    assert "exits are not exported" in pages["retention"]


def test_many_groups_stay_within_the_page(tmp_path: Path) -> None:
    more = "from generate_series(1, 700) as s(i)"
    build(
        tmp_path,
        (),
        f"""
        insert into core.groups (group_id, group_name, group_type)
        select 'x' || i, '</script><b>' || i, 'selling' {more}
        """,
        f"""
        insert into group_health.groups (group_id, members, participation_7d, state)
        select 'x' || i, 20 + i, 0.05, 'healthy' {more}
        """,
    )
    assert (tmp_path / "groups.html").stat().st_size <= 300 * 1024
    data = tmp_path / "assets" / "groups-data.js"
    assert data.stat().st_size <= 1024 * 1024
    assert "</script><b>" not in data.read_text(encoding="utf-8")
    rows = unpacked(data.read_text(encoding="utf-8"))
    assert len(rows) == 712 - 150
    assert all(row.startswith("<tr data-search=") and row.endswith("</tr>") for row in rows)
    assert len(list((tmp_path / "groups").glob("*.html"))) == 712


def test_what_is_left_out_says_why_and_no_more(tmp_path: Path) -> None:
    nulls = "acceptance_rate = null, cost_per_joined = null, cost_per_kept_30d = null"
    pages = build(tmp_path / "paid", (), f"update referral.weekly set {nulls}, reward_cost = 10")
    assert "Invite success rate (only successful invites are exported)" in pages["referral"]
    assert "Cost per retained invitee · Cost per joined invitee (not yet mature)" in pages["referral"]
    pages = build(tmp_path / "unpaid", (), f"update referral.weekly set {nulls}, reward_cost = null")
    assert "Cost per joined invitee (no invite rewards in these weeks)" in pages["referral"]
    assert 'data-def="reward_cost"' not in pages["referral"]
