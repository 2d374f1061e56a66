# ruff: noqa: E501
"""The README's first command: the report of data/sample, from its files to its pages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.query import query
from pipelines.settings import Engine
from tests.run.conftest import Place
from tests.warm import groupfunnel

ROOT = Path(__file__).parents[2]
ANALYSTS = (ROOT / "docs" / "analysts.md").read_text("utf-8")
READMES = {name: (ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md")}
# Pages with queries for `groupfunnel sql "…"`, and the tables that the sample leaves empty at the first run.
QUERIES = sorted(
    {
        (name, " ".join(query.split()))
        for name in ("README.md", "README.zh-CN.md", "docs/concepts.md", "docs/tables.md")
        for query in re.findall(
            r'groupfunnel sql (?:--home \S+ )?"([^"]+)"', (ROOT / name).read_text("utf-8")
        )
    }
)
EMPTY = ("quality.restatements", "raw.rejects")
QUESTIONS = re.split(r"(?m)^(?=\d+\. )", ANALYSTS)[1:]
# A query that waits for ever is killed.
A_QUERY = 60


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, str]:
    place = Place(tmp_path_factory.mktemp("sample"))
    told = groupfunnel(
        *("run", "--inbox", str(ROOT / "data" / "sample"), "--settings", str(ROOT / "groupfunnel.toml")),
        *("--home", str(place.root)),
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return place, told.stdout + told.stderr


def test_the_sample_gets_its_report_and_passes_every_check(ran: tuple[Place, str]) -> None:
    place, told = ran
    assert (place.root / "reports" / "latest" / "index.html").exists(), told
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        outcomes = connection.execute("select outcome, count(*) from quality.checks group by all").fetchall()
    assert dict(outcomes).keys() == {"passed"}, outcomes
    assert sum(count for _, count in outcomes) > 100


# DuckDB 2.0.0 with all its optimizers never ends on these (see _DISABLED_OPTIMIZERS in pipelines/warehouse.py).
@pytest.mark.parametrize(
    "query",
    [
        "select 'x' from (from staging.messages limit 1) where not exists (from core.messages)",
        "from core.messages where exists (from core.messages limit 1) limit 3",
        "from core.messages as a join core.messages as b using (member_id) limit 5",
        "select (select count(*) from core.messages), * from core.messages limit 1",
    ],
)
def test_a_query_that_reads_a_view_twice_and_stops_early_ends(ran: tuple[Place, str], query: str) -> None:
    code = (
        "import sys; from pathlib import Path; from pipelines.warehouse import open_warehouse\n"
        "open_warehouse(Path(sys.argv[1]), read_only=True).execute(sys.argv[2]).fetchall()"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(ran[0].warehouse), query], check=True, timeout=A_QUERY, cwd=ROOT
    )


def test_there_are_twenty_questions_of_analysts() -> None:
    assert len(QUESTIONS) >= 20


@pytest.mark.parametrize("question", QUESTIONS, ids=[text.splitlines()[0] for text in QUESTIONS])
def test_a_question_of_the_analysts_page_has_the_result_told_there(
    ran: tuple[Place, str], question: str
) -> None:
    setup = re.findall(r"```sql setup\n(.*?)```", question, re.DOTALL)
    (query,) = re.findall(r"```sql\n(.*?)```", question, re.DOTALL)
    told = [line.strip("| ") for line in question.splitlines() if re.match(r"\| (?!---)", line)]
    with duckdb.connect(str(ran[0].warehouse), read_only=True) as connection:
        for statement in setup:
            connection.execute(statement)
        answer = connection.execute(query)
        names = " | ".join(column[0] for column in answer.description or [])
        rows = [
            " | ".join("" if cell is None else str(cell).replace("|", "\\|") for cell in row).strip("| ")
            for row in answer.fetchall()
        ]
    assert told == [names, *rows]


@pytest.mark.parametrize(("page", "sql"), QUERIES, ids=[f"{page}-{sql[:40]}" for page, sql in QUERIES])
def test_a_query_of_a_page_is_answered(ran: tuple[Place, str], page: str, sql: str) -> None:
    _, rows = query(ran[0].warehouse, sql, Engine())
    assert bool(rows) != any(table in sql for table in EMPTY)


def test_the_walk_through_tells_what_the_sample_gives(ran: tuple[Place, str]) -> None:
    week = "week_start = date '2026-11-09'"
    told = {
        f"select new_members from acquisition.weekly where {week}": "{} new members|新增 {} 人",
        f"select round(net_revenue)::integer from revenue.weekly where {week}": "¥{:,} net|({:,})",
        f"select buyers from revenue.weekly where {week}": "{} buyers|{} 人购买",
        f"select count(*) from group_health.states where {week} and state = 'dead'": "{} dead|{} 个沉寂群",
        f"select count(*) from group_health.states where {week} and state = 'dying'": "{} dying|{} 个低活跃群",
        f"select count(*) from group_health.states where {week} and state = 'quiet_seller'": "{} that sell|{} 个潜水成交群",
        f"select count(*) from group_health.states where {week} and state = 'unknown'": "{} unknown|{} 个未知",
        _early_exits("fission"): "{:,} of {:,} newcomers|{1:,} 名新成员有 {0:,} 人",
        _early_exits("partner:B"): "`partner:B` {:,} of {:,}|{1:,} 人中 {0:,} 人",
        _early_exits("store_desk"): "desk {:,} of {:,}|{1:,} 人中 {0:,} 人",
        "select round(100 * (1 - exp(slope)), 1) from group_health.fatigue where campaign_type = 'flash_sale' and group_id is null": "{} % fewer|少 {} %",
        f"select count(*) from scorecard.alerts where {week} and alert = 'refund_burst'": "{} products|{} 个商品",
        "select count(*) from raw.loads": "{} files|{} 个文件",
    }
    with duckdb.connect(str(ran[0].warehouse), read_only=True) as connection:
        for sql, texts in told.items():
            row = connection.execute(sql).fetchone()
            assert row is not None, sql
            for text, readme in zip(texts.split("|"), READMES.values(), strict=True):
                assert text.format(*row) in readme, f"{text.format(*row)}: {sql}"


def _early_exits(channel: str) -> str:
    return (
        "select sum(early_exit_members)::integer, sum(new_members)::integer from acquisition.channels "
        f"where is_exit_complete_7d and channel = '{channel}'"
    )
