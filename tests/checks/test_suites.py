"""The suites as data: unique names, the SQL every engine shares, the reference up to date, masking."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlglot
from sqlglot import expressions as exp

from pipelines.checks import Check, checks_reference
from pipelines.checks.built import built_checks
from pipelines.checks.context import VALUES
from pipelines.checks.loaded import loaded_checks
from pipelines.checks.masking import mask_error, mask_rows, mask_value
from pipelines.contract import CONTRACT
from pipelines.thresholds import Thresholds

CHECKS = (*loaded_checks(Thresholds()), *built_checks())
ROWS = [check for check in CHECKS if check.is_rows]
BANNED = re.compile(
    r"\b(quantile_cont|quantile_disc|percentile_cont|strftime|dayofweek|isodow|isoyear|epoch\w*|hash|timezone|"
    r"date_diff|datediff|asof|current_date|now|qualify)\b|at time zone|from range\(|::",
    re.IGNORECASE,
)
FILLED = {
    "newest_end": "2026-01-13 00:00:00",
    "report_local": "2026-01-12 00:00:00",
    "week_ranges": "(date '2026-01-05', timestamp '2026-01-04 16:00:00', timestamp '2026-01-11 16:00:00')",
}


def test_names_are_unique_and_begin_with_their_table() -> None:
    assert [name for name, times in Counter(check.name for check in CHECKS).items() if times > 1] == []
    assert [one.name for one in CHECKS if one.name.split(".")[0] != one.table.split(".")[0]] == []


def test_needs_are_kinds_of_the_contract() -> None:
    assert {kind for check in CHECKS for kind in check.needs} <= set(CONTRACT)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_words_are_sentences(check: Check) -> None:
    for words in (check.means, check.advice):
        assert words[0].isupper(), words
        assert words.endswith("."), words


@pytest.mark.parametrize("check", ROWS, ids=lambda check: check.name)
def test_queries_stay_in_the_shared_subset(check: Check) -> None:
    assert not BANNED.search(check.sql), BANNED.search(check.sql)
    assert "{" not in check.sql and "}" not in check.sql
    query = check.sql
    for name, value in FILLED.items():
        query = query.replace(f"${name}", value)
    assert "$" not in query
    assert set(FILLED) == set(VALUES)
    tree = sqlglot.parse_one(query, dialect="duckdb")
    assert isinstance(tree, exp.Query)
    ordered = tree.args["order"].expressions
    assert len(ordered) == len(tree.selects), "order by every column, so that examples do not change"
    sqlglot.transpile(query, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)


def test_reference_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "checks.md"
    assert page.read_text(encoding="utf-8") == checks_reference(), (
        "python -m pipelines.checks > docs/checks.md"
    )


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("group_id", "wr-group-1", "wr-group-1"),
        ("member_id", "wm13812345678", "wm…"),
        ("order_id", "E20260101", "E2…"),
        ("event_key", "g1/message", "g1…"),
        ("metric", "gmv", "gmv"),
        ("stage", "Zhang San", None),
        ("nickname", "Zhang San", None),
        ("day", date(2026, 1, 5), "2026-01-05"),
        ("joined_at", datetime(2026, 1, 5, 3), "2026-01-05 03:00:00"),
        ("amount", Decimal("12.50"), "12.50"),
        ("rate", 1.25, "1.25"),
        ("is_complete", False, "no"),
        ("group_id", None, "none"),
    ],
)
def test_mask_value(column: str, value: object, shown: str | None) -> None:
    assert mask_value(column, value) == shown


def test_mask_rows_shows_three_and_names_text_columns() -> None:
    found = [{"group_id": f"g{i}", "nickname": "Zhang San"} for i in range(5)]
    assert mask_rows(found) == "; ".join(f"group_id g{i}, nickname (text)" for i in range(3))


def test_mask_error_hides_quoted_values_and_long_numbers() -> None:
    error = "(duckdb.Error) Conversion Error: Could not convert string 'Zhang' 13812345678 to INT32\nLINE 1"
    assert mask_error(error) == "Conversion Error: Could not convert string '…' … to INT32"
