"""What all tests share: a key of their own, public data built once, an order that keeps workers busy."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from pipelines.people import KEY_VARIABLE
from tests.real.homes import EXAMPLES, BuiltHome, run_home

# Fixtures that build a large warehouse per parameter: tests of one warehouse run one after the other.
BUILT_ONCE = ("sample", "public", "planted")
OF_PUBLIC_DATA = {"test_online_retail": "online-retail", "test_slack": "slack-community"}
# What takes longest begins first, so that no worker is left with it at the end.
FIRST = ("public-", "run/", "truth/", "oracle/", "install/", "report/", "load/")


def _group(item: pytest.Item) -> str:
    """What a test shares its worker with: the tests of the same warehouse, or else of the same file."""
    folder = item.path.relative_to(Path(__file__).parent).parent.as_posix()
    if folder == "real":
        return f"public-{OF_PUBLIC_DATA[item.path.stem]}"
    parameters = getattr(item, "callspec", None)
    for name in BUILT_ONCE if parameters is not None and folder in ("oracle", "truth") else ():
        if name in parameters.params:
            return f"{'public-' if name == 'public' else f'{folder}/'}{parameters.params[name]}"
    return f"{folder}/{item.path.stem}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each test its group; several workers take whole groups, in this order."""

    def place(item: pytest.Item) -> tuple[int, str]:
        group = _group(item)
        rank = next((i for i, start in enumerate(FIRST) if group.startswith(start)), len(FIRST))
        return rank, group

    items.sort(key=place)
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            item.add_marker(pytest.mark.xdist_group(_group(item)))


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
