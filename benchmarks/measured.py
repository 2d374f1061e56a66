"""Measuring one thing in a process of its own: seconds, CPU seconds, peak memory, and its answer."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MIB = 1 << 20


@dataclass(frozen=True)
class Measured:
    """What a process took. Seconds and CPU seconds are those of the work, memory that of the process."""

    seconds: float
    cpu: float
    peak_mib: float
    told: dict[str, Any] = field(default_factory=dict)


def measure_here(work: Callable[[], dict[str, Any]]) -> None:
    """In the process that is measured: do the work and print what it took as the last line."""
    begin, before = time.perf_counter(), _cpu()
    told = work()
    seconds, cpu = time.perf_counter() - begin, _cpu() - before
    print("\n" + json.dumps(asdict(Measured(seconds, cpu, _peak_mib(), told))), flush=True)


def run(python: Path | str, module: str, *arguments: str | Path, threads: int) -> Measured:
    """Run `python -m module arguments` and read what it took. Raises RuntimeError where it fails."""
    command = [str(python), "-m", module, *map(str, arguments)]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "POLARS_MAX_THREADS": str(threads),
        "OMP_NUM_THREADS": str(threads),
        "BENCH_THREADS": str(threads),
    }
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}"
        )
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def threads_told() -> int:
    """In the process that is measured: how many threads it may use."""
    return int(os.environ.get("BENCH_THREADS", os.cpu_count() or 1))


def median(runs: Sequence[Measured]) -> Measured:
    """Medians of the numbers, the largest memory, and what the last one told."""
    return Measured(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.cpu for run in runs),
        max(run.peak_mib for run in runs),
        runs[-1].told,
    )


def ratio(ones: Sequence[Measured], others: Sequence[Measured]) -> tuple[float, float]:
    """Median ratio of neighbours, one to other: of seconds and of CPU seconds."""
    pairs = list(zip(ones, others, strict=True))
    return (
        statistics.median(one.seconds / other.seconds for one, other in pairs),
        statistics.median(one.cpu / other.cpu for one, other in pairs),
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_mib() -> float:
    # getrusage's number begins with that of the process which started this one; Linux knows the own.
    status = Path("/proc/self/status")
    if status.exists():
        own = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        if own:
            return int(own[0]) / 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MIB
