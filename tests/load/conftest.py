"""A new warehouse per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load.inboxes import Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """A new warehouse with the default settings."""
    made = Warehouse(tmp_path / "home")
    yield made
    made.connection.close()
