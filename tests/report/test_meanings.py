"""A number that changes its meaning says so: it gets a new version, which the report prints."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

from pipelines.report.metrics import Metric, registry
from pipelines.report.text import word

from .markup import parse

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "models"


def _meaning(item: Metric) -> str:
    words = (item.formula.en, item.window.en, item.unit, item.table, item.column)
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]


def test_46_no_definition_changes_without_a_new_version() -> None:
    with (HERE / "meanings.csv").open(encoding="utf-8", newline="") as file:
        known = {row["metric"]: (int(row["version"]), row["meaning"]) for row in csv.DictReader(file)}
    for key, item in registry().items():
        assert key in known, f"{key} is new: add {key},{item.version},{_meaning(item)} to meanings.csv"
        version, meaning = known[key]
        assert (item.version, _meaning(item)) == (version, meaning), (
            f"{key} reads differently. Where the number means something else now, raise its version in "
            f"metrics.toml; write {key},<version>,{_meaning(item)} into meanings.csv"
        )
    assert known.keys() == registry().keys()


def test_46_the_report_prints_the_version_of_every_definition(pages: dict[str, str]) -> None:
    entries = pages["glossary.html"].split('<div id="')
    for key, item in registry().items():
        (entry,) = [text for text in entries if text.startswith(f'{key}"')]
        texts = parse(entry.split("</dl>")[0]).text
        assert any(word("gl.version", n=item.version).en in text for text in texts), key


def test_46_what_is_printed_was_counted_by_hand() -> None:
    # A change of meaning fails there: exports in given/, the rows they must make in expected.csv.
    cases = SCENARIOS.glob("*/*/*/expected.csv")
    counted = {".".join(path.relative_to(SCENARIOS).parts[:2]).removesuffix("_by_group") for path in cases}
    printed = {item.table.removesuffix("_by_group") for item in registry().values()}
    # The first page's measures are looked at in scorecard.weekly, which is made of nothing else;
    # lifetime value is a fit: tests/value holds it against brute force.
    assert printed - counted <= {"scorecard.measures", "revenue.lifetime_value"}
    assert "scorecard.weekly" in counted
