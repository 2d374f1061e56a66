"""Kill a weekly run with SIGKILL at random moments, and look at what it left: `python -m tests.run.kills`."""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb

from tests.run.conftest import WEEKS, Place, write_week
from tests.warm import groupfunnel

# What the run was about to do, told by the last line of its log.
AFTER = {
    None: "start",
    "start": "load",
    "file": "load",
    "step load": "check of rows",
    "step check loaded": "build",
    "step build": "check of tables",
    "step check built": "report",
    "step report": "publish",
    "published": "publish",
    "line": "publish",
    "end": "over",
}
STAGES = list(dict.fromkeys(AFTER.values()))
# What may lie in data/ after a kill, whatever else: the next run takes it away.
LEFT_BEHIND = {"warehouse.duckdb.next", "warehouse.duckdb.next.wal", "warehouse.duckdb.next.tmp"}
KEPT = {".lock", "kept", "logs", "warehouse.duckdb"}
Pages = dict[str, str]


@dataclass(frozen=True)
class Truth:
    """A home before a run that was not disturbed and after it, and how long that took."""

    before: Place
    after: Place
    seconds: float
    changes: int

    def fresh(self, root: Path) -> Place:
        """A home as before the run, with the new week in its inbox."""
        shutil.copytree(self.before.root, root)
        return Place(root)


@dataclass(frozen=True)
class Killed:
    """One kill: in which stage, and what was published then, by the warehouse and by the pages."""

    stage: str
    warehouse: str
    pages: str


def truth_of(first: Place, folder: Path) -> Truth:
    """The weekly run to be killed, undisturbed: the home after its first run, and one more week."""
    before = Place(folder / "before")
    shutil.copytree(first.root, before.root)
    write_week(before.inbox, WEEKS)
    after = Place(folder / "after")
    shutil.copytree(before.root, after.root)
    counted = folder / "changes"
    started = time.perf_counter()
    told = groupfunnel("run", "--home", after.root, changes=counted)
    assert told.returncode == 0, told.stderr
    return Truth(before, after, time.perf_counter() - started, len(counted.read_bytes().splitlines()))


def temporary(place: Place) -> Path:
    """The folder for temporary files of the runs of a home."""
    folder = place.root.with_name(place.root.name + "-tmp")
    folder.mkdir(exist_ok=True)
    return folder


def kill(place: Place, truth: Truth, dice: random.Random) -> Killed:
    """Run, kill and look. Raises AssertionError where what is published is not whole."""
    logs = set((place.root / "data" / "logs").glob("*.jsonl"))
    env = os.environ | {"TMPDIR": str(temporary(place))}
    if dice.random() < 0.5:
        seconds = dice.uniform(0.05, truth.seconds)
        told = groupfunnel("run", "--home", place.root, env=env, kill_after=seconds)
    else:
        number = dice.randint(1, truth.changes)
        told = groupfunnel("run", "--home", place.root, env=env, kill_at=number)
    assert told.returncode in (0, -9), told.stderr
    written = set((place.root / "data" / "logs").glob("*.jsonl")) - logs
    return Killed(
        _stage(written.pop() if written else None),
        _warehouse(place, truth),
        _pages(place, truth),
    )


def _stage(log: Path | None) -> str:
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log else []
    named = {"step": lambda line: f"step {line['name']}"}
    last, gate = None, ""
    for line in lines:
        gate = line.get("gate", gate)
        told = named.get(line["event"], lambda line: line["event"])(line)
        told = f"{told} {gate}" if told == "step check" else told
        last = told if told in AFTER else last
    return AFTER[last]


def _warehouse(place: Place, truth: Truth) -> str:
    """Which of the two is published; every table of it can be read."""
    if place.warehouse.read_bytes() == truth.before.warehouse.read_bytes():
        return "before"
    assert place.tables() == truth.after.tables(), "the warehouse is neither the one before nor the one after"
    with duckdb.connect(str(place.warehouse), read_only=True) as reader:
        assert reader.execute("select count(*) > 0 from scorecard.weekly").fetchone() == (True,)
    return "after"


