"""Running one gate: which checks apply, Great Expectations over them, and its verdicts in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from pipelines.checks.built import built_checks
from pipelines.checks.context import MissingValue, fill
from pipelines.checks.fresh import Fresh, narrowed
from pipelines.checks.generic import generic_checks, grain_check
from pipelines.checks.loaded import loaded_checks
from pipelines.checks.masking import SHOWN_ROWS, mask_error, mask_rows
from pipelines.checks.model import ROWS_KEYWORD, Check, CheckResult, Gate, Outcome
from pipelines.checks.place import InDuckDB, Place
from pipelines.checks.quiet import ephemeral_context, great_expectations, silence
from pipelines.contract import CONTRACT
from pipelines.settings import Settings

# Says to Great Expectations that the query is about the batch. Without it the library prints a warning to the
# console; the queries name their own tables, because they compare several.
_BATCH_MARK = "/* {batch} */"


def run_gate(
    connection: duckdb.DuckDBPyConnection,
    gate: Gate,
    settings: Settings,
    fresh: Fresh | None = None,
    counted: Collection[str] = (),
    place: Place | None = None,
) -> list[CheckResult]:
    """Run every check of `gate` that applies to what was exported; results are in the order of the suites.
    With `fresh`, checks of gate 1 look at the rows they have not passed before, where that says the same.
    Of the tables `counted` the build has just found the grain kept: gate 2 does not count them again.
    The tables are read at `place`, by default in the warehouse.

    `connection` is the build's own open connection; nothing is written with it. Checks about kinds of exports
    that have no rows are left out. A check that cannot be evaluated says so (`could_not_run`) and does not
    keep the others from running. Call it
    outside a transaction: DuckDB ends one at the first query that fails.
    """
    checks: Sequence[Check]
    if gate == "loaded":
        checks = loaded_checks(settings.thresholds)
    else:
        built = tables_built(connection)
        checks = [
            check
            for check in (*generic_checks(connection), *built_checks())
            if built is None or check.table in built or check.table.startswith("raw.")
        ]
    told = {grain_check(table) for table in counted}
    results = {check.name: _passed(check) for check in checks if check.name in told}
    rest = [check for check in checks if check.name not in results]
    ran = run_checks(connection, rest, fresh if gate == "loaded" else None, place)
    results |= {result.name: result for result in ran}
    return [results[check.name] for check in checks if check.name in results]


def tables_built(connection: duckdb.DuckDBPyConnection) -> set[str] | None:
    """Names `schema.table` of what the model runner built; None where it has left no list."""
    try:
        rows = connection.execute("select schema_name || '.' || table_name from quality.models").fetchall()
    except duckdb.Error:
        return None
    return {name for (name,) in rows}


def run_checks(
    connection: duckdb.DuckDBPyConnection,
    checks: Iterable[Check],
    fresh: Fresh | None = None,
    place: Place | None = None,
) -> list[CheckResult]:
    """Run the given checks at `place`, by default over `connection`; one result per check whose kinds have
    rows, in order. What kinds there are and what placeholders stand for is read from `connection`.
    """
    place = place or InDuckDB(connection)
    present = kinds_with_rows(connection)
    wanted = [check for check in checks if present.issuperset(check.needs)]
    results: dict[str, CheckResult] = {}
    ready: list[Check] = []
    known: dict[str, str] = {}
    # Whether a query can be run shows when it is bound; nothing has to be planned well for that.
    connection.execute("pragma disable_optimizer")
    for check in wanted:
        try:
            own = check if fresh is None else narrowed(connection, check, fresh)
            if own is None:
                results[check.name] = _passed(check)
                continue
            filled = replace(own, keywords=fill(own.keywords, connection, known))
            refusal = place.refusal(filled.sql) if filled.is_rows else None
            if refusal is None:
                ready.append(filled)
            else:
                results[check.name] = _could_not_run(check, refusal)
        except (MissingValue, duckdb.Error) as error:
            results[check.name] = _could_not_run(check, str(error))
    connection.execute("pragma enable_optimizer")
    if ready:
        with silence():
            for check, verdict in _validate(place, place.source(ephemeral_context()), ready):
                results[check.name] = _result(check, verdict)
    return [results[check.name] for check in wanted]


def kinds_with_rows(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The kinds of exports whose raw table exists and holds at least one row."""
    tables = {
        name
        for (name,) in connection.execute(
            "select table_name from information_schema.tables where table_schema = 'raw'"
        ).fetchall()
    }
    return {
        kind.name
        for kind in CONTRACT.values()
        if kind.table in tables and connection.execute(f"select 1 from raw.{kind.table} limit 1").fetchone()
    }


