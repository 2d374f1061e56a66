"""What a run says while it works: one line per step, a bar on a terminal when a step takes longer."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING

from pipelines.printable import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from pipelines.runlog import RunLog

BAR_AFTER_SECONDS = 2.0


class Step:
    """A step at work; `advance` moves its bar, `say` sets what its line will tell."""

    def __init__(self, name: str, total: int | None, is_shown: bool) -> None:
        self.name, self.total, self.text = name, total, ""
        self._done = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._lock = Lock()
        self._timer = Timer(BAR_AFTER_SECONDS, self._show) if is_shown else None
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()

    def advance(self, detail: str = "", total: int | None = None) -> None:
        """One unit of work is done."""
        with self._lock:
            self._done += 1
            self.total = total or self.total
            if self._bar is not None and self._task is not None:
                self._bar.update(
                    self._task, completed=self._done, total=self.total, description=self._label(detail)
                )

    def say(self, text: str) -> None:
        """What the step's line tells when it is over."""
        self.text = text

    def close(self) -> None:
        """Take the bar away."""
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
                self._bar = None

    def _label(self, detail: str) -> str:
        return f"{self.name:<8}{detail[:40]}"

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        with self._lock:
            self._bar = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self._bar.start()
            self._task = self._bar.add_task(self._label(""), total=self.total, completed=self._done)


class Narrator:
    """Prints the lines of a run; `is_quiet` leaves only warnings and errors. `log` hears all of them."""

    def __init__(self, is_quiet: bool = False) -> None:
        self.is_quiet = is_quiet
        self.log: RunLog | None = None
        self.is_terminal = sys.stderr.isatty()

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Step]:
        """A step of the run: timed, with its line printed at its end."""
        started = time.perf_counter()
        step = Step(name, total, self.is_terminal and not self.is_quiet)
        is_done = False
        try:
            yield step
            is_done = True
        finally:
            step.close()
            seconds = time.perf_counter() - started
            self.event("step", name=name, is_done=is_done, seconds=round(seconds, 2), text=step.text)
        if not self.is_quiet:
            print(f"{name:<8}{step.text:<74}{seconds:6.1f} s", flush=True)

    def event(self, name: str, /, **fields: object) -> None:
        """Something for the log alone."""
        if self.log is not None:
            self.log.event(name, **fields)

    def line(self, text: str) -> None:
        """A line of its own, indented under the step."""
        self.event("line", text=text)
        if not self.is_quiet:
            print(f"        {printable(text)}", flush=True)

    def warn(self, text: str) -> None:
        """Something the user should look at; goes to standard error."""
        self.event("note", text=text)
        print(f"        note: {printable(text)}", file=sys.stderr, flush=True)
