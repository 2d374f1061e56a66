"""One local Spark session for all tests of this folder, and the sample as both engines build it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.load import load_all, take_inventory
from pipelines.models import build_models, read_models
from pipelines.raw import create_raw, write_settings
from pipelines.resources import shipped_path
from pipelines.settings import load_settings
from pipelines.spark.build import SparkBuild, build_on_spark
from pipelines.spark.lake import Lake
from pipelines.spark.options import SparkOptions
from pipelines.spark.session import has_java, spark_session
from pipelines.warehouse import open_warehouse

ROOT = Path(__file__).parents[2]
ALL = read_models(shipped_path("sql"))


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Spark on this machine, as a run on small data opens it."""
    if find_spec("pyspark") is None:
        pytest.skip("PySpark is not installed: pip install 'groupfunnel[spark]'")
    if not has_java():
        pytest.skip("there is no Java: Spark needs 17 or later")
    options = SparkOptions(master="local[2]")
    with spark_session(options, tmp_path_factory.mktemp("spark"), is_small=True) as opened:
        yield opened


@dataclass(frozen=True)
class Sample:
    """The same loads built by either engine, and the lake."""

    by_duckdb: Path
    by_spark: Path
    lake: Lake


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """data/sample, loaded and not built."""
    path = tmp_path_factory.mktemp("loaded") / "loaded.duckdb"
    settings = load_settings(ROOT / "groupfunnel.toml")
    connection = open_warehouse(path)
    create_raw(connection)
    files = take_inventory(connection, ROOT / "data" / "sample", settings)
    load_all(connection, files, settings, datetime(2026, 11, 20, tzinfo=UTC), lambda *_: None)
    write_settings(connection, settings)
    connection.execute("checkpoint")
    connection.close()
    return path


@pytest.fixture(scope="session")
def by_duckdb(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, built by DuckDB."""
    path = tmp_path_factory.mktemp("by_duckdb") / "duckdb.duckdb"
    shutil.copyfile(loaded, path)
    connection = open_warehouse(path)
    build_models(connection, ALL, lambda _: None)
    connection.close()
    return path


@pytest.fixture(scope="session")
def sample(session: Any, loaded: Path, by_duckdb: Path, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample as either engine builds it."""
    folder = tmp_path_factory.mktemp("sample")
    by_spark = folder / "spark.duckdb"
    shutil.copyfile(loaded, by_spark)
    lake = Lake(str(folder / "lake"))
    connection = open_warehouse(by_spark)
    build_on_spark(SparkBuild(session, lake, connection), ALL, lambda _: None)
    connection.close()
    return Sample(by_duckdb, by_spark, lake)


def differences(one: Path, other: Path, names: list[str]) -> dict[str, str]:
    """Tables of two warehouses whose columns, rows or values are not the same, each with how many.

    Doubles may differ by 1e-9 of themselves, everything else not at all. Rows are told apart by their grain.
    """
    found: dict[str, str] = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        for name in names:
            columns = connection.execute(f"describe one.{name}").fetchall()
            if [c[:2] for c in columns] != [
                c[:2] for c in connection.execute(f"describe other.{name}").fetchall()
            ]:
                found[name] = "columns"
                continue
            on = " and ".join(f"a.{key} is not distinct from b.{key}" for key in ALL[name].grain)
            told = ", ".join(
                f"count(*) filter (where {_unlike(column, kind)})" for column, kind, *_ in columns
            )
            counts = connection.execute(
                f"select (select count(*) from one.{name}), (select count(*) from other.{name}), count(*), "
                f"{told} from one.{name} as a join other.{name} as b on {on}"
            ).fetchone()
            assert counts is not None
            values = [f"{c[0]}: {n}" for c, n in zip(columns, counts[3:], strict=True) if n]
            if values or not counts[0] == counts[1] == counts[2]:
                found[name] = f"rows {counts[:3]}, {', '.join(values)}"
    return found


def _unlike(column: str, kind: str) -> str:
    a, b = f'a."{column}"', f'b."{column}"'
    if kind == "DOUBLE":
        # Written so that NULL and not-a-number beside a number are unlike too.
        return (
            f"{a} is distinct from {b} "
            f"and not coalesce(abs({a} - {b}) <= 1e-9 * greatest(1, abs({a})), false)"
        )
    return f"{a} is distinct from {b}"
