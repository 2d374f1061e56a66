"""The numbers of one size, kept as JSON, and the answers compared."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.community import Community
from benchmarks.measured import Measured, median, ratio


@dataclass
class Results:
    """Everything measured at one size: runs by name of what was run (`load`, `retention by polars`)."""

    size: str
    community: Community
    repeat: int
    memory: str
    threads: int
    machine: dict[str, Any] = field(default_factory=dict)
    csv_bytes: int = 0
    warehouse_bytes: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    runs: dict[str, list[Measured]] = field(default_factory=dict)
    agreement: dict[str, bool] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def median(self, name: str) -> Measured | None:
        """Median of the runs of a name, if there are any."""
        return median(self.runs[name]) if self.runs.get(name) else None

    def ratio(self, one: str, other: str) -> tuple[float, float] | None:
        """Median ratio of neighbours: of seconds, of CPU seconds."""
        if not (self.runs.get(one) and self.runs.get(other)):
            return None
        return ratio(self.runs[one], self.runs[other])

    def write(self, file: Path) -> None:
        """Keep the numbers, without the answers."""
        told = asdict(self)
        for runs in told["runs"].values():
            for run in runs:
                run["told"].pop("answer", None)
                run.update({name: round(run[name], 3) for name in ("seconds", "cpu", "peak_mib")})
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    @staticmethod
    def read(file: Path) -> Results:
        """What was kept."""
        told = json.loads(file.read_text(encoding="utf-8"))
        told["community"] = Community(**told["community"])
        told["runs"] = {name: [Measured(**run) for run in runs] for name, runs in told["runs"].items()}
        return Results(**told)


def agree(one: list[list[Any]], other: list[list[Any]], *, has_gaps: bool = False) -> bool:
    """Whether two answers are equal; with `has_gaps`, rows and cells that the other leaves out are not asked.

    A finished table gives no number for a window that is not over yet.
    """
    if not has_gaps:
        return one == other
    known = {_key(row): row for row in one}
    rows = [row for row in other if any(cell is not None for cell in row[1:])]
    return bool(rows) and all(
        (mine := known.get(_key(row))) is not None
        and all(cell is None or cell == own for cell, own in zip(row, mine, strict=True))
        for row in rows
    )


def _key(row: list[Any]) -> tuple[Any, ...]:
    return tuple(row[:2]) if len(row) == 3 else tuple(row[:1])
