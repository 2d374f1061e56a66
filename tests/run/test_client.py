"""Clients of DuckDB 1.4, which analysts' own tools still are, open the warehouse."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.run.conftest import Place

CALLS = (
    "funnel(['join', 'message'], interval 7 day)",
    "funnel(['join', 'message', 'order'], interval 7 day, by := 'group_id', entry := 'first')",
    "funnel(['join', 'message', 'order'], interval 7 day, events := 'without_order')",
    "funnel(['message', 'order', 'message'], interval 7 day)",
    "funnel(['join', 'message', 'order'], null, mode := 'any', by := 'group_id')",
    "funnel(['join', 'message'], null, exclude := {event: 'order'})",
    "funnel(['join', 'message'], null, mode := 'open')",
    "funnel_members(['join', 'message'], interval 7 day, mode := 'strict')",
    "funnel_trend(['join', 'message'], null, reentry := true)",
    "retention('join', 'message')",
    "retention('join|invite', 'message', cohort := 'recurring', by := 'group_id')",
    "retention_average('join', 'message', clock := 'rolling')",
    "lifecycle('week')",
    "stickiness('day')",
    "attribution('linear', null)",
)
# Every answer as its rows, numbers to nine digits.
ASK = f"""
import duckdb, sys
assert duckdb.__version__.startswith(sys.argv[2])
c = duckdb.connect(sys.argv[1], read_only=True)
print(c.execute("select count(*) > 0 from scorecard.weekly").fetchone()[0])
print(c.execute("select count(*) = 0 from duckdb_columns() where schema_name = 'scorecard' "
            "and table_name = 'weekly' and coalesce(comment, '') = ''").fetchone()[0])
print(c.execute("select count(*) > 0 from core.messages").fetchone()[0])
c.execute("create temp table without_order as select member_id, event_name, occurred_at from core.events")
for call in {CALLS!r}:
    rows = c.execute("from explore." + call).fetchall()
    assert rows, call
    print(sorted(str([round(cell, 9) if isinstance(cell, float) else cell for cell in row]) for row in rows))
"""


@pytest.mark.install
def test_45_a_duckdb_1_4_client_reads_what_newer_ones_read(
    first_run: tuple[Place, object], tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "duckdb==1.4.*"], check=True)
    (tmp_path / "ask.py").write_text(ASK, encoding="utf-8")
    asked = {
        version: subprocess.run(
            [str(binary), str(tmp_path / "ask.py"), str(first_run[0].warehouse), version],
            capture_output=True, text=True, check=False,
        )
        for version, binary in (("1.4.", python), ("", Path(sys.executable)))
    }  # fmt: skip
    told = asked["1.4."].stdout.splitlines()
    assert len(told) == 3 + len(CALLS), asked["1.4."].stderr
    assert told[:3] == ["True"] * 3
    assert told == asked[""].stdout.splitlines(), asked[""].stderr
