"""One built site for all of the report's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.report import build_site, write_shared_assets, write_week_list
from pipelines.settings import Settings

from .warehouses import build_warehouse


@pytest.fixture(scope="session")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """The small warehouse with every kind of export."""
    with build_warehouse() as connection:
        yield connection


@pytest.fixture(scope="session")
def site(warehouse: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week's folder beside the shared assets and the list of weeks."""
    reports = tmp_path_factory.mktemp("reports")
    write_shared_assets(reports)
    build_site(warehouse, Settings(), reports / "2026-W46")
    write_week_list(reports, Settings())
    return reports / "2026-W46"


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[str, str]:
    """Every page's HTML by its path inside the week's folder; the mail is no page (test_summary.py)."""
    return {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(site.rglob("*.html"))
        if path.name != "summary.html"
    }
