"""Every command that a page shows has the verbs and options it is shown with."""

from __future__ import annotations

import re
import shlex
from itertools import groupby
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from pipelines.cli import app

ROOT = Path(__file__).parents[2]
# docs/cli.md is made from the command itself.
TEXTS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")} - {ROOT / "docs" / "cli.md"})
GROUP = get_command(app)


def shown(text: str) -> list[list[str]]:
    """The arguments of each `groupfunnel …` of a page: in blocks for a shell, and in the running text."""
    found = []
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    inline = re.findall(r"`(groupfunnel [a-z][^`…]*)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    for line in [*lines, *(" ".join(code.split()) for code in inline)]:
        words = shlex.shlex(line, posix=True, punctuation_chars="&|;<>")
        words.whitespace_split = True
        for is_between, told in groupby(words, lambda word: set(word) <= set("&|;<>")):
            if not is_between and (command := list(told))[0] == "groupfunnel":
                found.append(command[1:])
    return found


PAGES = [path for path in TEXTS if shown(path.read_text("utf-8"))]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_shown_command_is_understood(path: Path) -> None:
    assert isinstance(GROUP, TyperGroup)
    for verb, *arguments in shown(path.read_text("utf-8")):
        command = GROUP.commands.get(verb)
        assert command is not None, f"{path.name}: groupfunnel {verb}"
        if not arguments:  # the verb is spoken of
            continue
        try:
            command.make_context(verb, list(arguments)).close()
        except TyperException as error:
            pytest.fail(f"{path.name}: groupfunnel {shlex.join([verb, *arguments])}: {error}")


def test_the_first_pages_are_among_them() -> None:
    names = {path.name for path in PAGES}
    assert {"README.md", "README.zh-CN.md", "delivery.md", "operations.md", "spark.md"} <= names
