"""The log of a run: one file of JSON lines in data/logs, with events, counts and seconds, and no names."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from pipelines import __version__
from pipelines.errors import EXIT_OK, EXIT_OTHER, GroupfunnelError, LockHeld, without_values
from pipelines.home import Home
from pipelines.keeping import prune_logs

if TYPE_CHECKING:
    from pipelines.steps import Project

P = ParamSpec("P")
R = TypeVar("R")
# A message of forget may repeat who was asked for.
_SILENT = frozenset({"forget"})


class RunLog:
    """Writes events to a file of its own; a log that cannot be written never stops a run."""

    def __init__(self, home: Home, verb: str) -> None:
        self.home, self.verb = home, verb
        self._started = time.perf_counter()
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
        self.path = home.logs / f"{stamp}-{verb}-{os.getpid()}.jsonl"
        self.event("start", verb=verb, pid=os.getpid(), **versions())

    def event(self, name: str, /, **fields: object) -> None:
        """One line: when, what happened, and `fields`; texts lose the paths of this machine."""
        told = {key: self._short(value) if isinstance(value, str) else value for key, value in fields.items()}
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": name, **told}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        except OSError:
            return

    def end(self, error: BaseException | None = None) -> None:
        """The last line: how the run ended, what it took, and why it failed."""
        outcome, code = _outcome(error)
        told: dict[str, object] = {"outcome": outcome, "exit_code": code}
        if error is not None and self.verb not in _SILENT:
            told["error"] = str(error) if isinstance(error, GroupfunnelError) else _blotted(error)
        seconds = round(time.perf_counter() - self._started, 2)
        cpu = round(time.process_time(), 2)
        self.event("end", **told, seconds=seconds, cpu_seconds=cpu, peak_mib=_peak_mib())

    def _short(self, text: str) -> str:
        for path, name in ((self.home.root.resolve(), "HOME"), (Path.home(), "~")):
            if len(path.parts) > 1:
                text = text.replace(str(path), name)
        return text


def versions() -> dict[str, str]:
    """The versions that a bug report asks for."""
    from importlib.metadata import version

    return {
        "version": __version__,
        "python": platform.python_version(),
        "duckdb": version("duckdb"),
        "system": f"{platform.system()} {platform.machine()}",
    }


def logged(
    verb: str,
) -> Callable[[Callable[Concatenate[Project, P], R]], Callable[Concatenate[Project, P], R]]:
    """Make a verb write a log of what its narrator hears, and of its end however it ends."""

    def wrap(work: Callable[Concatenate[Project, P], R]) -> Callable[Concatenate[Project, P], R]:
        @wraps(work)
        def kept(project: Project, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with recorded(project.home, verb) as log:
                project.narrator.log = log
                try:
                    return work(project, *args, **kwargs)
                finally:
                    prune_logs(project.home, project.settings.operations.keep_logs)

        return kept

    return wrap


@contextmanager
def recorded(home: Home, verb: str) -> Iterator[RunLog]:
    """A log around a `with` block, ended by what the block raises."""
    log = RunLog(home, verb)
    try:
        yield log
    except BaseException as error:
        log.end(error)
        raise
    log.end()


def _outcome(error: BaseException | None) -> tuple[str, int]:
    if error is None:
        return "ok", EXIT_OK
    if isinstance(error, LockHeld):
        return "locked", error.exit_code
    if isinstance(error, GroupfunnelError):
        return "refused", error.exit_code
    return ("stopped" if isinstance(error, KeyboardInterrupt) else "failed"), EXIT_OTHER


def _blotted(error: BaseException) -> str:
    return f"{type(error).__name__}: {without_values(error) or 'no message'}"


def _peak_mib() -> int | None:
    """Most memory that this process held, in MiB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    told = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return told >> (20 if sys.platform == "darwin" else 10)


def read_log(path: Path) -> list[dict[str, Any]]:
    """The events of a log; a last line that a crash cut short is left out."""
    events = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict):
            events.append(told)
    return events
