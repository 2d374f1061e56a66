"""Errors nobody foresaw: one line for the user, the traceback in a file of the home, no names in either."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import Path

from pipelines import __version__
from pipelines.errors import without_values
from pipelines.home import Home


def keep_traceback(error: BaseException, root: Path) -> str:
    """Write the traceback to data/logs of the home; returns the line that tells the user what happened.

    Messages of libraries repeat what they choked on, a name as well as a number: values are blotted out.
    """
    first = without_values(error) or "no message"
    line = f"unexpected {type(error).__name__}: {first}. What was published is untouched."
    if type(error).__name__ == "OutOfMemoryException":
        line = f"{first}. Give more in [engine] memory_limit; what was published is untouched."
    logs = Home(root).logs
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    try:
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{stamp}.log"
        log.write_text(f"groupfunnel {__version__}\n{_story(error)}", encoding="utf-8")
    except OSError:
        return line
    return f"{line} Details for a bug report: {log}"


def _story(error: BaseException) -> str:
    """Where in the code it happened, for the error and those it came from: lines of code, no values."""
    parts: list[str] = []
    seen: set[int] = set()
    told: BaseException | None = error
    while told is not None and id(told) not in seen:
        seen.add(id(told))
        frames = "".join(traceback.format_list(traceback.extract_tb(told.__traceback__)))
        parts.append(f"{frames}{type(told).__module__}.{type(told).__qualname__}: {without_values(told)}\n")
        told = told.__cause__ or told.__context__
    return "\nfollowed by\n\n".join(reversed(parts))
