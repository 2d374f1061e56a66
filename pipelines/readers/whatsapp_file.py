"""The text of a WhatsApp chat, as a file or in its zip, and the name of its group."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import InputRefused
from pipelines.readers.archive import open_archive
from pipelines.readers.chat import group_of
from pipelines.readers.text import plain_text

CHAT_BYTES = 4 << 30
IPHONE_FILE = "_chat.txt"
# What an iPhone's zip is called, and so the folder it unpacks to; Android's text is called alike.
OWN_FOLDER = re.compile(r"WhatsApp[ -]?Chat(?: with| mit| -) .+", re.IGNORECASE)
_TITLES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"WhatsApp[ -]?Chat (?:with|mit|-) (?P<name>.+)",
        r"(?:Conversa do|Chat de) WhatsApp (?:com|con|-) (?P<name>.+)",
        r"[与和]\s?[“\"「]?(?P<name>.+?)[”\"」]?\s?的\s?WhatsApp\s?(?:聊天|对话|對話)(?:记录|記錄)?",
    )
)


def member_of(names: tuple[str, ...]) -> str | None:
    """The text of the chat among the names in a zip; beside it lie its media."""
    texts = [name for name in names if name.lower().endswith(".txt") and not name.startswith("__MACOSX/")]
    told = [
        name
        for name in texts
        if (last := name.rsplit("/", 1)[-1]) == IPHONE_FILE or "whatsapp" in last.lower()
    ]
    return told[0] if len(told) == 1 else None


def group_name(path: Path) -> str:
    """The name of the group: in the name of the text, of the zip around it, or of the folder around that."""
    if path.suffix.lower() == ".zip":
        with open_archive(path, CHAT_BYTES) as archive:
            member = member_of(archive.names) or ""
        inner = member.rsplit("/", 1)[-1]
        stems = ([] if inner == IPHONE_FILE else [inner.removesuffix(".txt")]) + [path.stem]
    else:
        name = path.name.removesuffix(".gz")
        stems = [Path(name).stem]
        if name == IPHONE_FILE and OWN_FOLDER.fullmatch(path.parent.name):
            stems = [path.parent.name]
    for stem in stems:
        for title in _TITLES:
            if found := title.fullmatch(stem):
                return group_of(found["name"])
    group = group_of(stems[-1])
    if not group or stems[-1] == Path(IPHONE_FILE).stem:
        raise InputRefused(
            f"{path.name}: does not say of which group it is. Name the file after the group, or give group = "
            '"its name" in its [[exports]] entry.'
        )
    return group


@dataclass(frozen=True)
class ChatText:
    """The text of a chat, to be opened as often as needed: a file, or a member of a zip."""

    path: Path
    member: str | None

    @contextmanager
    def open(self) -> Iterator[io.TextIOBase]:
        """The text, decoded strictly."""
        if self.member is None:
            with self.path.open(encoding="utf-8-sig", newline="\n") as handle:
                yield handle
            return
        with (
            open_archive(self.path, CHAT_BYTES) as archive,
            archive.open(self.member) as stream,
            io.TextIOWrapper(stream, encoding="utf-8-sig", newline="\n") as text,
        ):
            yield text


@contextmanager
def chat_text(path: Path) -> Iterator[ChatText]:
    """The text of a chat. Raises InputRefused where a file is not UTF-8 or a zip holds none, or several."""
    try:
        with path.open("rb") as handle:
            is_zip = handle.read(4) == b"PK\x03\x04"
        if is_zip:
            with open_archive(path, CHAT_BYTES) as archive:
                member = member_of(archive.names)
            if member is None:
                raise InputRefused(f"{path.name}: holds no text of one chat. Export the chat again.")
            yield ChatText(path, member)
            return
        with plain_text(path) as plain:
            # Mixed bytes can pass for GB18030, which WhatsApp never writes: names would become other names.
            if plain.encoding == "gb18030":
                raise _not_utf8(path)
            yield ChatText(plain.path, None)
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error


def _not_utf8(path: Path) -> InputRefused:
    return InputRefused(
        f"{path.name}: is cut short, or was saved in another encoding than WhatsApp's UTF-8. Export the chat "
        "again and do not open it on the way."
    )
