"""DiscordChatExporter's JSON: one channel of a server, whose messages, replies and joins it holds.

The server is the group, since that is what people join; the channel is the subject of a message. A group of
direct messages is a group of its own. Nobody's leaving is told.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contract import CONTRACT, EventKind
from pipelines.dates import declared
from pipelines.errors import InputRefused
from pipelines.people import People
from pipelines.readers.discord_posts import message_cells, objects, written_by
from pipelines.readers.document import Document, Head, Sink, scalar
from pipelines.readers.json_stream import EACH, json_bytes, walk
from pipelines.readers.spans import Span, cover, naive_utc, seconds_of, utc_text
from pipelines.settings import Export, Settings

PLATFORM = "discord"
KINDS: tuple[EventKind, ...] = ("message", "join", "groups", "coverage")
OPENED = frozenset({(), ("messages",)})
# Types that the exporter has no word for are written as Discord's numbers.
POSTS = ("Default", "Reply", "0", "19", "20", "23")
JOINS = ("GuildMemberJoin", "7")
ADDED, REMOVED = ("RecipientAdd", "1"), ("RecipientRemove", "2")
# The server of direct messages, which is none.
NO_GUILD = "0"
PART = re.compile(r"\[part \d+\]")


def recognise(head: Head) -> str:
    """An object that begins with a server and a channel."""
    text = head.start.decode("utf-8-sig", errors="ignore").lstrip()
    if re.match(r'\{\s*"guild"\s*:\s*\{', text) and re.search(r'"channel"\s*:\s*\{', text):
        return "a channel exported by DiscordChatExporter (its server and its channel)"
    return ""


@dataclass
class Channel:
    """What stands before the messages, and what was seen of them."""

    told: dict[str, Any] = field(default_factory=dict)
    span: Span = field(default_factory=Span)
    edited: float = 0
    rows: int = 0

    @property
    def is_direct(self) -> bool:
        """Whether it is a conversation outside of any server."""
        return self._id("guild") in ("", NO_GUILD)

    @property
    def group_id(self) -> str:
        """The server, or the conversation itself."""
        return self._id("channel" if self.is_direct else "guild")

    @property
    def group_name(self) -> str:
        """Name of the server, or of the conversation."""
        one = self.told.get("channel" if self.is_direct else "guild")
        return scalar(one.get("name")) or "" if isinstance(one, dict) else ""

    def _id(self, key: str) -> str:
        one = self.told.get(key)
        return scalar(one.get("id")) or "" if isinstance(one, dict) else ""


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """The channel by kinds, to be read within the block. Raises InputRefused when it is cut short, broken, or
    holds more or fewer messages than it says.
    """
    with (
        tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder,
        Sink(Path(folder), "discord", "utf-8") as sink,
    ):
        channel = Channel()
        with json_bytes(path) as handle:
            for place, value in walk(handle, path.name, OPENED):
                if place == ("messages", EACH):
                    channel.rows += 1
                    if not channel.group_id:
                        raise InputRefused(
                            f"{path.name}: message {channel.rows:,} stands before its server and "
                            "channel. Use the file as DiscordChatExporter wrote it."
                        )
                    _message(sink, channel, channel.rows, value)
                elif len(place) == 1 and place != ("messages",):
                    channel.told[place[0]] = value
        _check_count(channel, path.name)
        sink.holds("message", "join")
        sink.row("groups", 1, {"group_id": channel.group_id, "group_name": channel.group_name})
        is_part = PART.search(path.name) is not None
        days = channel.span.days(settings) if is_part else _days(channel, settings)
        if declared(path.name, export, CONTRACT["message"], settings).covered_from is None:
            cover(sink, 1, channel.group_id, days)
        last = max(channel.span.last or 0, channel.edited) or None
        exported_at = seconds_of(channel.told.get("exportedAt"))
        yield sink.document(naive_utc(exported_at if exported_at is not None else last), days)


def _check_count(channel: Channel, file: str) -> None:
    declared_rows = channel.told.get("messageCount")
    if declared_rows != channel.rows:
        is_told = isinstance(declared_rows, int)
        says = f"says that it holds {declared_rows}" if is_told else "does not say how many"
        raise InputRefused(
            f"{file}: {says} messages, and {channel.rows:,} are in it: it is only a part. Export the "
            "channel again; nothing of it was loaded."
        )


def _days(channel: Channel, settings: Settings) -> tuple[date, date] | None:
    """Business days the export covers: those it was asked for that were over, and those with rows."""
    asked = channel.told.get("dateRange")
    after, before = (
        seconds_of(asked.get(key)) if isinstance(asked, dict) else None for key in ("after", "before")
    )
    exported = seconds_of(channel.told.get("exportedAt"))
    ends = [at for at in (before, exported) if at is not None]
    until = _day(min(ends), settings) - timedelta(days=1) if ends else None
    seen = channel.span.days(settings, until)
    if after is None:
        return seen
    since = _day(after, settings)
    if _day(after - 1, settings) == since:
        # Asked for from the middle of a day.
        since += timedelta(days=1)
    if seen is None:
        return (since, until) if until and until >= since else None
    return min(since, seen[0]), seen[1]


def _day(seconds: float, settings: Settings) -> date:
    return datetime.fromtimestamp(seconds, settings.zone).date()


def _message(sink: Sink, channel: Channel, number: int, message: Any) -> None:
    """Send one entry of `messages` to where it belongs."""
    author = message.get("author") if isinstance(message, dict) else None
    if not isinstance(author, dict) or not scalar(author.get("id")):
        sink.reject("message", number, "has no author")
        return
    kind, at = str(message.get("type")), seconds_of(message.get("timestamp"))
    if at is not None:
        channel.span.see(at)
    channel.edited = max(channel.edited, seconds_of(message.get("timestampEdited")) or 0)
    own = {
        "group_id": channel.group_id,
        "member_id": str(author["id"]),
        "occurred_at": str(message.get("timestamp") or "") if at is None else utc_text(at),
    }
    if kind in POSTS:
        place = channel.told.get("channel")
        cells = message_cells(message, place if isinstance(place, dict) else {})
        sink.row("message", number, {**own, **cells})
    elif kind in JOINS:
        told = {"event_id": scalar(message.get("id")), "action": "join", "role": written_by(author)}
        sink.row("join", number, {**own, **told})
    elif kind in (*ADDED, *REMOVED) and channel.is_direct:
        _recipients(sink, number, message, own, is_added=kind in ADDED)
    else:
        # In a server these come and go in a thread, not in the server.
        sink.ignore(f"{kind if re.fullmatch('[A-Za-z0-9]{1,40}', kind) else 'other'} message")


def _recipients(
    sink: Sink, number: int, message: Mapping[str, Any], own: Mapping[str, str], *, is_added: bool
) -> None:
    """People whom somebody added to a group of direct messages, or removed from it; oneself is a leave."""
    for place, one in enumerate(objects(message.get("mentions")), start=1):
        who = scalar(one.get("id")) or ""
        action = "join" if is_added else "leave" if who == own["member_id"] else "kick"
        told = {
            "member_id": who,
            "event_id": f"{message.get('id')}.{place}",
            "action": action,
            "scene": "direct" if is_added else None,
            "inviter_id": own["member_id"] if is_added else None,
        }
        sink.row("join", number, {**own, **told})