def _pages(place: Place, truth: Truth) -> str:
    """Which pages are published as the latest; no link of them leads nowhere."""
    now = latest(place)
    state = {"before": latest(truth.before), "after": latest(truth.after)}
    (found,) = [name for name, pages in state.items() if pages == now] or ["between"]
    assert found != "between", "the pages are neither those before nor those after"
    for page in [place.root / "reports" / "index.html", *(place.root / "reports" / "latest").glob("*.html")]:
        for link in re.findall(r'(?:href|src)="([^"#]+)', page.read_text("utf-8")):
            address = urlsplit(unescape(link))
            if not address.scheme and address.path:
                assert (page.parent / unquote(address.path)).exists(), f"{page.name} leads to {link}"
    return found


def latest(place: Place) -> Pages:
    """The published pages of the latest week, by content."""
    return {k: v for k, v in place.published().items() if k.startswith("reports/latest/")}


def recover(place: Place, truth: Truth) -> None:
    """The next run simply works, and gives what a run gives that nobody disturbed."""
    lying = {path.name for path in (place.root / "data").iterdir()}
    assert lying <= KEPT | LEFT_BEHIND, f"left behind: {sorted(lying - KEPT)}"
    told = place.call("run", env=os.environ | {"TMPDIR": str(temporary(place))})
    assert told.returncode == 0, told.stderr
    assert not list(temporary(place).iterdir()), (
        "unpacked exports were left in the folder for temporary files"
    )
    assert place.tables() == truth.after.tables()
    reports = [
        {k: v for k, v in each.published().items() if k.startswith("reports/")}
        for each in (place, truth.after)
    ]
    assert reports[0] == reports[1]
    assert {path.name for path in (place.root / "data").iterdir()} == KEPT
    assert not (place.root / "reports" / ".next").exists()


def kill_often(
    truth: Truth,
    folder: Path,
    kills: int,
    dice: random.Random,
    tell: Callable[[Killed], None],
    in_a_row: int = 4,
) -> list[Killed]:
    """So many kills, at most `in_a_row` and then a run that is left alone, each time in a fresh home."""
    done: list[Killed] = []
    while len(done) < kills:
        place = truth.fresh(folder / "killed")
        for _ in range(min(dice.randint(1, in_a_row), kills - len(done))):
            done.append(kill(place, truth, dice))
            tell(done[-1])
            allowed = [("before", "before"), ("after", "before"), ("after", "after")]
            assert (done[-1].warehouse, done[-1].pages) in allowed
        recover(place, truth)
        shutil.rmtree(place.root)
    return done


def table(done: list[Killed]) -> str:
    """The kills by stage and by what stood afterwards, as text."""
    counts = Counter((k.stage, k.warehouse, k.pages) for k in done)
    lines = ["| killed in | kills | nothing new published | warehouse new, report to come | both new |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for stage in STAGES:
        found = [
            counts[stage, *what] for what in (("before", "before"), ("after", "before"), ("after", "after"))
        ]
        if sum(found):
            lines.append(f"| {stage} | {sum(found)} | {' | '.join(map(str, found))} |")
    return "\n".join(lines)


def main() -> None:
    """Kill as often as asked and print what was found."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many runs to kill (default: 200)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other moments (default: 1)")
    asked = parser.parse_args()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = Place(folder / "first")
        first.inbox.mkdir(parents=True)
        for week in range(WEEKS):
            write_week(first.inbox, week)
        assert first.call("run").returncode == 0
        truth = truth_of(first, folder)
        print(
            f"an undisturbed run takes {truth.seconds:.1f} s and {truth.changes} changes of the file system"
        )
        done: list[Killed] = []

        def tell(killed: Killed) -> None:
            done.append(killed)
            if len(done) % 10 == 0:
                print(
                    f"{len(done)} of {asked.kills} killed, {time.perf_counter() - started:.0f} s", flush=True
                )

        kill_often(truth, folder, asked.kills, random.Random(asked.seed), tell)
    print(f"\n{table(done)}\n\nAll whole, and every run after them gave what an undisturbed one gives.")


if __name__ == "__main__":
    main()
