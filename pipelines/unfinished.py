"""Tables that somebody is still writing: waited for, and refused where there is no end to it.

A file that changes while it is read is refused by its stamp, a format with an end (zip, gzip, Parquet, Excel,
JSON) by its end that is not there. A table of text has none: cut within its last row it would be read with
half a number.
"""

from __future__ import annotations

import time
from pathlib import Path

from pipelines.errors import InputRefused

# Writers hand over a block at a time; who was silent for so long has stopped.
QUIET_SECONDS = 2.0
PATIENCE_SECONDS = 20.0
# The end of a line, also in UTF-16, and of a list or an object.
_ENDS = frozenset(b"\n\r\0}]")
_HAVE_AN_END = (b"PK", b"\x1f\x8b", b"PAR1", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ")


def wait_until_written(path: Path, name: str, patience: float = PATIENCE_SECONDS) -> None:
    """Return once the file ends with a row, or was left alone for two seconds.

    Raises InputRefused when it is still being written after `patience` seconds.
    """
    until = time.monotonic() + patience
    while _is_growing(path):
        if time.monotonic() > until:
            raise InputRefused(f"{name}: is still being written. Wait until it is copied, then run again.")
        time.sleep(0.1)


def _is_growing(path: Path) -> bool:
    """Whether the file was changed just now and ends within a row."""
    try:
        told = path.stat()
        if not 0 <= time.time() - told.st_mtime < QUIET_SECONDS or not told.st_size:
            return False
        with path.open("rb") as file:
            start = file.read(6)
            file.seek(-1, 2)
            last = file.read(1)
    except OSError:
        # Gone or hidden: whoever reads it says so.
        return False
    return not start.startswith(_HAVE_AN_END) and last[0] not in _ENDS
