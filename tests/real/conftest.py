"""The public data sets: where they lie, and the warehouse and report that the command makes of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import public_data

from .homes import BuiltHome


@pytest.fixture(scope="session")
def retail_files() -> Path:
    """Folder of the 305 daily order exports."""
    return public_data("online-retail")


@pytest.fixture(scope="session")
def retail(public_home: Callable[[str], BuiltHome]) -> BuiltHome:
    """What the command makes of all 305 files at once."""
    return public_home("online-retail")


@pytest.fixture(scope="session")
def slack(public_home: Callable[[str], BuiltHome]) -> BuiltHome:
    """What the command makes of the Slack community."""
    return public_home("slack-community")
