"""Warehouses with a planted truth beside them: the shipped sample, and one of another seed at full size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.load import load_all, take_inventory
from pipelines.models import build_models, read_models
from pipelines.raw import create_raw, write_settings
from pipelines.resources import shipped_path
from pipelines.sample import generate
from pipelines.settings import load_settings
from pipelines.warehouse import open_warehouse

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "data" / "sample"
OTHER_SEED = 19


@dataclass(frozen=True)
class Planted:
    """A built warehouse and the truth of its generator."""

    connection: duckdb.DuckDBPyConnection
    truth: dict[str, Any]


def build(inbox: Path, path: Path) -> Planted:
    """Load an inbox with the shipped settings and run the models."""
    settings = load_settings(ROOT / "groupfunnel.toml")
    connection = open_warehouse(path)
    create_raw(connection)
    load_all(
        connection, take_inventory(connection, inbox, settings), settings, datetime.now(UTC), lambda *_: None
    )
    write_settings(connection, settings)
    build_models(connection, read_models(shipped_path("sql")), lambda _: None)
    return Planted(connection, json.loads((inbox / "truth.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session", params=("shipped", f"seed{OTHER_SEED}"))
def planted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """Each sample in turn."""
    folder = tmp_path_factory.mktemp("planted")
    if request.param == "shipped":
        inbox = SHIPPED
    else:
        inbox = folder / "inbox"
        generate(inbox, seed=OTHER_SEED)
    found = build(inbox, folder / "w.duckdb")
    yield found
    found.connection.close()


@pytest.fixture
def warehouse(planted: Planted) -> duckdb.DuckDBPyConnection:
    """The warehouse of the sample."""
    return planted.connection


@pytest.fixture
def truth(planted: Planted) -> dict[str, Any]:
    """The truth of the sample."""
    return planted.truth
