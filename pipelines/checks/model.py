"""What a check is and what comes of it: two frozen dataclasses, and nothing that runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Gate = Literal["loaded", "built"]
Severity = Literal["critical", "warning"]
Outcome = Literal["passed", "failed", "could_not_run"]

ROWS_EXPECTATION = "UnexpectedRowsExpectation"
ROWS_KEYWORD = "unexpected_rows_query"


@dataclass(frozen=True)
class Check:
    """One expectation about one table, as data.

    `expectation` is the name of a Great Expectations class and `keywords` what it is made with; a string in
    `keywords` may hold `$name` placeholders that are filled when the gate runs (`context.py`). `means` says
    what holds when it passes and what breaks when it fails, `advice` what to do then. `needs` names kinds of
    exports of `pipelines.contract`: when one of them has no rows the check is skipped. `new_sql` is the query
    of a rows check for what `$new_loads` brought, where all before passed; `loads` narrows any other check to
    the rows of these loads (`fresh.py`); empty is all rows.
    """

    name: str
    table: str
    severity: Severity
    means: str
    advice: str
    expectation: str
    keywords: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    new_sql: str = ""
    loads: tuple[int, ...] = ()

    @property
    def is_rows(self) -> bool:
        """Whether the check is a query that returns the rows breaking a rule."""
        return self.expectation == ROWS_EXPECTATION

    @property
    def sql(self) -> str:
        """The query of a rows check, with its placeholders; empty for the others."""
        return str(self.keywords[ROWS_KEYWORD]) if self.is_rows else ""


@dataclass(frozen=True)
class CheckResult:
    """What came of one check.

    `failing_rows` counts the rows that break the rule; None when the check passed judgement on a whole table
    or could not run. `examples` is text that may be shown to anybody: groups, dates and numbers, never a
    person's whole id and never exported text. `message` says in words what happened and what to do next.
    """

    name: str
    table: str
    severity: Severity
    outcome: Outcome
    failing_rows: int | None
    examples: str
    message: str

    @property
    def is_blocking(self) -> bool:
        """Whether this result alone forbids publishing: critical, and not passed."""
        return self.severity == "critical" and self.outcome != "passed"


def blocking(results: Iterable[CheckResult]) -> list[CheckResult]:
    """The results that forbid publishing: critical checks that failed or could not run, in their order."""
    return [result for result in results if result.is_blocking]


def rows(
    name: str, table: str, sql: str, means: str, advice: str,
    *, severity: Severity = "critical", needs: tuple[str, ...] = (), new_sql: str = "",
) -> Check:  # fmt: skip
    """A check whose `sql` returns the rows that break the rule; no row means passed. `new_sql` returns those
    that the loads `$new_loads` brought.

    The query names its tables with their schemas, uses the SQL that every engine shares and ends in an
    `order by` over all its columns, so that the examples are the same in every run.
    """
    keywords = {ROWS_KEYWORD: sql.strip()}
    return Check(name, table, severity, means, advice, ROWS_EXPECTATION, keywords, needs, new_sql.strip())
