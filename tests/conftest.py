"""What all tests share: a key of their own, public data built once, an order that keeps workers busy."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from pipelines.people import KEY_VARIABLE
from tests.real.homes import EXAMPLES, BuiltHome, run_home

OF_PUBLIC_DATA = {"test_online_retail": "online-retail", "test_slack": "slack-community"}
# Parameters of the fixtures that build a large warehouse each.
WAREHOUSE = re.compile(r"\[(?:.*-)?(seed\d+|shipped|slack-community|online-retail)(?:-.*)?\]$")
# What takes longest begins first, so that no worker is left with it at the end.
FIRST = ("spark/", "public/", "run/", "truth/", "oracle/", "install/", "report/", "load/")


def _group(nodeid: str) -> str:
    """What a test shares its worker with: the tests of the same large warehouse, or else of the same file."""
    path = PurePosixPath(nodeid.split("::")[0])
    folder = path.parent.name
    if folder == "real":
        return f"public/{OF_PUBLIC_DATA.get(path.stem, path.stem)}"
    if folder == "spark":
        # One JVM for all of them.
        return "spark/all"
    if folder in ("oracle", "truth") and (match := WAREHOUSE.search(nodeid)):
        return f"{'public' if match[1] in OF_PUBLIC_DATA.values() else folder}/{match[1]}"
    return f"{folder}/{path.stem}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of a group one after the other."""

    def place(item: pytest.Item) -> tuple[int, str]:
        group = _group(item.nodeid)
        return next((i for i, start in enumerate(FIRST) if group.startswith(start)), len(FIRST)), group

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Several workers take whole groups in that order; `--dist loadgroup` of xdist 3.8 does nothing here."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    return ByGroup(config, log)


@pytest.fixture(scope="session")
def public_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], BuiltHome]:
    """What the command makes of a public data set by name, made once; skips where the data are not."""

    @cache
    def made(name: str) -> BuiltHome:
        folder = public_data(name)
        return run_home(folder, EXAMPLES / f"{name}.toml", tmp_path_factory.mktemp(name))

    return made


def public_data(name: str) -> Path:
    """The folder of a public data set; skips the test where there is none."""
    root = os.environ.get("GROUPFUNNEL_REAL_DATA")
    folder = Path(root or ".") / name
    if not root or not folder.is_dir():
        pytest.skip(
            "GROUPFUNNEL_REAL_DATA names no folder; docs/examples/README.md says where to get the data"
        )
    return folder.resolve()


@pytest.fixture(scope="session", autouse=True)
def own_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A key of the tests' own, also for the commands that they start."""
    path = tmp_path_factory.mktemp("key") / "key"
    before = os.environ.get(KEY_VARIABLE)
    os.environ[KEY_VARIABLE] = str(path)
    yield path
    if before is None:
        del os.environ[KEY_VARIABLE]
    else:
        os.environ[KEY_VARIABLE] = before
