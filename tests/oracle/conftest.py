"""Warehouses the oracle is compared with: generated samples, and public data sets where they are at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.load import load_all, take_inventory
from pipelines.models import build_models, read_models
from pipelines.raw import create_raw, write_settings
from pipelines.resources import shipped_path
from pipelines.sample import generate
from pipelines.settings import load_settings
from pipelines.warehouse import open_warehouse
from tests.oracle.book import Book, read_book
from tests.real.homes import BuiltHome

SEEDS = (3, 11)


@dataclass(frozen=True)
class Built:
    """A built warehouse and what the oracle makes of its `raw.*`."""

    connection: duckdb.DuckDBPyConnection
    book: Book


def build(inbox: Path, path: Path) -> duckdb.DuckDBPyConnection:
    """Load an inbox and run the models, without checks and report."""
    settings = load_settings(None)
    connection = open_warehouse(path)
    create_raw(connection)
    load_all(connection, take_inventory(connection, inbox, settings), settings, datetime.now(UTC), _silent)
    write_settings(connection, settings)
    build_models(connection, read_models(shipped_path("sql")), _silent)
    return connection


def _silent(*_: object) -> None:
    return None


@pytest.fixture(scope="session", params=SEEDS, ids=lambda seed: f"seed{seed}")
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """A generated sample of about 900 people."""
    folder = tmp_path_factory.mktemp("oracle")
    generate(folder / "inbox", seed=request.param, scale=0.15)
    connection = build(folder / "inbox", folder / "warehouse.duckdb")
    yield Built(connection, read_book(connection))
    connection.close()


@pytest.fixture(scope="session", params=("slack-community", "online-retail"))
def public(request: pytest.FixtureRequest, public_home: Callable[[str], BuiltHome]) -> Iterator[Built]:
    """One of the public data sets, in the folder GROUPFUNNEL_REAL_DATA names."""
    path = public_home(request.param).root / "data" / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set time zone 'UTC'")
        yield Built(connection, read_book(connection))
