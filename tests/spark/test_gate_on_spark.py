"""Gate 2 says the same on Spark as in the warehouse: of the sample, of faults, of what cannot be run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from pipelines.checks import CheckResult, run_checks, run_gate
from pipelines.checks.built import built_checks
from pipelines.checks.generic import PUBLISHED, generic_checks
from pipelines.models import order_models
from pipelines.settings import Settings
from pipelines.spark.gates import OnSpark
from pipelines.spark.lake import Lake, schema_of
from pipelines.spark.sql import view_of
from pipelines.spark.tables import read_table, selected
from pipelines.warehouse import open_warehouse
from tests.checks.cases import BUILT_BREAKS
from tests.checks.conftest import built_warehouse
from tests.spark.conftest import ALL, Sample

# Rows that many checks need are changed and not taken away, and no statement undoes another.
FAULTS = [statement for statement, *_ in BUILT_BREAKS if statement.startswith("update ")]


def _shown(connection: duckdb.DuckDBPyConnection, session: Any, lake: Lake) -> Any:
    """A session of its own with the warehouse's built tables as its views."""
    own = session.newSession()
    marks = ", ".join("?" for _ in (*PUBLISHED, "staging"))
    found = connection.execute(
        f"select table_schema || '.' || table_name from information_schema.tables "
        f"where table_schema in ({marks})",
        [*PUBLISHED, "staging"],
    ).fetchall()
    for (name,) in found:
        folder = Path(lake.table(name))
        folder.mkdir(parents=True)
        wide = [column for column, kind in schema_of(connection, name) if kind == "HUGEINT"]
        told = "".join(f", cast({column} as bigint) as {column}" for column in wide)
        replaced = f" replace ({told[2:]})" if wide else ""
        connection.execute(f"copy (select *{replaced} from {name}) to '{folder}/part-0.parquet'")
        kinds = [(column, kind.replace("HUGEINT", "BIGINT")) for column, kind in schema_of(connection, name)]
        read_table(own, lake, name, kinds)
    return own


def _differing(one: list[CheckResult], other: list[CheckResult]) -> dict[str, tuple[Any, ...]]:
    told = {result.name: (result.outcome, result.failing_rows) for result in one}
    on_spark = {result.name: (result.outcome, result.failing_rows) for result in other}
    assert told.keys() == on_spark.keys()
    return {name: (told[name], on_spark[name]) for name in told if told[name] != on_spark[name]}


def test_the_sample_passes_on_both_engines(session: Any, sample: Sample) -> None:
    own = session.newSession()
    with open_warehouse(sample.by_spark, read_only=True) as connection:
        raw = {name for model in ALL.values() for name, _ in model.reads if name.startswith("raw.")}
        for model in order_models(ALL, raw):
            columns = schema_of(connection, model.name)
            if model.is_view and model.schema != "staging":
                own.sql(selected(model.sql, columns)).createOrReplaceTempView(view_of(model.name))
            else:
                read_table(own, sample.lake, model.name, columns, model)
        by_duckdb = run_gate(connection, "built", Settings())
        # Grains, rates and counts of every table are alike, and the faulty tables have some of each.
        checks = [check for check in built_checks() if check.needs]
        on_spark = run_checks(connection, checks, place=OnSpark(own))
    names = {result.name for result in on_spark}
    assert len(names) > 100
    assert _differing([result for result in by_duckdb if result.name in names], on_spark) == {}


@pytest.fixture(scope="module")
def faulty(session: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[duckdb.DuckDBPyConnection, Any]:
    """Small tables with every fault that the gate's own tests plant, in the warehouse and on Spark."""
    connection = built_warehouse()
    connection.execute("alter table core.groups add column members_now bigint")
    for statement in FAULTS:
        connection.execute(statement)
    return connection, _shown(connection, session, Lake(str(tmp_path_factory.mktemp("faulty"))))


def test_planted_faults_are_counted_alike(faulty: tuple[duckdb.DuckDBPyConnection, Any]) -> None:
    connection, own = faulty
    # A query takes 0.2 s there: every fourth stands for all, and generic.py's for two tables.
    generic = [c for c in generic_checks(connection) if c.table in ("activation.cohorts", "core.groups")]
    checks = [*generic, *built_checks()[::4]]
    by_duckdb = run_checks(connection, checks)
    on_spark = run_checks(connection, checks, place=OnSpark(own))
    assert Counter(result.outcome for result in by_duckdb)["failed"] > 15
    assert _differing(by_duckdb, on_spark) == {}
    # Examples of a query are in its order; those of one column are any three.
    queries = {check.name for check in checks if check.is_rows}
    told = {result.name: result.examples for result in by_duckdb if result.name in queries}
    assert {r.name: r.examples for r in on_spark if r.name in queries} == told


def test_a_table_that_is_gone_is_told_and_the_others_run(
    faulty: tuple[duckdb.DuckDBPyConnection, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    connection, own = faulty
    own.catalog.dropTempView(view_of("core.stays"))
    checks = [check for check in built_checks() if check.name.startswith(("core.stays.", "core.orders."))]
    results = {result.name: result for result in run_checks(connection, checks, place=OnSpark(own))}
    gone = {name: result for name, result in results.items() if name.startswith("core.stays.")}
    assert {result.outcome for result in gone.values()} == {"could_not_run"}
    assert "core__stays" in gone["core.stays.do_not_overlap"].message
    assert "core__stays" not in "".join(capfd.readouterr())
    assert {r.outcome for name, r in results.items() if name not in gone} <= {"passed", "failed"}


def test_no_query_of_the_gate_reads_what_the_lake_has_not() -> None:
    """Gate 2 runs whole on Spark: its checks are about tables that models make, and of nothing else."""
    read: set[str] = set()
    for check in built_checks():
        read.add(check.table)
        if check.is_rows:
            tree = sqlglot.parse_one(check.sql.replace("$week_ranges", "(1, 2, 3)"), read="duckdb")
            read |= {f"{table.db}.{table.name}" for table in tree.find_all(exp.Table) if table.db}
    assert read - ALL.keys() == set()
