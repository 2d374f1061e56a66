"""A run that is killed at any moment leaves what was published, and the next run simply works."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

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
