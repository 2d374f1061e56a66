"""Every macro of sql/explore keeps the house style, is stored with its comment, and can be stored again."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.errors import ModelError
from pipelines.macros import install_macros, read_macros
from pipelines.resources import shipped_path
from tests.explore.conftest import SETTINGS

FILES = sorted((shipped_path("sql") / "explore").glob("*.sql"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_short_of_line_and_says_first_what_it_is(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert lines[0].startswith("-- ")
    assert max(map(len, lines)) <= 100, [line for line in lines if len(line) > 100]
    assert not any(line != line.rstrip() or "\t" in line for line in lines)


def test_macros_can_be_stored_twice_and_one_of_no_file_goes() -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create schema core; {SETTINGS}")
        connection.execute("create schema explore")
        connection.execute("create macro explore.old(a) as table select a")
        connection.execute("create macro explore.older(a) as a")
        assert install_macros(connection) == install_macros(connection)
        held = connection.execute(
            "select distinct function_name, comment is not null from duckdb_functions() "
            "where schema_name = 'explore'"
        ).fetchall()
    assert sorted(held) == sorted((path.stem, True) for path in FILES)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("-- x\ncreate or replace macro explore.other(a) as a", "the one macro it is named after"),
        ("-- x\nselect 1", "the one macro it is named after"),
        ("-- x\ncreate or replace macro explore.own(a) as explore.missing(a)", "there is no explore.missing"),
    ],
)
def test_a_file_that_is_no_macro_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "own.sql").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=told) as caught:
        read_macros(tmp_path)
    assert "sql/explore/own.sql" in str(caught.value)
