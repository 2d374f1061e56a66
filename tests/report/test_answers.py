"""The questions of every Monday: each answer equals a direct query, and none is asked without one."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from pipelines.report import build_site
from pipelines.settings import Report, Settings

from .warehouses import build_warehouse

WEEK = "(select report_week_start from core.settings)"


def asked(html: str) -> dict[str, str]:
    """Question -> answer in English, as a reader sees it."""
    found = re.findall(r'<div data-ask="(\w+)"><dt>.*?</dt><dd>(.*?)</dd></div>', html, re.S)
    return {
        key: re.sub(r"<[^>]+>", "", re.sub(r'<span lang="zh[^"]*">.*?</span>', "", told))
        for key, told in found
    }


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def test_answers_equal_their_queries(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    told = asked(pages["index.html"])
    channels = warehouse.execute(
        f"select channel, sum(new_members) from acquisition.channels where cohort_week = {WEEK} "
        "group by 1 having sum(new_members) > 0 order by 2 desc, 1 limit 2"
    ).fetchall()
    assert told["from"] == " · ".join(f"{name} {count:.0f}" for name, count in channels)
    new, old = one(
        warehouse, f"select new_buyers, repeat_buyers from revenue.weekly where week_start = {WEEK}"
    )
    assert re.findall(r"\d+", told["buyers"])[-2:] == [str(new), str(old)]
    pushes, exits = one(
        warehouse,
        "select count(*), sum(exits_24h) from group_health.pushes where exits_24h is not null "
        f"and usual_exits is not null and day >= {WEEK} and day < {WEEK} + 7",
    )
    assert f"{exits} within 24 h of {pushes} pushes" in told["exits"]
    name, left = one(
        warehouse,
        "select campaign_name, contribution from revenue.campaigns, core.settings "
        "where campaign_id is not null and contribution is not null and ends_at <= report_at "
        "order by starts_at desc nulls last, campaign_id, wave_number desc limit 1",
    )
    assert str(name) in told["campaign"]
    assert ("earned" if float(str(left)) >= 0 else "lost") in told["campaign"]
    assert f"{abs(float(str(left))):,.0f}" in told["campaign"]
    (cost,) = one(
        warehouse,
        "select cost_per_kept_30d from referral.weekly where cost_per_kept_30d is not null "
        f"and week_start <= {WEEK} order by week_start desc limit 1",
    )
    assert f"{float(str(cost)):,.2f}" in told["fission"]
    best, sold = one(
        warehouse,
        "select owner_id, sum(net_revenue) from group_health.owners, core.settings "
        f"where owner_id <> 'unknown' and week_start <= {WEEK} and week_start > {WEEK} - 28 "
        "group by owner_id order by 2 desc, 1 limit 1",
    )
    assert told["owners"].startswith(f"{best} sold most")
    assert f"{float(str(sold)):,.0f}" in told["owners"]


def test_only_what_the_exports_know_is_asked(tmp_path: Path) -> None:
    connection = build_warehouse(without=("join", "order", "invite"))
    build_site(connection, Settings(), tmp_path)
    told = asked((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert not told.keys() & {"buyers", "campaign", "fission", "owners"}


def test_a_shared_report_counts_no_few(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    build_site(warehouse, Settings(report=Report(share=True)), tmp_path)
    told = asked((tmp_path / "index.html").read_text(encoding="utf-8"))
    for channel in told.get("from", "").split(" · "):
        assert not re.search(r" [1-4]$", channel), channel
