"""IRC: logs of channels, a file per day or one that says when a day begins.

Nicks are names of one network: somebody who changes theirs stays the same person in the file, and aliases
say so for the others. Connections that break make far more joins than people; the models count stays.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from pipelines.contract import EventKind
from pipelines.errors import InputRefused
from pipelines.people import People
from pipelines.readers.chat import Chat, business_day, lines_of, text_of
from pipelines.readers.document import Document, Head, Sink
from pipelines.readers.spans import is_likely
from pipelines.readers.text import plain_text
from pipelines.settings import Export, Settings

PLATFORM = "irc"
KINDS: tuple[EventKind, ...] = ("message", "join", "aliases", "coverage")
# Channels are often kept in folders by year, month and day; these are no sources.
OWN_FOLDER = re.compile(r"\d{4}(?:-?\d{2}){0,2}")
NICK = r"[A-Za-z\[\]\\`_^{|}][\w\[\]\\`^{|}\-]*"
STAMP = re.compile(r"(?:\[(\d{1,2}):(\d{2})(?::(\d{2}))?\]|(\d{1,2}):(\d{2})(?::(\d{2}))?(?=\s))\s*")
SAID = re.compile(rf"<[ @+%&~!]?(?P<nick>{NICK})>(?: (?P<text>.*))?")
ACTED = re.compile(rf"\*\s+(?P<nick>{NICK}) (?P<text>.*)")
NOTICE = re.compile(r"(?:===|\*\*\*|-!-|-->|<--|--)\s+(?P<rest>.*)")
_HOST = r"(?: [\[(][^\s\])]*[\])])?"
CHANGES = (
    ("nick", re.compile(rf"(?P<nick>{NICK}) is now known as (?P<new>{NICK})\.?")),
    (
        "join",
        re.compile(rf"(?:Joins: )?(?P<nick>{NICK}){_HOST}(?: has)? (?:joined|Joined)(?: (?P<channel>#\S+))?"),
    ),
    ("join", re.compile(rf"Joins: (?P<nick>{NICK}){_HOST}")),
    ("leave", re.compile(rf"(?:Parts|Quits): (?P<nick>{NICK}){_HOST}(?: .*)?")),
    (
        "leave",
        re.compile(rf"(?P<nick>{NICK}){_HOST}(?: has)? (?:left|parted|quit)(?: (?P<channel>#\S+))?(?: .*)?"),
    ),
    ("kick", re.compile(rf"(?P<nick>{NICK}) was kicked(?: (?:from|off) (?P<channel>#\S+))?(?: by .*)?")),
)
# Where a file says which day it is.
DAY = re.compile(r"--- (?:Day changed|Log opened) (?P<day>.+)")
CLOCK = re.compile(r"\s*\d{2}:\d{2}:\d{2}")
IN_NAME = re.compile(r"(?<!\d)(\d{4})[-_./]?(\d{2})[-_./]?(\d{2})(?!\d)")
GUEST = re.compile(r"(?i)(?:guest|ubuntu|kiwi|web)[\d_-]+")


@dataclass(frozen=True)
class Line:
    """A line of a log that says something: message, join, leave, kick or nick."""

    number: int
    when: datetime
    what: str
    nick: str
    text: str = ""
    channel: str | None = None


def recognise(head: Head) -> str:
    """By its first lines: most of them are lines of a log, and one at least is by or about somebody."""
    lines = [line for line in text_of(head.start).splitlines() if line.strip()][:20]
    known = [line for line in lines if _line(line) is not None or DAY.match(line)]
    certain = [line for line in lines if (found := _line(line)) and found[1] != "notice"]
    if certain and len(known) * 2 > len(lines):
        return "lines of an IRC log: <nick> text, joins and parts"
    return ""


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """Messages, joins and exits of one channel.

    Raises InputRefused where the file says neither its day nor its channel.
    """
    with (
        plain_text(path) as plain,
        tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder,
        Sink(Path(folder), PLATFORM, plain.encoding) as sink,
    ):
        sink.holds("message", "join")
        day = _day(path, export)
        channel, same = None, _Same()
        for line in _lines(path, plain.path, day, sink=None):
            channel = channel or line.channel
            if line.what == "nick":
                same.join(line.nick, line.text)
        group = export.group or channel or _channel(path)
        chat = Chat(sink, people, export.source or PLATFORM, group)
        renamed: dict[str, int] = {}
        last = day
        for line in _lines(path, plain.path, day, sink):
            if is_likely(line.when.replace(tzinfo=UTC).timestamp()):
                last = line.when.date()
            _take(line, chat, same, renamed)
        for nick, number in sorted(renamed.items()):
            main = same.main(nick)
            if main != nick and not GUEST.fullmatch(nick) and not GUEST.fullmatch(main):
                try:
                    pair = {"alias_id": chat.person(nick), "member_id": chat.person(main)}
                except ValueError as error:
                    sink.reject("aliases", number, f"a nick {error}")
                else:
                    sink.row("aliases", number, pair)
        days = _covered(chat, path, export, settings, day, last)
        if days is not None:
            chat.cover(1, days, ("message", "join"))
        yield sink.document(covered=days)


@dataclass
class _Same:
    """Nicks of the same people: the one that comes first by its letters stands for them all."""

    _of: dict[str, str] = field(default_factory=dict)

    def main(self, nick: str) -> str:
        """The nick that stands for this one."""
        while (other := self._of.get(nick, nick)) != nick:
            nick = other
        return nick

    def join(self, one: str, other: str) -> None:
        """Say that two nicks are the same person's."""
        first, second = sorted((self.main(one), self.main(other)))
        self._of[second] = first


