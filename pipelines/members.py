"""Archives of exports: each file in a zip is an export of its own, as if it lay in the inbox."""

from __future__ import annotations

import fnmatch
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import InputRefused
from pipelines.readers import document_for, excel, head_of
from pipelines.readers.archive import open_archive, open_member
from pipelines.readers.text import CHUNK
from pipelines.settings import Settings

# What may come out of one archive; a file at a time lies unpacked on the disk.
LIMIT_BYTES = 16 << 30
# What a file may be called at the most; archives allow far more.
NAME_BYTES = 200


def members_of(path: Path, settings: Settings) -> tuple[str, ...]:
    """Names of the files of an archive that are looked at, () where the file is none, or is one export as it
    is (a spreadsheet, a chat with its pictures). Archives within it (`is_archive`) are not to be opened.

    Raises InputRefused on an archive that is damaged or cannot be trusted.
    """
    head = head_of(path)
    if not head.members or excel.recognise(head) or document_for(head):
        return ()
    with open_archive(path, LIMIT_BYTES) as archive:
        return tuple(
            name
            for name in sorted(archive.names)
            if not any(
                fnmatch.fnmatch(text, pattern)
                for text in (name, name.rsplit("/", 1)[-1])
                for pattern in settings.inbox.ignore
            )
        )


def is_archive(member: str | None) -> bool:
    """Whether a member of an archive is one itself: archives in archives burst where nobody looks."""
    return member is not None and member.lower().endswith(".zip")


@contextmanager
def unpacked(path: Path, member: str | None) -> Iterator[Path]:
    """A file as it is, or a member of an archive as a file that lives as long as the block."""
    if member is None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder:
        target = Path(folder) / _file_name(member)
        with open_member(path, member, LIMIT_BYTES) as stream, target.open("wb") as out:
            shutil.copyfileobj(stream, out, CHUNK)
        try:
            yield target
        except InputRefused as error:
            raise InputRefused(f"{path.name}: {error}") from error


def _file_name(member: str) -> str:
    """The name of a member as a file: the last part, cut in its middle where it is too long for a disk."""
    name = member.rsplit("/", 1)[-1]
    told = name.encode("utf-8", errors="replace")
    if len(told) > NAME_BYTES:
        start, end = told[: NAME_BYTES - 40], told[-40:]
        name = "…".join(part.decode("utf-8", errors="ignore") for part in (start, end))
    return name if name not in ("", ".") else "member"
