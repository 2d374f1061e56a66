"""WeChat chats as the CSV that chatlog tools write: `Time,SenderName,Sender,TalkerName,Talker,Content`.

Messages have accounts; who came and went stands in system lines, by name only. A name that one account of
the chat bears alone gets an alias to it; a name that several bear stays by itself, and is said.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.contract import EventKind
from pipelines.people import People
from pipelines.readers.chat import Chat, plain_name, text_of
from pipelines.readers.csv_rows import records
from pipelines.readers.document import Document, Head, Sink
from pipelines.readers.text import damaged, plain_text
from pipelines.readers.wechat_lines import OWNER, Someone, change_of
from pipelines.settings import Export, Settings

PLATFORM = "wechat"
KINDS: tuple[EventKind, ...] = ("message", "join", "groups", "aliases", "coverage")
HEADERS = ("time", "sendername", "sender", "talkername", "talker", "content")
SYSTEM = ("系统消息", "system")
ROOM = "@chatroom"
# How the one who exported is called in their own lines.
OWN_SIGN = "我"
_KINDS = (
    ("image", "图片|照片|image"), ("voice", "语音|voice"), ("video", "视频|video"),
    ("sticker", "动画表情|表情|sticker"), ("file", "文件|file"), ("mini_program", "小程序"),
    ("link", "链接|公众号|分享|link"), ("red_packet", r"(?:微信)?红包"), ("order_chain", "接龙"),
    ("note", "笔记|合并转发|聊天记录"),
)  # fmt: skip
_MARKED = tuple(
    (kind, re.compile(rf"!?\[(?:{words})(?:[|｜:：][^\]]*)?\](?:\(.*)?", re.DOTALL)) for kind, words in _KINDS
)


@dataclass
class _Room:
    """One group of the file, as the first pass saw it: accounts by name, and the owner of the phone."""

    name: str = ""
    accounts: dict[str, set[str]] = field(default_factory=dict)
    own: str | None = None
    row: int = 0


def recognise(head: Head) -> str:
    """By the headers, in any order."""
    line = text_of(head.start).split("\n", 1)[0]
    found = {cell.strip().strip('"').lower() for cell in line.split(",")}
    return "headers of a WeChat chatlog" if set(HEADERS) <= found else ""


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """Messages, joins and exits of every group in the file. Raises InputRefused where it is no text."""
    with (
        plain_text(path) as plain,
        tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder,
        Sink(Path(folder), PLATFORM, plain.encoding) as sink,
    ):
        sink.holds("message", "join")
        rooms = _rooms(plain.path, path.name)
        source = export.source or PLATFORM
        chats = {talker: Chat(sink, people, source, talker) for talker in rooms}
        for number, row, wrong in _rows(plain.path, path.name):
            if wrong:
                sink.reject("message", number, wrong)
            elif not row["talker"].endswith(ROOM):
                sink.ignore("message of a chat that is no group")
            else:
                _take(number, row, chats[row["talker"]], rooms[row["talker"]], export.own_name)
        ends = []
        for talker, chat in chats.items():
            _tell(chat, rooms[talker])
            if (days := chat.covered(path, export, settings)) is not None:
                chat.cover(rooms[talker].row, days, ("message", "join"))
                ends += list(days)
            chat.close()
        yield sink.document(covered=(min(ends), max(ends)) if ends else None)


def _rows(path: Path, file: str) -> Iterator[tuple[int, dict[str, str], str]]:
    """(number from 1, cells by header, what is wrong) of every row below the headers.

    Raises InputRefused, naming `file`, where the headers are broken.
    """
    with path.open(encoding="utf-8-sig", newline="") as handle:
        headers: list[str] = []
        for number, (cells, reason) in enumerate(records(handle, ",")):
            if number == 0:
                headers = [cell.strip().lower() for cell in cells]
                if not set(HEADERS) <= set(headers):
                    raise damaged(file, "a quotation mark in the headers is not closed")
            elif reason is not None:
                yield number, {}, reason
            elif len(cells) != len(headers):
                yield number, {}, f"the row has not the header's {len(headers)} columns"
            else:
                yield number, dict(zip(headers, cells, strict=True)), ""


def _rooms(path: Path, file: str) -> dict[str, _Room]:
    rooms: dict[str, _Room] = {}
    for number, row, wrong in _rows(path, file):
        if wrong or not row["talker"].endswith(ROOM):
            continue
        room = rooms.setdefault(row["talker"], _Room(row=number))
        room.name = row["talkername"] or room.name
        name, account = plain_name(row["sendername"]), row["sender"]
        if account in SYSTEM or not account:
            continue
        if name == OWN_SIGN:
            room.own = account
        elif name:
            room.accounts.setdefault(name, set()).add(account)
    return rooms


def _take(number: int, row: dict[str, str], chat: Chat, room: _Room, own_name: str | None) -> None:
    try:
        when = datetime.fromisoformat(row["time"].strip().replace("/", "-")).replace(tzinfo=None)
    except ValueError:
        chat.sink.reject("message", number, "Time is not a time like 2026-03-01 20:15:00")
        return
    chat.see(when)
    content = row["content"].strip()
    if row["sender"] in SYSTEM:
        _change(number, content, when, chat, room, own_name)
    elif not row["sender"]:
        chat.sink.reject("message", number, "Sender is empty")
    else:
        chat.message(number, row["sendername"], when, content, _kind(content), member_id=row["sender"])


def _kind(content: str) -> str:
    return next((kind for kind, pattern in _MARKED if pattern.fullmatch(content)), "text")


def _change(number: int, line: str, when: datetime, chat: Chat, room: _Room, own_name: str | None) -> None:
    change = change_of(line, room.accounts.keys())
    if change is None:
        chat.sink.ignore("system line that is no join or exit")
        return
    by, by_name = _identity(change.by, room, own_name) if change.by else (None, None)
    for someone in change.who:
        account, name = _identity(someone, room, own_name)
        if account is None and name is None:
            chat.sink.ignore("join or exit of the owner of the phone")
            continue
        is_join = change.action == "join"
        chat.change(
            number, change.action, name or "", when, member_id=account, scene=change.scene,
            by=by_name if is_join else None, inviter_id=by if is_join else None,
        )  # fmt: skip


def _identity(someone: Someone, room: _Room, own_name: str | None) -> tuple[str | None, str | None]:
    """(account, name) of somebody in a system line; (None, None) for an owner of the phone nobody knows."""
    if someone.account:
        return someone.account, someone.name
    if someone.name in OWNER:
        return room.own, own_name
    return None, someone.name


def _tell(chat: Chat, room: _Room) -> None:
    """Name the group, and tie names of system lines to the one account that bears them."""
    chat.sink.row("groups", room.row, {"group_id": chat.group, "group_name": room.name or None})
    shared = 0
    for name, accounts in sorted(room.accounts.items()):
        if name not in chat.named:
            continue
        if len(accounts) > 1:
            shared += 1
            continue
        (account,) = accounts
        chat.sink.row("aliases", room.row, {"alias_id": chat.person(name), "member_id": account})
    if shared:
        chat.sink.note(
            f"{shared} names that came or went belong to several accounts of the chat: who it was is not "
            "known, and they are counted as people of their own. An aliases export tells"
        )
