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

from pipelines.errors import InputRefused, without_values

# Small enough to stay in the cache of the processor while it is looked through.
CHUNK = 1 << 20
START_BYTES = 1 << 16
GZIP_MARK = b"\x1f\x8b"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What Python raises at JSON that is none, nests too deep or has a number of thousands of digits.
NO_JSON = (ValueError, RecursionError)
# Left behind where text went through a wrong decoding before it came to us: names are lost.
LOST_TEXT = ("\ufffd", "锟斤拷")
# How a spreadsheet is kept from taking a cell for a number: ="007" and '007.
GUARDS = ('="', "'")
# White space beside the plain blank; looked for once a file, so that clean files pay nothing for it.
WIDE_BLANKS = ("\t", "\u00a0", "\u3000", "\u200b")


@dataclass(frozen=True)
class ReadResult:
    """What a reader saw of one file.

    `relation` is SQL to select from: one text column `c0`, `c1`, … per entry of `headers`, in the order of
    the
    file, and, where `has_row_numbers`, `row_number` (1 for the first data row; else rows are numbered as they
    come). `bad_rows` are (row_number, reason) of rows that did not split. `has_lost_text`,
    `has_wide_blanks` and `has_guards` say whether the file can hold such characters at all. `is_document`:
    the cells are a reader's own and hold neither totals nor words for nothing. `epoch` is the day 0 of the
    day counts that spreadsheets keep times in, '' where the file does not say; `notes` are for the user.
    """

    source_format: str
    encoding: str
    headers: tuple[str, ...]
    relation: str = ""
    has_row_numbers: bool = False
    bad_rows: tuple[tuple[int, str], ...] = field(default=())
    has_lost_text: bool = True
    has_wide_blanks: bool = True
    has_guards: bool = True
    has_scientific: bool = True
    is_document: bool = False
    is_mixed: bool = False
    epoch: str = ""
    notes: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """SQL of the number of a row of temp table `typed`; `is_mixed`: of two kinds of rows there."""
        if self.is_mixed:
            return "coalesce(row_number, rowid + 1)"
        return "row_number" if self.has_row_numbers else "rowid + 1"


@dataclass
class Traits:
    """What decoding a file shows: destroyed characters, blanks beside the plain one, spreadsheet guards
    (`="007"`, `'007`), and whether it ends within a line.
    """

    has_lost_text: bool = False
    has_wide_blanks: bool = False
    has_guards: bool = False
    has_scientific: bool = False
    is_open: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of it."""
        told = "does not end with a line end: it may be cut short; compare its last row with the source"
        return (told,) if self.is_open else ()


@dataclass(frozen=True)
class PlainText:
    """A file as plain UTF-8 text: where it stands now, and what its decoding showed."""

    path: Path
    encoding: str
    traits: Traits


def encodings_of(start: bytes) -> tuple[str, ...]:
    """Encodings a text can be in by its first bytes, to be tried strictly in this order; () for no text.

    Text holds no NUL: where there are any, each is half of a UTF-16 character, and those of Latin letters,
    digits and line ends tell which half.
    """
    if start.startswith(UTF16_MARKS):
        return ("utf-16",)
    if b"\x00" not in start:
        return ("utf-8", "gb18030")
    # The other half is mostly not 0: only characters like 一 (U+4E00) have it so.
    low, high = start[0::2].count(0), start[1::2].count(0)
    for encoding, zeros, others in (("utf-16-le", high, low), ("utf-16-be", low, high)):
        # Rows have a digit, a blank or a line end among twenty characters; a stray NUL is none of them.
        if zeros >= 5 and zeros > 2 * others and 40 * zeros >= len(start):
            try:
                text = codecs.getincrementaldecoder(encoding)("strict").decode(start)
            except UnicodeDecodeError:
                continue
            if not any(ord(c) < 32 and c not in "\t\r\n" for c in text):
                return (encoding,)
    return ()


def head_text(start: bytes) -> str:
    """The first bytes of a file as text, as far as they decode: without mark and blanks before it."""
    encoding = next(iter(encodings_of(start)), "utf-8")
    return start.decode(encoding, errors="ignore").removeprefix("\ufeff").lstrip()


@contextmanager
def plain_text(path: Path) -> Iterator[PlainText]:
    """The file as UTF-8: itself, or a temporary copy where it is packed or encoded otherwise.

    The whole file is decoded strictly: as UTF-16 by its mark or NULs, else as UTF-8, else as GB18030. Raises
    InputRefused when none fits (a wrong guess would turn names into other names) or the file is cut short.
    """
    try:
        with path.open("rb") as handle:
            start = handle.read(START_BYTES)
        packed = start.startswith(GZIP_MARK)
        if packed:
            with gzip.open(path, "rb") as unpacked:
                start = unpacked.read(START_BYTES)
        # A NUL or two in a chat are rubbish in it, and no other encoding.
        encodings = encodings_of(start) or ("utf-8", "gb18030")
        with tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder:
            for encoding in encodings:
                is_copied = packed or encoding != "utf-8"
                target = Path(folder) / f"{encoding}.txt" if is_copied else None
                try:
                    traits = _decode(path, encoding, target)
                except UnicodeDecodeError:
                    continue
                yield PlainText(target or path, encoding, traits)
                return
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(path.name, error) from error
    raise InputRefused(
        f"{path.name}: neither UTF-8 nor GB18030 text. Save it as UTF-8 (in Excel: 'CSV UTF-8') "
        "and try again."
    )


def damaged(name: str, error: object) -> InputRefused:
    """The refusal of a file that is cut short or damaged."""
    reason = without_values(error) or "no detail"
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


def _decode(path: Path, encoding: str, target: Path | None) -> Traits:
    """Decode the whole file, into `target` where given; tells what it holds."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    traits = Traits()
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
                # What is looked for may lie across two chunks.
                seen = tail + text
                # ASCII holds no lost text.
                if not text.isascii():
                    traits.has_lost_text = traits.has_lost_text or any(mark in seen for mark in LOST_TEXT)
                traits.has_wide_blanks = traits.has_wide_blanks or any(b in text for b in WIDE_BLANKS)
                # One sign is found many times faster than two: it is looked for first.
                traits.has_guards = traits.has_guards or any(
                    guard[0] in seen and guard in seen for guard in GUARDS
                )
                if not traits.has_scientific and "+" in text:
                    traits.has_scientific = "E+" in seen or "e+" in seen
                tail = seen[-2:]
                if out is not None:
                    out.write(text)
        finally:
            if out is not None:
                out.close()
    traits.is_open = bool(tail) and tail[-1] not in "\r\n"
    return traits
