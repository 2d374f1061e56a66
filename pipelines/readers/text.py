"""What the readers share: the result they return, and strict decoding of text files."""

from __future__ import annotations

import codecs
import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import InputRefused

CHUNK = 1 << 22
GZIP_MARK = b"\x1f\x8b"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Left behind where text went through a wrong decoding before it came to us: names are lost.
LOST_TEXT = ("\ufffd", "锟斤拷")
# White space beside the plain blank; looked for once a file, so that clean files pay nothing for it.
WIDE_BLANKS = ("\t", "\u00a0", "\u3000", "\u200b")


@dataclass(frozen=True)
class ReadResult:
    """What a reader saw of one file.

    `relation` is SQL to select from: one text column `c0`, `c1`, … per entry of `headers`, in the order of
    the
    file, and, where `has_row_numbers`, `row_number` (1 for the first data row; else rows are numbered as they
    come). `bad_rows` are (row_number, reason) of rows that did not split. `has_lost_text` and
    `has_wide_blanks` say whether the file can hold such characters at all.
    """

    source_format: str
    encoding: str
    headers: tuple[str, ...]
    relation: str = ""
    has_row_numbers: bool = False
    bad_rows: tuple[tuple[int, str], ...] = field(default=())
    has_lost_text: bool = True
    has_wide_blanks: bool = True


@dataclass(frozen=True)
class PlainText:
    """A file as plain UTF-8 text: where it stands now, and what its decoding showed."""

    path: Path
    encoding: str
    has_lost_text: bool
    has_wide_blanks: bool


@contextmanager
def plain_text(path: Path) -> Iterator[PlainText]:
    """The file as UTF-8: itself, or a temporary copy where it is packed or encoded otherwise.

    The whole file is decoded strictly: as UTF-16 by its mark, else as UTF-8, else as GB18030. Raises
    InputRefused when none fits (a wrong guess would turn names into other names) or the file is cut short.
    """
    try:
        with path.open("rb") as handle:
            mark = handle.read(4)
        packed = mark.startswith(GZIP_MARK)
        if packed:
            with gzip.open(path, "rb") as unpacked:
                mark = unpacked.read(4)
        encodings = ("utf-16",) if mark.startswith(UTF16_MARKS) else ("utf-8", "gb18030")
        with tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder:
            for encoding in encodings:
                is_copied = packed or encoding != "utf-8"
                target = Path(folder) / f"{encoding}.txt" if is_copied else None
                try:
                    lost, blanks = _decode(path, encoding, target)
                except UnicodeDecodeError:
                    continue
                yield PlainText(target or path, encoding, lost, blanks)
                return
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(path.name, error) from error
    raise InputRefused(
        f"{path.name}: neither UTF-8 nor GB18030 text. Save it as UTF-8 (in Excel: 'CSV UTF-8') "
        "and try again."
    )


def damaged(name: str, error: object) -> InputRefused:
    """The refusal of a file that is cut short or damaged."""
    reason = (str(error).splitlines() or ["no detail"])[0]
    return InputRefused(
        f"{name}: the file is cut short or damaged ({reason}). Export or copy it again; "
        "nothing of it was loaded."
    )


def unpack(path: Path, target: Path) -> None:
    """Write the content of a gzip file to `target`. Raises InputRefused when it is cut short or damaged."""
    try:
        with gzip.open(path, "rb") as source, target.open("wb") as out:
            while chunk := source.read(CHUNK):
                out.write(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(path.name, error) from error


def _decode(path: Path, encoding: str, target: Path | None) -> tuple[bool, bool]:
    """Decode the whole file, into `target` where given; tells whether it holds lost text and wide blanks."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    has_lost = has_blanks = False
    with path.open("rb") as probe:
        packed = probe.read(2) == GZIP_MARK
    tail = ""
    with gzip.open(path, "rb") if packed else path.open("rb") as source:
        out = target.open("w", encoding="utf-8", newline="") if target is not None else None
        try:
            is_last = False
            while not is_last:
                chunk = source.read(CHUNK)
                is_last = not chunk
                text = decoder.decode(chunk, final=is_last)
                # ASCII holds neither; the longest mark may lie across two chunks.
                if not text.isascii():
                    has_lost = has_lost or any(mark in tail + text for mark in LOST_TEXT)
                has_blanks = has_blanks or any(blank in text for blank in WIDE_BLANKS)
                tail = text[-2:]
                if out is not None:
                    out.write(text)
        finally:
            if out is not None:
                out.close()
    return has_lost, has_blanks
