"""Every model keeps the house style, is documented column by column, and can be carried over to Spark."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
import sqlglot

from pipelines.errors import ModelError
from pipelines.model_files import without_imports
from pipelines.models import (
    Model,
    build_models,
    column_comments,
    order_models,
    parse_model,
    prune,
    read_models,
)
from pipelines.raw import create_raw, write_settings
from pipelines.resources import shipped_path
from pipelines.settings import Settings
from pipelines.spark.sql import banned, parsed, to_spark
from pipelines.warehouse import open_warehouse

IMPORT = re.compile(r"(\w+) as \(\s*select \* from (\w+\.\w+)\s*\)")
MODELS = read_models(shipped_path("sql"))
PUBLISHED = [
    "core.settings",
    "core.health_weights",
    "core.touches",
    "core.calendar",
    "core.coverage",
    "core.groups",
    "core.members",
    "core.stays",
    "core.community_stays",
    "core.messages",
    "core.member_days",
    "core.member_weeks",
    "core.group_hours",
    "core.orders",
    "core.order_lines",
    "core.invites",
    "core.campaigns",
    "core.products",
    "core.gifts",
    "core.events",
    "acquisition.weekly",
    "acquisition.weekly_by_group",
    "acquisition.channels",
    "activation.cohorts",
    "activation.cohorts_by_group",
    "activation.levers",
    "activation.curve",
    "retention.cohorts",
    "retention.cohorts_by_group",
    "retention.average",
    "retention.survival",
    "retention.stickiness",
    "retention.stickiness_by_group",
    "retention.lifecycle",
    "retention.lifecycle_by_group",
    "retention.transitions",
    "revenue.weekly",
    "revenue.weekly_by_group",
    "revenue.cohort_value",
    "revenue.repurchase",
    "revenue.returning",
    "revenue.unit_economics",
    "revenue.changes",
    "revenue.complaints",
    "revenue.products",
    "revenue.preorders",
    "revenue.stored_value",
    "revenue.leaders",
    "revenue.concentration",
    "revenue.campaigns",
    "revenue.rfm",
    "revenue.lifetime_value",
    "revenue.lifetime_value_parameters",
    "referral.weekly",
    "referral.weekly_by_group",
    "referral.tree",
    "referral.generations",
    "referral.inviters",
    "referral.flows",
    "referral.quality",
    "referral.abuse",
    "group_health.groups",
    "group_health.fatigue",
    "group_health.fatigue_waves",
    "group_health.candidates",
    "group_health.kol_scores",
    "group_health.weekly",
    "group_health.sizes",
    "group_health.owners",
    "group_health.pushes",
    "scorecard.weekly",
    "scorecard.bridge",
    "scorecard.actions",
    "scorecard.alerts",
    "scorecard.aarrr",
    "scorecard.aarrr_by_group",
    "scorecard.stages",
    "quality.reconciliation",
    "quality.capabilities",
    "quality.identities",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A warehouse without a single export: every model must build on nothing."""
    connection = open_warehouse(tmp_path_factory.mktemp("empty") / "w.duckdb")
    create_raw(connection)
    write_settings(connection, Settings())
    build_models(connection, MODELS, lambda _: None)
    return connection


def _tables(sql: str) -> set[str]:
    return {f"{table.db}.{table.name}" for table in parsed(sql).find_all(sqlglot.exp.Table) if table.db}


@pytest.mark.parametrize("name", PUBLISHED)
def test_contract_has_a_model(name: str) -> None:
    assert name in MODELS


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda m: m.name)
def test_what_it_reads_is_what_a_parser_finds(model: Model) -> None:
    assert {name for name, _ in model.reads} == _tables(model.sql)


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda m: m.name)
def test_style(model: Model) -> None:
    lines = model.path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("-- "), "a model begins with what one row of it is"
    assert model.comment
    assert model.grain or model.is_view or model.schema == "staging"
    assert max(map(len, lines)) <= 100, [line for line in lines if len(line) > 100]
    assert not any(re.search(r"\bselect distinct\b.*\*", line) for line in lines)


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda m: m.name)
def test_every_column_is_documented(model: Model, built: duckdb.DuckDBPyConnection) -> None:
    columns = [
        (row[0], row[1])
        for row in built.execute(
            "select column_name, comment from duckdb_columns() where schema_name = ? and table_name = ? "
            "order by column_index",
            [model.schema, model.path.stem],
        ).fetchall()
    ]
    assert [name for name, _ in columns] == [name for name, _ in model.columns]
    assert not [name for name, comment in columns if not comment]


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda m: m.name)
def test_no_step_has_two_columns_of_one_name(model: Model, built: duckdb.DuckDBPyConnection) -> None:
    # `t.*, … as stay_number` beside a t.stay_number is legal, and the name then means the wrong one.
    steps = parsed(model.sql).args.get("with_")
    told = steps.sql("duckdb") if steps else ""
    for cte in steps.expressions if steps else []:
        names = [row[0] for row in built.execute(f'describe {told} select * from "{cte.alias}"').fetchall()]
        again = [name for name in names if re.fullmatch(r".+_\d", name) and name[:-2] in names]
        assert not again, f"{model.file}: {cte.alias} has {again} twice"


