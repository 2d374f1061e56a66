"""WeCom message archive (会话存档) as JSON Lines: messages of groups, recalls, and who agrees to archiving.

One decrypted message a line, as the interface gives it, with times in ms. Texts are reduced at load and
never stored; one-to-one chats stay out.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contract import EventKind
from pipelines.people import People
from pipelines.readers.document import Document, Head, Sink
from pipelines.readers.json_items import DECODER
from pipelines.readers.text import NO_JSON, plain_text
from pipelines.readers.wecom import instant, role_of, text_of
from pipelines.settings import Export, Settings

PLATFORM = "wecom_archive"
KINDS: tuple[EventKind, ...] = ("message", "recalls", "members")
MESSAGE_KINDS = {
    "text": "text", "markdown": "text", "mixed": "text", "image": "image", "emotion": "sticker",
    "voice": "voice", "meeting_voice_call": "voice", "voiptext": "voice", "video": "video", "file": "file",
    "qydiskfile": "file", "docmsg": "file", "voip_doc_share": "file", "link": "link", "news": "link",
    "card": "link", "location": "link", "chatrecord": "link", "sphfeed": "link", "meeting": "link",
    "calendar": "link", "weapp": "mini_program", "vote": "poll", "collect": "poll", "todo": "note",
    "note": "note", "redpacket": "red_packet", "external_redpacket": "red_packet",
}  # fmt: skip
# How the apps begin the text of a chain of orders.
CHAIN = re.compile(r"\s*#\s*(接龙|Group Note)", re.IGNORECASE)
NUMBER_WORDS = {"redpacket": "redpacket", "external_redpacket": "redpacket"}


@dataclass
class _Consents:
    """The last word of each person on archiving, and the last moment of the file."""

    words: dict[str, tuple[str, bool, int]] = field(default_factory=dict)
    last_at: str = ""

    def take(self, member_id: str, at: str, agrees: bool, number: int) -> None:
        if member_id not in self.words or self.words[member_id][0] <= at:
            self.words[member_id] = (at, agrees, number)


def recognise(head: Head) -> str:
    """A first line that is one message: msgid, action, and msgtime or time."""
    line = head.start.decode("utf-8-sig", errors="ignore").lstrip().split("\n", 1)[0]
    if not line.startswith("{") or '"msgid"' not in line or '"action"' not in line:
        return ""
    return "a WeCom message archive: msgid and action in each line" if '"msgtype"' in line else ""


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """Messages, recalls and the consent of people; rows are numbered by line. Raises InputRefused."""
    consents = _Consents()
    with (
        plain_text(path) as plain,
        tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder,
        Sink(Path(folder), "jsonl", plain.encoding) as sink,
    ):
        sink.holds("message")
        with plain.path.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip("\ufeff \t\r\n"):
                    _split_line(sink, number, line, consents)
        for member_id, (_, agrees, number) in sorted(consents.words.items(), key=lambda one: one[1][2]):
            cells = {"member_id": member_id, "archive_consent": "yes" if agrees else "no"}
            sink.row("members", number, cells)
        last = datetime.fromisoformat(consents.last_at).replace(tzinfo=None) if consents.last_at else None
        yield sink.document(exported_at=last)


def _split_line(sink: Sink, number: int, line: str, consents: _Consents) -> None:
    try:
        row = DECODER.decode(line.strip("\ufeff \t\r\n"))
    except NO_JSON:
        row = None
    if not isinstance(row, dict):
        sink.reject("message", number, "the line is not one JSON object")
        return
    kind = text_of(row.get("msgtype"))
    if row.get("action") == "switch":
        sink.ignore("change of the company in use")
        return
    if kind in ("agree", "disagree"):
        _take_consent(sink, number, row, kind, consents)
        return
    group_id, member_id = text_of(row.get("roomid")), text_of(row.get("from"))
    if group_id is None:
        sink.ignore("message of a one-to-one chat")
        return
    message_id = text_of(row.get("msgid"))
    try:
        at = instant(row.get("msgtime"), "ms")
    except ValueError as error:
        sink.reject("message", number, f"msgtime {error}")
        return
    if at is None or message_id is None or member_id is None or kind is None:
        sink.reject("message", number, "has no msgid, from, msgtime or msgtype")
        return
    consents.last_at = max(consents.last_at, at)
    body = row.get(kind)
    body = body if isinstance(body, dict) else {}
    if row.get("action") == "recall" or kind == "revoke":
        taken_back = text_of(body.get("pre_msgid"))
        if taken_back is None:
            sink.reject("recalls", number, "has no pre_msgid")
        else:
            cells = {"group_id": group_id, "message_id": taken_back, "revoked_at": at}
            sink.row("recalls", number, cells)
        return
    text = _text(kind, row, body)
    known = MESSAGE_KINDS.get(kind)
    if known is None:
        sink.note(f"messages of type {kind[:30]!r} are not known and counted as notes")
    if text and CHAIN.match(text):
        known = "order_chain"
    sink.row(
        "message",
        number,
        {
            "group_id": group_id,
            "member_id": member_id,
            "occurred_at": at,
            "message_id": message_id,
            "kind": known or "note",
            "role": role_of(member_id),
            "text": text,
            "amount": _amount(kind, row, body),
        },
    )


def _take_consent(sink: Sink, number: int, row: dict[str, Any], kind: str, consents: _Consents) -> None:
    body = row.get(kind)
    body = body if isinstance(body, dict) else {}
    member_id = text_of(body.get("userid")) or text_of(row.get("from"))
    try:
        at = instant(body.get(f"{kind}_time") or row.get("msgtime"), "ms")
    except ValueError as error:
        sink.reject("members", number, f"{kind}_time {error}")
        return
    if member_id is None or at is None:
        sink.reject("members", number, f"says {kind} and not who or when")
        return
    consents.take(member_id, at, kind == "agree", number)
    consents.last_at = max(consents.last_at, at)


def _text(kind: str, row: dict[str, Any], body: dict[str, Any]) -> str | None:
    """What a message says in words, to be reduced; None where it has none."""
    if kind == "text":
        return text_of(body.get("content"))
    if kind == "markdown":
        info = row.get("info", body)
        return text_of(info.get("content")) if isinstance(info, dict) else None
    if kind != "mixed":
        return None
    items = body.get("item")
    told = []
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and item.get("type") == "text":
            content = item.get("content")
            try:
                inner = json.loads(content) if isinstance(content, str) else content
            except NO_JSON:
                inner = {"content": content}
            told.append(text_of(inner.get("content")) if isinstance(inner, dict) else None)
    return "\n".join(part for part in told if part) or None


def _amount(kind: str, row: dict[str, Any], body: dict[str, Any]) -> str | None:
    """Yuan of a red packet, out of fen."""
    if kind not in NUMBER_WORDS:
        return None
    body = body or row.get(NUMBER_WORDS[kind]) or {}
    try:
        return str(Decimal(str(body.get("totalamount"))) / 100)
    except (InvalidOperation, AttributeError):
        return None
