"""Mutations: what befalls files, as a Hypothesis strategy of bytes.

Bytes are flipped, cut out, put in, repeated, cut off, spliced with other exports, and encoded anew; the
structure is mutated before: values of JSON, cells and columns of tables, lines of chats, members of archives.
"""

from __future__ import annotations

import gzip
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable

from hypothesis import strategies as st

from tests.load.fuzz.odd import ENCODINGS, ODD_BYTES, ODD_TEXTS
from tests.load.fuzz.seeds import Seed, seeds
from tests.load.fuzz.structure import Draw, mutate_json, mutate_lines, mutate_rows, mutate_sheet

Mutation = Callable[[Draw, bytes, Seed], bytes]
# A token of a text: a number, a word, or one sign.
TOKEN = re.compile(r"\d+|\w+|[^\w\s]")
# How many befall one file: mostly one, so that half of the files are still loaded.
COUNTS = (1, 1, 1, 2, 2, 3)


@st.composite
def mutated(draw: Draw, seed: Seed) -> bytes:
    """The content of a seed after one to three mutations, those of its structure first."""
    content = seed.content
    count = draw(st.sampled_from(COUNTS))
    structural = draw(st.integers(0, count + 1))
    for place in range(count):
        # A structure can only be mutated while there is one.
        content = (_structure if place < structural else _bytes)(draw, content, seed)
    return content


def _structure(draw: Draw, content: bytes, seed: Seed) -> bytes:
    match seed.shape:
        case "zip":
            return _zip(draw, content, seed)
        case "sheet" | "parquet":
            return mutate_sheet(draw, content, seed)
        case "gz":
            try:
                return gzip.compress(_text(draw, gzip.decompress(content), "table", "utf-8"), mtime=0)
            except (OSError, EOFError, zlib.error):
                return _bytes(draw, content, seed)
    return _text(draw, content, seed.shape, seed.encoding)


def _text(draw: Draw, content: bytes, shape: str, encoding: str) -> bytes:
    """Mutate a text by its shape, or a token of it whatever that is."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode(encoding, errors="replace")
    if draw(st.integers(0, 3)) == 0:
        text = _token(draw, text)
    elif shape == "json":
        text = mutate_json(draw, text)
    elif shape == "jsonl":
        lines = text.split("\n")
        place = draw(st.integers(0, len(lines) - 1))
        lines[place] = mutate_json(draw, lines[place], indent=None)
        text = "\n".join(lines)
    elif shape == "table":
        text = mutate_rows(draw, text)
    else:
        text = mutate_lines(draw, text)
    return text.encode(encoding, errors="replace")


def _token(draw: Draw, text: str) -> str:
    """Put an odd text in the place of a token."""
    tokens = list(TOKEN.finditer(text))
    if not tokens:
        return text
    one = tokens[draw(st.integers(0, len(tokens) - 1))]
    return text[: one.start()] + draw(st.sampled_from(ODD_TEXTS)) + text[one.end() :]


def _zip(draw: Draw, content: bytes, seed: Seed) -> bytes:
    """Mutate a member of an archive, or the list of them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except (OSError, zipfile.BadZipFile, ValueError, EOFError, zlib.error, NotImplementedError):
        return _bytes(draw, content, seed)
    if not members:
        return _bytes(draw, content, seed)
    place = draw(st.integers(0, len(members) - 1))
    name, inner = members[place]
    what = draw(st.integers(0, 9))
    if what == 0:
        del members[place]
    elif what == 1:
        members.append((name, inner))
    elif what == 2:
        members[place] = (name + draw(st.sampled_from(ODD_TEXTS)).replace("\x00", ""), inner)
    elif what == 3:
        members[place] = (draw(st.sampled_from(ODD_TEXTS)).replace("\x00", "") or "x", inner)
    elif what == 4:
        members[place] = (name, _bytes(draw, inner, seed))
    else:
        ending = name.rsplit(".", 1)[-1]
        shape = {"json": "json", "jsonl": "jsonl", "csv": "table"}.get(ending, "lines")
        members[place] = (name, _text(draw, inner, shape, "utf-8"))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        # Two of one name are what is tried here.
        warnings.simplefilter("ignore")
        for inside, made in members:
            archive.writestr(zipfile.ZipInfo(inside, (2026, 3, 10, 0, 0, 0)), made)
    return target.getvalue()


