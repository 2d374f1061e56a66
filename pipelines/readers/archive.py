"""Zip archives as others made them: members are read as streams, never unpacked to a disk.

A file that comes by mail can be anything. Names that lead out of a folder, links, encryption, members that
grow without end and members cut short are refused, each in words that say what to do.
"""

from __future__ import annotations

import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from pipelines.errors import InputRefused, without_values

# More members than any export of chats has; the list alone would fill memory.
MEMBERS = 200_000
# Text packs to a tenth or a thirtieth. Deflate ends at a thousandth: what comes near it is made to burst.
RATIO = 250
SMALL_BYTES = 1 << 24
ENCRYPTED = 0x1
UTF8_NAME = 0x800
# What Python raises at an archive whose directory says what is not so, such as a place before its start.
NO_ZIP = (
    OSError,
    zipfile.BadZipFile,
    ValueError,
    NotImplementedError,  # zipfile's word for a way of packing that it cannot read
    RuntimeError,
    struct.error,
    OverflowError,
)
SIZES = ("bytes", "KiB", "MiB", "GiB")


@dataclass
class Archive:
    """An open zip archive.

    `names` are its files in the order of the archive, without folders, links or the notes that macOS adds;
    `limit_bytes` is what may come out of all of them together.
    """

    path: Path
    limit_bytes: int
    names: tuple[str, ...]
    _zip: zipfile.ZipFile
    _members: dict[str, zipfile.ZipInfo]
    _read: int = field(default=0)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """The content of a member as a stream. Raises InputRefused when it is no member, is encrypted,
        bursts, or is damaged; the latter three possibly only while it is read.
        """
        info = self._members.get(name)
        if info is None:
            raise InputRefused(f"{self.path.name}: has no file {name!r} in it. Export it again.")
        if info.flag_bits & ENCRYPTED:
            raise InputRefused(f"{self.path.name}: is protected by a password. Pack it again without one.")
        is_bomb = info.file_size > SMALL_BYTES and info.file_size > RATIO * max(info.compress_size, 1)
        if is_bomb or info.file_size + self._read > self.limit_bytes:
            raise _too_large(self.path, self.limit_bytes)
        try:
            opened = self._zip.open(info)
        except NO_ZIP as error:
            raise _damaged(self.path, error) from error
        try:
            with opened as raw, io.BufferedReader(_Metered(self, raw), 1 << 16) as stream:
                yield stream
        # NotImplementedError: packed in a way that zipfile cannot read.
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError) as error:
            raise _damaged(self.path, error) from error

    def take(self, count: int) -> None:
        """Count bytes that came out. Raises InputRefused when they are more than may."""
        self._read += count
        if self._read > self.limit_bytes:
            raise _too_large(self.path, self.limit_bytes)


@contextmanager
def open_archive(path: Path, limit_bytes: int) -> Iterator[Archive]:
    """A zip archive whose members, together, may give up to `limit_bytes`.

    Raises InputRefused when it is damaged, or holds links or names that lead out of a folder: such an archive
    is not trusted in anything.
    """
    try:
        packed = zipfile.ZipFile(path)
    except NO_ZIP as error:
        raise _damaged(path, error) from error
    with packed:
        members: dict[str, zipfile.ZipInfo] = {}
        infos = packed.infolist()
        if len(infos) > MEMBERS:
            raise InputRefused(f"{path.name}: holds more than {MEMBERS:,} files. Unpack what is the export.")
        for info in infos:
            name = member_name(info)
            if not name:
                raise _damaged(path, "a file without a name")
            if leads_out(name):
                raise InputRefused(
                    f"{path.name}: holds a file whose name leads out of its folder. No export does that; "
                    "make sure whom you have it from, and export it again."
                )
            if stat.S_ISLNK(info.external_attr >> 16):
                raise InputRefused(
                    f"{path.name}: holds a link to another file. No export does that; make sure whom you "
                    "have it from, and export it again."
                )
            if not info.is_dir() and not _is_extra(name):
                if name in members:
                    raise _damaged(path, "the same name twice")
                members[name] = info
        yield Archive(path, limit_bytes, tuple(members), packed, members)


@contextmanager
def open_member(path: Path, member: str, limit_bytes: int) -> Iterator[IO[bytes]]:
    """One member of a zip archive as a stream of at most `limit_bytes`; refuses what Archive does."""
    with open_archive(path, limit_bytes) as archive, archive.open(member) as stream:
        yield stream


def member_name(info: zipfile.ZipInfo) -> str:
    """The name of a member. Archives made in China say it in GB18030 without a word about it, which
    zipfile takes for the code page of the first PC.
    """
    if info.flag_bits & UTF8_NAME or info.filename.isascii():
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return info.filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return info.filename


def leads_out(name: str) -> bool:
    """Whether a name inside an archive is absolute, or climbs out of the folder it would be put in."""
    parts = name.replace("\\", "/").split("/")
    has_drive = len(parts[0]) == 2 and parts[0][1] == ":"
    return ".." in parts or (parts[0] == "" and len(parts) > 1) or has_drive or "\0" in name


class _Metered(io.RawIOBase):
    """A stream that counts what is read; io has no other way to make one than a class of its own."""

    def __init__(self, archive: Archive, raw: IO[bytes]) -> None:
        self.archive, self.raw = archive, raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        chunk = self.raw.read(len(buffer))
        self.archive.take(len(chunk))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _is_extra(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1] in (".DS_Store", "Thumbs.db")


def _too_large(path: Path, limit_bytes: int) -> InputRefused:
    size, unit = float(limit_bytes), 0
    while size >= 1024 and unit < len(SIZES) - 1:
        size, unit = size / 1024, unit + 1
    return InputRefused(
        f"{path.name}: unpacks to more than the {size:,.0f} {SIZES[unit]} that are read of one archive, or "
        "is packed in a way no export is. If it is the export, unpack it and put the files in the inbox."
    )


def _damaged(path: Path, error: object) -> InputRefused:
    reason = without_values(error) or "no detail"
    return InputRefused(
        f"{path.name}: the archive is cut short or damaged ({reason}). Export or copy it again; "
        "nothing of it was loaded."
    )