def _validate(place: Place, source: Any, checks: Sequence[Check]) -> Iterable[tuple[Check, Any]]:
    """Pairs of check and Great Expectations result: rows checks in one batch, the others one per table."""
    batches: dict[tuple[str, tuple[int, ...]], list[Check]] = {}
    for check in checks:
        batches.setdefault(("", ()) if check.is_rows else (check.table, check.loads), []).append(check)
    for (table, loads), group in batches.items():
        try:
            batch = place.batch(source, table, loads)
        except Exception as error:  # the library raises many kinds; each means that the table cannot be read
            yield from ((check, error) for check in group)
            continue
        yield from _validate_batch(place, batch, group)


def _validate_batch(place: Place, batch: Any, checks: Sequence[Check]) -> Iterable[tuple[Check, Any]]:
    """Verdicts first for all at once, then the failing rows of those that failed.

    The library bundles the counts of one table into one query, so one broken check takes the others of its
    table with it: whatever raised is run again alone.
    """
    first = _run_suite(place, batch, checks, {"result_format": "BOOLEAN_ONLY"})
    raised = [check for check in checks if _error(first.get(check.name)) is not None]
    if len(checks) > 1:
        for check in raised:
            first.update(_run_suite(place, batch, [check], {"result_format": "BOOLEAN_ONLY"}))
    for check in checks:
        verdict = first.get(check.name)
        if verdict is not None and _error(verdict) is None and not verdict.success:
            details: dict[str, Any] = {"result_format": "COMPLETE"}
            if not check.is_rows:
                details = {"result_format": "SUMMARY", "partial_unexpected_count": SHOWN_ROWS}
            verdict = _run_suite(place, batch, [check], details).get(check.name)
        yield check, verdict


def _run_suite(
    place: Place, batch: Any, checks: Sequence[Check], result_format: Mapping[str, Any]
) -> dict[str, Any]:
    """Great Expectations' results by name of check."""
    gx = great_expectations()
    from pipelines.checks.rows_expectation import NoRowsExpectation

    expectations = []
    for check in checks:
        keywords = dict(check.keywords)
        if check.is_rows:
            keywords[ROWS_KEYWORD] = f"{_BATCH_MARK}\n{place.query(keywords[ROWS_KEYWORD])}"
        kind = getattr(gx.expectations, check.expectation)
        if check.is_rows and result_format["result_format"] == "BOOLEAN_ONLY":
            kind = NoRowsExpectation
        expectations.append(kind(**keywords, severity=check.severity, meta={"check": check.name}))
    suite = gx.ExpectationSuite(name="gate", expectations=expectations)
    validated = batch.validate(suite, result_format=dict(result_format))
    return {result.expectation_config.meta["check"]: result for result in validated.results}


def _error(verdict: Any) -> str | None:
    """What kept a check from running, or None when it ran."""
    if verdict is None:
        return "Great Expectations gave no result"
    if isinstance(verdict, Exception):
        return str(verdict)
    info = verdict.exception_info or {}
    if "raised_exception" in info:
        return str(info.get("exception_message")) if info["raised_exception"] else None
    messages = [str(one.get("exception_message")) for one in info.values() if one.get("raised_exception")]
    return messages[0] if messages else None


def _passed(check: Check) -> CheckResult:
    return _said(check, "passed", 0, "", check.means)


def _result(check: Check, verdict: Any) -> CheckResult:
    error = _error(verdict)
    if error is not None:
        return _could_not_run(check, error)
    if verdict.success:
        return _passed(check)
    count, found = _failing(check, verdict.result)
    rows = "row breaks" if count == 1 else "rows break"
    size = "This does not hold" if count is None else f"{count:,} {rows} this"
    return _said(check, "failed", count, mask_rows(found), f"{check.means} {size}. {check.advice}")


def _failing(check: Check, result: Mapping[str, Any]) -> tuple[int | None, list[dict[str, Any]]]:
    """How many rows failed and some of them; None for a verdict on a whole table."""
    if check.is_rows:
        return int(result["observed_value"]), list(result["details"]["unexpected_rows"])
    if "unexpected_count" not in result:
        return None, [{"observed": result.get("observed_value")}]
    column = check.keywords.get("column", "value")
    found = [
        dict(value) if isinstance(value, Mapping) else {column: value}
        for value in result.get("partial_unexpected_list", [])
    ]
    return int(result["unexpected_count"]), sorted(found, key=str)


def _could_not_run(check: Check, error: str) -> CheckResult:
    words = f"{check.means} It could not be checked: {mask_error(error)}"
    if "out of memory" in error.lower():
        words += ". Give more memory in [engine] memory_limit"
    return _said(check, "could_not_run", None, "", f"{words}. Look at {check.table}, then build again.")


def _said(check: Check, outcome: Outcome, failing: int | None, examples: str, message: str) -> CheckResult:
    return CheckResult(check.name, check.table, check.severity, outcome, failing, examples, message)
