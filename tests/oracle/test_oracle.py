"""Every core table equals the oracle's, row by row and column by column."""

from __future__ import annotations

import pytest

from tests.oracle.compare import differences, summary
from tests.oracle.conftest import Built
from tests.oracle.tables import SOURCES, TABLES


def _check(built: Built, table: str) -> None:
    keys, rows = TABLES[table]
    found = differences(built.connection, SOURCES.get(table, table), keys, rows(built.book))
    assert not found, f"{table}: {summary(found)}"


@pytest.mark.parametrize("table", TABLES)
def test_sample(sample: Built, table: str) -> None:
    _check(sample, table)


@pytest.mark.real_data
@pytest.mark.parametrize("table", TABLES)
def test_public_data(public: Built, table: str) -> None:
    _check(public, table)
