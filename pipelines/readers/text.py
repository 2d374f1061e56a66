"""What the readers share: the result they return, and strict decoding of text files."""

from __future__ import annotations

import codecs
import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import InputRefused

CHUNK = 1 << 22
MOJIBAKE = "锟斤拷"


@dataclass(frozen=True)
class ReadResult:
    """What a reader saw: `headers` as in the file, `bad_rows` as (row_number, reason) it could not split."""

    source_format: str
    encoding: str
    headers: tuple[str, ...]
    bad_rows: tuple[tuple[int, str], ...] = field(default=())


def detect_encoding(path: Path) -> str:
    """`utf-8` or `gb18030`, whichever decodes the whole file strictly, or `utf-16` by its mark.

    Raises InputRefused when none does: a wrong guess would turn names into other names silently.
    """
    with _raw(path) as handle:
        mark = handle.read(4)
    if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        try:
            with _raw(path) as handle:
                while chunk := handle.read(CHUNK):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        except (OSError, EOFError) as error:
            raise InputRefused(
                f"{path.name}: the file is cut short or damaged ({error}). Export or copy it again; "
                "nothing of it was loaded."
            ) from error
        return encoding
    raise InputRefused(
        f"{path.name}: neither UTF-8 nor GB18030 text. Save it as UTF-8 (in Excel: 'CSV UTF-8') and try again."
    )


@contextmanager
def utf8_copy(path: Path, encoding: str) -> Iterator[Path]:
    """The file itself when DuckDB can read it (UTF-8), else a temporary UTF-8 copy, decoded strictly."""
    if encoding == "utf-8":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder:
        target = Path(folder) / "decoded.txt"
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        with _raw(path) as source, target.open("w", encoding="utf-8", newline="") as out:
            while chunk := source.read(CHUNK):
                out.write(decoder.decode(chunk))
            out.write(decoder.decode(b"", final=True))
        yield target


@contextmanager
def _raw(path: Path) -> Iterator[gzip.GzipFile]:
    with path.open("rb") as probe:
        packed = probe.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if packed else path.open("rb") as handle:
        yield handle  # type: ignore[misc]
