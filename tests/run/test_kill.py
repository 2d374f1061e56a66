"""A run that is killed at any moment leaves what was published, and the next run simply works."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import duckdb
import pytest

from tests.run.conftest import WEEKS, Place, write_week

# Each costs a part of a run; set higher for a long look.
KILLS = int(os.environ.get("GROUPFUNNEL_KILLS", "3"))


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_43_killed_at_random_moments(
    place: Place, second_run: tuple[Place, subprocess.CompletedProcess[str]]
) -> None:
    other, told = second_run
    length = sum(
        float(line.split()[-2]) for line in told.stdout.splitlines() if line.endswith(" s") and line[0] != " "
    )
    write_week(place.inbox, WEEKS)
    old, old_warehouse = place.published(), place.warehouse.read_bytes()
    dice = random.Random(20260105)
    for _ in range(KILLS):
        command = [sys.executable, "-m", "pipelines", "run", "--home", str(place.root)]
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.2, length + 1.0))
        is_over = run.poll() is not None
        run.send_signal(signal.SIGKILL)
        run.wait()
        now = place.published()
        # The warehouse and the pages are each the old ones or the new ones, never something between.
        assert is_over or place.warehouse.read_bytes() == old_warehouse or place.tables() == other.tables()
        with duckdb.connect(str(place.warehouse), read_only=True) as reader:
            assert reader.execute("select count(*) > 0 from scorecard.weekly").fetchone() == (True,)
        pages = {name for name in now if name.startswith("reports/latest/")}
        assert {name for name in old if name.startswith("reports/latest/")} <= pages
        if now["reports/latest/.stamp"] == old["reports/latest/.stamp"]:
            assert all(now[name] == old[name] for name in pages)
    told = place.call("run")
    assert told.returncode == 0, told.stderr
    assert place.tables() == other.tables()
    assert {k: v for k, v in place.published().items() if k.startswith("reports/")} == {
        k: v for k, v in other.published().items() if k.startswith("reports/")
    }
    left = sorted(p.name for p in (place.root / "data").iterdir())
    assert left == [".lock", "kept", "logs", "warehouse.duckdb"]
