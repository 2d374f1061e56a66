"""`generate`: the whole sample, from a seed to files and the truth about them."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.sample.build import Plan, build
from pipelines.sample.files import write_files
from pipelines.sample.truth import measure


def _silent(_: str) -> None:
    return None


def _check(plan: Plan) -> None:
    if not math.isfinite(plan.scale) or plan.scale <= 0:
        raise ValueError(f"scale must be above 0, not {plan.scale}; 1 gives about 5,900 people in 40 groups")
    if not math.isfinite(plan.message_factor) or plan.message_factor <= 0:
        raise ValueError(f"message_factor must be above 0, not {plan.message_factor}")
    if not 1 <= plan.weeks <= 520:
        raise ValueError(f"weeks must lie between 1 and 520, not {plan.weeks}")
    if plan.end_day.weekday() != 6:
        raise ValueError(f"end_day must be a Sunday, the last day of a week; {plan.end_day} is not")


def generate(
    out_dir: Path,
    *,
    seed: int = 7,
    scale: float = 1.0,
    weeks: int = 26,
    end_day: date = date(2026, 11, 15),
    message_factor: float = 1.0,
    progress: Callable[[str], None] | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """Write believable exports and `truth.json` to `out_dir`; return the truth.

    `scale` 1 gives 40 groups and about 5,900 people; groups and people grow with it. `message_factor`
    multiplies the messages alone. The same arguments give the same bytes, whatever `threads` is.
    Files are gzipped CSV with canonical headers and naive local times (Asia/Shanghai).

    Raises ValueError for a size that cannot be generated, OSError when `out_dir` cannot be written.
    """
    plan = Plan(seed, scale, weeks, end_day, message_factor)
    _check(plan)
    say = progress or _silent
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="groupfunnel-sample-") as scratch:
        connection = duckdb.connect(":memory:", config={"temp_directory": scratch})
        try:
            if threads is not None:
                connection.execute(f"set threads = {int(threads)}")
            build(connection, plan, say)
            write_files(connection, plan, out_dir, say)
            truth = measure(connection, plan)
        finally:
            connection.close()
    text = json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
    (out_dir / "truth.json").write_text(text, encoding="utf-8")
    return truth
