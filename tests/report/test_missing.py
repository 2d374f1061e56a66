"""Kinds of export and tables that are not there: one line that says what to do, no empty charts."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.report import build_site
from pipelines.settings import Settings

from .markup import parse
from .warehouses import KINDS, build_warehouse

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
    assert len(parse(pages["index"]).having("data-metric")) == 8
    assert len(parse(pages["index"]).having("data-value")) == 2


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
    assert len(pages) == 9
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
    assert sum(path.suffix == ".html" for path in paths) == 9


def test_a_null_shows_its_reason(tmp_path: Path) -> None:
    pages = build(
        tmp_path,
        (),
        "update acquisition.weekly set exit_rate = null, reason = 'exits_not_exported'",
        "update scorecard.weekly set value = null, reason = 'exits_not_exported' where metric = 'buyers'",
    )
    assert "没有导出退群记录" in pages["acquisition"]
    assert "exits are not exported" in pages["index"]


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
    assert data.read_text(encoding="utf-8").count("<tr ") == 712 - 150
    assert len(list((tmp_path / "groups").glob("*.html"))) == 712
