"""A model filled in by Python is a table like any other, and says what is wrong with its step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from pipelines import lifetime_value
from pipelines.errors import ModelError
from pipelines.models import build_models, read_models
from pipelines.python_steps import python_step
from pipelines.raw import create_raw
from pipelines.resources import shipped_path

MODELS = read_models(shipped_path("sql"))
FILE = """-- One row per letter.
-- grain: letter
-- python: lifetime_value.step_of_a_test
select
    letter, -- which
    cast(null as double) as size, -- how large
    cast(null as varchar) as reason -- why not
from core.letters
"""
LETTERS = "-- Letters.\n-- grain: letter\nselect\n    unnest(['b', 'c', 'a']) as letter -- which\n"


def _build(root: Path) -> duckdb.DuckDBPyConnection:
    (root / "core").mkdir()
    (root / "core" / "letters.sql").write_text(LETTERS, encoding="utf-8")
    (root / "core" / "sizes.sql").write_text(FILE, encoding="utf-8")
    connection = duckdb.connect()
    create_raw(connection)
    build_models(connection, read_models(root), lambda _: None)
    return connection


def _give(monkeypatch: pytest.MonkeyPatch, step: Any) -> None:
    monkeypatch.setattr(lifetime_value, "step_of_a_test", step, raising=False)


@pytest.mark.parametrize("model", [m for m in MODELS.values() if m.python], ids=lambda m: m.name)
def test_every_step_exists(model: Any) -> None:
    assert callable(python_step(model))


def test_rows_are_filled_in_by_grain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def step(rows: Any, query: Any) -> Any:
        assert list(rows["letter"]) == ["a", "b", "c"]
        assert int(query("select count(*) as letters from core.letters")["letters"][0]) == 3
        return {"size": np.array([1.5, np.nan, 3.5]), "reason": np.array([None, "small", None], dtype=object)}

    _give(monkeypatch, step)
    connection = _build(tmp_path)
    assert connection.execute("from core.sizes order by letter").fetchall() == [
        ("a", 1.5, None), ("b", None, "small"), ("c", 3.5, None),
    ]  # fmt: skip
    assert connection.execute(
        "select column_name, data_type, comment from duckdb_columns() where table_name = 'sizes'"
    ).fetchall() == [
        ("letter", "VARCHAR", "which"), ("size", "DOUBLE", "how large"), ("reason", "VARCHAR", "why not"),
    ]  # fmt: skip
    assert connection.execute(
        "select grain, position from quality.models where table_name = 'sizes'"
    ).fetchall() == [("letter", 2)]


def test_a_step_may_know_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _give(monkeypatch, lambda rows, query: {})
    assert _build(tmp_path).execute("select count(*), count(size) from core.sizes").fetchone() == (3, 0)


@pytest.mark.parametrize(
    "filled", [{"weight": np.zeros(3)}, {"size": np.zeros(2)}], ids=["unknown column", "too few values"]
)
def test_what_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filled: Any) -> None:
    _give(monkeypatch, lambda rows, query: filled)
    with pytest.raises(
        ModelError, match=r"sizes\.sql: pipelines\.lifetime_value\.step_of_a_test does not fit"
    ):
        _build(tmp_path)


def test_a_function_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no function pipelines\.lifetime_value\.step_of_a_test"):
        _build(tmp_path)