@pytest.mark.parametrize("model", [m for m in MODELS.values() if m.is_shared], ids=lambda m: m.name)
def test_carries_over_to_spark(model: Model) -> None:
    assert banned(model.sql) == []
    assert to_spark(model.sql)


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select quantile_cont(x, 0.5) from a.b", "quantile"),
        ("select percentile_cont(0.5) within group (order by x) from a.b", "percentile_cont"),
        ("select list(x order by y) from a.b", "list"),
        ("select first(x order by y) from a.b", "first"),
        ("select strftime(d, '%G-W%V') from a.b", "strftime"),
        ("select dayofweek(d) from a.b", "dayofweek"),
        ("select isodow(d) from a.b", "isodow"),
        ("select isoyear(d) from a.b", "isoyear"),
        ("select epoch(t) from a.b", "epoch"),
        ("select epoch_ms(t) from a.b", "epoch_ms"),
        ("select hash(x) from a.b", "hash"),
        ("select t at time zone 'UTC' from a.b", "at time zone"),
        ("select timezone('UTC', t) from a.b", "timezone"),
        ("select * from range(10)", "range"),
        ("select * from a.b asof join a.c on b.t >= c.t", "asof join"),
        ("select date_diff('hour', s, t) from a.b", "date_diff"),
        ("select date_diff('day', s, t) from a.b", None),
        ("select date_diff('microsecond', s, t) from a.b", None),
        ("select x from (select x from a.b)", "subquery in from"),
        ("select median(x) from a.b", None),
    ],
)
def test_banned_constructs_are_found(sql: str, found: str | None) -> None:
    assert any(found in name for name in banned(sql)) if found else banned(sql) == []


def test_no_published_number_is_wider_than_a_bigint(built: duckdb.DuckDBPyConnection) -> None:
    # DuckDB's sum of integers is a hugeint, which Spark has not and many clients show as a float.
    wide = built.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where data_type = 'HUGEINT'"
    ).fetchall()
    assert wide == []


def test_models_build_on_nothing(built: duckdb.DuckDBPyConnection) -> None:
    assert built.execute("select count(*) from core.settings").fetchone() == (1,)
    assert built.execute("select count(*) from scorecard.weekly").fetchone() == (0,)


def _model(root: Path, name: str, text: str) -> None:
    schema, table = name.split(".")
    (root / schema).mkdir(parents=True, exist_ok=True)
    (root / schema / f"{table}.sql").write_text(text, encoding="utf-8")


def test_order_follows_names(tmp_path: Path) -> None:
    _model(tmp_path, "core.a", "-- A.\n-- grain: x\nselect\n    x -- x\nfrom core.b\n")
    _model(tmp_path, "core.b", "-- B.\n-- grain: x\nselect\n    1 as x -- x\nfrom raw.t\n")
    assert [m.name for m in order_models(read_models(tmp_path), ["raw.t"])] == ["core.b", "core.a"]


def test_unknown_name_is_an_error_with_file_and_line(tmp_path: Path) -> None:
    _model(tmp_path, "core.a", "-- A.\n-- grain: x\nselect\n    x -- x\nfrom raw.ordres\n")
    with pytest.raises(
        ModelError, match=r"sql/core/a\.sql, line 5: there is no raw\.ordres; did you mean raw\.orders\?"
    ):
        order_models(read_models(tmp_path), ["raw.orders"])


def test_cycle_is_an_error_with_its_path(tmp_path: Path) -> None:
    _model(tmp_path, "core.a", "-- A.\n-- grain: x\nselect\n    x -- x\nfrom core.b\n")
    _model(tmp_path, "core.b", "-- B.\n-- grain: x\nselect\n    x -- x\nfrom core.a\n")
    with pytest.raises(ModelError, match=r"core\.a → core\.b → core\.a"):
        order_models(read_models(tmp_path), [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-- A.\nselect\n    1 as x -- x\n", "grain"),
        ("-- A.\n-- grain: x\nselect 1 as x; select 2", "one select"),
        ("-- A.\n-- grain: x\ncreate table t as select 1", "one select"),
        ("-- A.\n-- grain: x\nselect\n    x -- x\nfrom somewhere\n", r"line 5: somewhere has no schema"),
    ],
)
def test_what_is_no_model_is_refused(tmp_path: Path, text: str, message: str) -> None:
    _model(tmp_path, "core.a", text)
    with pytest.raises(ModelError, match=message):
        parse_model(tmp_path / "core" / "a.sql")


