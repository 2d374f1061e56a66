"""Every model gives the same rows on Spark as on DuckDB."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.models import build_models
from pipelines.raw import create_raw, write_settings
from pipelines.settings import Settings
from pipelines.spark.lake import (
    Lake,
    clear,
    export,
    forget_tokens,
    is_of_warehouse,
    known_lakes,
    own_lake,
)
from pipelines.warehouse import open_warehouse
from tests.spark.conftest import ALL, Sample, differences


def test_every_table_of_the_sample_is_the_same_on_both_engines(sample: Sample) -> None:
    tables = [name for name, model in ALL.items() if not model.is_view]
    assert len(tables) > 200
    assert differences(sample.by_duckdb, sample.by_spark, tables) == {}


def test_comments_and_the_list_of_models_come_back_too(sample: Sample) -> None:
    told = []
    for path in (sample.by_duckdb, sample.by_spark):
        with duckdb.connect(str(path), read_only=True) as connection:
            told.append(
                connection.execute(
                    "select schema_name, table_name, column_name, comment from duckdb_columns() "
                    "where not internal and schema_name <> 'raw' order by all"
                ).fetchall()
                + connection.execute("from quality.models order by position").fetchall()
            )
    assert told[0] == told[1]


def test_a_lake_is_known_and_can_be_cleared(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    (lake.folder / "of_somebody_else").mkdir(parents=True)
    with open_warehouse(tmp_path / "w.duckdb") as connection:
        create_raw(connection)
        write_settings(connection, Settings())
        staged = {name: model for name, model in ALL.items() if model.schema == "staging"}
        build_models(connection, staged, lambda _: None)
        assert all(one.weeks for one in export(connection, lake, staged))
        assert not any(one.weeks for one in export(connection, lake, staged))
        assert known_lakes(connection) == []
        own_lake(connection, lake, None)
        assert known_lakes(connection) == [lake]
        assert is_of_warehouse(connection, lake, None)
        forget_tokens(connection)
        assert known_lakes(connection) == [lake]
        assert not is_of_warehouse(connection, lake, None)
    assert clear(lake)
    assert [path.name for path in lake.folder.iterdir()] == ["of_somebody_else"]
    assert not clear(Lake("s3a://bucket/lake"))


def test_events_stand_in_the_lake_by_kind_and_week(sample: Sample) -> None:
    with duckdb.connect(str(sample.by_duckdb), read_only=True) as connection:
        for kind in ("messages", "joins", "invites", "orders"):
            weeks = sorted((sample.lake.folder / "staging" / kind).glob("week=*"))
            assert len(weeks) > 20
            files = f"{sample.lake.folder}/staging/{kind}/*/*.parquet"
            held = connection.execute(f"select count(*) from read_parquet('{files}')").fetchone()
            assert held == connection.execute(f"select count(*) from staging.{kind}").fetchone()
