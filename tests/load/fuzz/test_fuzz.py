"""Mutated files of every format never crash without a clear error, and no row of them gets lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from pipelines.errors import InputRefused
from pipelines.inventory import exports_in
from pipelines.load import LoadResult
from pipelines.people import KEY_VARIABLE
from pipelines.platforms import recognise
from pipelines.readers import DOCUMENTS, TABLES, module_of, reader_for
from pipelines.settings import Settings
from tests.load.fuzz import rig as rig_module
from tests.load.fuzz.mutations import mutated
from tests.load.fuzz.rig import LOADED, Broken, Rig
from tests.load.fuzz.seeds import Seed, seeds

EXAMPLES = 80
# One of so many goes on into the warehouse, the others are taken apart only: `make fuzz` loads them all.
TABLES_LOADED, CHATS_LOADED = 6, 10


@pytest.fixture
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """A warehouse for the examples of one format."""
    before = os.environ.get(KEY_VARIABLE)
    made = Rig(tmp_path, *request.param)
    yield made
    made.connection.close()
    os.environ.pop(KEY_VARIABLE)
    if before is not None:
        os.environ[KEY_VARIABLE] = before


def of_each(tables: int, chats: int) -> pytest.MarkDecorator:
    """A rig for each seed; one of so many examples of it goes on into the warehouse."""
    shares = [(seed, chats if seed.reader in DOCUMENTS else tables) for seed in seeds().values()]
    return pytest.mark.parametrize("rig", shares, ids=list(seeds()), indirect=True)


def test_every_reader_and_mapping_has_a_seed() -> None:
    mappings = {
        entry.name.removesuffix(".toml")
        for entry in resources.files("pipelines").joinpath("mappings").iterdir()
        if entry.name.endswith(".toml")
    }
    assert {*DOCUMENTS, *TABLES} - {seed.reader for seed in seeds().values()} == set()
    assert mappings - {seed.platform for seed in seeds().values()} == set()


@of_each(1, 1)
def test_a_seed_is_what_it_is_called_and_loads(rig: Rig) -> None:
    seed = rig.seed
    path = rig.inbox / seed.place
    assert rig.check(seed.content) == LOADED
    candidates = list(exports_in(path, seed.place, Settings()))
    assert candidates
    for candidate in candidates:
        assert candidate.export.platform == (_platform(seed) or None)
        if seed.reader in DOCUMENTS:
            assert candidate.document == seed.reader
    if seed.reader in TABLES:
        module, _ = reader_for(path)
        assert module.__name__.rsplit(".", 1)[-1] == seed.reader
        assert (recognise(path) is not None) == bool(_platform(seed))


class _Refuses:
    """Loading as it must not be: it refuses with these words, or does something to the warehouse before."""

    def __init__(self, words: str, before: str = "") -> None:
        self.words, self.before = words, before

    def __call__(self, connection: duckdb.DuckDBPyConnection, *_: object) -> list[LoadResult]:
        if self.before:
            connection.execute(self.before)
        raise InputRefused(self.words)


@pytest.mark.parametrize(
    ("does", "told"),
    [
        (_Refuses("something is wrong"), "does not name the file"),
        (_Refuses("joins_2026-03-02_2026-03-08.tsv: Oriana Vexley is twice in it"), "what is somebody's"),
        (
            _Refuses("joins_2026-03-02_2026-03-08.tsv: cut", "insert into raw.joins (load_id) values (9)"),
            "are of no load",
        ),
        (lambda *_: [LoadResult("a", "join", 3, 1, 0, 1)], "does not add up"),
    ],
)
def test_a_promise_that_is_broken_is_seen(
    does: Any, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, str(tmp_path / "key"))
    monkeypatch.setattr(rig_module, "load_file", does)
    one = Rig(tmp_path, seeds()["tsv"])
    with pytest.raises(Broken, match=told):
        one.check(seeds()["tsv"].content)
    one.connection.close()


@of_each(TABLES_LOADED, CHATS_LOADED)
def test_mutated_files_are_loaded_or_refused_clearly(rig: Rig) -> None:
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(content=mutated(rig.seed))
    def holds(content: bytes) -> None:
        rig.check(content)

    holds()


def _platform(seed: Seed) -> str:
    if seed.reader in DOCUMENTS:
        return str(module_of(seed.reader).PLATFORM)
    return "" if seed.platform == "canonical" else seed.platform
