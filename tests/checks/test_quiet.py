"""The gates are silent: no network, no file beside the warehouse, no line printed, not even at exit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import socket, sys
attempts = []
def refuse(kind):
    def call(*arguments, **keywords):
        attempts.append((kind, arguments[-1] if arguments else None))
        raise OSError("no network in this test")
    return call
socket.socket.connect = refuse("connect")
socket.socket.connect_ex = refuse("connect_ex")
socket.getaddrinfo = refuse("getaddrinfo")
socket.create_connection = refuse("create_connection")

import duckdb
from pipelines.checks import run_gate, warm_up, write_results
assert "great_expectations" not in sys.modules, "imported too early"
from pipelines.raw import create_raw
from pipelines.settings import Settings
warm_up()
connection = duckdb.connect("warehouse.duckdb")
create_raw(connection)
connection.execute("alter table raw.joins drop column scene")
connection.execute(
    "insert into raw.joins by name "
    "select 'g1' as group_id, 'm1' as member_id, timestamp '2026-01-05' as occurred_at"
)
results = run_gate(connection, "loaded", Settings())
write_results(connection, "loaded", results)
outcomes = {result.outcome for result in results}
assert outcomes == {"passed", "failed", "could_not_run"}, outcomes
connection.close()
assert attempts == [], attempts
"""


def test_a_gate_touches_neither_network_nor_disk_nor_console(tmp_path: Path) -> None:
    home, work, temporary = tmp_path / "home", tmp_path / "work", tmp_path / "temporary"
    for folder in (home, work, temporary):
        folder.mkdir()
    root = Path(__file__).parents[2]
    environment = os.environ | {
        "HOME": str(home), "USERPROFILE": str(home), "TMPDIR": str(temporary), "TEMP": str(temporary),
        "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    environment.pop("GX_ANALYTICS_ENABLED", None)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=work, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path.name for path in work.iterdir()] == ["warehouse.duckdb"]
    assert list(home.iterdir()) == []
    assert list(temporary.iterdir()) == []