def _bytes(draw: Draw, content: bytes, seed: Seed) -> bytes:
    """One mutation of the bytes."""
    name = draw(st.sampled_from(sorted(BYTES)))
    return BYTES[name](draw, content, seed)


def _span(draw: Draw, content: bytes, longest: int = 400) -> tuple[int, int]:
    start = draw(st.integers(0, len(content)))
    return start, min(len(content), start + draw(st.integers(1, longest)))


def _flip(draw: Draw, content: bytes, seed: Seed) -> bytes:
    made = bytearray(content)
    for _ in range(draw(st.integers(1, 3))):
        if made:
            made[draw(st.integers(0, len(made) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(made)


def _delete(draw: Draw, content: bytes, seed: Seed) -> bytes:
    start, end = _span(draw, content)
    return content[:start] + content[end:]


def _insert(draw: Draw, content: bytes, seed: Seed) -> bytes:
    place = draw(st.integers(0, len(content)))
    odd = draw(st.one_of(st.sampled_from(ODD_BYTES), st.binary(min_size=1, max_size=8)))
    return content[:place] + odd + content[place:]


def _repeat(draw: Draw, content: bytes, seed: Seed) -> bytes:
    start, end = _span(draw, content)
    return content[:end] + content[start:end] * draw(st.integers(1, 4)) + content[end:]


def _truncate(draw: Draw, content: bytes, seed: Seed) -> bytes:
    return content[: draw(st.integers(0, len(content)))]


def _splice(draw: Draw, content: bytes, seed: Seed) -> bytes:
    other = seeds()[draw(st.sampled_from(sorted(seeds())))].content
    return content[: draw(st.integers(0, len(content)))] + other[draw(st.integers(0, len(other))) :]


def _recode(draw: Draw, content: bytes, seed: Seed) -> bytes:
    text = content.decode(seed.encoding, errors="replace")
    return text.encode(draw(st.sampled_from(ENCODINGS)), errors="replace")


def _mark(draw: Draw, content: bytes, seed: Seed) -> bytes:
    return draw(st.sampled_from((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"))) + content


def _line_ends(draw: Draw, content: bytes, seed: Seed) -> bytes:
    return content.replace(b"\n", draw(st.sampled_from((b"\r\n", b"\r", b"\n\n", b"\r\r\n", b"\x0b", b""))))


def _nul(draw: Draw, content: bytes, seed: Seed) -> bytes:
    place = draw(st.integers(0, len(content)))
    return content[:place] + b"\x00" * draw(st.sampled_from((1, 2, 64))) + content[place:]


def _pack(draw: Draw, content: bytes, seed: Seed) -> bytes:
    made = gzip.compress(content, mtime=0)
    return made[: draw(st.integers(len(made) // 2, len(made)))] if draw(st.booleans()) else made


def _swap(draw: Draw, content: bytes, seed: Seed) -> bytes:
    cuts = sorted(draw(st.integers(0, len(content))) for _ in range(3))
    return content[: cuts[0]] + content[cuts[1] : cuts[2]] + content[cuts[0] : cuts[1]] + content[cuts[2] :]


BYTES: dict[str, Mutation] = {
    "delete": _delete, "flip": _flip, "insert": _insert, "line ends": _line_ends, "mark": _mark, "nul": _nul,
    "pack": _pack, "recode": _recode, "repeat": _repeat, "splice": _splice, "swap": _swap,
    "truncate": _truncate,
}  # fmt: skip
