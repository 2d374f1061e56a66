"""The campaigns page: every number equals a direct query; what is not exported says what to export."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.report import build_site
from pipelines.report.metrics import metric
from pipelines.report.pages.campaigns import FORMS, MONEY
from pipelines.settings import Settings

from .markup import parse
from .warehouses import build_warehouse

BEGUN = """
    from revenue.campaigns
    where campaign_id is not null and (starts_at is null or starts_at < timestamp '2026-11-15 16:00:00')
"""


def section(html: str, name: str) -> str:
    return html.split(f'<section id="{name}"')[1].split("</section>")[0]


def values(html: str) -> list[float]:
    return [float(a["data-v"]) for a in parse(html).having("data-v")]


@pytest.mark.parametrize(
    ("name", "keys", "extra"), [("campaigns", MONEY, ""), ("forms", FORMS, "and starters > 0")]
)
def test_campaigns_equal_their_query(
    name: str, keys: tuple[str, ...], extra: str, pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    columns = ", ".join(metric(key).column for key in keys)
    rows = warehouse.execute(f"select {columns} {BEGUN} {extra} order by starts_at desc").fetchall()
    expected = [float(value) for row in rows for value in row if value is not None]
    assert values(section(pages["campaigns.html"], name)) == pytest.approx(expected, rel=1e-5)
    assert "not begun" not in pages["campaigns.html"]


def test_contributions_are_drawn_gains_apart_from_losses(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    gains, losses = parse(pages["campaigns.html"]).figures()["fig-campaigns-json"]["data"]
    rows = warehouse.execute(
        f"select contribution {BEGUN} and contribution is not null order by starts_at"
    ).fetchall()
    expected = [float(row[0]) for row in rows]
    assert [a if a is not None else b for a, b in zip(gains["y"], losses["y"], strict=True)] == expected
    assert (gains["meta"]["role"], losses["meta"]["role"]) == ("main", "attention")
    assert [value for value in losses["y"] if value is not None] == [v for v in expected if v < 0] != []


def test_waves_and_fatigue_equal_their_queries(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    (flash,) = parse(pages["campaigns.html"]).figures()["fig-waves-json"]["data"]  # one fission wave: no line
    rows = warehouse.execute(
        "select participation_rate from group_health.fatigue_waves"
        " where group_id is null and campaign_type = 'flash_sale' order by wave_number"
    ).fetchall()
    assert flash["y"] == pytest.approx([float(row[0]) for row in rows], abs=5e-5)
    table = section(pages["campaigns.html"], "fatigue")
    assert "fatigued: change the mechanic" in table
    assert "−0.42 – −0.18" in table
    assert "too few waves" in table
    assert values(table) == pytest.approx([5, 5, 0.102, 0.03, -0.31, 1, 6, 0.15, 0.15])


def test_pushes_equal_their_queries(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    left, usual = parse(pages["campaigns.html"]).figures()["fig-pushes-json"]["data"]
    rows = warehouse.execute(
        """
        select date_trunc('week', day), sum(exits_24h), sum(usual_exits) from group_health.pushes
        where exits_24h is not null and usual_exits is not null group by 1 order by 1
        """
    ).fetchall()
    assert len(rows) == 25
    assert left["y"] == [row[1] for row in rows]
    assert usual["y"] == pytest.approx([float(row[2]) for row in rows], abs=0.06)
    table = section(pages["campaigns.html"], "pushes")
    assert table.count('href="groups/g03.html"') == 1  # the other one was more than 12 weeks ago
    assert "2026-11-04" in table
    assert values(table) == pytest.approx([411, 12, 411 * 0.003, 9.7])


def test_gifts_equal_their_query(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        """
        select count(*), count(claimed_at), count(redeemed_at),
            sum(unit_cost) filter (where claimed_at is not null)
        from core.gifts group by gift_kind order by count(*) desc
        """
    ).fetchall()
    (coupons, leads) = [[float(value) for value in row] for row in rows]
    table = section(pages["campaigns.html"], "gifts")
    used = [leads[2], leads[2] / leads[1]]
    assert values(table) == pytest.approx([*coupons[:2], coupons[3], *leads[:2], *used, leads[3]])
    assert coupons[2] == 0  # nobody exported when coupons were used: unknown, not zero
    assert table.count("when gifts were redeemed is not exported") >= 2


def test_without_exports_each_part_says_what_to_export(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        for table in ("revenue.campaigns", "group_health.pushes", "core.gifts", "group_health.fatigue_waves"):
            connection.execute(f"delete from {table}")
        connection.execute("delete from group_health.fatigue")
        build_site(connection, Settings(), tmp_path)
    html = (tmp_path / "campaigns.html").read_text(encoding="utf-8")
    assert html.count('class="need"') == 3
    for export in ("campaigns_*.csv", "messages_*.csv", "gifts_*.csv"):
        assert export in html
    assert parse(html).scripts == {}
    assert "plotly" not in html


def test_hostile_campaign_names_are_text(pages: dict[str, str]) -> None:
    document = parse(pages["campaigns.html"])
    assert any("<img src=x onerror=alert(5)>" in text for text in document.text)
    assert not [tag for tag, _ in document.elements if tag == "img"]
    assert "<img" not in str(document.scripts)


def test_no_push_past_the_limit_is_said(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("update group_health.pushes set is_too_much = false")
        build_site(connection, Settings(), tmp_path)
    html = (tmp_path / "campaigns.html").read_text(encoding="utf-8")
    assert "75 pushes compared" in html
