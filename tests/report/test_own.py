"""The page of the settings' own questions: every number is the macro's; no page where nothing is asked."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from pipelines.macros import install_macros
from pipelines.own_questions import build_own
from pipelines.report import build_site
from pipelines.report.single import write_single_file
from pipelines.settings import Report, Settings

from .markup import parse
from .warehouses import build_warehouse

# 400 members join over twelve weeks in two groups; of each 100, 60 write within days, 25 of them buy. 40 more
# have just joined. One group has three members.
EVENTS = """
create table core.events as
with people as (
    select i, 'p' || i as member_id,
        case when i < 3 then 'tiny' when i % 2 = 0 then 'g1' else 'g2' end as group_id,
        timestamp '2026-08-10 04:00:00' + interval 1 hour * (i * 5) as joined_at
    from range(440) as r(i)
)
select member_id, group_id, 'join' as event_name, joined_at as occurred_at, 1 as event_order from people
union all
select member_id, group_id, 'message', joined_at + interval 1 hour * (1 + i % 90), 2
from people where i % 5 < 3
union all
select member_id, group_id, 'order', joined_at + interval 1 hour * (100 + i % 50), 3
from people where i % 4 = 0;
alter table core.settings add column if not exists week_starts varchar default 'monday';
"""
ASKED = {
    "funnels": [
        {"name": "Join to <b>order", "steps": ["join", "message|checkin", "order"], "within": "30 days"},
        {"name": "By group", "steps": ["join", "message"], "within": "7 days", "by": "group_id"},
        {"name": "By person", "steps": ["join", "message"], "by": "member_id"},
    ],
    "retentions": [
        {"name": "Talk", "start_event": "join", "return_event": "message", "periods": 6},
        {
            "name": "Talk by month", "start_event": "join", "return_event": "message", "period": "month",
            "by": "group_id", "periods": 2,
        },
        {"name": "Refunds", "start_event": "refund", "return_event": "order"},
    ],
}  # fmt: skip


def settings(share: bool = False) -> Settings:
    return Settings.model_validate({**ASKED, "report": Report(share=share)})


@pytest.fixture(scope="module")
def asked() -> duckdb.DuckDBPyConnection:
    """The fixture with events and the answers to the questions above."""
    connection = build_warehouse()
    connection.execute(EVENTS)
    install_macros(connection)
    build_own(connection, settings())
    return connection


@pytest.fixture(scope="module")
def folder(asked: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("own") / "2026-W46"
    build_site(asked, settings(), made)
    return made


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / "own.html").read_text(encoding="utf-8")


def table(html: str, name: str) -> list[list[float]]:
    body = html.split(f'id="{name}"')[1].split("<tbody>")[1].split("</tbody>")[0]
    return [[float(v) for v in re.findall(r'data-v="([^"]+)"', row)] for row in body.split("</tr>")[:-1]]


def test_the_steps_of_a_funnel_equal_the_macro(html: str, asked: duckdb.DuckDBPyConnection) -> None:
    rows = asked.execute(
        "select members, share_of_first, share_of_previous from explore.funnel("
        "['join', 'message|checkin', 'order'], interval 30 days) order by step"
    ).fetchall()
    shown = table(html, "own-funnel-1-steps")
    assert [row[0] for row in shown] == [row[0] for row in rows]
    assert rows[0][0] > rows[1][0] > rows[2][0] > 0
    for got, (members, first, previous) in zip(shown, rows, strict=True):
        assert got == pytest.approx([v for v in (members, first, previous) if v is not None], rel=1e-5)
    (waiting,) = asked.execute(
        "select any_value(open_members) from explore.funnel("
        "['join', 'message|checkin', 'order'], interval 30 days)"
    ).fetchall()
    assert f"{waiting[0]:,} more are still inside their window" in html


def test_a_breakdown_names_groups_and_adds_up(html: str, asked: duckdb.DuckDBPyConnection) -> None:
    rows = asked.execute(
        "select by_value, max(members) filter (where step = 1), max(members) filter (where step = 2) "
        "from explore.funnel(['join', 'message'], interval 7 days, \"by\" := 'group_id') "
        "group by all order by 2 desc, 1"
    ).fetchall()
    parts = table(html, "own-funnel-2-parts")
    assert [row[:2] for row in parts] == [[float(a), float(b)] for _, a, b in rows]
    steps = table(html, "own-funnel-2-steps")
    assert [step[0] for step in steps] == [sum(row[0] for row in parts), sum(row[1] for row in parts)]
    (name,) = asked.execute("select group_name from core.groups where group_id = 'g1'").fetchone() or ("",)
    assert name.split("<")[0] in html.split('id="own-funnel-2-parts"')[1]


def test_the_trend_is_that_of_complete_weeks_of_entry(html: str, asked: duckdb.DuckDBPyConnection) -> None:
    rows = asked.execute(
        """
        select max(members) filter (where step = 3) / max(members) filter (where step = 1) as share
        from explore.funnel_trend(['join', 'message|checkin', 'order'], interval 30 days)
        group by period_start having max(members) filter (where step = 1) > 0 order by period_start
        """
    ).fetchall()
    (trace,) = parse(html).figures()["fig-own-funnel-1-json"]["data"]
    assert trace["y"] == pytest.approx([row[0] for row in rows], abs=1e-4)


def test_a_retention_equals_the_macro(html: str, asked: duckdb.DuckDBPyConnection) -> None:
    cells = asked.execute(
        "select rate from explore.retention('join', 'message', periods := 6) "
        "where rate is not null and cohort_size > 0 order by cohort_start, period_index"
    ).fetchall()
    body = html.split('<section id="own-retention-1"')[1].split("</section>")[0]
    shown = re.findall(r'<td class="h\d[^"]*">(\d+)</td>', body)
    assert shown == [f"{100 * row[0]:.0f}" for row in cells]
    assert "2026-W33" in body
    months = html.split('<section id="own-retention-2"')[1].split("</section>")[0]
    assert "2026-08" in months and "2026-W33" not in months and months.count("<table") == 2


def test_what_was_asked_stands_beneath_and_runs(html: str, asked: duckdb.DuckDBPyConnection) -> None:
    calls = [row[0] for row in asked.execute("select asked from explore.own_questions").fetchall()]
    assert len(calls) == 6
    shown = " ".join(parse(html).text)
    for call in calls[:2]:
        assert f"select * from {call}" in shown
        assert asked.execute(f"select count(*) from {call}").fetchone() != (0,)


def test_names_are_text_people_are_no_breakdown_and_an_empty_one_says_so(html: str) -> None:
    assert "Join to &lt;b&gt;order" in html and "<b>order" not in html
    assert 'id="own-funnel-3-parts"' not in html
    assert re.search(r"\bp\d+\b", html) is None
    assert "Nobody has begun yet: Refunds" in html


def test_a_shared_report_hides_the_few(asked: duckdb.DuckDBPyConnection, tmp_path: Path, html: str) -> None:
    assert [3.0, 3.0] in [row[:2] for row in table(html, "own-funnel-2-parts")]
    build_site(asked, settings(share=True), tmp_path / "2026-W46")
    shared = (tmp_path / "2026-W46" / "own.html").read_text(encoding="utf-8")
    parts = table(shared, "own-funnel-2-parts")
    assert all(value >= 5 or value < 1.001 for row in parts for value in row)
    assert sum(len(row) for row in parts) < sum(len(row) for row in table(html, "own-funnel-2-parts"))


def test_the_page_is_in_the_navigation_and_the_single_file_only_where_something_is_asked(
    folder: Path, pages: dict[str, str], html: str
) -> None:
    assert 'href="own.html" aria-current="page"' in html
    assert "own.html" not in pages and not any('href="own.html"' in page for page in pages.values())
    single = write_single_file(folder, "one").path.read_text(encoding="utf-8")
    assert 'id="own-funnel-1"' in single or "own-funnel-1" in single
