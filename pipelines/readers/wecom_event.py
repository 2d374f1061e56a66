"""WeCom change events of groups (客户群变更事件): joins, leaves and kicks, and groups dissolved.

The callbacks as they came, decrypted: XML one after the other, or the same as JSON. A callback that names
nobody says only that somebody came or went: group details tell who.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contract import EventKind
from pipelines.errors import InputRefused
from pipelines.people import People
from pipelines.readers.document import Document, Head, Sink
from pipelines.readers.json_items import json_items, starts_like_json
from pipelines.readers.text import PlainText, damaged, plain_text
from pipelines.readers.wecom import instant, text_of
from pipelines.settings import Export, Settings

PLATFORM = "wecom_event"
KINDS: tuple[EventKind, ...] = ("join", "groups")
EVENT = "change_external_chat"
CLOSING = "</xml>"
QR = 3
KICKED = 1
CHUNK = 1 << 18


def recognise(head: Head) -> str:
    """XML or JSON that begins with an event change_external_chat."""
    text = starts_like_json(head.start) or head.start.decode("utf-8-sig", errors="ignore").lstrip()
    if EVENT in text and re.match(r"<\?xml|<xml>|[{\[]", text) and "ChatId" in text:
        return f"WeCom change events of groups: {EVENT}"
    return ""


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """Joins and exits, a row per person of an event, and when groups were dissolved. Raises InputRefused."""
    with plain_text(path) as plain, tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder:
        with plain.path.open(encoding="utf-8") as probe:
            is_xml = probe.read(64).lstrip("\ufeff \t\r\n").startswith("<")
        with Sink(Path(folder), "xml" if is_xml else "json", plain.encoding) as sink:
            sink.holds("join")
            number = 0
            for event in _xml_events(plain, path.name) if is_xml else json_items(plain, path.name):
                number = _split_event(sink, event, number)
            yield sink.document()


def _xml_events(plain: PlainText, name: str) -> Iterator[dict[str, Any]]:
    """Each <xml>…</xml> of the file as what its elements say."""
    rest = ""
    with plain.path.open(encoding="utf-8") as source:
        while chunk := source.read(CHUNK):
            *whole, rest = (rest + chunk).split(CLOSING)
            for text in whole:
                start = text.find("<xml>")
                if start < 0 or "<!DOCTYPE" in text or "<!ENTITY" in text:
                    raise damaged(name, "an event does not begin with <xml>")
                try:
                    root = ElementTree.fromstring(text[start:] + CLOSING)
                except ElementTree.ParseError as error:
                    raise damaged(name, "an event is no XML") from error
                yield {
                    child.tag: [item.text for item in child] if len(child) else child.text for child in root
                }
    if rest.strip():
        raise InputRefused(
            f"{name}: the last event is cut short. Export or copy it again; nothing of it was loaded."
        )


def _split_event(sink: Sink, event: dict[str, Any], number: int) -> int:
    """Write one event; returns the number of the last row written."""
    group_id, change = text_of(event.get("ChatId")), text_of(event.get("ChangeType"))
    detail = text_of(event.get("UpdateDetail"))
    if event.get("Event") != EVENT:
        sink.ignore("event of another kind")
        return number
    number += 1
    try:
        at = instant(event.get("CreateTime"), "s")
    except ValueError as error:
        sink.reject("join", number, f"CreateTime {error}")
        return number
    if group_id is None or at is None:
        sink.reject("join", number, "has no ChatId or no CreateTime")
        return number
    if change == "dismiss":
        sink.row("groups", number, {"group_id": group_id, "closed_at": at})
        return number
    if detail not in ("add_member", "del_member"):
        sink.ignore(f"event {detail or change or 'without a type'}")
        return number
    members = _members(event.get("MemChangeList"))
    if not members:
        sink.ignore(f"event {detail} that names nobody (load group details to see who)")
        return number
    version = text_of(event.get("CurMemVer")) or ""
    scene = _code(event.get("JoinScene"))
    for place, member_id in enumerate(members):
        # A callback is repeated until it is answered: what it says is its identity.
        told = "\x1f".join((group_id, at, version, detail, member_id))
        sink.row(
            "join",
            number + place,
            {
                "group_id": group_id,
                "member_id": member_id,
                "occurred_at": at,
                "event_id": hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:24],
                "action": _action(detail, event),
                "scene": "qr" if detail == "add_member" and scene == QR else None,
            },
        )
    return number + len(members) - 1


def _action(detail: str, event: dict[str, Any]) -> str:
    if detail == "add_member":
        return "join"
    return "kick" if _code(event.get("QuitScene")) == KICKED else "leave"


def _members(told: Any) -> list[str]:
    """Ids of who came or went: a list, {"Item": […]}, or in older versions one text with commas."""
    if isinstance(told, dict):
        told = told.get("Item")
    if isinstance(told, str):
        told = told.split(",")
    ids = (text_of(one) for one in told) if isinstance(told, list) else ()
    return list(dict.fromkeys(one for one in ids if one))


def _code(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None
