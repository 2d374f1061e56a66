"""How fast the explore macros count, beside ClickHouse: `python benchmarks/explore.py --events 5000000`.

Writes invented events (a hundred per member, over 180 days, of five names) as Parquet to a temporary
folder. Then processes run in turn, with the same threads and memory limit: `funnel` and `retention` read
that Parquet file through explore.funnel(['join', 'message', 'order'], interval 7 day) and
explore.retention('join', 'message') of one cohort; `clickhouse_funnel` and `clickhouse_retention` ask the
same file with windowFunnel and retention of chDB, where it is installed (`pip install chdb`; nothing else
here needs it).
Both engines must give the same counts: the steps of the funnel, and how many of those who joined in the
first week wrote in each of the eight weeks after it. Printed per run: seconds and CPU seconds of the
question alone, the engine being up, and peak memory of the process; at the end the ratios of the fastest
runs.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

MIB = 1 << 20
STEPS = ("join", "message", "order")
SETTINGS = (
    "create table core.settings as select 'UTC' as time_zone, 'monday' as week_starts, "
    "null::timestamp as watermark_join_at, null::timestamp as watermark_message_at, "
    "null::timestamp as watermark_order_at, null::timestamp as watermark_invite_at; "
    "create table core.events (member_id bigint, event_name varchar, occurred_at timestamp)"
)
# mature_only := false: windowFunnel knows no open windows.
FUNNEL = (
    "select members from explore.funnel(['join', 'message', 'order'], interval 7 day, mature_only := false, "
    "events := 'events') order by step"
)
# The same one cohort as ClickHouse is asked for: who joined in the first week, first time or again.
RETENTION = (
    "select case when period_index = 0 then cohort_size else members end from explore.retention('join', "
    "'message', cohort := 'recurring', from_day := date '2026-01-05', to_day := date '2026-01-11', "
    "periods := 8, events := 'events') order by period_index"
)
CLICKHOUSE_FUNNEL = (
    "select countIf(level >= 1), countIf(level >= 2), countIf(level >= 3) from (select member_id, "
    "windowFunnel(604800000000)(toUnixTimestamp64Micro(occurred_at)::UInt64, event_name = 'join', "
    "event_name = 'message', event_name = 'order') as level from file('{file}', Parquet) group by member_id)"
)
_WEEK = "event_name = 'message' and toMonday(occurred_at) = toDate('2026-01-05') + {days}"
CLICKHOUSE_RETENTION = (
    "select "
    + ", ".join(f"sum(r[{place}])" for place in range(1, 10))
    + " from (select member_id, retention(event_name = 'join' and toMonday(occurred_at) = "
    "toDate('2026-01-05'), "
    + ", ".join(_WEEK.format(days=7 * week) for week in range(1, 9))
    + ") as r from file('{file}', Parquet) group by member_id)"
)
RUNS = ("funnel", "clickhouse_funnel", "retention", "clickhouse_retention")


def write_events(path: Path, events: int) -> None:
    """Write `events` events as Parquet: member_id, event_name, occurred_at."""
    with duckdb.connect() as connection:
        connection.execute("select setseed(0.5)")
        connection.execute("set threads = 1")
        connection.execute(
            f"copy (select cast(floor({max(events // 100, 1)} * random()) as bigint) as member_id, "
            "['message', 'message', 'message', 'join', 'order'][1 + cast(floor(5 * random()) as bigint)] "
            "as event_name, timestamp '2026-01-05' + to_microseconds(cast(15552e9 * random() as bigint)) "
            f"as occurred_at from range({events})) to '{path}' (format parquet)"
        )


def ask(run: str, path: Path, threads: int, memory_mib: int) -> tuple[float, float, list[list[object]]]:
    """Seconds, CPU seconds and the answer of one run; the time of the question alone, the engine is up."""
    if run.startswith("clickhouse"):
        import chdb

        query = CLICKHOUSE_FUNNEL if run == "clickhouse_funnel" else CLICKHOUSE_RETENTION
        limits = (
            " settings schema_inference_make_columns_nullable = 0, "
            f"max_threads = {threads}, max_memory_usage = {memory_mib * MIB}"
        )
        chdb.query("select 1")
        started = time.perf_counter(), time.process_time()
        told = str(chdb.query(query.replace("{file}", str(path)) + limits, "JSONCompactEachRow"))
        took = time.perf_counter() - started[0], time.process_time() - started[1]
        return *took, [json.loads(line) for line in told.splitlines()]
    from pipelines.macros import install_macros

    with duckdb.connect(config={"threads": threads, "memory_limit": f"{memory_mib}MiB"}) as connection:
        connection.execute("create schema core")
        connection.execute(SETTINGS)
        install_macros(connection)
        connection.execute(f"create view events as from '{path}'")
        started = time.perf_counter(), time.process_time()
        rows = connection.execute(FUNNEL if run == "funnel" else RETENTION).fetchall()
        took = time.perf_counter() - started[0], time.process_time() - started[1]
        return *took, [[int(cell) if cell is not None else None for cell in row] for row in rows]


def measure(run: str, path: Path, threads: int, memory_mib: int) -> dict[str, Any]:
    """Seconds, CPU seconds and peak MiB of a run in a process of its own."""
    command = [sys.executable, __file__, "--only", run, "--file", str(path)]
    command += ["--threads", str(threads), "--memory", str(memory_mib)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(told.stdout.splitlines()[-1]))


def main() -> None:
    """Measure all runs, or one of them (`--only`, for the processes)."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--memory", type=int, default=8192, help="limit in MiB")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", choices=RUNS)
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.only:
        seconds, cpu, answer = ask(given.only, given.file, given.threads, given.memory)
        mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "cpu": cpu, "mib": mib, "answer": answer}))
        return
    has_clickhouse = importlib.util.find_spec("chdb") is not None
    runs = [run for run in RUNS if has_clickhouse or not run.startswith("clickhouse")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        write_events(path, given.events)
        print(f"{given.events:,} events, {path.stat().st_size / MIB:,.0f} MiB, {given.threads} threads")
        fastest: dict[str, float] = {}
        answers: dict[str, list[list[object]]] = {}
        for _ in range(given.repeat):
            for run in runs:
                told = measure(run, path, given.threads, given.memory)
                answers[run] = told["answer"]
                seconds = told["seconds"]
                fastest[run] = min(seconds, fastest.get(run, seconds))
                print(
                    f"{run:21} {seconds:8.2f} s {told['cpu']:8.2f} CPU s {told['mib']:8,.0f} MiB", flush=True
                )
    for run in ("funnel", "retention"):
        if f"clickhouse_{run}" in fastest:
            print(f"{run}: {fastest[run] / fastest[f'clickhouse_{run}']:.1f} x the time of ClickHouse")
    for run in ("funnel", "retention") if has_clickhouse else ():
        ours, theirs = (
            [row[0] for row in answers[run]],
            [int(str(n)) for n in answers[f"clickhouse_{run}"][0]],
        )
        print(f"{run}: {ours}, ClickHouse {theirs}: {'the same' if ours == theirs else 'DIFFERENT'}")
        if ours != theirs:
            sys.exit(1)


if __name__ == "__main__":
    main()
