"""How fast a large CSV loads, beside DuckDB's bare typed read: `python benchmarks/load.py --rows 1000000`.

Writes invented messages (500 groups, 100,000 members, a fifth of them replies) as CSV to a temporary folder.
Then two kinds of processes run in turn, with the same memory limit and threads: `bare` does
`create table as select … from read_csv(…)` with a type for every column, into a new DuckDB file; `load` is
`groupfunnel load` of the same file into a new home: recognition, ledger, cell rules, privacy, keys,
de-duplication, coverage and the report of what became of each row. Printed per run: seconds, CPU seconds and
peak memory of the process; at the end the ratio of each pair and their medians. Other work on the machine
moves seconds more than CPU seconds, and ratios of neighbours less than either.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

GIB = 1 << 30
GROUPS, MEMBERS = 500, 100_000
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 180
KINDS = ("text",) * 7 + ("image", "video", "voice", "link", "sticker")
BLOCK = 50_000
COLUMNS = {
    "message_id": "varchar",
    "group_id": "varchar",
    "member_id": "varchar",
    "occurred_at": "timestamp",
    "kind": "varchar",
    "text_length": "bigint",
    "is_question": "boolean",
    "is_emoji_only": "boolean",
    "reply_to_message_id": "varchar",
    "campaign_id": "varchar",
}


def write_messages(path: Path, rows: int, seed: int = 7) -> None:
    """Write a CSV of messages in the order of time, `rows` of them, over 180 days of 2026."""
    draw = random.Random(seed)
    step = DAYS * 86_400 / rows
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(",".join(COLUMNS) + "\n")
        for start in range(0, rows, BLOCK):
            lines = []
            for number in range(start, min(start + BLOCK, rows)):
                at = (FIRST + timedelta(seconds=int(number * step))).strftime("%Y-%m-%d %H:%M:%S")
                kind = KINDS[draw.randrange(len(KINDS))]
                length = draw.randrange(1, 200) if kind == "text" else ""
                asks = ("true" if draw.random() < 0.1 else "false") if kind == "text" else ""
                emoji = ("true" if draw.random() < 0.05 else "false") if kind == "text" else ""
                parent = f"msg{max(0, number - draw.randrange(1, 500)):09}" if draw.random() < 0.2 else ""
                campaign = f"c{draw.randrange(40):03}" if draw.random() < 0.02 else ""
                lines.append(
                    f"msg{number:09},g{draw.randrange(GROUPS):04},m{draw.randrange(MEMBERS):06},{at},{kind},"
                    f"{length},{asks},{emoji},{parent},{campaign}\n"
                )
            out.write("".join(lines))


def bare(file: Path, folder: Path, limit: str, threads: int) -> int:
    """DuckDB alone: the typed columns of the file as a table of a new database; returns its rows."""
    from pipelines.warehouse import STORAGE_VERSION, file_literal

    types = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    config = {"memory_limit": limit, "threads": threads, "storage_compatibility_version": STORAGE_VERSION}
    with duckdb.connect(str(folder / "bare.duckdb"), config=config) as connection:
        connection.execute(
            f"create table messages as select * from read_csv({file_literal(file)}, columns = {{{types}}}, "
            "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"')"
        )
        row = connection.execute("select count(*) from messages").fetchone()
    return int(row[0]) if row else 0


def load(file: Path, folder: Path, limit: str, threads: int) -> int:
    """`groupfunnel load` in this process; returns how many rows the warehouse holds after it."""
    from pipelines.cli import app

    settings = folder / "settings.toml"
    settings.write_text(f'[engine]\nmemory_limit = "{limit}"\nthreads = {threads}\n', encoding="utf-8")
    os.environ["GROUPFUNNEL_KEY_FILE"] = str(folder / "key")
    told = ["load", "--home", str(folder), "--inbox", str(file.parent), "--settings", str(settings)]
    app(told, standalone_mode=False)
    loaded = next((folder / "data").glob("warehouse.duckdb*"))
    with duckdb.connect(str(loaded), read_only=True) as connection:
        row = connection.execute("select count(*) from raw.messages").fetchone()
    return int(row[0]) if row else 0


def child(what: str, file: Path, folder: Path, limit: str, threads: int) -> None:
    """One measured run; prints what it took as JSON on the last line."""
    begin, cpu = time.perf_counter(), time.process_time()
    rows = (bare if what == "bare" else load)(file, folder, limit, threads)
    unit = 1 if sys.platform == "darwin" else 1024
    told = {
        "rows": rows,
        "seconds": time.perf_counter() - begin,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / GIB,
    }
    print(json.dumps(told))


def run(what: str, file: Path, limit: str, threads: int, scratch: Path) -> dict[str, float]:
    """A run in a process and a folder of its own."""
    with tempfile.TemporaryDirectory(dir=scratch) as made:
        command = [sys.executable, __file__, "--child", what, "--file", str(file), "--folder", made]
        command += ["--memory-limit", limit, "--threads", str(threads)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{what} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{what:5} {told['rows']:>12,.0f} rows {told['seconds']:8.1f} s {told['cpu']:8.1f} s CPU"
        f"   peak {told['peak']:.2f} GiB",
        flush=True,
    )
    return told


def measure(rows: int, pairs: int, limit: str, threads: int, folder: Path | None) -> None:
    """Generate, then run pairs of bare and load; print their ratios."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        inbox = Path(made) / "inbox"
        inbox.mkdir()
        file = inbox / "messages.csv"
        write_messages(file, rows)
        print(f"{rows:,} rows, {file.stat().st_size / GIB:.2f} GiB; limit {limit}, {threads} threads")
        ratios = []
        for _ in range(pairs):
            one, other = (run(what, file, limit, threads, Path(made)) for what in ("bare", "load"))
            ratios.append((other["seconds"] / one["seconds"], other["cpu"] / one["cpu"]))
            print(
                f"      ratio {ratios[-1][0]:.2f} of seconds, {ratios[-1][1]:.2f} of CPU seconds", flush=True
            )
    seconds, cpu = (statistics.median(told) for told in zip(*ratios, strict=True))
    print(
        f"median of {pairs}: {seconds:.2f} times the seconds, {cpu:.2f} times the CPU seconds of a bare read"
    )


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=0, help="default: 3, or 1 from 5 million rows on")
    parser.add_argument("--memory-limit", default="2GiB", help="DuckDB's, of both runs (default: 2GiB)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where to work (default: the temporary folder)")
    parser.add_argument("--child", choices=("bare", "load"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.file, given.folder, given.memory_limit, given.threads)
        return
    pairs = given.pairs or (3 if given.rows < 5_000_000 else 1)
    measure(given.rows, pairs, given.memory_limit, given.threads, given.folder)


if __name__ == "__main__":
    main()
