"""The owners page: every number equals a direct query; members' ids stay off it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.report import build_site
from pipelines.settings import Settings

from .markup import parse
from .warehouses import build_warehouse

WINDOW = "week_start between date '2026-10-19' and date '2026-11-09'"


def section(html: str, name: str) -> str:
    return html.split(f'<section id="{name}"')[1].split("</section>")[0]


def values(html: str) -> list[float]:
    return [float(a["data-v"]) for a in parse(html).having("data-v")]


def test_owners_equal_their_query(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        f"""
        with answers as (
            select g.owner_id, median(r.minutes_to_answer) as minutes
            from group_health.responses as r join core.groups as g using (group_id)
            where r.{WINDOW} and is_over and is_daytime group by all
        ),
        sums as (
            select owner_id, sum(net_members) as net, sum(left_members) / sum(members_at_start) as exits,
                sum(posters) / sum(archived_members) as talk, sum(unanswered) / sum(questions) as silent,
                case when owner_id <> 'staff-4' then sum(net_revenue) end as money
            from group_health.owners where {WINDOW} group by owner_id
        ),
        last as (select * from group_health.owners where week_start = date '2026-11-09')
        select groups, unique_members, net, exits, talk, minutes, silent, money, groups_on_watch
        from sums join last using (owner_id) left join answers using (owner_id)
        order by money desc nulls last, owner_id
        """
    ).fetchall()
    expected = [float(value) for row in rows for value in row if value is not None]
    assert values(section(pages["owners.html"], "owners")) == pytest.approx(expected, rel=1e-5)
    assert len(rows) == 5
    assert sum(value is None for row in rows for value in row) == 2  # a week without orders; nobody answered


def test_a_week_nobody_exported_is_not_a_sum(pages: dict[str, str]) -> None:
    row = section(pages["owners.html"], "owners").split("staff-4")[1].split("</tr>")[0]
    assert "not covered by an export" in row


def test_leaders_equal_their_query(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        f"""
        select sum(net_revenue), sum(paid_orders), max(buyers) filter (where week_start = date '2026-11-09'),
            sum(new_buyers)
        from revenue.leaders where leader_id = 'lead-1' and {WINDOW}
        """
    ).fetchone()
    assert rows is not None
    grown = warehouse.execute(
        f"select sum(net_members) from acquisition.weekly_by_group where group_id = 'g10' and {WINDOW}"
    ).fetchone()
    assert grown is not None
    line = section(pages["owners.html"], "leaders").split("ad-1</code>")[1].split("</tr>")[0]
    assert values(line) == pytest.approx([34, float(grown[0]), *[float(value) for value in rows]], rel=1e-5)
    assert 'href="groups/g10.html"' in line


def test_no_leader_is_shown_by_the_whole_id(pages: dict[str, str]) -> None:
    assert "lead-1" not in pages["owners.html"]
    assert "lead-no-group" not in pages["owners.html"]
    assert "…roup" in pages["owners.html"]


def test_slow_owners_stand_out(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    figures = parse(pages["owners.html"]).figures()
    fast, slow = figures["fig-owners-answers-json"]["data"]
    found = warehouse.execute(
        f"""
        select g.owner_id, median(r.minutes_to_answer) as minutes
        from group_health.responses as r join core.groups as g using (group_id)
        where r.{WINDOW} and is_over and is_daytime group by all order by minutes desc, 1
        """
    ).fetchall()
    assert slow["x"] == [row[0] for row in found]
    assert [a or b for a, b in zip(fast["y"], slow["y"], strict=True)] == [row[1] for row in found]
    assert slow["meta"]["role"] == "attention"
    assert [x for x, y in zip(slow["x"], slow["y"], strict=True) if y] == ["staff-3"]
    sales = figures["fig-owners-sales-json"]["data"][0]
    assert sales["x"] == [x for x in ("staff-3", "staff-2", "staff-1", "staff-5") if x in sales["x"]] != []


def test_without_owners_and_leaders_it_says_what_to_export(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("update group_health.owners set owner_id = 'unknown'")
        connection.execute("delete from revenue.leaders where leader_id is not null")
        build_site(connection, Settings(), tmp_path)
    html = (tmp_path / "owners.html").read_text(encoding="utf-8")
    assert html.count('class="need"') == 2
    assert "groups_*.csv (group_id, owner_id)" in html
    assert "orders_*.csv" in html
    assert parse(html).scripts == {}


def test_what_is_not_exported_is_no_column(tmp_path: Path) -> None:
    with build_warehouse(without=("order", "message")) as connection:
        build_site(connection, Settings(), tmp_path)
    html = (tmp_path / "owners.html").read_text(encoding="utf-8")
    table = section(html, "owners")
    assert 'data-def="owner_net_members"' in table
    assert 'data-def="owner_net_revenue"' not in table
    assert 'data-def="owner_response"' not in table
    assert "fig-owners" not in html