def _take(line: Line, chat: Chat, same: _Same, renamed: dict[str, int]) -> None:
    kind: EventKind = "message" if line.what == "message" else "join"
    try:
        member = chat.person(same.main(line.nick))
    except ValueError as error:
        chat.sink.reject(kind, line.number, f"the nick {error}")
        return
    if line.what == "nick":
        renamed.setdefault(line.nick, line.number)
        renamed.setdefault(line.text, line.number)
        chat.see(line.when)
        chat.sink.ignore("change of a nick (followed)")
    elif line.what == "message":
        chat.message(line.number, line.nick, line.when, line.text, member_id=member, key=line.nick)
    else:
        chat.change(line.number, line.what, line.nick, line.when, member_id=member, key=line.nick)


def _lines(path: Path, plain: Path, day: date | None, sink: Sink | None) -> Iterator[Line]:
    """The lines of a log. One without a time (Ubuntu's joins) happened after the one above it."""
    now = datetime.combine(day, time()) if day else None
    with plain.open(encoding="utf-8-sig", newline="\n") as handle:
        for number, text in lines_of(path, handle):
            if found := DAY.match(text):
                now = datetime.combine(_written(path, number, found["day"]), time())
                continue
            if not text.strip() or (known := _line(text)) is None:
                if text.strip() and sink is not None:
                    sink.ignore("line of no known form")
                continue
            clock, what, parts = known
            if now is None:
                raise InputRefused(
                    f"{path.name}: does not say which day it is of. Name it with its day, like "
                    "channel_2026-03-01.log."
                )
            if clock is not None:
                now = datetime.combine(now.date(), clock)
            if what == "notice":
                if sink is not None:
                    sink.ignore("notice of the server (topic, mode)")
                continue
            yield Line(
                number, now, what, parts["nick"], parts.get("new") or parts.get("text") or "",
                parts.get("channel"),
            )  # fmt: skip


def _line(text: str) -> tuple[time | None, str, dict[str, str]] | None:
    """(clock, what, parts) of a line, None for what is no line of a log."""
    clock = None
    if found := STAMP.match(text):
        hour, minute, second = (
            int(part or 0) for part in (found.groups()[:3] if found[1] else found.groups()[3:])
        )
        if hour > 23 or minute > 59 or second > 59:
            return None
        clock, text = time(hour, minute, second), text[found.end() :]
        if said := SAID.fullmatch(text) or ACTED.fullmatch(text):
            return clock, "message", {"nick": said["nick"], "text": said["text"] or ""}
    if (notice := NOTICE.fullmatch(text)) is None:
        return None
    for what, pattern in CHANGES:
        if told := pattern.fullmatch(notice["rest"].strip()):
            return clock, what, {key: value for key, value in told.groupdict().items() if value}
    return clock, "notice", {}


def _written(path: Path, number: int, text: str) -> date:
    """The day of 'Sun Mar 01 2026' or 'Sun Mar 01 10:00:00 2026'."""
    bare = re.sub(r"\s+", " ", CLOCK.sub("", text)).strip()
    try:
        return datetime.strptime(bare, "%a %b %d %Y").date()
    except ValueError as error:
        raise InputRefused(
            f"{path.name}, line {number:,}: says a day in a form that is not known. Write it like "
            "'--- Day changed Sun Mar 01 2026'."
        ) from error


def _day(path: Path, export: Export) -> date | None:
    """The day in the name of the file, or in the folders it lies in (2026/03/01), or of the settings."""
    for text in (path.name, "/".join(path.parts[-4:-1])):
        if found := IN_NAME.search(text):
            try:
                return date(*(int(part) for part in found.groups()))
            except ValueError:
                continue
    return export.covered_from if export.covered_from == export.covered_to else None


def _channel(path: Path) -> str:
    """The channel in the name of the file, where no line of it says one."""
    name = IN_NAME.sub("", path.name.removesuffix(".gz").rsplit(".", 1)[0]).strip(" _-.")
    if not name:
        raise InputRefused(
            f"{path.name}: does not say which channel it is of. Name it like channel_2026-03-01.log, or give "
            'group = "#channel" in its [[exports]] entry.'
        )
    return name if name.startswith("#") else f"#{name}"


def _covered(
    chat: Chat, path: Path, export: Export, settings: Settings, day: date | None, last: date | None
) -> tuple[date, date] | None:
    """The days of the log: a file of a day covers all of it, however quiet."""
    days = chat.covered(path, export, settings)
    if day is None or last is None:
        return days
    zone = ZoneInfo(export.time_zone or settings.project.time_zone)
    whole = (datetime.combine(day, time()), datetime.combine(last, time(23, 59)))
    first_day, last_day = (business_day(when, zone, settings) for when in whole)
    return (min(first_day, days[0]), max(last_day, days[1])) if days else (first_day, last_day)
