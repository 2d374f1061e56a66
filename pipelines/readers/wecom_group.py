"""WeCom group details (客户群详情): groups, and who was in them when the file was made.

One file per group, or one list of several. Names are not kept. The file does not say when it was made: its
name, its folder or the settings do.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contract import EventKind
from pipelines.people import People
from pipelines.readers.document import Document, Head, Sink
from pipelines.readers.json_items import json_items, starts_like_json
from pipelines.readers.text import plain_text
from pipelines.readers.wecom import SCENES, instant, text_of
from pipelines.settings import Export, Settings

PLATFORM = "wecom_group"
KINDS: tuple[EventKind, ...] = ("member_list", "groups", "aliases")
STAFF = 1


def recognise(head: Head) -> str:
    """A JSON object or list with chat_id and member_list."""
    text = starts_like_json(head.start)
    if '"chat_id"' in text and '"member_list"' in text:
        return "a WeCom group detail: chat_id and member_list"
    return ""


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """Groups, their members as a list, and the unionid of each as another id of the same person.

    Raises InputRefused on a file that is cut short.
    """
    with (
        plain_text(path) as plain,
        tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder,
        Sink(Path(folder), "json", plain.encoding) as sink,
    ):
        # First, so that nothing is loaded of a list that nothing dates.
        sink.holds("member_list", "groups")
        seen: set[tuple[str, str]] = set()
        number = place = 0
        for item in json_items(plain, path.name):
            for group in _groups(item):
                place += 1
                number = _split_group(sink, group, place, number, people, seen)
        yield sink.document()


def _groups(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The details in an answer of the interface: bare, wrapped, or several in a list."""
    inner = item.get("group_chat", item.get("group_chats", item.get("group_chat_list", item)))
    for one in inner if isinstance(inner, list) else [inner]:
        if isinstance(one, dict):
            yield from _groups(one) if one is not item and "group_chat" in one else [one]


def _split_group(
    sink: Sink, group: dict[str, Any], place: int, number: int, people: People, seen: set[tuple[str, str]]
) -> int:
    """Write one group and its members; returns the number of the last member written."""
    group_id = text_of(group.get("chat_id"))
    members = group.get("member_list")
    if group_id is None or not isinstance(members, list):
        sink.reject("groups", place, "has no chat_id or no member_list")
        return number
    owner = text_of(group.get("owner"))
    listed = group.get("admin_list")
    listed = listed if isinstance(listed, list) else []
    admins = {text_of(one.get("userid")) for one in listed if isinstance(one, dict)}
    try:
        created_at = instant(group.get("create_time"), "s")
    except ValueError as error:
        sink.reject("groups", place, f"create_time {error}")
    else:
        name = text_of(group.get("name"))
        cells = {"group_id": group_id, "group_name": name, "created_at": created_at, "owner_id": owner}
        sink.row("groups", place, cells)
    for member in members:
        number += 1
        member_id = text_of(member.get("userid")) if isinstance(member, dict) else None
        if member_id is None:
            sink.reject("member_list", number, "has no userid")
            continue
        try:
            joined_at = instant(member.get("join_time"), "s")
        except ValueError as error:
            sink.reject("member_list", number, f"join_time {error}")
            continue
        inviter = member.get("invitor")
        sink.row(
            "member_list",
            number,
            {
                "group_id": group_id,
                "member_id": member_id,
                "joined_at": joined_at,
                "scene": SCENES.get(str(member.get("join_scene"))),
                "inviter_id": text_of(inviter.get("userid")) if isinstance(inviter, dict) else None,
                "role": _role(member, member_id, owner, admins),
            },
        )
        unionid = text_of(member.get("unionid"))
        if unionid is not None and (unionid, member_id) not in seen:
            seen.add((unionid, member_id))
            # Hashed: it leads to the same person in every programme of the company.
            alias = {"alias_id": people.pseudonym("", unionid), "member_id": member_id}
            sink.row("aliases", len(seen), alias)
    return number


def _role(member: dict[str, Any], member_id: str, owner: str | None, admins: set[str | None]) -> str | None:
    """Owner, admin or staff; None for customers, who may be more than members by another export."""
    if member_id == owner:
        return "owner"
    if member_id in admins:
        return "admin"
    return "staff" if member.get("type") == STAFF else None
