"""What changed, what to do and the bridge on the first page equal direct queries."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.report import build_site
from pipelines.report.pages.todo import PLACES, rule_text
from pipelines.report.text import words
from pipelines.settings import Settings

from .markup import parse
from .warehouses import build_warehouse

RULES = Path(__file__).parents[2] / "sql" / "scorecard" / "action_rules.sql"


def section(html: str, name: str) -> str:
    return html.split(f'<section id="{name}"')[1].split("</section>")[0]


def test_bridge_equals_its_query_and_adds_up(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    shown = [float(a["data-v"]) for a in parse(section(pages["index.html"], "bridge")).having("data-v")]
    rows = warehouse.execute(
        """
        select case when step in ('difference', 'minus_overlap', 'minus_staff') then -value else value end
        from scorecard.bridge where week_start = '2026-11-09' order by position
        """
    ).fetchall()
    assert shown == [float(row[0]) for row in rows]
    assert len(shown) == 6


def test_what_to_do_counts_the_weeks_proposals(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    html = section(pages["index.html"], "do")
    shown = {a["data-action"]: int(a["data-size"]) for a in parse(html).having("data-action")}
    rows = warehouse.execute(
        """
        select action, count(*) filter (where is_proposed) from scorecard.actions
        where week_start = '2026-11-09' group by action
        """
    ).fetchall()
    assert shown == dict(rows)
    assert list(shown)[-1] == "fewer_pushes"  # ended: after what is due
    assert "an older proposal" not in html
    assert 'href="groups/g06.html"' in html
    assert "水果尝鲜群" not in html  # no longer due
    assert "Proposed last week: 3; 1 still hold, 1 no longer, 1 not judged" in html
    assert "Owner: staff-3" in html


def test_people_are_counted_not_named(pages: dict[str, str]) -> None:
    assert "member-secret" not in pages["index.html"]
    html = section(pages["index.html"], "do")
    assert "2 people" in html
    assert "silent 90 days" not in html
    assert "everybody-here" not in html  # a proposal for the whole community names nobody


def test_names_of_proposals_and_alerts_are_text(pages: dict[str, str]) -> None:
    document = parse(section(pages["index.html"], "do") + section(pages["index.html"], "changed"))
    assert any("<i>partner b" in text for text in document.text)
    assert any("watched <b>." in text for text in document.text)


def test_what_changed_is_sorted_by_net_revenue_at_stake(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    html = section(pages["index.html"], "changed")
    (worse,) = warehouse.execute(
        "select sum(net_revenue_28d) / 4 from group_health.groups where group_id in ('g03', 'g05')"
    ).fetchall()
    (money,) = warehouse.execute(
        """
        select abs(value - (expected_low + expected_high) / 2) from scorecard.weekly
        where metric = 'net_revenue' and week_start = '2026-11-09'
        """
    ).fetchall()
    stakes = {
        "Groups in a worse state: 2": float(worse[0]),
        "Products with unusual refunds: 1": 4500 * 7 / 30,
        "Net revenue rose": float(money[0]),
    }
    places = [html.index(text) for text in sorted(stakes, key=lambda text: -stakes[text])]
    assert places == sorted(places)
    assert "At stake in a week: ¥1,050" in html
    assert f"At stake in a week: ¥{stakes['Groups in a worse state: 2']:,.0f}" in html
    assert "An older one" not in html
    assert html.count("Net revenue unusually high") == 0  # told once, from the scorecard itself


def test_targets_stand_on_their_cards(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    card = pages["index.html"].split('data-metric="net_revenue"')[1].split('<div class="card')[0]
    (row,) = warehouse.execute(
        "select value / target, target from scorecard.weekly"
        " where metric = 'net_revenue' and week_start = '2026-11-09'"
    ).fetchall()
    assert f"target ¥{row[1]:,.0f}, {row[0] * 100:.1f}% of it" in card
    assert "on last year" not in pages["index.html"]  # 26 weeks know nothing of it


def test_last_year_is_told_where_it_is_known(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute(
            """
            insert into scorecard.weekly
            select week_start - 364, metric, value / 2, numerator, denominator, null, null, null, null, null,
                null, true, null, null
            from scorecard.weekly where metric = 'net_revenue' and week_start = date '2026-11-09'
            """
        )
        build_site(connection, Settings(), tmp_path)
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "+100.0% on last year" in html
    assert "同比 +100.0%" in html


def test_every_rule_is_known_in_chinese_and_has_a_page() -> None:
    source = RULES.read_text(encoding="utf-8")
    for action in PLACES:
        assert f"'{action}'" in source
        assert f"do.rule.{action}" in words()
    text = rule_text("hold_payout", "≥ 10 invitees, ≥ 50.0 % gone in 48 h")
    assert text.zh == "邀请 ≥ 10 人，48 小时内离开 ≥ 50.0%"
    assert text.en == "≥ 10 invitees, ≥ 50.0% gone in 48 h"
    assert rule_text("hold_payout", "no numbers").zh == "no numbers"


@pytest.mark.parametrize("table", ["actions", "alerts", "bridge", "action_rules"])
def test_the_first_page_does_without(table: str, tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute(f"drop table scorecard.{table}")
        build_site(connection, Settings(), tmp_path)
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert ('id="bridge"' in html) is (table != "bridge")
    assert ('data-action="stop_channel"' in html) is (table not in ("actions", "action_rules"))


def test_a_proposed_product_or_channel_leads_to_its_row(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute(
            """insert into scorecard.action_rules
            values ('pull_link', 9, 'share', 'refunds', 'Pull the link of', '下架链接：')"""
        )
        for subject, base in (("p2", 9.0), ("p1", 30.0)):
            connection.execute(
                """insert into scorecard.actions by name
                select * replace ('pull_link' as action, 'product' as subject_kind, ? as subject,
                    '=' || ? as subject_name, ? as base, 'half of ' || ? as evidence)
                from scorecard.actions where action = 'stop_channel' and subject = 'partner-b'""",
                [subject, subject, base, subject],
            )
        build_site(connection, Settings(), tmp_path)
    first = (tmp_path / "index.html").read_text(encoding="utf-8")
    for page, action, names in (
        ("acquisition", "stop_channel", ["&lt;i&gt;partner b"]),
        ("revenue", "pull_link", ["=p1", "=p2"]),
    ):
        html = (tmp_path / f"{page}.html").read_text(encoding="utf-8")
        assert f'href="{page}.html#{action}"' in first
        assert f'<section id="{action}">' in html
        for at, name in enumerate(names, start=1):
            assert f'<a class="who" href="{page}.html#{action}-{at}">{name}</a>' in first
            assert html.split(f'<tr id="{action}-{at}">')[1].startswith(f'<th scope="row">{name}</th>')


def test_five_proposals_are_read_at_once_and_the_rest_named(pages: dict[str, str]) -> None:
    section = pages["index.html"].split('id="do"')[1].split("</section>")[0]
    at_once, rest = section.split('<details class="rest">')
    assert at_once.count("data-action=") == 5
    listed = rest.split("</details>")[0]
    assert listed.count("data-action=") == 1
    assert "1 more: " in listed.split("</summary>")[0]
