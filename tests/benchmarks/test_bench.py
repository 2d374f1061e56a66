"""The bench runs end to end without the peers, on a community that is the same every time."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.community import Community, generate
from benchmarks.marks import marks
from benchmarks.results import Results, agree

ROOT = Path(__file__).resolve().parents[2]
SMALLEST = Community(2_000, 200, 5, weeks=3)


def content(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_community_is_the_same_whatever_the_threads(tmp_path: Path) -> None:
    generate(SMALLEST, tmp_path / "one", threads=1)
    generate(SMALLEST, tmp_path / "two", threads=2)
    generate(replace(SMALLEST, seed=8), tmp_path / "other")
    assert content(tmp_path / "one") == content(tmp_path / "two")
    one, other = content(tmp_path / "one"), content(tmp_path / "other")
    assert len(one) == 3 + 4 * SMALLEST.weeks
    assert all(one[name] != other[name] for name in one if name.startswith("messages_"))


def test_the_bench_runs_and_all_answers_agree(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--size", "tiny", "--steps", "load,build,ask"]
    command += ["--results", str(tmp_path), "--page", str(tmp_path / "page.md"), "--folder", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    results = Results.read(tmp_path / "tiny.json")
    assert results.rows == {"messages": results.community.messages_a_week * 6, "rejected": 0}
    assert len(results.agreement) == 12  # four questions: Parquet, core, finished tables
    assert all(results.agreement.values()), results.agreement
    for mark in marks(results, None):
        assert f"| {mark.name} | {mark.asked} |" in done.stdout
    assert (tmp_path / "page.md").read_text(encoding="utf-8").startswith("# Benchmarks")
    assert not list(tmp_path.glob("groupfunnel-benchmark-*"))


def test_a_finished_table_may_leave_out_what_is_not_over_and_nothing_else() -> None:
    mine = [["2026-01-05", 3, 2], ["2026-01-12", 4, 0]]
    assert agree(mine, [["2026-01-05", 3, 2], ["2026-01-12", None, None]], has_gaps=True)
    assert not agree(mine, [["2026-01-05", 3, 2], ["2026-01-12", 4, None]], has_gaps=False)
    assert not agree(mine, [["2026-01-05", 3, 1]], has_gaps=True)
    assert not agree(mine, [["2026-01-19", 3, 1]], has_gaps=True)
    assert not agree(mine, [], has_gaps=True)