def _warehouse(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    connection = open_warehouse(tmp_path / "w.duckdb")
    connection.execute("create schema raw; create table raw.t as select 1 as x")
    return connection


def test_broken_grain_stops_the_build(tmp_path: Path) -> None:
    _model(
        tmp_path,
        "core.a",
        "-- A.\n-- grain: x\nselect\n    x -- x\nfrom raw.t\nunion all\nselect x from raw.t\n",
    )
    with pytest.raises(ModelError, match=r"sql/core/a\.sql: the grain \(x\) is not kept"):
        build_models(_warehouse(tmp_path), read_models(tmp_path), lambda _: None)


@pytest.mark.parametrize(
    "text",
    [
        "select\n    x,\n    nothing -- n\nfrom raw.t\n",
        "select\n    x,\n    ) -- n\nfrom raw.t\n",
        # An import that is read in place keeps its line.
        "with\nt as (select * from raw.t)\nselect nothing from t\n",
    ],
)
def test_sql_error_names_file_and_line(tmp_path: Path, text: str) -> None:
    _model(tmp_path, "core.a", "-- A.\n-- grain: x\n" + text)
    with pytest.raises(ModelError, match=r"sql/core/a\.sql, line 5"):
        build_models(_warehouse(tmp_path), read_models(tmp_path), lambda _: None)


def test_imports_are_read_in_place() -> None:
    text = (
        "with\n\njoins as (select * from core.joins),\n\nb as (\n    select * from core.b\n),\n\n"
        "c as (select joins.x from joins join b on joins.x = b.x),\n\n"
        "d as (select * from core.d)\n\n"
        "select c.x from c left join joins as j on c.x = j.x\nwhere c.x in (select x from\n    b)\n"
    )
    assert re.sub(r"\s+", " ", without_imports(text)).strip() == (
        "with c as (select joins.x from core.joins as joins join core.b as b on joins.x = b.x) "
        "select c.x from c left join core.joins as j on c.x = j.x where c.x in (select x from core.b as b)"
    )
    alone = "with\n\n-- What stands.\na as (select * from core.a)\n\nselect a.x from a\n"
    assert without_imports(alone).split("\n") == [
        "",
        "",
        "-- What stands.",
        "",
        "",
        "select a.x from core.a as a",
        "",
    ]


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda m: m.name)
def test_reading_in_place_reads_the_same(model: Model) -> None:
    flat = without_imports(model.sql)
    assert flat.count("\n") == model.sql.count("\n")
    assert _tables(flat) | {name for _, name in IMPORT.findall(model.sql)} == _tables(model.sql)
    assert not IMPORT.search(flat)


def test_comments_land_in_the_database_and_old_tables_go(tmp_path: Path) -> None:
    connection = _warehouse(tmp_path)
    _model(tmp_path, "core.a", "-- One row per x.\n-- grain: x\nselect\n    x -- the x\nfrom raw.t\n")
    _model(tmp_path, "core.b", "-- B.\n-- grain: x\nselect\n    x -- x\nfrom core.a\n")
    build_models(connection, read_models(tmp_path), lambda _: None)
    found = connection.execute("select comment from duckdb_columns() where table_name = 'a'").fetchall()
    assert found == [("the x",)]
    assert connection.execute("select comment from duckdb_tables() where table_name = 'a'").fetchall() == [
        ("One row per x.",)
    ]
    (tmp_path / "core" / "b.sql").unlink()
    assert prune(connection, read_models(tmp_path)) == ["core.b"]


def test_a_table_becomes_a_view_and_back(tmp_path: Path) -> None:
    connection = _warehouse(tmp_path)
    for text in ("-- A.\n-- grain: x\nselect\n    x -- x\nfrom raw.t\n",) * 2 + (
        "-- A.\n-- materialized: view\nselect\n    x -- x\nfrom raw.t\n",
        "-- A.\n-- grain: x\nselect\n    x -- x\nfrom raw.t\n",
    ):
        _model(tmp_path, "core.a", text)
        build_models(connection, read_models(tmp_path), lambda _: None)
    assert connection.execute(
        "select count(*) from duckdb_views() where view_name = 'a' and not internal"
    ).fetchone() == (0,)


def test_column_comments_of_long_expressions() -> None:
    text = (
        "with a as (\nselect\n    1 as q -- no\n)\nselect\n    x, -- one\n    case\n"
        "        when b then ','\n    end as y, -- two\n    count(*) as n -- three\nfrom t\n"
    )
    assert column_comments('select\n    a as "returning" -- kept\nfrom t\n') == (("returning", "kept"),)
    assert column_comments(text) == (("x", "one"), ("y", "two"), ("n", "three"))
