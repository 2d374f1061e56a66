"""The generated pages say what the code says, every link leads somewhere, every column is explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.cli import app
from pipelines.contract import CONTRACT
from pipelines.models import read_models
from pipelines.reference import PAGES, main, tables_reference
from pipelines.resources import shipped_path

ROOT = Path(__file__).parents[2]
TEXTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_current(name: str) -> None:
    written = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert written == PAGES[name](), f"docs/{name}.md is out of date: run `make docs` and commit it"


def test_every_model_and_column_is_explained() -> None:
    page = tables_reference()
    for model in read_models(shipped_path("sql")).values():
        assert model.comment, f"{model.file} has no sentence on what a row is"
        assert f"### {model.name}\n" in page
        assert [name for name, text in model.columns if not text] == [], model.file


def test_every_verb_and_input_kind_is_in_the_pages() -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        assert f"## {command.callback.__name__}\n" in PAGES["cli"]()
    for kind in CONTRACT.values():
        assert f"## {kind.table}\n" in PAGES["inputs"]()


def test_the_readme_names_every_verb_and_exit_code() -> None:
    for readme in ("README.md", "README.zh-CN.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        for command in app.registered_commands:
            assert command.callback is not None
            assert f"`{command.callback.__name__}" in text, f"{readme}: {command.callback.__name__}"
        for code in range(8):
            assert f"| {code} |" in text, f"{readme}: exit code {code}"


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_wrong_use_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing"]) == 2
    assert "Give one of: inputs, tables, concepts, cli" in capsys.readouterr().err
    assert main(["cli"]) == 0
    assert capsys.readouterr().out == PAGES["cli"]()
