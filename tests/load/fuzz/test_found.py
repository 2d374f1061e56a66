# ruff: noqa: E501
"""What mutated files brought to light: each case as it was mended, named for what is odd in it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines import load
from pipelines.errors import InputRefused, without_values
from pipelines.typed import Part
from tests.load.fuzz.rig import LOADED, Rig
from tests.load.fuzz.seeds import seeds
from tests.load.inboxes import Warehouse, write
from tests.load.workbooks import packed

Edit = Callable[[bytes], bytes]
DAMAGED = "the file is cut short or damaged"
BROKEN_ZIP = "the archive is cut short or damaged"


def value(*place: str | int, to: Any) -> Edit:
    """Another value at a place of a JSON document."""

    def edit(content: bytes) -> bytes:
        root = json.loads(content)
        holder = root
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = to
        return json.dumps(root, indent=1).encode()

    return edit


def text(old: str, new: str) -> Edit:
    """Another text in the place of the first like it."""

    def edit(content: bytes) -> bytes:
        assert old.encode() in content
        return content.replace(old.encode(), new.encode(), 1)

    return edit


def members(change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Edit:
    """An archive of other members."""

    def edit(content: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return packed(change({name: archive.read(name) for name in archive.namelist()}))

    return edit


def _shifted(content: bytes) -> bytes:
    """An archive whose directory says of a member that it begins before the file does."""
    place = content.rindex(b"PK\x01\x02")
    return content[: place + 42] + b"\xff\xff\xff\x7f" + content[place + 46 :]


def _nameless(content: bytes) -> bytes:
    """An archive whose directory calls the last member nothing: the letter of its name is something else there."""
    made = bytearray(members(lambda told: {**told, "x": b"x"})(content))
    place = made.rindex(b"PK\x01\x02")
    made[place + 28], made[place + 30] = 0, 1
    return bytes(made)


FOUND: dict[str, tuple[str, Edit, str]] = {
    "discord: attachments that are a number": ("discord", value("messages", 1, "attachments", to=5), LOADED),
    "discord: an attachment that is a text": ("discord", value("messages", 1, "attachments", to=["a"]), LOADED),
    "discord: mentions that are no list": ("discord", value("messages", 2, "mentions", to=0.5), LOADED),
    "discord: recipients that are texts": ("discord_direct", value("messages", 0, "mentions", to="ab"), LOADED),
    "discord: a person in the place of a count": (
        "discord", value("messageCount", to={"name": "Oriana Vexley"}),
        "does not say how many messages, and N are in it",
    ),
    "discord: a thread without an id": (
        "discord", value("channel", to={"type": "GuildPublicThread", "name": "x"}), LOADED,
    ),
    "telegram: a kind of media that is an object": (
        "telegram", value("messages", 6, "media_type", to={"a": 1}), LOADED,
    ),
    "telegram: an answer to an object": (
        "telegram", value("messages", 4, "reply_to_message_id", to={"a": 1}), LOADED,
    ),
    "wechat: headers with a quotation mark too many": ("chatlog", text("Time,", 'Time",'), DAMAGED),
    "qq: a rule that runs into the section of a friend": ("qq", text("=\n消息分组:我的好友", "=消息分组:我的好友"), LOADED),
    "qq: a section of a friend whose name is lost": ("qq", text("消息分组:我的好友", "1e5"), LOADED),
    "qq: a section of a friend whose upper rule is lost": ("qq", text("=" * 64 + "\n消息分组:我的好友", "1e5\n消息分组:我的好友"), LOADED),
    "irc: a nick that a wrong decoding destroyed": ("irc", text("<bo|away>", "<bo|锟斤拷>"), LOADED),
    "telegram: half a character in the id of a chat": ("telegram", value("id", to="\ud800"), LOADED),
    "telegram: a chat that is called like a message": (
        "telegram_account", value("chats", "list", 0, "name", to={"actor": "Oriana Vexley"}), LOADED,
    ),
    "discord: a server that is called like a person": (
        "discord", value("guild", "name", to={"name": "Oriana Vexley"}), LOADED,
    ),
    "slack: a message of nobody's time": ("slack_day", value(7, "previous_message", to={"user": "U1"}), LOADED),
    "slack: an edit that is a text": ("slack_day", value(2, "edited", to="yes"), LOADED),
    "slack: a subtype that is a list": ("slack_day", value(2, "subtype", to=["x"]), LOADED),
    "slack: files that are a number": ("slack_day", value(3, "files", to=7), LOADED),
    "slack: a number of 5,000 digits": ("slack_day", text('"reply_count": 1', '"reply_count": ' + "1" * 5000), DAMAGED),
    "wecom: admins that are a number": ("wecom_group", value("group_chat", "admin_list", to=5), LOADED),
    "wecom: half a character in an id": ("wecom_group", value("group_chat", "member_list", 1, "unionid", to="\ud800"), LOADED),
    "wecom: half a character in an event": ("wecom_event_json", value(0, "MemChangeList", to=["\udc00"]), LOADED),
    "wecom: a time without end": ("wecom_group", text("1769911200", "1e999"), LOADED),
    "wecom: a scene without end": ("wecom_event_json", text('"JoinScene": 3', '"JoinScene": 1e999'), LOADED),
    "wecom: a line that nests too deep": ("wecom_archive", text('"content"', '"a": ' + "[" * 3000 + ', "content"'), LOADED),
    "wecom: a list that nests too deep": ("wecom_statistics", text("1772380800", "[" * 3000), DAMAGED),
    "wecom: a total that is an object": ("wecom_statistics_owner", value("total", to={}), DAMAGED),
    "json: an element that nests too deep": ("json", text('"nested": {', '"nested": {"b": ' + "[" * 3000 + "]" * 3000 + ","), DAMAGED),
    "json: objects in each other without end": ("json", text('"code": 0', '"code": ' + '{"a":' * 900 + "1" + "}" * 900), DAMAGED),
    "jsonl: a first line that nests too deep": ("jsonl", lambda content: b'{"a":' * 3000 + b"\n" + content, LOADED),
    "zip: a member that begins before the archive": ("zip", _shifted, BROKEN_ZIP),
    "zip: a member without a name": ("zip", _nameless, BROKEN_ZIP),
    "zip: a member whose name no disk takes": (
        "zip", members(lambda told: {f"shop/joins_{'茶' * 300}.csv": told.popitem()[1], **told}), LOADED,
    ),
    "zip: a member that is called like a folder": ("zip", members(lambda told: {"shop/.": b"x", **told}), LOADED),
    "csv: a number in the place of a header": (
        "csv_bom", text("occurred_at,action,昵称", "13912340077"), "its first line looks like data, not like headers",
    ),
    "csv: a person in the place of a header": (
        "csv_bom", text("occurred_at,action,昵称", "Oriana Vexley"), "the join export has no column for occurred_at",
    ),
    "json: a key that is an address": (
        "json", text('"group_id"', '"oriana@vexley.example"'), LOADED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(FOUND))
def test_found(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, edit, outcome = FOUND[case]
    monkeypatch.setenv("GROUPFUNNEL_KEY_FILE", str(tmp_path / "key"))
    rig = Rig(tmp_path, seeds()[name])
    content = edit(seeds()[name].content)
    assert content != seeds()[name].content
    try:
        assert rig.check(content) == outcome
        rig.inspect(rig.inbox / rig.seed.place)
    finally:
        rig.connection.close()


def test_a_long_quotation_of_a_damaged_archive_is_left_out_whole() -> None:
    content = "- Oriana Vexley: the plum jam\\n" * 12
    told = without_values(ValueError(f"File name in directory 'a.jpg' and header b'{content}' differ."))
    assert told == "File name in directory '•••' differ."


def test_a_document_is_loaded_whole_or_not_at_all(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUPFUNNEL_KEY_FILE", str(tmp_path / "key"))
    keep, kept = load._keep, []

    def refuses_the_third(connection: Any, part: Part, *rest: Any) -> load.LoadResult:
        if len(kept) == 2:
            raise InputRefused(f"{part.candidate.name}: changed while it was read.")
        kept.append(part.resolved.kind.table)
        return keep(connection, part, *rest)

    monkeypatch.setattr(load, "_keep", refuses_the_third)
    write(warehouse.inbox, "chat.csv", seeds()["chatlog"].content)
    with pytest.raises(InputRefused):
        warehouse.load()
    assert len(set(kept)) == 2
    for table in (*kept, "loads", "rejects"):
        assert warehouse.rows(f"select count(*) from raw.{table}") == [(0,)]
