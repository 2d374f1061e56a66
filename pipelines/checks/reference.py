"""The reference of all checks, in words, written from the suites themselves (docs/checks.md)."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.checks.built import built_checks
from pipelines.checks.generic import FREE_RATES, SIGNED_COUNTS
from pipelines.checks.loaded import loaded_checks
from pipelines.checks.model import Check
from pipelines.thresholds import Thresholds

_HEAD = """# What the checks mean

Every run passes two gates. **Gate 1, loaded,** looks at the rows as they were loaded, before any model
runs. **Gate 2, built,** looks at the tables the models made, before anything is published. Both are evaluated
by Great Expectations; what they found is in `quality.checks` and on the quality page of the report.

- A *critical* check that does not pass blocks: the last good warehouse and report stay, and the command ends
  with exit code 3. That includes a critical check that could not run.
- A *warning* is shown and blocks nothing.
- A check about a kind of export that you do not have is left out.
- A weekly run looks at the rows of the new loads, and at what they have to do with earlier ones: gate 1
  passed those before. It looks at all rows with `--full`, in `groupfunnel check`, after a change of settings
  or software, where old rows are removed for their age, and in every check that did not pass the last time.
- Examples show groups, dates, numbers and the first two characters of other ids, never a text.

This page is generated from `pipelines/checks/`; a test fails when it is out of date.
To write it anew: `python -m pipelines.checks > docs/checks.md`.
"""

_GENERIC = """## Gate 2: every published table

These are critical and written from the warehouse itself, for each table and view of the published schemas.

- `<table>.grain_is_unique`: one row per combination of the columns that the model's header calls its grain;
  NULL counts as a value.
- `<table>.rates_between_0_and_1`: every column named `*_rate` or `*_share`, and the shares listed in
  `generic.py`, lies between 0 and 1 or is empty.
- `<table>.counts_not_negative`: no whole number is negative.
- `<table>.<rate>_interval_holds_rate`: an interval `*_low` to `*_high` lies between 0 and 1 and holds
  its rate.
"""


def checks_reference() -> str:
    """The markdown of docs/checks.md: every check of both gates with its severity, meaning and advice."""
    parts = [
        _HEAD,
        _section("Gate 1: the loaded rows", loaded_checks(Thresholds())),
        _GENERIC,
        _exceptions("Rates that may leave 0 to 1:", FREE_RATES),
        _exceptions("Whole numbers that may be negative:", SIGNED_COUNTS),
        _section("Gate 2: what numbers owe each other", built_checks()),
    ]
    return "\n".join(parts)


def _section(title: str, checks: Iterable[Check]) -> str:
    tables: dict[str, list[Check]] = {}
    for check in checks:
        tables.setdefault(check.table, []).append(check)
    parts = [f"## {title}\n"]
    for table, found in tables.items():
        lines = [f"### {table}\n", "| check | severity | needs | what it means | when it fails |"]
        lines.append("| --- | --- | --- | --- | --- |")
        for check in found:
            name = check.name.removeprefix(f"{check.table}.")
            needs = ", ".join(check.needs) or "always"
            lines.append(f"| `{name}` | {check.severity} | {needs} | {check.means} | {check.advice} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _exceptions(title: str, reasons: dict[str, str]) -> str:
    return "\n".join([title, "", *(f"- `{name}`: {reason}" for name, reason in reasons.items()), ""])
