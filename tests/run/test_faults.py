"""What goes wrong on the machine itself: what was published stays whole, and the next run works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.run.conftest import WEEKS, Place, write_week
from tests.warm import groupfunnel

Second = tuple[Place, subprocess.CompletedProcess[str]]


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A folder to mount something on; what is mounted there is taken away again."""
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root mounts: full disks and read-only homes were not tried")
    folder = tmp_path / "mounted"
    folder.mkdir()
    probe = subprocess.run(
        ["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if probe.returncode:
        pytest.skip(f"nothing can be mounted here ({probe.stderr.strip()}): full disks were not tried")
    subprocess.run(["umount", folder], check=True)
    yield folder
    while subprocess.run(["umount", folder], capture_output=True, check=False).returncode == 0:
        pass


def intact(place: Place, before: dict[str, str]) -> None:
    """What was published is what it was, can be read whole, and nothing half done lies beside it."""
    assert place.published() == before
    with duckdb.connect(str(place.warehouse), read_only=True) as reader:
        names = reader.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        for (name,) in names:
            reader.execute(f"select count(*), sum(hash(held)) from {name} as held")
    left = {path.name for path in (place.root / "data").iterdir()}
    assert not {name for name in left if ".next" in name or name == "spark"}, left


def works_again(place: Place, second_run: Second) -> None:
    """The next run publishes what a run that nothing disturbed would have published."""
    told = place.call("run")
    assert told.returncode == 0, told.stderr
    assert place.tables() == second_run[0].tables()


@pytest.mark.parametrize("spare", [1, 30, 54], ids=lambda spare: f"{spare} MiB left")
def test_a_full_disk_ends_the_run_and_nothing_else(
    place: Place, second_run: Second, mounted: Path, spare: int
) -> None:
    used = sum(path.stat().st_blocks * 512 for path in place.root.rglob("*") if path.is_file())
    size = (used >> 20) + spare + 2
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", mounted], check=True)
    shutil.copytree(place.root, mounted / "home")
    small = Place(mounted / "home")
    write_week(small.inbox, WEEKS)
    before = small.published()
    told = small.call("run")
    assert told.returncode not in (0, 2), told.stdout
    assert "No space left" in told.stderr or "disk" in told.stderr, told.stderr
    assert "Traceback" not in told.stderr
    intact(small, before)
    subprocess.run(["mount", "-o", f"remount,size={size + 300}m", mounted], check=True)
    works_again(small, second_run)


def test_a_read_only_home_is_said_and_can_be_read(place: Place, mounted: Path) -> None:
    subprocess.run(["mount", "--bind", place.root, mounted], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", mounted], check=True)
    home = Place(mounted)
    write_week(place.inbox, WEEKS)
    before = place.published()
    told = home.call("run")
    assert told.returncode == 3 and "cannot be written" in told.stderr, told.stderr
    assert home.call("sql", "from scorecard.weekly limit 1").returncode == 0
    intact(place, before)


def test_too_little_memory_is_said_with_what_to_set(place: Place, second_run: Second) -> None:
    settings = place.root / "groupfunnel.toml"
    settings.write_text('[engine]\nmemory_limit = "8MB"\n', encoding="utf-8")
    write_week(place.inbox, WEEKS)
    before = place.published()
    told = place.call("run")
    assert told.returncode in (1, 3), told.stdout
    assert "memory_limit" in told.stderr and "Traceback" not in told.stderr, told.stderr
    intact(place, before)
    settings.unlink()
    works_again(place, second_run)


@pytest.mark.parametrize("now", ["2025-06-01 10:00:00", "2026-02-10 10:00:00"])
def test_a_clock_set_back_removes_nothing(place: Place, now: str) -> None:
    if not shutil.which("faketime"):
        pytest.skip("faketime is not installed: no clock was set back")
    write_week(place.inbox, WEEKS)
    before = place.published()
    command = ["faketime", "-f", now, sys.executable, "-m", "pipelines", "run", "--home", str(place.root)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 3 and "clock" in told.stderr, told.stderr
    intact(place, before)


@pytest.mark.parametrize("harm", ["cut", "emptied", "overwritten", "text"])
def test_a_warehouse_that_cannot_be_read_is_said_and_left_alone(place: Place, harm: str) -> None:
    content = place.warehouse.read_bytes()
    broken = {
        "cut": content[: len(content) // 3],
        "emptied": b"",
        "overwritten": content[:4096] + b"\xa5" * 200_000 + content[204_096:],
        "text": b"this is no warehouse\n" * 500,
    }
    place.warehouse.write_bytes(broken[harm])
    before = place.published()
    told = place.call("run")
    assert told.returncode == 3, told.stdout + told.stderr
    assert "warehouse.duckdb" in told.stderr and "--full" in told.stderr, told.stderr
    assert "Traceback" not in told.stderr
    assert place.published() == before
    for verb in (("status",), ("sql", "select 1"), ("report",)):
        told = groupfunnel(*verb, "--home", str(place.root))
        assert "Traceback" not in told.stderr, (verb, told.stderr)
