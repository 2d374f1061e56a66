"""Both gates over real DuckDB and real Great Expectations: sound data passes, broken data is told."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.checks import Check, CheckResult, blocking, run_checks, run_gate, write_results
from pipelines.checks.built import built_checks
from pipelines.checks.built_maturity import maturity_checks
from pipelines.checks.generic import generic_checks
from pipelines.checks.loaded import loaded_checks
from pipelines.settings import Settings
from pipelines.thresholds import Thresholds

from .cases import BUILT_BREAKS, LOADED_BREAKS, STRANGER
from .conftest import built_warehouse, loaded_warehouse


def _named(checks: tuple[Check, ...], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def _run(connection: duckdb.DuckDBPyConnection, check: Check) -> CheckResult:
    (result,) = run_checks(connection, [check])
    return result


def test_sound_rows_pass_gate_1(loaded: duckdb.DuckDBPyConnection) -> None:
    results = run_gate(loaded, "loaded", Settings())
    assert {result.name: result.message for result in results if result.outcome != "passed"} == {}
    present = {check.name for check in loaded_checks(Thresholds())} - {result.name for result in results}
    assert all(name.startswith(("raw.coverage", "raw.members", "raw.member_lists")) for name in present)


def test_sound_tables_pass_gate_2(built: duckdb.DuckDBPyConnection) -> None:
    results = run_gate(built, "built", Settings())
    assert {result.name: result.message for result in results if result.outcome != "passed"} == {}
    assert len(results) == len(built_checks()) + len(generic_checks(built))


@pytest.mark.parametrize(("statement", "name", "failing", "example"), LOADED_BREAKS)
def test_broken_rows_fail_gate_1(
    loaded: duckdb.DuckDBPyConnection, statement: str, name: str, failing: int | None, example: str
) -> None:
    loaded.execute(statement)
    _assert_failed(_run(loaded, _named(loaded_checks(Thresholds()), name)), failing, example)


@pytest.mark.parametrize(("statement", "name", "failing", "example"), BUILT_BREAKS)
def test_broken_tables_fail_gate_2(
    built: duckdb.DuckDBPyConnection, statement: str, name: str, failing: int | None, example: str
) -> None:
    if "members_now" in statement:
        built.execute("alter table core.groups add column members_now bigint")
    built.execute(statement)
    _assert_failed(_run(built, _named((*generic_checks(built), *built_checks()), name)), failing, example)


def _assert_failed(result: CheckResult, failing: int | None, example: str) -> None:
    assert result.outcome == "failed", result
    if failing is not None:
        assert result.failing_rows == failing
    assert example in result.examples
    assert STRANGER not in f"{result.examples} {result.message}"
    assert "member1" not in result.examples and "order1" not in result.examples


def test_every_rule_of_gate_2_has_a_broken_case() -> None:
    assert {check.name for check in built_checks()} - {name for _, name, _, _ in BUILT_BREAKS} == set()


def test_every_rule_of_gate_1_that_is_no_family_has_a_broken_case() -> None:
    families = ("_is_filled", "_in_range", "_is_known")
    rules = {check.name for check in loaded_checks(Thresholds()) if not check.name.endswith(families)}
    assert rules - {name for _, name, _, _ in LOADED_BREAKS} == set()


def test_one_check_that_cannot_run_leaves_the_others_alone() -> None:
    loaded = loaded_warehouse()  # outside a transaction: a failing query ends it
    loaded.execute("alter table raw.joins drop column action")
    loaded.execute("drop table raw.groups")
    results = {result.name: result for result in run_gate(loaded, "loaded", Settings())}
    broken = results["raw.joins.action_is_known"]
    assert (broken.outcome, broken.failing_rows, broken.examples) == ("could_not_run", None, "")
    assert "action" in broken.message
    assert results["raw.messages.group_is_known"].outcome == "could_not_run"
    others = {name: one.outcome for name, one in results.items() if one.outcome != "passed"}
    assert set(others) == {
        "raw.joins.action_is_known", "raw.joins.names_are_unambiguous", "raw.messages.group_is_known",
    }  # fmt: skip
    assert blocking(results.values()) == [broken]


def test_staff_alone_fill_no_table_of_members(built: duckdb.DuckDBPyConnection) -> None:
    """Stays and member days are of counted members: empty is right where nobody counts."""
    for table in ("members", "messages", "authored_messages"):
        built.execute(f"update core.{table} set is_counted = false")
    built.execute("delete from core.stays; delete from core.community_stays; delete from core.member_days")
    names = {
        f"core.{table}.has_rows" for table in ("stays", "community_stays", "member_days", "member_weeks")
    }
    results = run_checks(built, [check for check in built_checks() if check.name in names])
    assert [result.outcome for result in results] == ["passed"] * 4


def test_grains_that_the_build_counted_are_not_counted_again(built: duckdb.DuckDBPyConnection) -> None:
    built.execute("insert into acquisition.channels from acquisition.channels")
    for counted, outcome in (([], "failed"), (["acquisition.channels"], "passed"), (["core.x"], "failed")):
        found = run_gate(built, "built", Settings(), counted=counted)
        told = {result.name: result.outcome for result in found}
        assert told["acquisition.channels.grain_is_unique"] == outcome
        assert len(found) == len(built_checks()) + len(generic_checks(built))


def test_missing_tables_and_settings_could_not_run() -> None:
    built = built_warehouse()
    built.execute("drop table referral.tree; delete from core.settings; drop table group_health.groups")
    results = {result.name: result for result in run_gate(built, "built", Settings())}
    assert "core.settings is empty" in results["core.settings.report_at_ends_a_week"].message
    assert results["revenue.weekly.ties_to_order_lines"].outcome == "could_not_run"
    assert results["referral.tree.sizes_add_up"].outcome == "could_not_run"
    assert results["group_health.groups.state_is_known"].outcome == "could_not_run"
    assert results["group_health.weekly.state_is_known"].outcome == "passed"


def test_tables_that_no_model_builds_are_not_checked(built: duckdb.DuckDBPyConnection) -> None:
    built.execute("drop table referral.tree; delete from quality.models where schema_name = 'referral'")
    results = run_gate(built, "built", Settings())
    assert [result.name for result in results if result.table.startswith("referral.")] == []
    assert blocking(results) == []


def test_kinds_that_were_not_exported_are_left_out() -> None:
    loaded = loaded_warehouse()
    loaded.execute("delete from raw.orders; drop table raw.invites")
    names = {result.name for result in run_gate(loaded, "loaded", Settings())}
    assert not [name for name in names if name.startswith(("raw.orders", "raw.invites"))]
    assert "raw.joins.key_is_unique" in names


def test_thresholds_come_from_the_settings(loaded: duckdb.DuckDBPyConnection) -> None:
    settings = Settings(thresholds=Thresholds(rejected_share_warning=0.01))
    results = {result.name: result for result in run_gate(loaded, "loaded", settings)}
    assert results["raw.loads.few_rejects"].outcome == "failed"
    assert results["raw.loads.few_rejects"].severity == "warning"
    assert blocking(results.values()) == []


def test_quoted_values_do_not_reach_the_message(loaded: duckdb.DuckDBPyConnection) -> None:
    loaded.execute("alter table raw.joins alter occurred_at type varchar")
    loaded.execute(f"update raw.joins set occurred_at = '{STRANGER}'")
    check = _named(loaded_checks(Thresholds()), "raw.joins.occurred_at_in_range")
    result = _run(loaded, check)
    assert result.outcome != "passed"
    assert "13812345678" not in f"{result.examples} {result.message}"


def test_results_of_one_gate_replace_only_its_own(loaded: duckdb.DuckDBPyConnection) -> None:
    first = [CheckResult("a", "raw.joins", "critical", "failed", 2, "day 2026-01-05", "words")]
    write_results(loaded, "loaded", first)
    write_results(loaded, "built", [CheckResult("b", "core.x", "warning", "passed", 0, "", "fine")])
    again = [CheckResult("c", "raw.joins", "critical", "could_not_run", None, "", "no")]
    write_results(loaded, "loaded", again)
    found = loaded.execute(
        "select suite, check_name, severity, outcome, failing_rows, examples, message "
        "from quality.checks order by suite, check_name"
    ).fetchall()
    assert found == [
        ("built", "b", "warning", "passed", 0, "", "fine"),
        ("loaded", "c", "critical", "could_not_run", None, "", "no"),
    ]
    uncommented = loaded.execute(
        "select column_name from duckdb_columns() where schema_name = 'quality' and table_name = 'checks' "
        "and comment is null"
    ).fetchall()
    assert uncommented == []


def test_gates_write_nothing_and_leave_no_transaction() -> None:
    with loaded_warehouse() as connection:
        before = connection.execute("select count(*) from duckdb_tables()").fetchone()
        run_gate(connection, "loaded", Settings())
        assert connection.execute("select count(*) from duckdb_tables()").fetchone() == before
        connection.execute("begin")  # refused when a transaction is open
        connection.execute("rollback")


def test_maturity_covers_every_flag_once() -> None:
    names = [check.name for check in maturity_checks()]
    assert len(names) == len(set(names))
