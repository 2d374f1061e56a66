"""Where a project's results stand, and the lock that keeps two runs apart.

A home holds `data/warehouse.duckdb` and `reports/`. The lock is a file with the pid of its holder, taken with
the operating system's own file lock, so that a killed run never leaves it behind.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import InputRefused, LockHeld


@dataclass(frozen=True)
class Home:
    """Paths of one project; nothing is created until it is written."""

    root: Path

    @property
    def data(self) -> Path:
        """Folder of the warehouse."""
        return self.root / "data"

    @property
    def warehouse(self) -> Path:
        """The published warehouse, only ever replaced whole."""
        return self.data / "warehouse.duckdb"

    @property
    def work(self) -> Path:
        """Work in progress; what a killed run leaves of it is thrown away by the next."""
        return self.data / "warehouse.duckdb.next"

    @property
    def loaded(self) -> Path:
        """What a finished `load` hands to `check` and `build`."""
        return self.data / "warehouse.duckdb.loaded"

    @property
    def reports(self) -> Path:
        """Folder of the published report."""
        return self.root / "reports"

    @property
    def shared(self) -> Path:
        """Folder of the reports to pass on, with weeks and assets of their own: it can be sent as it is."""
        return self.reports / "shared"

    @property
    def swept(self) -> Path:
        """Says that `load` removed rows for good, so that the warehouse before must not be kept."""
        return self.data / "warehouse.duckdb.swept"

    @property
    def kept(self) -> Path:
        """Folder of the warehouses published before, to go back to."""
        return self.data / "kept"

    @property
    def logs(self) -> Path:
        """Folder of the logs of runs, one file each."""
        return self.data / "logs"

    @property
    def lock_file(self) -> Path:
        """The lock; holds the pid of the run at work."""
        return self.data / ".lock"


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Hold the home's lock for the length of a `with` block.

    Raises LockHeld naming the pid of the holder, and InputRefused where the home cannot be written.
    """
    try:
        home.data.mkdir(parents=True, exist_ok=True)
        handle = os.open(home.lock_file, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise InputRefused(
            f"{home.root} cannot be written ({error.strerror}). Choose another folder with --home."
        ) from error
    try:
        if not _try_lock(handle):
            pid = os.pread(handle, 32, 0).decode(errors="ignore").strip() if hasattr(os, "pread") else ""
            raise LockHeld(
                f"Another run (pid {pid or 'unknown'}) is at work in {home.root}. Wait for it to finish; "
                "nothing was changed."
            )
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, f"{os.getpid()}\n".encode())
        with _own_temporary_files(home):
            yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


@contextmanager
def _own_temporary_files(home: Home) -> Iterator[None]:
    """Put temporary files into a folder that is this home's: unpacked exports that a killed run left in it
    are found and removed by the next.
    """
    before = tempfile.tempdir
    name = hashlib.sha256(os.fsencode(home.data.resolve())).hexdigest()[:16]
    try:
        own = Path(tempfile.gettempdir()) / f"groupfunnel-{name}"
        if own.exists():
            shutil.rmtree(own)
        own.mkdir(mode=0o700)
    except OSError:
        # Full, read-only, or somebody else's of that name: what needs the folder says so itself.
        yield
        return
    tempfile.tempdir = str(own)
    try:
        yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(own, ignore_errors=True)


def _try_lock(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            # One byte far past the pid, so that another process can still read who holds the lock.
            os.lseek(handle, 1 << 20, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def remove_work(path: Path) -> None:
    """Delete a warehouse file and what DuckDB keeps beside it."""
    for name in (path, path.with_name(path.name + ".wal")):
        name.unlink(missing_ok=True)
    shutil.rmtree(path.with_name(path.name + ".tmp"), ignore_errors=True)
