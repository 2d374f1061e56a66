"""Every failure mode of docs/failure-modes.md has a test of its number."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODES = range(1, 54)
NUMBERS = re.compile(r"test_(\d\d(?:_and_\d\d)*)_\w+")


def _tested() -> Counter[int]:
    """How many tests carry each number: test_07_… is of mode 7, test_13_and_52_… of both."""
    found: Counter[int] = Counter()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (match := NUMBERS.fullmatch(node.name)):
                found.update(int(number) for number in match[1].split("_and_"))
    return found


def test_every_failure_mode_has_a_test_of_its_number() -> None:
    found = _tested()
    assert [mode for mode in MODES if not found[mode]] == []
    assert [mode for mode in found if mode not in MODES] == []


@pytest.mark.parametrize("name", ["failure-modes.md", "failure-modes.zh-CN.md"])
def test_the_page_tells_every_failure_mode_once(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", text, flags=re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(MODES)
