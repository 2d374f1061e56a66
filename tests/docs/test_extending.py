"""What docs/extending.md says to write works as it stands: carried out on a copy of the project, and run."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"<!-- (file|append|replace in|inbox): (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
BLOCKS = BLOCK.findall((ROOT / "docs" / "extending.md").read_text("utf-8"))


def replaced(text: str, diff: str) -> str:
    """A text with the lines of a diff replaced: runs of `-` lines, once each, by the `+` lines after them."""
    for old, new in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)+)", diff, re.MULTILINE):
        before, after = (re.sub(r"(?m)^[-+]", "", part) for part in (old, new))
        assert text.count(before) == 1, f"stands there {text.count(before)} times:\n{before}"
        text = text.replace(before, after)
    return text


def carry_out(project: Path, inbox: Path) -> None:
    """Do what the page says."""
    for verb, name, content in BLOCKS:
        path = (inbox if verb == "inbox" else project) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if verb in ("file", "inbox"):
            assert not path.exists(), name
            path.write_text(content, encoding="utf-8")
        elif verb == "append":
            path.write_text(path.read_text("utf-8") + content, encoding="utf-8")
        else:
            path.write_text(replaced(path.read_text("utf-8"), content), encoding="utf-8")


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with all three additions, and a report of files that use them."""
    project = tmp_path_factory.mktemp("extended")
    for part in ("pipelines", "sql", "pyproject.toml"):
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, project / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, project / part)
    carry_out(project, project / "inbox")
    given = next(project.glob("tests/models/revenue/weekends/*/given/*.csv"))
    shutil.copy(given, project / "inbox")
    told = command(project, "run")
    assert told.returncode == 0, told.stderr
    return project


def command(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command of the copy."""
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments, "--home", str(project)],
        env={**os.environ, "PYTHONPATH": str(project)},
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_metric_is_as_counted_by_hand(extended: Path) -> None:
    (expected,) = extended.glob("tests/models/revenue/weekends/*/expected.csv")
    header, *rows = csv.reader(expected.read_text("utf-8").splitlines())
    told = command(extended, "sql", f"select {', '.join(header)} from revenue.weekends", "--csv")
    assert list(csv.reader(told.stdout.lower().splitlines())) == [header, *rows], told.stderr
    assert 'id="weekend_share"' in (extended / "reports" / "latest" / "glossary.html").read_text("utf-8")


def test_the_page_shows_it_in_both_languages(extended: Path) -> None:
    page = (extended / "reports" / "latest" / "weekends.html").read_text("utf-8")
    assert "66.7" in page and "周末订单占比" in page and "When they buy" in page
    first = (extended / "reports" / "latest" / "index.html").read_text("utf-8")
    assert 'href="weekends.html"' in first


def test_the_format_is_read(extended: Path) -> None:
    told = command(
        extended, "sql", "select member_id, text_length, is_question from raw.messages order by 1", "--csv"
    )
    assert told.stdout.splitlines()[1:] == ["m1,12,False", "m2,35,True"], told.stdout + told.stderr
    told = command(extended, "sql", "select group_id, member_id from raw.joins order by 2", "--csv")
    assert told.stdout.splitlines()[1:] == ["garden,m1", "garden,m2"]
