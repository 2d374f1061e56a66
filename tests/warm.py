"""The command in a process of its own that need not import everything first: forked from one that has.

Importing takes 3 to 4 seconds of the processor, most of it Great Expectations, and the tests start the
command a hundred and fifty times. A forked process has its own memory, files, environment and exit code and
dies of a signal like any other; what starting itself does is tested where the command is started by its name
(tests/install, the schedules, the faults).
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
_REQUEST = 1 << 20
_CHANGES = frozenset(
    f"os.{verb}" for verb in ("rename", "remove", "mkdir", "rmdir", "link", "symlink", "truncate")
)


@dataclass(frozen=True)
class Warm:
    """A process that has imported what the command needs, and the way to ask it for a fork."""

    process: subprocess.Popen[bytes]
    channel: socket.socket

    def fork(self, request: Mapping[str, object], files: tuple[IO[bytes], ...]) -> int:
        """Start the command with what `_become` reads and these standard files; returns its process id."""
        told = json.dumps(request).encode()
        assert len(told) < _REQUEST
        socket.send_fds(self.channel, [told], [file.fileno() for file in files])
        return int(self.channel.recv(64))

    def wait(self) -> int:
        """The exit code of the process that was forked last, negative for a signal."""
        return int(self.channel.recv(64))

    def close(self) -> None:
        """End it."""
        self.channel.close()
        self.process.wait(10)


@cache
def warm() -> Warm:
    """The one warm process of this worker."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", str(theirs.fileno())], pass_fds=[theirs.fileno()], cwd=ROOT
        )
    made = Warm(process, ours)
    atexit.register(made.close)
    return made


def groupfunnel(
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    input: str = "",
    kill_after: float | None = None,
    kill_at: int | None = None,
    changes: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, or until it is killed: after seconds, or at a change.

    A change is what Python does to the file system, counted from 1 and before it is done: a file opened for
    writing, a rename, a removal. `changes` is a file that gets a line of each.
    """
    words = [str(argument) for argument in arguments]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(input.encode())
        given.seek(0)
        request = {
            "arguments": words,
            "cwd": str(cwd or Path.cwd()),
            "env": dict(os.environ if env is None else env),
            "kill_at": kill_at,
            "changes": str(changes) if changes else None,
        }
        pid = warm().fork(request, (given, out, err))
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        code = warm().wait()
        told = []
        for file in (out, err):
            file.seek(0)
            told.append(file.read().decode())
    return subprocess.CompletedProcess(["groupfunnel", *words], code, *told)


def _serve(channel: socket.socket) -> None:
    """Fork for each request; returns in the fork, where the command is to run, and exits when nobody asks."""
    while True:
        told, descriptors, _, _ = socket.recv_fds(channel, _REQUEST, 3)
        if not told:
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            channel.close()
            _become(json.loads(told), descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)
        channel.send(str(pid).encode())
        channel.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def _become(request: dict[str, Any], descriptors: list[int]) -> None:
    """Take standard files, environment, folder and arguments from a request."""
    for standard, descriptor in enumerate(descriptors):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    # Told anew by the environment, as in a process that has just begun.
    tempfile.tempdir = None
    os.chdir(request["cwd"])
    sys.argv[1:] = request["arguments"]
    if request["kill_at"] or request["changes"]:
        _watch(request["kill_at"], request["changes"])


def _watch(kill_at: int | None, changes: str | None) -> None:
    """Count what this process changes in the file system, and die before the change of that number."""
    written = os.open(changes, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if changes else None
    count = 0

    def hear(event: str, words: tuple[Any, ...]) -> None:
        nonlocal count
        if event == "open":
            if not (isinstance(words[2], int) and words[2] & (os.O_WRONLY | os.O_RDWR)):
                return
        elif event not in _CHANGES and (event, *words[-1:]) != ("ctypes.dlsym", "renameat2"):
            return
        count += 1
        if written is not None:
            os.write(written, f"{event} {words}\n".encode())
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)


def _import_all() -> None:
    """Import what the verbs import when they are called, and compile the templates of the report."""
    import importlib
    import pkgutil

    import pipelines
    from pipelines.checks.quiet import warm_up

    warm_up().join()
    for module in pkgutil.walk_packages(pipelines.__path__, "pipelines."):
        if "spark" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    from pipelines.report.render import environment

    # Compiled once; every report of a fork takes what is held.
    compiled = environment("CNY")
    for template in compiled.list_templates():
        compiled.get_template(template)


if __name__ == "__main__":
    _import_all()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    from pipelines.cli import main

    main()
