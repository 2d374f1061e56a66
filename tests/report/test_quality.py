"""The data quality page: checks, files and the platform's totals, short when closed and whole when opened."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.report import build_site
from pipelines.report.drawings import pair
from pipelines.report.read import open_views
from pipelines.report.reconcile import compare, thinnest
from pipelines.report.text import plain
from pipelines.settings import Settings

from .markup import parse
from .warehouses import build_warehouse

SUNDAY = date(2026, 11, 15)


def test_what_did_not_pass_comes_first(pages: dict[str, str]) -> None:
    html = pages["quality.html"]
    section = html.split('id="checks"')[1].split("</section>")[0]
    assert section.index("orders_paid_after_ordered") < section.index("<details")
    assert section.index("stored_value_not_negative") < section.index("<details")
    assert "Look at the clock of the shop export." in section.split("<details")[0]
    assert section.count("<details") == 2
    assert "2 of 3 passed" in section
    assert "3 of 4 passed" in section
    assert "<details open" not in section


def test_passed_checks_are_listed_by_table(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("alter table quality.checks add column table_name varchar")
        connection.execute("update quality.checks set table_name = 'raw.joins' where suite = 'loaded'")
        connection.execute(
            "update quality.checks set check_name = 'raw.joins.has_rows', message = 'a < b' "
            "where check_name = 'joins_group_id_not_null'"
        )
        build_site(connection, Settings(), tmp_path)
    html = (tmp_path / "quality.html").read_text(encoding="utf-8")
    loaded = html.split('class="suite"')[1].split("</details>")[0]
    assert "<code>raw.joins</code>" in loaded
    assert '<code title="a &lt; b">has_rows</code>' in loaded


def test_newest_files_stand_first_and_the_rest_folds(pages: dict[str, str]) -> None:
    section = pages["quality.html"].split('id="files"')[1].split("</section>")[0]
    open_part, folded = section.split("<details", 1)
    assert open_part.count('class="file"') == 8
    assert folded.count('class="file"') == 18
    assert "messages_2026-11-09.csv" in open_part


def test_platform_totals_equal_their_query(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = {one.metric: one for one in compare(open_views(warehouse), SUNDAY)}
    means = warehouse.execute(
        """
        select avg(own_value), avg(platform_value), count(*) from quality.reconciliation
        where metric = 'posters' and own_value is not null and platform_value is not null
        """
    ).fetchone()
    assert means is not None
    assert (rows["posters"].own, rows["posters"].platform, rows["posters"].days) == pytest.approx(means)
    assert (rows["members"].own, rows["members"].platform, rows["members"].how) == (1000, 2000, "newest")
    assert rows["messages"].own == sum(range(494, 507))
    assert rows["messages"].verdict == "close"
    assert rows["new_members"].share is None
    groups = warehouse.execute("select sum(members_now), sum(members_now + 6) from core.groups").fetchone()
    assert groups is not None
    assert (rows["member_total"].own, rows["member_total"].platform) == groups
    assert rows["members"].by_day[0] == (date(2026, 11, 2), None, 2000)
    section = pages["quality.html"].split('id="reconciliation"')[1].split("</section>")[0]
    shares = [a["data-v"] for a in parse(section).having("data-verdict")]
    assert "0.5" in shares
    assert section.count('class="pair"') == len(rows) - 1  # a single day is no curve


def test_a_partial_export_is_on_every_trust_line(pages: dict[str, str]) -> None:
    for name in ("index.html", "revenue.html"):
        assert "the export holds 50.0% of the platform" in pages[name], name


def test_thinnest_leaves_out_readers_and_whole_exports(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = compare(open_views(warehouse), SUNDAY)
    chosen = thinnest(found, 0.8)
    assert chosen is not None
    assert chosen.metric == "members"
    assert thinnest(found, 0.4) is None
    assert compare(open_views(duckdb.connect()), SUNDAY) == []


def test_two_counts_share_one_scale_from_zero() -> None:
    drawn = str(pair([None, 5.0, 10.0], [10.0, 10.0, 20.0], plain("<x>")))
    assert 'aria-label="&lt;x&gt;"' in drawn
    assert 'class="ours" d="M180 41L358 28"' in drawn
    assert str(pair([None, None], [None, None], plain("x"))) == ""
    assert str(pair([0.0, 0.0], [0.0, 0.0], plain("x"))) == ""


def test_what_to_export_says_how_much_there_is_and_which_pages_it_fills(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute(
            """
            create table quality.capabilities as from (values
                ('gmv', 1, 'revenue', 'full', 1.0, null, null, null),
                ('buyers', 2, 'revenue', 'partial', 0.8977, 'orders', 'buyer of every order', '买家编号'),
                ('repurchase', 3, 'revenue', 'partial', 0.8977, 'orders', 'buyer of every order', '买家编号'),
                ('first', 4, 'activation', 'partial', 0.61, 'orders', 'buyer of every order', '买家编号'),
                ('exit_rate', 5, 'acquisition', 'missing', null, null, 'a join <b>log</b>', '入群日志')
            ) as t (metric, position, page, status, share_covered, share_of, needs, needs_zh)
            """
        )
        build_site(connection, Settings(), tmp_path)
    section = (tmp_path / "quality.html").read_text(encoding="utf-8").split('id="exports"')[1]
    section = section.split("</section>")[0]
    assert "1 metrics whole, 3 in part, 1 not yet" in section
    lines = section.split("<h3")[1].split("<tbody>")[1].split("<tr>")[1:]
    assert len(lines) == 2
    assert (
        "a join &lt;b&gt;log&lt;/b&gt;" in lines[0]
        and "Acquisition (1)" in lines[0]
        and "missing" in lines[0]
    )
    assert "Revenue (2), Activation (1)" in lines[1] and "61.0%" in lines[1] and "of orders" in lines[1]


def test_possible_doubles_are_those_of_the_warehouse(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute(
            """
            create table quality.identities as from (values
                ('wecom', 'chat', 'youzan', 'shop', 6630, 2955, 2262, 4368, 693, 693),
                ('wecom', 'chat', 'store', 'shop', 6630, 1801, 0, 6630, 1801, 1801)
            ) as t (source, place, other_source, other_place, people, other_people, in_both, only_people,
                only_other_people, duplicates_at_most)
            """
        )
        build_site(connection, Settings(), tmp_path)
    section = (tmp_path / "quality.html").read_text(encoding="utf-8").split('id="people"')[1]
    lines = section.split("</section>")[0].split("<tbody>")[1].split("<tr>")[1:]
    assert "store, shop" in lines[0] and "1,801" in lines[0]
    assert "wecom, chat" in lines[1] and "youzan, shop" in lines[1]
    assert [figure in lines[1] for figure in ("2,262", "4,368", "693")] == [True] * 3
