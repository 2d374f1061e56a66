"""WhatsApp: the text that 'Export chat' writes, alone or in its zip, from Android and iPhone.

It has names and phone numbers instead of ids, the phone's own form of times, and lines that the app wrote in
its owner's language. The file is read twice: first for the order of day and month and the names, then for
the rows.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.contract import EventKind
from pipelines.errors import InputRefused
from pipelines.people import People
from pipelines.readers.chat import MARKS, Chat, lines_of, plain_name, text_of
from pipelines.readers.document import Document, Head, Sink
from pipelines.readers.whatsapp_file import OWN_FOLDER, ChatText, chat_text, group_name, member_of
from pipelines.readers.whatsapp_times import DateOrder, Order, split_header
from pipelines.readers.whatsapp_words import DELETED, EDITED, OWNER, change_of, kind_of, names_of
from pipelines.settings import Export, Settings

__all__ = ["KINDS", "OWN_FOLDER", "PLATFORM", "recognise", "split"]

PLATFORM = "whatsapp"
KINDS: tuple[EventKind, ...] = ("message", "join", "coverage", "aliases")
TEXT_CHARACTERS = 1 << 20
# A colon inside a new title is no end of a name.
_QUOTED_TITLE = re.compile(
    r".+? (?:changed|created|mudou|criou|cambió|creó|hat) .*[\"“„”«].*"
    r"|.+?(?:更改|创建|創建|變更|变更)了?.*[\"“「].*"
)
_MENTION = re.compile("@\u2068(.+?)\u2069")


@dataclass(frozen=True)
class Line:
    """A message of the file: its place, its time as written, and what stands after it."""

    number: int
    when: datetime
    body: str


def recognise(head: Head) -> str:
    """By the name of the text in a zip, else by the first line, which has a time and a name or a notice."""
    if head.members:
        return "a zip with the text of a WhatsApp chat" if member_of(head.members) else ""
    lines = text_of(head.start).splitlines()
    first = next((line for line in lines if line.strip("\ufeff\u200e\u200f ")), "")
    if split_header(first) is None:
        return ""
    return "lines of WhatsApp: a time, a name, a text"


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """Messages, joins, leaves and removals of one chat.

    Raises InputRefused where day and month cannot be told apart, the group has no name, the text is not
    UTF-8 or has no line of a chat.
    """
    group = export.group or group_name(path)
    with (
        chat_text(path) as text,
        tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder,
        Sink(Path(folder), PLATFORM, "utf-8") as sink,
    ):
        order, known = _first_pass(path, text, export)
        chat = Chat(sink, people, export.source or PLATFORM, group)
        reader = _Reader(chat, sink, known, export.own_name)
        sink.holds("message")
        number = 0
        for line in _messages(path, text, order):
            number = line.number
            reader.take(line)
        kinds: tuple[EventKind, ...] = ("message",)
        if reader.understood or not reader.unknown:
            sink.holds("join")
            kinds = ("message", "join")
        reader.tell()
        days = chat.covered(path, export, settings)
        if days is not None:
            chat.cover(number, days, kinds)
        chat.close()
        yield sink.document(covered=days)


@dataclass
class _Reader:
    """Sorts the lines of one chat into messages and changes."""

    chat: Chat
    sink: Sink
    known: set[str]
    own_name: str | None
    understood: int = 0
    unknown: int = 0
    without_owner: int = 0

    def take(self, line: Line) -> None:
        """One message of the file."""
        self.chat.see(line.when)
        body = line.body.lstrip("\u200e\u200f\u202a ")
        name, colon, text = body.partition(":")
        is_signed = bool(colon) and (text == "" or text[0] in " \u200e\u00a0\n") and len(name) <= 100
        if is_signed and "\n" not in name and not _QUOTED_TITLE.fullmatch(name):
            said = text.strip(" ")
            # On iPhones the app's own lines are signed by the group or a member, and marked.
            if not said.startswith("\u200e") or not self._change(line, plain_name(said)):
                self._message(line, name, said)
        elif not self._change(line, plain_name(body)):
            self.unknown += 1
            self.sink.ignore("line of the app in words that are not known")

    def _message(self, line: Line, name: str, said: str) -> None:
        text = EDITED.sub("", said.translate(MARKS)).strip()
        if DELETED.fullmatch(text):
            self.sink.ignore("message that was deleted")
            return
        mentions = []
        for mentioned in _MENTION.findall(said):
            try:
                mentions.append(self.chat.person(mentioned))
            except ValueError:
                self.sink.ignore("mention of somebody who cannot be told")
        self.chat.message(
            line.number, name, line.when, text, kind_of(text), mentions=" ".join(mentions) or None
        )

    def _change(self, line: Line, said: str) -> bool:
        """Whether a line of the app is understood; the joins and exits in it are taken."""
        change = change_of(said)
        if change is None:
            return False
        self.understood += 1
        if not change.action:
            self.sink.ignore("notice of the app (encryption, title, settings)")
            return True
        if change.action == "number":
            self._number(line, change.by or "", change.who)
            return True
        by = self._who(change.by) if change.by else None
        for name in names_of(change.who, self.known):
            who = self._who(name)
            if who is None:
                self.without_owner += 1
                self.sink.ignore("join or exit of the owner of the phone")
            elif change.action == "create":
                self.chat.change(line.number, "join", who, line.when, role="owner")
            else:
                inviter = by if change.action == "join" else None
                self.chat.change(line.number, change.action, who, line.when, by=inviter, scene=change.scene)
        return True

    def _number(self, line: Line, old: str, new: str) -> None:
        """Somebody has another number: the same person from now on."""
        try:
            before, after = self.chat.person(old), self.chat.person(new)
        except ValueError as error:
            self.sink.reject("aliases", line.number, f"the member {error}")
            return
        self.sink.row("aliases", line.number, {"alias_id": after, "member_id": before})

    def _who(self, name: str) -> str | None:
        return self.own_name if name.strip().lower() in OWNER else name

    def tell(self) -> None:
        """What the user should know of the lines that the app wrote."""
        if self.unknown and not self.understood:
            self.sink.note(
                f"{self.unknown:,} lines of the app are in a language that is not known (English, Chinese, "
                "Portuguese, Spanish and German are): joins and exits of this chat stay unknown"
            )
        if self.without_owner:
            self.sink.note(
                "it says 'you' of the person who exported it. Give own_name in its [[exports]] entry to have "
                "their joins and exits counted"
            )


def _first_pass(path: Path, text: ChatText, export: Export) -> tuple[Order, set[str]]:
    """The order of day, month and year in the file, and the names that sign messages in it."""
    dates = DateOrder()
    names: set[str] = set()
    count = 0
    with text.open() as handle:
        for _, line in lines_of(path, handle):
            if (found := split_header(line)) is None:
                continue
            count += 1
            dates.see(found[0], line)
            name, colon, _ = found[1].partition(": ")
            if colon and len(name) <= 100:
                names.add(plain_name(name))
    if not count:
        raise InputRefused(f"{path.name}: has no line of a WhatsApp chat in it. Export the chat again.")
    if export.date_order:
        return export.date_order, names
    left = dates.possible()
    if len(left) == 1:
        return left[0], names
    if not left:
        raise InputRefused(
            f"{path.name}: its dates fit no order of day, month and year. Two exports may have been put "
            "together: put each in the inbox as it is."
        )
    raise InputRefused(
        f"{path.name}: no date in it tells whether the day or the month comes first. Say it in the settings: "
        f'[[exports]] files = "{path.name}", platform = "whatsapp", date_order = "dmy" (or "mdy").'
    )


def _messages(path: Path, text: ChatText, order: Order) -> Iterator[Line]:
    """The messages of a chat, each with the lines that go on with it."""
    number, when, parts, size = 0, None, [""], 0
    with text.open() as handle:
        for place, line in lines_of(path, handle):
            found = split_header(line)
            if found is not None:
                if when is not None:
                    yield Line(number, when, "\n".join(parts))
                try:
                    when = found[0].at(order)
                except ValueError as error:
                    raise InputRefused(
                        f"{path.name}, line {place:,}: its date does not exist in the order {order} that the "
                        "settings give. Correct date_order."
                    ) from error
                number, parts, size = place, [found[1]], 0
            elif when is not None:
                size += len(line)
                if size > TEXT_CHARACTERS:
                    raise InputRefused(f"{path.name}, line {place:,}: is in no message of a chat, but text.")
                parts.append(line)
        if when is not None:
            yield Line(number, when, "\n".join(parts))
