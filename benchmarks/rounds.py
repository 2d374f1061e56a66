"""The rounds of a bench: what is measured beside what, in which order, in which folder."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.measured import Measured, run
from benchmarks.ours import facts
from benchmarks.questions import NAMES
from benchmarks.results import Results, agree

PEERS = ("polars", "clickhouse", "pandas")
OURS = ("parquet", "core", "built", "explore")
UNITS = {"GiB": 1024, "MiB": 1}


@dataclass(frozen=True)
class Bench:
    """Where a bench works and with what; `peers` is the Python of the environment of `engines`."""

    folder: Path
    peers: Path | None
    memory: str
    threads: int
    say: Callable[[str], None]
    engines: tuple[str, ...] = PEERS

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def parquet(self) -> Path:
        return self.folder / "parquet"

    @property
    def loaded(self) -> Path:
        """The warehouse that a load made."""
        return self.folder / "load" / "data" / "warehouse.duckdb.loaded"

    @property
    def built(self) -> Path:
        """The warehouse of the last build of all models."""
        return self.folder / "build.duckdb"

    @property
    def warehouse(self) -> Path:
        """The warehouse that is asked: published by `run --full`, else built."""
        published = self.published / "data" / "warehouse.duckdb"
        return published if published.exists() else self.built

    @property
    def published(self) -> Path:
        """The home of `run --full`."""
        return self.folder / "full"

    def measure(self, results: Results, name: str, module: str, *arguments: str | Path) -> Measured:
        """One run, in the environment of the module; kept under its name."""
        is_peer = module.removeprefix("peer_") in PEERS
        python = self.peers if is_peer and self.peers is not None else Path(sys.executable)
        told = run(python, f"benchmarks.{module}", *arguments, threads=self.threads)
        results.runs.setdefault(name, []).append(told)
        self.say(f"{name:28} {told.seconds:9.2f} s {told.cpu:9.2f} CPU s {told.peak_mib:8,.0f} MiB")
        return told


def load_rounds(bench: Bench, results: Results, repeat: int) -> None:
    """Bare read and load, in pairs; the last load stays for the build."""
    results.runs |= {"bare read": [], "load": []}
    home = bench.folder / "load"
    for _ in range(repeat):
        bare = bench.folder / "bare"
        bare.mkdir()
        bench.measure(results, "bare read", "limits", "read", bench.inbox, bare, bench.memory)
        shutil.rmtree(bare)
        shutil.rmtree(home, ignore_errors=True)
        bench.measure(results, "load", "ours", "load", home, bench.inbox, bench.memory)
    told = facts(home)
    results.rows = {"messages": told["messages"], "rejected": told["rejected"]}


def build_rounds(bench: Bench, results: Results, repeat: int) -> None:
    """Bare group by and the build of every model, in pairs, on what was loaded; the last build stays."""
    results.runs |= {"bare group by": [], "build": []}
    for _ in range(repeat):
        bench.measure(results, "bare group by", "limits", "group", bench.loaded, bench.memory)
        shutil.copyfile(bench.loaded, bench.built)
        bench.measure(results, "build", "ours", "build", bench.built, bench.memory)
    shutil.rmtree(bench.folder / "load")


def run_rounds(bench: Bench, results: Results, repeat: int) -> None:
    """All weeks from nothing, and the last week on the weeks before it, in pairs."""
    results.runs |= {"run, weeks before": [], "run --full": [], "run, last week": []}
    bench.built.unlink(missing_ok=True)
    earlier, base = bench.folder / "earlier", bench.folder / "base"
    _link_all_but_last(bench.inbox, earlier)
    bench.measure(results, "run, weeks before", "ours", "run", base, earlier, bench.memory)
    weekly = bench.folder / "weekly"
    for _ in range(repeat):
        shutil.rmtree(bench.published, ignore_errors=True)
        bench.measure(results, "run --full", "ours", "full", bench.published, bench.inbox, bench.memory)
        shutil.rmtree(weekly, ignore_errors=True)
        shutil.copytree(base, weekly)
        bench.measure(results, "run, last week", "ours", "run", weekly, bench.inbox, bench.memory)
    shutil.rmtree(base)
    shutil.rmtree(weekly)
    results.warehouse_bytes = facts(bench.published)["bytes"]


def ask_all(bench: Bench, results: Results, end: date, repeat: int) -> None:
    """Every question to every engine, in turn; the answers are compared."""
    ways = [way for way in OURS if way == "parquet" or bench.warehouse.exists()]
    if bench.warehouse == bench.built:
        ways = [way for way in ways if way != "explore"]  # a run stores the macros
    for question in NAMES:
        engines = [*(way for way in ways if way != "explore" or question == "retention"), *bench.engines]
        for engine in engines:
            results.runs[f"{question} by {engine}"] = []
        for _ in range(repeat):
            for engine in list(engines):
                try:
                    _ask(bench, results, question, engine, end)
                except RuntimeError as error:
                    bench.say(f"{question} by {engine} failed: {error}")
                    results.failed[f"{question} by {engine}"] = str(error).splitlines()[-1][:200]
                    engines.remove(engine)
        mine = results.runs[f"{question} by parquet"][-1].told["answer"]
        for engine in engines:
            other = results.runs[f"{question} by {engine}"][-1].told["answer"]
            has_gaps = engine in ("built", "explore")
            results.agreement[f"{question} by {engine}"] = agree(mine, other, has_gaps=has_gaps)


def _ask(bench: Bench, results: Results, question: str, engine: str, end: date) -> None:
    name = f"{question} by {engine}"
    if engine in PEERS:
        given: list[str | Path] = [question, bench.parquet, end.isoformat()]
        if engine == "clickhouse":
            number, unit = re.fullmatch(r"(\d+)(\w+)", bench.memory).groups()  # type: ignore[union-attr]
            given.append(str(int(number) * UNITS[unit]))
        bench.measure(results, name, f"peer_{engine}", *given)
        return
    place = bench.parquet if engine == "parquet" else bench.warehouse
    bench.measure(results, name, "peer_duckdb", engine, question, place, end.isoformat(), bench.memory)


def _link_all_but_last(inbox: Path, earlier: Path) -> None:
    """The same files without those of the last week; hard links where the disk has them."""
    last = max(path.name.split("_")[1] for path in inbox.glob("messages_*"))
    earlier.mkdir()
    for path in inbox.iterdir():
        if f"_{last}_" not in path.name:
            try:
                os.link(path, earlier / path.name)
            except OSError:
                shutil.copyfile(path, earlier / path.name)
