"""A run that is killed at any moment leaves what was published, and the next run simply works."""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from pipelines.home import Home, locked
from tests.run.conftest import Place
from tests.run.kills import kill_often, truth_of

# `make faults KILLS=200` is the long look.
KILLS = 10


def test_43_killed_at_random_moments(
    first_run: tuple[Place, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    truth = truth_of(first_run[0], tmp_path)
    done = kill_often(truth, tmp_path, KILLS, random.Random(20260105), lambda _: None, in_a_row=8)
    assert len(done) == KILLS
    assert len({killed.stage for killed in done}) > 2


def test_43_exports_that_a_killed_run_had_unpacked_do_not_stay(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    with locked(Home(place.root)):
        left = Path(tempfile.mkdtemp())
        (left / "messages.csv").write_text("what a killed run had unpacked", encoding="utf-8")
        # As after kill -9: nobody clears up.
        shutil.copytree(left.parent, tmp_path / "copy")
    assert not left.exists()
    shutil.copytree(tmp_path / "copy", left.parent)
    other = tmp_path / "tmp" / "of-somebody-else"
    other.mkdir()
    with locked(Home(place.root)):
        assert not left.exists() and Path(tempfile.gettempdir()) == left.parent
        assert left.parent.stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "tmp").iterdir()) == [other]
