"""Errors nobody foresaw: one line for the user, the traceback in a file of the home."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import Path

from pipelines import __version__
from pipelines.home import Home


def keep_traceback(error: BaseException, root: Path) -> str:
    """Write the traceback to data/logs of the home; returns the line that tells the user what happened."""
    first = (str(error).strip().splitlines() or ["no message"])[0][:200]
    line = f"unexpected {type(error).__name__}: {first}. What was published is untouched."
    logs = Home(root).data / "logs"
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    try:
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{stamp}.log"
        text = "".join(traceback.format_exception(error))
        log.write_text(f"groupfunnel {__version__}\n{text}", encoding="utf-8")
    except OSError:
        return line
    return f"{line} Details for a bug report: {log}"
