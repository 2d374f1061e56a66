# ruff: noqa: E501
"""Clients of DuckDB 1.4, which analysts' own tools still are, open the warehouse."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.run.conftest import Place


@pytest.mark.install
def test_45_a_duckdb_1_4_client_reads_tables_and_comments(
    first_run: tuple[Place, object], tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "duckdb==1.4.*"], check=True)
    code = (
        "import duckdb, sys\nassert duckdb.__version__.startswith('1.4.')\n"
        "c = duckdb.connect(sys.argv[1], read_only=True)\n"
        "print(c.sql('select count(*) > 0 from scorecard.weekly').fetchone()[0])\n"
        "print(c.sql(\"select count(*) = 0 from duckdb_columns() where schema_name = 'scorecard' and table_name = 'weekly' \"\n"
        "            \"and coalesce(comment, '') = ''\").fetchone()[0])\n"
        "print(c.sql('select count(*) > 0 from core.messages').fetchone()[0])\n"
        "for call in ("
        "\"funnel(['join', 'message'], interval 7 day)\", "
        "\"funnel(['join', 'message', 'order'], null, mode := 'any', by := 'group_id')\", "
        "\"funnel(['join', 'message'], null, exclude := {event: 'order'})\", "
        "\"funnel(['join', 'message'], null, mode := 'open')\", "
        "\"funnel_members(['join', 'message'], interval 7 day, mode := 'strict')\", "
        "\"funnel_trend(['join', 'message'], null, reentry := true)\", "
        "\"retention('join', 'message')\", \"retention_average('join', 'message', clock := 'rolling')\", "
        "\"lifecycle('week')\", \"stickiness('day')\", \"attribution('linear', null)\"):\n"
        "    print(c.sql('select count(*) > 0 from explore.' + call).fetchone()[0])\n"
    )
    told = subprocess.run(
        [str(python), "-c", code, str(first_run[0].warehouse)], capture_output=True, text=True, check=False
    )
    assert told.stdout.split() == ["True"] * 14, told.stderr
