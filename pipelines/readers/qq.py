"""QQ: the text of the message manager, a header line `time name(number)` and the text below it.

The number (or mail address) is the account; the name is what the person was called in that group.
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
from pipelines.errors import InputRefused
from pipelines.people import People
from pipelines.readers.chat import Chat, group_of, lines_of, plain_name, text_of
from pipelines.readers.document import Document, Head, Sink
from pipelines.readers.text import plain_text
from pipelines.readers.wechat_lines import OWNER, Someone, change_of
from pipelines.settings import Export, Settings

PLATFORM = "qq"
KINDS: tuple[EventKind, ...] = ("message", "join", "coverage")
HEADER = re.compile(
    r"(?P<time>\d{4}[-/]\d{1,2}[-/]\d{1,2} \d{1,2}:\d{2}:\d{2})\s(?P<name>.*?)"
    r"(?:\((?P<number>\d{4,12})\)|<(?P<mail>[^<>\s]+@[^<>\s]+)>)\s*"
)
OBJECT, SECTION = re.compile(r"消息对象[:：]\s*(.+)"), re.compile(r"(?:={8,}\s*)?消息分组[:：]\s*(.+)")
RULE = re.compile(r"={8,}\s*")
TITLE = re.compile(r"\s*【(?P<title>[^【】]{1,8})】\s*")
ROLES = {"群主": "owner", "管理员": "admin"}
PRIVATE = re.compile(r".*(?:好友|陌生人|黑名单|临时会话|最近联系人).*")
SYSTEM = ("10000", "1000000")
# Everybody who writes without a name in QQ has the same number.
ANONYMOUS = "80000000"
IN_LINE = re.compile(r"[(（](?P<number>\d{5,12})[)）]$")
MEDIA = {
    "[图片]": "image", "[照片]": "image", "[语音]": "voice", "[视频]": "video", "[短视频]": "video",
    "[文件]": "file", "[动画表情]": "sticker", "[表情]": "sticker", "[红包]": "red_packet",
    "[QQ红包]": "red_packet", "[投票]": "poll", "[群接龙]": "order_chain",
}  # fmt: skip
TEXT_CHARACTERS = 1 << 20


@dataclass
class _Post:
    """A message as the file has it."""

    number: int
    header: re.Match[str]
    lines: list[str] = field(default_factory=list)
    size: int = 0


def recognise(head: Head) -> str:
    """By the title of the export, or a first line that is a header."""
    lines = [line.strip() for line in text_of(head.start).splitlines() if line.strip()]
    if lines and lines[0].startswith("消息记录") and any(OBJECT.match(line) for line in lines[:20]):
        return "the title of a QQ message export"
    return "lines of QQ: a time, a name, a number" if lines and HEADER.fullmatch(lines[0]) else ""


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """Messages, joins and exits of every group in the file.

    Raises InputRefused where it is neither UTF-8 nor GB18030, or the group has no name.
    """
    with (
        plain_text(path) as plain,
        tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder,
        Sink(Path(folder), PLATFORM, plain.encoding) as sink,
        plain.path.open(encoding="utf-8-sig", newline="\n") as handle,
    ):
        sink.holds("message", "join")
        chats: dict[str, Chat] = {}
        for group, post in _posts(path, handle, export.group):
            if group is None:
                sink.ignore("message of a chat that is no group")
                continue
            chat = chats.setdefault(group, Chat(sink, people, export.source or PLATFORM, group))
            _take(post, chat, export.own_name)
        ends = []
        for chat in chats.values():
            if (days := chat.covered(path, export, settings)) is not None:
                chat.cover(1, days, ("message", "join"))
                ends += list(days)
            chat.close()
        yield sink.document(covered=(min(ends), max(ends)) if ends else None)


def _posts(path: Path, handle: Iterator[str], fixed: str | None) -> Iterator[tuple[str | None, _Post]]:
    """(group, message) of the file, group None for talks of two."""
    group, section, post = fixed, "", None
    is_told = False
    for number, line in lines_of(path, handle):
        # The places of a section's name come between rules; in a message they are text.
        is_below = post is None or RULE.fullmatch(post.lines[-1] if post.lines else "") is not None
        told = is_below or RULE.match(line) is not None
        if told and (found := SECTION.fullmatch(line.strip())):
            section = found[1]
        if told and (found := OBJECT.fullmatch(line.strip())):
            if post is not None:
                # Where the upper rule of a section is lost, its name stands as text above the lower one.
                above = SECTION.fullmatch(post.lines[-2].strip()) if len(post.lines) > 1 else None
                section = above[1] if above else section
                yield group, _without_rules(post)
                post = None
            # Every head but the first names its section. Where that is lost the chat may be a talk of two,
            # and what it is called a person.
            is_group = not PRIVATE.fullmatch(section) and bool(section or not is_told)
            group, is_told, section = (fixed or found[1].strip()) if is_group else None, True, ""
            continue
        if found := HEADER.fullmatch(line.lstrip("\ufeff")):
            if post is not None:
                yield group, post
            if group is None and not is_told:
                group = fixed or group_of(path.name.removesuffix(".gz").rsplit(".", 1)[0])
                if not group:
                    raise InputRefused(
                        f"{path.name}: does not say of which group it is. Name the file after the group, or "
                        'give group = "its name" in its [[exports]] entry.'
                    )
            post = _Post(number, found)
        elif post is not None:
            post.size += len(line)
            if post.size > TEXT_CHARACTERS:
                raise InputRefused(f"{path.name}, line {number:,}: is in no message of a chat, but text.")
            post.lines.append(line)
    if post is not None:
        yield group, post


def _without_rules(post: _Post) -> _Post:
    """A message without the head of the next section, which came after it."""
    lines = list(post.lines)
    while lines and (
        RULE.fullmatch(lines[-1]) or SECTION.fullmatch(lines[-1].strip()) or not lines[-1].strip()
    ):
        lines.pop()
    return _Post(post.number, post.header, lines)


def _take(post: _Post, chat: Chat, own_name: str | None) -> None:
    text = "\n".join(post.lines).strip()
    try:
        when = datetime.strptime(post.header["time"].replace("/", "-"), "%Y-%m-%d %H:%M:%S")
    except ValueError:
        chat.sink.reject("message", post.number, "the time does not exist")
        return
    chat.see(when)
    number, mail = post.header["number"], post.header["mail"]
    if number in SYSTEM:
        _change(post.number, text, when, chat, own_name)
        return
    if number == ANONYMOUS:
        chat.sink.reject("message", post.number, "the author is anonymous: one number for everybody")
        return
    role = None
    name = post.header["name"]
    if title := TITLE.match(name):
        role, name = ROLES.get(title["title"]), name[title.end() :]
    account = number or chat.people.pseudonym("", mail.lower())
    chat.message(post.number, name, when, text, MEDIA.get(text, "text"), member_id=account, role=role)


def _change(number: int, line: str, when: datetime, chat: Chat, own_name: str | None) -> None:
    change = change_of(line)
    if change is None:
        chat.sink.ignore("system line that is no join or exit")
        return
    by = change.by if change.action == "join" else None
    inviter_id, inviter = _identity(by, own_name) if by else (None, None)
    for someone in change.who:
        account, name = _identity(someone, own_name)
        if account is None and name is None:
            chat.sink.ignore("join or exit of the owner of the account")
            continue
        chat.change(
            number, change.action, name or "", when, by=inviter, member_id=account, inviter_id=inviter_id,
            scene=change.scene,
        )  # fmt: skip


def _identity(someone: Someone, own_name: str | None) -> tuple[str | None, str | None]:
    """(number, name) of somebody in a system line, whose number may stand behind the name."""
    name = plain_name(someone.name)
    if name in OWNER:
        return None, own_name
    if found := IN_LINE.search(name):
        return found["number"], name
    return None, name
