# ruff: noqa: E501
"""The README's first command: the report of data/sample, from its files to its pages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.run.conftest import Place
from tests.warm import groupfunnel

ROOT = Path(__file__).parents[2]
ANALYSTS = (ROOT / "docs" / "analysts.md").read_text("utf-8")
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
