"""Channels, products, pre-orders and stored value: every number equals a direct query."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import duckdb
import pytest

from pipelines.report import build_site
from pipelines.settings import Report, Settings

from .markup import parse
from .warehouses import build_warehouse

POOL = "cohort_week between date '2026-07-20' and date '2026-10-05'"


def section(html: str, name: str) -> str:
    return html.split(f'<section id="{name}"')[1].split("</section>")[0]


def lines(html: str) -> list[str]:
    return html.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]


def values(html: str) -> list[float]:
    return [float(a["data-v"]) for a in parse(html).having("data-v")]


def built(connection: duckdb.DuckDBPyConnection, folder: Path, page: str, share: bool = False) -> str:
    build_site(connection, Settings(report=Report(share=share)), folder)
    return (folder / f"{page}.html").read_text(encoding="utf-8")


def pooled(connection: duckdb.DuckDBPyConnection, key: str) -> list[tuple[object, ...]]:
    return connection.execute(
        f"""
        select {key}, sum(new_members), sum(new_members) - sum(early_exit_members),
            sum(activated_members) / nullif(sum(new_members), 0), sum(buyers), sum(cost),
            sum(cost) / nullif(sum(new_members), 0), sum(cost) / nullif(sum(buyers), 0),
            sum(early_exit_members) / nullif(sum(new_members), 0)
        from acquisition.channels where {POOL} group by 1 order by 2 desc, 1
        """
    ).fetchall()


def told(row: tuple[object, ...]) -> list[float]:
    return [float(value) for value in row[1:] if value is not None]  # type: ignore[arg-type]


def test_channels_equal_their_query_over_twelve_closed_cohorts(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    html = section(pages["acquisition.html"], "stop_channel")
    assert "12 cohorts from 2026-W30 to 2026-W41" in html
    rows = pooled(warehouse, "channel")
    *parts, total = lines(html)
    assert len(rows) == len(parts) == 5
    for line, row in zip(parts, rows, strict=True):
        assert values(line) == pytest.approx(told(row), rel=1e-5), row[0]
    assert values(total) == pytest.approx(told(pooled(warehouse, "'all'")[0]), rel=1e-5)
    assert "All channels" in total


def test_a_channel_of_cost_alone_has_no_rates_and_few_members_are_grey(pages: dict[str, str]) -> None:
    html = section(pages["acquisition.html"], "stop_channel")
    (paid,) = [line for line in lines(html) if ">group<" in line]
    assert paid.count('class="n null') == 4 and "no new members" in paid and "no buyers" in paid
    (few,) = [line for line in lines(html) if "=cmd &lt;b&gt;x" in line]
    assert "n small" in few and "fewer than 30" in html
    assert "a cost and no new members" in html


def test_channels_with_members_have_no_note_on_cost_alone(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("delete from acquisition.channels where channel = 'group'")
        html = built(connection, tmp_path, "acquisition")
    assert "a cost and no new members" not in html


def test_the_channel_to_stop_says_why_in_its_row(pages: dict[str, str]) -> None:
    html = section(pages["acquisition.html"], "stop_channel")
    (line,) = [line for line in lines(html) if 'id="stop_channel-1"' in line]
    assert "28% of 140 left" in line and "&lt;i&gt;partner b" in line and len(values(line)) == 8


def test_what_is_unknown_is_no_column_and_says_why(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute(
            """
            update acquisition.channels set cost = null, early_exit_members = null, buyers = null,
                is_order_complete_30d = false, reason = 'exits_not_exported'
            """
        )
        html = section(built(connection, tmp_path, "acquisition"), "stop_channel")
    assert 'data-def="channel_new_members"' in html and 'data-def="channel_cost"' not in html
    assert "no costs exported" in html and "exits are not exported" in html
    assert "2026-W34 to 2026-W45" in html  # the windows of orders are no reason to wait


def test_before_any_window_is_over_it_says_so(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("delete from scorecard.actions where action = 'stop_channel'")
        connection.execute("update acquisition.channels set is_complete = false")
        html = section(built(connection, tmp_path, "acquisition"), "stop_channel")
    assert "windows are over yet" in html and "<table" not in html


def test_products_equal_their_query(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    found = lines(section(pages["revenue.html"], "pull_link"))
    rows = warehouse.execute(
        """
        select is_hit, orders, buyers, net_revenue, revenue_share, refund_rate
        from revenue.products where rank <= 15 order by rank
        """
    ).fetchall()
    assert len(found) == len(rows) == 15
    for line, row in zip(found, rows, strict=True):
        assert values(line) == pytest.approx(told(row), rel=1e-5)
        assert (">Hit<" in line) is row[0]
    assert sum(row[0] for row in rows) == 4
    assert "no paid orders" in found[4]
    assert "=1+1 &lt;i&gt;" in found[2]


def test_a_product_to_pull_stands_in_the_table_wherever_it_ranks(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute(
            """
            insert into scorecard.action_rules
            values ('pull_link', 9, 'share', 'refunds', 'Pull the link of', '下架链接：');
            insert into scorecard.actions by name
            select * replace ('pull_link' as action, 'p120' as subject, '商品 120' as subject_name,
                'product' as subject_kind, 'Proposed a week ago' as outcome_of_last_week)
            from scorecard.actions where action = 'stop_channel' and subject = 'partner-b'
            """
        )
        html = section(built(connection, tmp_path, "revenue"), "pull_link")
        row = connection.execute(
            "select 0, orders, buyers, net_revenue, revenue_share, refund_rate"
            " from revenue.products where product_id = 'p120'"
        ).fetchone()
    assert row is not None
    last = lines(html)[-1]
    assert len(lines(html)) == 16
    assert 'id="pull_link-1"' in last and "28% of 140 left" in last and "Proposed a week ago" in last
    assert values(last) == pytest.approx(told(row), rel=1e-5)


def test_preorders_equal_their_query(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    html = section(pages["revenue.html"], "table-preorders")
    rows = warehouse.execute(
        """
        select 0, deposits, deposit_share, balances_due, on_time_rate, deposit_refund_rate
        from revenue.preorders order by week_start desc limit 12
        """
    ).fetchall()
    assert [values(line) for line in lines(html)] == [pytest.approx(told(row), rel=1e-5) for row in rows]
    assert html.count('class="n open') == 2


def test_stored_value_equals_its_query(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    row = warehouse.execute(
        "select 0, count(member_id), sum(recharged), sum(bonus), sum(spent), sum(refunded), sum(open_balance)"
        " from revenue.stored_value"
    ).fetchone()
    assert row is not None
    assert values(section(pages["revenue.html"], "stored")) == pytest.approx(told(row), rel=1e-5)


def test_without_preorders_and_recharges_there_is_no_empty_table(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("delete from revenue.stored_value; update revenue.preorders set deposits = 0")
        connection.execute("update revenue.preorders set balances_due = 0")
        html = built(connection, tmp_path, "revenue")
    assert 'id="stored"' not in html and 'id="table-preorders"' not in html


def test_stored_value_of_many_stays_in_a_shared_report(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        html = built(connection, tmp_path, "revenue", share=True)
    assert len(values(section(html, "stored"))) == 6
    assert values(section(html, "table-preorders"))


def test_all_of_it_has_a_file(site: Path, pages: dict[str, str]) -> None:
    for page, name in (
        ("acquisition", "table-channels"),
        ("revenue", "table-products"),
        ("revenue", "table-preorders"),
        ("revenue", "table-stored"),
    ):
        file = f"data/{page}-{name}.csv"
        assert f'href="{file}"' in pages[f"{page}.html"]
        rows = list(csv.reader((site / file).open(encoding="utf-8-sig", newline="")))
        assert len(rows) > 1
        assert not any(re.match(r"[=@]", cell) for row in rows for cell in row)


def test_a_shared_report_hides_channels_and_products_of_few_people(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute(
            """
            update acquisition.channels set new_members = 0, early_exit_members = 0, buyers = 0
            where channel = '=cmd <b>x';
            update acquisition.channels set new_members = 3, early_exit_members = 1, buyers = 1
            where channel = '=cmd <b>x' and cohort_week = (select max(cohort_week) from acquisition.channels
                where channel = '=cmd <b>x' and is_order_complete_30d);
            update revenue.stored_value set member_id = null where member_id not in ('member-1', 'member-2')
            """
        )
        own = built(connection, tmp_path / "own", "acquisition")
        html = built(connection, tmp_path / "shared", "acquisition", share=True)
        money = (tmp_path / "shared" / "revenue.html").read_text(encoding="utf-8")
    (mine,) = [line for line in lines(section(own, "stop_channel")) if "=cmd" in line]
    assert values(mine)[0] == 3
    found = lines(section(html, "stop_channel"))
    (few,) = [line for line in found if "=cmd" in line]
    shown = [name for name in values(few) if name]
    assert few.count("＊") >= 6 and len(shown) <= 1  # what was paid for it may stay
    assert sum("＊" in line for line in found if "All channels" not in line) > 1
    assert values(section(money, "stored")) == []
    assert lines(section(money, "pull_link"))[6].count("＊") >= 3
    assert len(values(lines(section(money, "pull_link"))[0])) == 5  # what many bought stays
