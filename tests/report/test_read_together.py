"""Numbers that are read together agree: kept beside active, seats named, one way to write a percentage."""

from __future__ import annotations

import math
import re
from pathlib import Path

import duckdb
import pytest

from pipelines.report.text import sentence, words

from .markup import parse

WRITTEN = re.compile(r"\d %|[\s（(]-\d")


def test_cohorts_show_who_is_still_in_a_group_beside_who_is_active(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    html = pages["retention.html"].split('<section id="heatmap"')[1].split("</section>")[0]
    shown = [float(a["data-v"]) for a in parse(html).having("data-v")]
    rows = warehouse.execute(
        """
        with newest as (
            select distinct cohort_week from retention.cohorts
            where cohort_week <= date '2026-11-09' order by 1 desc limit 20
        )
        select s.value from scorecard.weekly as s join newest on newest.cohort_week = s.cohort_week
        where s.metric = 'stay_30d_rate' and s.value is not null and s.is_complete order by s.cohort_week
        """
    ).fetchall()
    assert len(shown) > 5
    assert all(math.isclose(a, b[0], rel_tol=1e-5) for a, b in zip(shown, rows, strict=True))
    open_cohorts = html.count('<td class="open stayed">')
    assert open_cohorts == html.count('<th scope="row">') - html.count('class="sum"') - len(shown)
    assert open_cohorts >= 4  # 30 days have not passed


def test_the_groups_page_says_whose_seats_it_counts() -> None:
    said = words()["groups.sum"]
    assert "不含员工" in said.zh
    assert "without staff" in said.en
    assert words()["bridge.own_seats"].en == "Seats"  # of everybody: another number


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("32.2 %（543 人，斜率 -0.163）", "32.2%（543 人，斜率 −0.163）"),
        ("changes by -15.1 % (slope -0.163)", "changes by −15.1% (slope −0.163)"),
        ("2026-11-09: 5 of A-1 % off", "2026-11-09: 5 of A-1% off"),
    ],
)
def test_sentences_write_numbers_as_the_pages_do(said: str, shown: str) -> None:
    assert sentence(said, said).zh == shown
    assert sentence(said, said).en == shown


def test_no_page_writes_a_percentage_in_two_ways(site: Path) -> None:
    for name in ("index.html", "summary.html", "acquisition.html", "revenue.html"):
        html = (site / name).read_text(encoding="utf-8")
        body = re.sub(r"<[^>]+>", "\n", html.split("<main")[-1])
        assert not (found := WRITTEN.findall(body)), (name, found)
