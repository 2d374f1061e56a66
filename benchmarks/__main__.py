"""Measure the pipeline beside its limits and its peers: `make bench SIZE=small|medium|large`.

Generates an inbox, then runs, each in a process of its own and one after the other in pairs: a bare typed
read and `groupfunnel load`; a bare group by and the build of all models; `run --full` of all weeks, and
`run` with the last week on the weeks before; the shared questions (benchmarks/questions.py) by DuckDB,
pandas, Polars and ClickHouse on the same Parquet files, and by DuckDB on the warehouse. Prints the tables,
keeps the numbers in benchmarks/results/ and writes docs/benchmarks.md from all of them. Ends with 1 where
answers differ.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.community import Community, generate
from benchmarks.limits import write_parquet
from benchmarks.machine import machine
from benchmarks.measured import ROOT
from benchmarks.page import tables, write_page
from benchmarks.results import Results
from benchmarks.rounds import PEERS, Bench, ask_all, build_rounds, load_rounds, run_rounds

GIB = 1 << 30
STEPS = ("load", "build", "run", "ask")


@dataclass(frozen=True)
class Size:
    """A community, how often each thing is measured, what DuckDB and ClickHouse may take, disk needed."""

    community: Community
    repeat: int
    memory: str
    disk_gib: int


SIZES = {
    "tiny": Size(Community(3_000, 60, 4, weeks=6), 1, "1GiB", 1),
    "small": Size(Community(1_000_000, 10_000, 50), 3, "2GiB", 3),
    "medium": Size(Community(10_000_000, 100_000, 500), 2, "4GiB", 8),
    "large": Size(Community(100_000_000, 1_000_000, 5_000), 1, "6GiB", 36),
}


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


def measure(name: str, bench: Bench, steps: list[str], file: Path, is_kept: bool) -> Results:
    """Do the steps asked for and write the numbers after each.

    What is not measured now is what `file` had before, where `is_kept`.
    """
    size = SIZES[name]
    kept = Results.read(file) if is_kept and file.exists() else None
    results = kept or Results(name, size.community, size.repeat, size.memory, bench.threads)
    results.machine = machine(bench.peers)
    bytes_written = generate(size.community, bench.inbox, bench.threads)
    results.csv_bytes = bytes_written
    say(f"{name}: {size.community.messages:,} messages, {bytes_written / GIB:.2f} GiB of CSV")
    if "load" in steps or "build" in steps:
        load_rounds(bench, results, size.repeat if "load" in steps else 1)
        results.write(file)
    if "build" in steps:
        build_rounds(bench, results, size.repeat)
        results.write(file)
    if "run" in steps:
        run_rounds(bench, results, size.repeat)
        results.write(file)
    if "ask" in steps:
        write_parquet(bench.inbox, bench.parquet, bench.threads, size.memory)
        ask_all(bench, results, size.community.end_day, size.repeat)
    results.machine |= {"load_after": machine(None)["load"]}
    results.write(file)
    return results


def main() -> None:
    """Read the arguments, measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--peers", type=Path, help="Python of an environment with pandas, Polars and chDB")
    parser.add_argument("--without", default="", help=f"leave out some of {', '.join(PEERS)}")
    parser.add_argument("--steps", default=",".join(STEPS), help=f"some of {', '.join(STEPS)}")
    parser.add_argument("--keep", action="store_true", help="keep the numbers of steps not measured now")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where to work (default: the temporary folder)")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--only-page", action="store_true", help="write the page from the numbers kept")
    given = parser.parse_args()
    if given.only_page:
        write_page(given.page, given.results)
        return
    size, steps = SIZES[given.size], given.steps.split(",")
    if unknown := set(steps) - set(STEPS):
        parser.error(f"unknown steps: {', '.join(sorted(unknown))}")
    file = given.results / f"{given.size}.json"
    peers = given.peers.absolute() if given.peers else None
    with tempfile.TemporaryDirectory(prefix="groupfunnel-benchmark-", dir=given.folder) as made:
        free = shutil.disk_usage(made).free / GIB
        if free < size.disk_gib:
            parser.error(
                f"{given.size} needs {size.disk_gib} GiB of disk, {free:.0f} are free; give --folder"
            )
        engines = [name for name in PEERS if peers and name not in given.without.split(",")]
        bench = Bench(Path(made), peers, size.memory, given.threads, say, tuple(engines))
        results = measure(given.size, bench, steps, file, given.keep)
    write_page(given.page, given.results)
    print("\n".join(tables(results, given.results)))
    if different := [name for name, same in results.agreement.items() if not same]:
        sys.exit(f"answers differ: {', '.join(different)}")


if __name__ == "__main__":
    main()
