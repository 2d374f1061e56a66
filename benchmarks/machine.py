"""What the numbers were measured on: cores, memory, load, versions."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

_PEERS = (
    "import json; from importlib.metadata import version; "
    "names = 'pandas', 'pyarrow', 'polars', 'chdb'; "
    "print(json.dumps({name: version(name) for name in names}))"
)


def machine(peers: Path | None) -> dict[str, Any]:
    """The machine and the software; `load` is its load average of one minute now."""
    told: dict[str, Any] = {
        "day": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }
    if peers is not None:
        done = subprocess.run([str(peers), "-c", _PEERS], check=True, capture_output=True, text=True)
        told |= json.loads(done.stdout)
    return told


def _memory_gib() -> int | None:
    if not hasattr(os, "sysconf"):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
