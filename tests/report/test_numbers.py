"""Numbers on the pages equal direct queries; how numbers are written."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.report.numbers import difference, relative, week_label, written

from .markup import parse

QUERIES = {
    "new_members": "select new_members from acquisition.weekly where week_start = '2026-11-09'",
    "activated_7d_rate": """
        select activated_7d_rate from activation.cohorts where is_complete_7d
        order by cohort_week desc limit 1
    """,
    "net_revenue": "select net_revenue from revenue.weekly where week_start = '2026-11-09'",
    "buyers": "select buyers from revenue.weekly where week_start = '2026-11-09'",
    "k_factor": "select k_factor from referral.weekly where is_complete order by week_start desc limit 1",
    "retention_week4": """
        select value from scorecard.weekly
        where metric = 'retention_week4' and value is not null order by week_start desc limit 1
    """,
    "stay_30d_rate": """
        select value from scorecard.weekly
        where metric = 'stay_30d_rate' and value is not null order by week_start desc limit 1
    """,
    "healthy_groups": """
        select value from scorecard.weekly where metric = 'healthy_groups' order by week_start desc limit 1
    """,
}


@pytest.mark.parametrize("metric", QUERIES)
def test_every_card_equals_its_query(
    metric: str, pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    card = next(a for a in parse(pages["index.html"]).having("data-metric") if a["data-metric"] == metric)
    found = warehouse.execute(QUERIES[metric]).fetchone()
    assert found is not None
    assert math.isclose(float(card["data-value"]), float(found[0]), rel_tol=1e-9)


def test_eight_cards(pages: dict[str, str]) -> None:
    assert len(parse(pages["index.html"]).having("data-metric")) == 8


def test_cards_name_their_own_week_or_cohort(pages: dict[str, str]) -> None:
    html = pages["index.html"]
    for metric, shown in (
        ("activated_7d_rate", "W45 入群"),
        ("retention_week4", "W42 入群"),
        ("k_factor", "W45 发出"),
    ):
        card = html.split(f'data-metric="{metric}"')[1].split('<div class="card')[0]
        assert shown in card, metric
    assert 'class="when"' not in html.split('data-metric="new_members"')[1].split('<div class="card')[0]


def test_revenue_split_adds_up(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    section = pages["index.html"].split('id="split"')[1].split("</table>")[0]
    parts = [float(a["data-v"]) for a in parse(section).having("data-v")]
    total = warehouse.execute(
        "select net_revenue from revenue.weekly where week_start = '2026-11-09'"
    ).fetchone()
    assert total is not None
    assert len(parts) == 4
    assert math.isclose(sum(parts), float(total[0]), abs_tol=0.005)


def test_funnel_is_of_the_newest_complete_cohort(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    section = pages["index.html"].split('id="funnel"')[1].split("</table>")[0]
    shown = [int(a["data-v"]) for a in parse(section).having("data-v")]
    rows = warehouse.execute(
        """
        select members from scorecard.aarrr where cohort_week = (
            select max(cohort_week) from (
                select cohort_week from scorecard.aarrr group by cohort_week having bool_and(is_complete)
            )
        )
        order by list_position(['acquired', 'activated', 'retained', 'paid', 'referred'], stage)
        """
    ).fetchall()
    assert shown == [row[0] for row in rows]
    assert "2026-W41" in pages["index.html"].split('id="funnel"')[1].split("</h2>")[0]


def test_a_group_funnel_pools_twelve_cohorts(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    section = pages["groups/g01.html"].split('id="funnel"')[1].split("</table>")[0]
    shown = [int(a["data-v"]) for a in parse(section).having("data-v")]
    rows = warehouse.execute(
        """
        with complete as (
            select cohort_week from scorecard.aarrr_by_group
            where group_id = 'g01'
            group by cohort_week
            having bool_and(is_complete)
            order by cohort_week desc
            limit 12
        )
        select sum(members) from scorecard.aarrr_by_group
        where group_id = 'g01' and cohort_week in (select cohort_week from complete)
        group by stage
        order by list_position(['acquired', 'activated', 'retained', 'paid', 'referred'], stage)
        """
    ).fetchall()
    assert shown == [row[0] for row in rows]


def test_pooled_retention_equals_its_query(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    data = parse(pages["retention.html"]).figures()["fig-retention-json"]["data"][0]["y"]
    rows = warehouse.execute(
        """
        select sum(active_members) / sum(cohort_size) from retention.cohorts
        where is_complete and cohort_size > 0 group by week_index order by week_index
        """
    ).fetchall()
    assert data == pytest.approx([row[0] for row in rows], abs=5e-5)


def test_heat_map_has_three_states(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    html = pages["retention.html"]
    table = html.split('class="heat"')[1].split("</table>")[0]
    row = next(line for line in table.split("<tr>") if "2026-W36" in line)
    assert 'zero">0<' in row
    open_cells = warehouse.execute(
        "select count(*) from retention.cohorts where cohort_week = '2026-08-31' and not is_complete"
    ).fetchone()
    assert open_cells is not None
    assert row.count('class="open"') == open_cells[0] > 0


def test_what_changed_lists_only_unusual_numbers(pages: dict[str, str]) -> None:
    section = pages["index.html"].split('id="changed"')[1].split("</ol>")[0]
    assert "净销售额(扣退款)升到 ¥3.87万" in section
    assert "Net revenue rose to ¥38,735" in section
    assert "新增成员" not in section


def test_calm_changes_are_grey_and_news_is_not(pages: dict[str, str]) -> None:
    html = pages["index.html"]
    calm = html.split('data-metric="new_members"')[0].rsplit("<div", 1)[1]
    news = html.split('data-metric="net_revenue"')[0].rsplit("<div", 1)[1]
    assert 'class="card "' in calm
    assert 'class="card good"' in news


def test_38_small_groups_are_grey(pages: dict[str, str]) -> None:
    row = next(line for line in pages["groups.html"].split("<tr") if "双十一快闪群" in line)
    assert "small" in row
    assert "基数 8，不足 30" in row


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (12345, "count", "12,345", "12,345"),
        (0.4183, "rate", "41.8%", "41.8%"),
        (-21350, "money", "−¥21,350", "−¥21,350"),
        (68.4, "price", "¥68.40", "¥68.40"),
        (0, "money", "¥0", "¥0"),
        (-0.0001, "rate", "0.0%", "0.0%"),
        (9.6, "hours", "9.6 小时", "9.6 h"),
        (None, "count", "—", "—"),
        (float("nan"), "rate", "—", "—"),
        (float("inf"), "ratio", "—", "—"),
    ],
)
def test_values_are_written(value: float | None, unit: str, zh: str, en: str) -> None:
    text = written(value, unit)
    assert (text.zh, text.en) == (zh, en)


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (9999, "9,999", "9,999"),
        (9999.6, "1.00万", "10,000"),
        (12345, "1.23万", "12,345"),
        (999_949, "99.99万", "999,949"),
        (1_864_200, "186.4万", "1,864,200"),
        (123_456_789, "1.23亿", "123,456,789"),
    ],
)
def test_compact_values_follow_the_language(value: float, zh: str, en: str) -> None:
    text = written(value, "count", compact=True)
    assert (text.zh, text.en) == (zh, en)


def test_differences_and_percentages() -> None:
    change = difference(0.418, 0.409, "rate")
    assert change is not None
    assert change.en == "+0.9 pt"
    assert difference(None, 3, "count") is None
    assert relative(150, 100, 100, 30) == "+50.0%"
    assert relative(15, 10, 10, 30) is None
    assert relative(15, 0, 100, 30) is None
    assert relative(15, 10, None, 30) is None


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2025, 12, 29), "2026-W01"),
        (date(2020, 12, 28), "2020-W53"),
        (date(2026, 11, 9), "2026-W46"),
        (date(2026, 11, 8), "2026-W46"),
    ],
)
def test_weeks_are_named_by_iso(day: date, label: str) -> None:
    assert week_label(day) == label


def test_29_group_csv_disarms_formulas(site: Path) -> None:
    lines = (site / "groups.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 13
    assert any(",\"'=HYPERLINK(" in line for line in lines)
