"""The public data sets: where they lie, and the warehouse and report that the command makes of each."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .homes import EXAMPLES, BuiltHome, run_home

SKIP = "GROUPFUNNEL_REAL_DATA names no folder; docs/examples/README.md says where to get the data"


def _data(name: str) -> Path:
    root = os.environ.get("GROUPFUNNEL_REAL_DATA")
    folder = Path(root or ".") / name
    if not root or not folder.is_dir():
        pytest.skip(SKIP)
    return folder.resolve()


@pytest.fixture(scope="session")
def retail_files() -> Path:
    """Folder of the 305 daily order exports."""
    return _data("online-retail")


@pytest.fixture(scope="session")
def retail(retail_files: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltHome:
    """What the command makes of all 305 files at once."""
    return run_home(retail_files, EXAMPLES / "online-retail.toml", tmp_path_factory.mktemp("retail"))


@pytest.fixture(scope="session")
def slack(tmp_path_factory: pytest.TempPathFactory) -> BuiltHome:
    """What the command makes of the Slack community."""
    home = tmp_path_factory.mktemp("slack")
    return run_home(_data("slack-community"), EXAMPLES / "slack-community.toml", home)
