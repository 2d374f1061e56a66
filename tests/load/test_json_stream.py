"""JSON in a stream: the same values whatever the size of a read, in memory that does not grow."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import InputRefused
from pipelines.readers import json_stream
from pipelines.readers.json_stream import EACH, END, walk
from tests.load.telegram.chats import post

MIB = 1 << 20
OPENED = frozenset({(), ("messages",), ("chats",), ("chats", EACH)})


class Dribble(io.BytesIO):
    """A stream that gives a few bytes at a time, whatever is asked for."""

    step = 1

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self.step)


def values(data: bytes, step: int = 0) -> list[tuple[Any, Any]]:
    stream = Dribble(data) if step else io.BytesIO(data)
    if isinstance(stream, Dribble):
        stream.step = step
    return list(walk(stream, "f.json", OPENED))


leaf = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
tree = st.recursive(
    leaf,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    document=st.fixed_dictionaries(
        {"messages": st.lists(tree, max_size=4), "chats": st.lists(tree, max_size=3), "x": tree}
    ),
    step=st.integers(1, 7),
    indent=st.sampled_from([None, 1]),
)
def test_walked_values_are_those_of_the_document(document: Any, step: int, indent: int | None) -> None:
    data = json.dumps(document, indent=indent, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        data.decode()
    except UnicodeDecodeError:
        data = json.dumps(document, indent=indent).encode()
    told = values(data, step)
    assert told == values(data)
    assert [value for place, value in told if place == ("messages", EACH)] == document["messages"]
    assert [value for place, value in told if place == ("x",)] == [document["x"]]
    assert told[-1] == ((), END)


@pytest.mark.parametrize("step", [0, 1, 2, 3, 5])
def test_control_bytes_as_telegram_writes_them(step: int) -> None:
    data = rb'{"messages": ["a\x0Fb", "a\\x0Fb", "\\\x1f", "\"\x00\n\x09"], "x": 12}'
    assert [value for place, value in values(data, step) if place == ("messages", EACH)] == [
        "a\x0fb", "a\\x0Fb", "\\\x1f", '"\x00\n\x09',
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"", b" ", b"{", b'{"messages"', b'{"messages": [1', b'{"messages": [1,', b"{}{}", b"{1: 2}",
        b'{"messages": [1] "x": 2}', b'{"messages": [1,]}', b'{"messages": ["\\q"]}', b'{"messages": [tru]}',
        b'{"messages": ["\xff"]}', b'{"messages": [' + b"[" * 100_000,
        b'{"messages": [{"a": 1 "b": 2}, ' + b'"x", ' * 20 + b"1]}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", [0, 3])
def test_07_what_is_cut_short_or_broken_is_refused(data: bytes, step: int) -> None:
    if step and len(data) > 1000:
        return
    with pytest.raises(InputRefused, match=r"cut short or damaged|no UTF-8"):
        values(data, step)


def test_07_a_value_without_an_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MAX_VALUE", 5 * MIB)
    stream = io.BytesIO(b'{"messages": ["' + b"x" * (40 * MIB))
    with pytest.raises(InputRefused):
        list(walk(stream, "f.json", OPENED))
    assert stream.tell() < 20 * MIB


PEAK = """
import resource, sys
from pathlib import Path
from pipelines.people import People
from pipelines.readers import telegram
from pipelines.settings import Export, Settings
export = Export(files="*", platform="telegram", source="telegram")
with telegram.split(None, Path(sys.argv[1]), export, Settings(), People(Path(sys.argv[2]))) as document:
    assert set(document.parts) == {"message", "join", "groups", "coverage"}
scale = 1 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale)
"""


def test_42_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    message = json.dumps(post(1, 1, "word " * 90)).encode()
    peaks = []
    for size in (MIB // 4, 50 * MIB):
        path = tmp_path / f"{size}.json"
        with path.open("wb") as out:
            out.write(b'{"name": "Cats", "type": "private_supergroup", "id": 7, "messages": [\n')
            for number in range(2, size // len(message)):
                out.write(message.replace(b'"id": 1,', b'"id": %d,' % number, 1) + b",\n")
            out.write(message + b"]}\n")
        told = subprocess.run(
            [sys.executable, "-c", PEAK, str(path), str(tmp_path / "key")],
            cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
        )  # fmt: skip
        peaks.append(int(told.stdout))
    assert peaks[1] - peaks[0] < 20 * MIB
