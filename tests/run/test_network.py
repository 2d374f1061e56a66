"""A run asks nothing of the network: it works where there is none, and does not even try."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.run.conftest import WEEKS, Place, write_week

# Every connection but to the machine's own (family 1), every name looked up, as Python's audit tells.
WATCHED = """
import sys
told = open(sys.argv.pop(1), "a", encoding="utf-8")
def watch(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg") or event.startswith("socket.get"):
        if event != "socket.gethostname" and not (args and getattr(args[0], "family", 0) == 1):
            print(event, args[1:], file=told, flush=True)
sys.addaudithook(watch)
from pipelines.cli import main
main()
"""
ALONE = (("unshare", "-n"), ("unshare", "-rn"))


@pytest.fixture(scope="module")
def alone() -> tuple[str, ...]:
    """What starts a command in an empty network namespace; skips where that is not possible."""
    for start in ALONE:
        if shutil.which(start[0]) and subprocess.run([*start, "true"], capture_output=True).returncode == 0:
            return start
    pytest.skip("needs the right to make an empty network namespace: unshare -n, or unshare -rn")


def _call(start: tuple[str, ...], told: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*start, sys.executable, "-c", WATCHED, str(told), *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_a_whole_run_works_without_a_network_and_tries_none(
    place: Place, alone: tuple[str, ...], tmp_path: Path
) -> None:
    told = tmp_path / "told"
    write_week(place.inbox, WEEKS)
    run = _call(alone, told, "run", "--home", str(place.root))
    assert run.returncode == 0, run.stderr
    assert "week 2026-W08" in run.stdout
    assert told.read_text(encoding="utf-8") == ""


def test_the_watch_would_see_a_call(alone: tuple[str, ...], tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = WATCHED.replace(
        "from pipelines.cli import main\nmain()",
        "import socket\ntry: socket.create_connection(('192.0.2.1', 443), 1)\nexcept OSError as e: print(e)",
    )
    run = subprocess.run([*alone, sys.executable, "-c", code, str(told)], capture_output=True, text=True)
    assert "unreachable" in run.stdout
    assert "socket.connect" in told.read_text(encoding="utf-8")
