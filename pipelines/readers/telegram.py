"""Telegram Desktop's result.json: one chat, or a whole account with its chats.

Members of groups become joins and leaves, posts become messages; channels and private chats stay out. Who was
added or removed by somebody else is told by display name alone (see telegram_people).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contract import CONTRACT, EventKind
from pipelines.dates import declared, end_of
from pipelines.errors import InputRefused
from pipelines.people import People
from pipelines.readers.document import Document, Head, Sink, scalar, zip_members
from pipelines.readers.json_stream import EACH, END, Place, json_bytes, walk
from pipelines.readers.spans import Span, cover, naive_utc, seconds_of, utc_text
from pipelines.readers.telegram_people import Names, Pending, write_pending
from pipelines.readers.telegram_posts import message_cells
from pipelines.settings import Export, Settings

PLATFORM = "telegram"
KINDS: tuple[EventKind, ...] = ("message", "join", "groups", "coverage")
# Telegram Desktop makes such a folder for every export; its name is no source.
OWN_FOLDER = re.compile(r"(?:ChatExport|DataExport)_(\d{4}-\d{2}-\d{2})(?: ?\(\d+\))?")
GROUPS = ("private_group", "private_supergroup", "public_supergroup")
OTHERS = ("personal_chat", "bot_chat", "saved_messages", "private_channel", "public_channel")
CHAT_TYPE = re.compile(rf'"type"\s*:\s*"(?:{"|".join(GROUPS + OTHERS)})"')
LISTS = ("chats", "left_chats")
ROOTS: tuple[Place, ...] = ((), *((name, "list", EACH) for name in LISTS))
OPENED = frozenset(
    {*ROOTS, *((*root, "messages") for root in ROOTS), *((n,) for n in LISTS), *((n, "list") for n in LISTS)}
)
# A group and the supergroup it became say so within moments of each other.
MIGRATION_SECONDS = 60
# From so many messages on, one sender alone is a sign that the export left out the others.
MANY = 20


def recognise(head: Head) -> str:
    """A chat with its type and messages, an account with its chats, or a zip with such a file."""
    if _member(head.members):
        return "a zip with a result.json of Telegram Desktop"
    text = head.start.decode("utf-8-sig", errors="ignore").lstrip()
    if not text.startswith("{"):
        return ""
    if CHAT_TYPE.search(text) and re.search(r'"messages"\s*:', text):
        return "a chat exported by Telegram Desktop (its type and its messages)"
    if re.match(r'\{\s*"about"\s*:\s*"[^"]*Telegram', text):
        return "an account exported by Telegram Desktop"
    return ""


@dataclass
class Chat:
    """What is known of the chat whose messages are being read."""

    id: str = ""
    type: str = ""
    name: str | None = None
    number: int = 0
    span: Span = field(default_factory=Span)
    names: Names = field(default_factory=Names)
    pending: list[Pending] = field(default_factory=list)
    topics: set[int] = field(default_factory=set)
    created: float | None = None
    migrated_to: float | None = None
    migrated_from: tuple[str, float] | None = None
    old_messages: int = 0
    messages: int = 0
    senders: set[str] = field(default_factory=set)


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """The document by kinds, to be read within the block. Raises InputRefused when it is cut short or
    broken.
    """
    member = _member(zip_members(path))
    told = OWN_FOLDER.fullmatch(Path(member).parent.name if member else path.parent.name)
    exported_on = date.fromisoformat(told[1]) if told else None
    with (
        tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder,
        Sink(Path(folder), "telegram", "utf-8") as sink,
    ):
        whole, chats = Span(), []
        with json_bytes(path, member) as handle:
            for chat in _chats(walk(handle, path.name, OPENED), path.name, sink, whole):
                write_pending(
                    sink, chat.pending, chat.names, people, f"{export.source or PLATFORM}/{chat.id}"
                )
                chat.pending, chat.names, chat.topics = [], Names(), set()
                chats.append(chat)
        if chats:
            sink.holds("message", "join")
        else:
            sink.note("holds no group")
        days = whole.days(settings, exported_on - timedelta(days=1) if exported_on else None)
        is_told = declared(path.name, export, CONTRACT["message"], settings).covered_from is not None
        for chat in chats:
            _write_group(sink, chat, chats)
            own = chat.span.days(settings)
            # All was exported at one moment: what a chat does not hold until then was not there.
            if own and days and not is_told:
                cover(sink, chat.number, chat.id, (own[0], days[1]))
        midnight = end_of(exported_on - timedelta(days=1), settings) if exported_on else None
        moments = [at for at in (naive_utc(whole.last), midnight) if at is not None]
        yield sink.document(max(moments, default=None), days if chats else None)


def _member(names: tuple[str, ...]) -> str | None:
    """The result.json in a zip, None where there is none or more than one."""
    found = [name for name in names if re.fullmatch(r"(?:[^/]+/)?result\.json", name)]
    return found[0] if len(found) == 1 else None


def _chats(values: Iterator[tuple[Place, Any]], file: str, sink: Sink, whole: Span) -> Iterator[Chat]:
    """The groups of the document, each when all its messages have gone to the sink."""
    chat, number = Chat(), 0
    for place, value in values:
        if place[-2:] == ("messages", EACH):
            number += 1
            if not chat.id or not chat.type:
                raise InputRefused(
                    f"{file}: message {number:,} stands before the id and type of its chat. Use the file as "
                    "Telegram Desktop wrote it."
                )
            if chat.type not in GROUPS:
                sink.ignore("message of a channel or a private chat")
                continue
            chat.number = chat.number or number
            _message(sink, chat, number, value, whole)
        elif place in ROOTS and value is END:
            if chat.id and chat.type in GROUPS:
                chat.number = chat.number or max(number, 1)
                yield chat
            chat = Chat()
        elif place[:-1] in ROOTS and place[-1] == "id":
            chat.id = scalar(value) or ""
        elif place[:-1] in ROOTS and place[-1] == "type":
            chat.type = str(value)
        elif place[:-1] in ROOTS and place[-1] == "name":
            chat.name = scalar(value)


def _message(sink: Sink, chat: Chat, number: int, message: Any, whole: Span) -> None:
    """Send one entry of `messages` to where it belongs."""
    if not isinstance(message, dict):
        sink.reject("message", number, "is no message")
        return
    if not isinstance(message.get("id"), int):
        sink.reject("message", number, "has no id")
        return
    kind = message.get("type")
    if kind == "unsupported":
        sink.ignore("message that Telegram Desktop cannot export")
        return
    unix = message.get("date_unixtime")
    at = seconds_of(unix)
    if unix is None:
        sink.note(
            "has no date_unixtime (an old Telegram Desktop): times are read in the time zone of the settings"
        )
    when = str(message.get("date") or "") if unix is None else str(unix) if at is None else utc_text(at)
    if at is not None:
        for span in (chat.span, whole):
            span.see(at)
        if (edited := seconds_of(message.get("edited_unixtime"))) is not None:
            whole.last = max(whole.last or edited, edited)
    chat.names.see(message.get("from"), message.get("from_id"))
    chat.names.see(message.get("actor"), message.get("actor_id"))
    if kind == "service":
        _service(sink, chat, number, message, when, at)
        return
    if not scalar(message.get("from_id")):
        sink.reject("message", number, "has no sender")
        return
    chat.old_messages += message["id"] < 0
    chat.messages += 1
    if len(chat.senders) < 2:
        chat.senders.add(str(message["from_id"]))
    sink.row(
        "message", number, {"group_id": chat.id, "occurred_at": when, **message_cells(message, chat.topics)}
    )


def _service(
    sink: Sink, chat: Chat, number: int, message: Mapping[str, Any], when: str, at: float | None
) -> None:
    """A line that says what happened in the chat: somebody came or went, or something that is no event."""
    action, who = str(message.get("action")), message.get("actor_id")
    name, members = message.get("actor"), message.get("members")
    listed = members if isinstance(members, list) else []
    own = Pending(number, str(message["id"]), chat.id, when, "join", member_id=scalar(who))
    if action in ("join_group_by_link", "join_group_by_request"):
        inviter = message.get("inviter")
        chat.pending.append(
            own.but(
                scene="link" if action.endswith("link") else "request",
                # Telegram's way of saying that the maker of the link stays anonymous.
                inviter_name=None if inviter == "Group" else inviter,
            )
        )
    elif action in ("invite_members", "remove_members", "create_group"):
        is_removal = action == "remove_members"
        if action == "create_group":
            chat.created = at
            listed = [one for one in listed if one != name]
            chat.pending.append(own.but(event_id=f"{own.event_id}.0", role="owner"))
        elif listed == [name]:
            chat.pending.append(own.but(action="leave" if is_removal else "join"))
            return
        for place, one in enumerate(listed, start=1):
            chat.pending.append(
                own.but(
                    event_id=f"{own.event_id}.{place}",
                    action="kick" if is_removal else "join",
                    scene=None if is_removal else "direct",
                    member_id=None,
                    member_name=one,
                    inviter_id=None if is_removal else scalar(who),
                    ordinal=listed[: place - 1].count(one),
                )
            )
    else:
        if action == "topic_created":
            chat.topics.add(message["id"])
        elif action == "create_channel":
            chat.created = at
        elif action == "migrate_to_supergroup":
            chat.migrated_to = at
        elif action == "migrate_from_group" and at is not None:
            chat.migrated_from = (str(message.get("title")), at)
        sink.ignore(f"service message ({action if re.fullmatch(r'[a-z_]{1,40}', action) else 'other'})")


def _write_group(sink: Sink, chat: Chat, chats: list[Chat]) -> None:
    """The row of a group; one that became a supergroup is closed, and the supergroup is its successor."""
    closed, successor = None, None
    if chat.type == "private_group" and chat.migrated_to is not None:
        closed = chat.migrated_to
        for other in chats:
            if other.migrated_from is not None and other is not chat:
                title, at = other.migrated_from
                if title == chat.name and abs(at - closed) <= MIGRATION_SECONDS:
                    successor = other.id
        if successor is None:
            sink.note(
                "holds a group that became a supergroup: name the supergroup as its successor_group_id in a "
                "groups export, so that its people count as moved"
            )
    if chat.messages >= MANY and len(chat.senders) == 1:
        sink.note(
            "holds a group in which one account alone writes: if it was exported with 'only my messages', "
            "export it again without"
        )
    if chat.old_messages:
        sink.note(
            f"holds {chat.old_messages:,} messages from before the group became a supergroup: they count for "
            "the supergroup, and once, also where the group's own export lies in the inbox"
        )
    sink.row(
        "groups",
        chat.number,
        {
            "group_id": chat.id,
            "group_name": chat.name,
            "created_at": None if chat.created is None else utc_text(chat.created),
            "closed_at": None if closed is None else utc_text(closed),
            "successor_group_id": successor,
        },
    )
