"""Levers and stickiness: every number equals a direct query, what is unsure is grey and says why."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from pipelines.report import build_site
from pipelines.settings import Report, Settings

from .markup import parse
from .warehouses import build_warehouse

TABLES = """
create or replace table activation.levers as
select * from (values
    ('red_packet', 'all', 'all', 60, 8, 120, 50.0, 2.4, 2.1, 2.7, true, null),
    ('notice', 'all', 'all', 90, 8, 91, 90.0, 1.01, 0.9, 1.12, true, null),
    ('link', 'all', 'all', 40, 7, 32, 40.0, 0.8, 0.7, 0.9, true, null),
    ('=x <b>', 'all', 'all', 3, 1, 3, 2.0, 1.5, null, null, false, null),
    ('video', 'all', 'all', 2, 1, 0, 0.0, null, null, null, false, 'nobody_expected'),
    ('all', 'all', 'all', 195, 8, 246, 182.0, 1.35, 1.2, 1.5, true, null),
    ('all', 'kol', 'all', 30, 6, 60, 40.0, 1.5, 1.3, 1.7, true, null),
    ('all', 'all', 'vip', 31, 6, 44, 40.0, 1.1, 0.8, 1.4, true, null),
    ('link', 'kol', 'vip', 31, 6, 44, 40.0, 1.9, 1.8, 2.0, true, null)
) as t(lever, author_role, group_type, posts, groups, actual, expected, lift, lift_low, lift_high,
    is_reliable, reason);
create or replace table retention.stickiness as
select cast(day as date) as week_start, 20.0 + n as daily_actives_mean, 100 as weekly_actives,
    25.0 as daily_actives_mean_30d, 200 as monthly_actives, (20.0 + n) / 100 as dau_wau,
    case when n > 0 then 0.125 end as dau_mau, true as is_complete, n > 0 as is_complete_30d,
    case when n = 0 then 'not_covered' end as reason
from (values (date '2026-10-26', 0), (date '2026-11-02', 1), (date '2026-11-09', 2)) as t(day, n)
"""


def built(
    folder: Path, page: str, change: str = "", share: bool = False
) -> tuple[str, list[tuple[float, ...]]]:
    with build_warehouse() as connection:
        connection.execute(TABLES)
        if change:
            connection.execute(change)
        build_site(connection, Settings(report=Report(share=share)), folder)
        told = direct(connection)
    return (folder / f"{page}.html").read_text(encoding="utf-8"), told


def direct(connection: duckdb.DuckDBPyConnection) -> list[tuple[float, ...]]:
    rows = connection.execute(
        """
        select lift, lift_low, lift_high, posts, groups from activation.levers
        where author_role = 'all' and group_type = 'all' and lever <> 'all'
        order by is_reliable desc, lift desc nulls last
        """
    ).fetchall()
    return [tuple(float(value) for value in row if value is not None) for row in rows]


def lines(html: str) -> list[str]:
    body = html.split('id="table-levers"')[1].split("<tbody>")[1].split("</tbody>")[0]
    return body.split("</tr>")[:-1]


def test_levers_equal_their_query_and_say_what_the_interval_says(tmp_path: Path) -> None:
    html, told = built(tmp_path, "activation")
    found = lines(html)
    assert len(found) == 8  # all but the row of one lever, role and type
    for line, row in zip(found, told, strict=False):
        assert [float(a["data-v"]) for a in parse(line).having("data-v")] == pytest.approx(row)
    for line, said in zip(
        found,
        (
            "works",
            "no effect seen",
            "fewer than usual",
            "too few",
            "nobody was expected",
            "works",
            "works",
            "no effect",
        ),
        strict=True,
    ):
        assert said in line
    assert "By KOLs" in found[6] and "VIP groups" in found[7] and "=x &lt;b&gt;" in found[3]
    assert ["unsure" in line for line in found] == [False] * 3 + [True] + [False] * 4
    assert "title=" in found[3] and ">too few posts or groups<" in found[3] and "<svg" not in found[4]


def test_levers_of_few_people_are_hidden_in_a_shared_report(tmp_path: Path) -> None:
    html, _ = built(tmp_path, "activation", share=True)
    (few,) = [line for line in lines(html) if "=x &lt;b&gt;" in line]
    assert 'data-v="1.5"' not in few and "<svg" not in few and "＊" in few


def test_without_levers_there_is_no_empty_table(tmp_path: Path) -> None:
    html, _ = built(tmp_path, "activation", "delete from activation.levers")
    assert "table-levers" not in html


def test_stickiness_equals_its_query(tmp_path: Path) -> None:
    html, _ = built(tmp_path, "retention")
    week, month = parse(html).figures()["fig-stickiness-json"]["data"]
    assert week["y"] == [0.2, 0.21, 0.22] and month["y"] == [None, 0.125, 0.125]
    table = html.split('id="fig-stickiness-data"')[1].split("</table>")[0]
    assert re.findall(r"<td[^>]*>([^<]*)</td>", table)[1:6] == ["100", "0.22", "0.12", "1.5", "3.8"]
    assert "100 members were active in 2026-W46, on 1.5 days" in html


def test_stickiness_without_a_value_is_no_figure(tmp_path: Path) -> None:
    html, _ = built(tmp_path, "retention", "update retention.stickiness set dau_wau = null")
    assert "fig-stickiness" not in html
