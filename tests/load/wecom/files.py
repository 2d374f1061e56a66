"""WeCom exports made by the tests: ids that nobody has, names that must never be kept."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
NAMES = ("测试甲", "测试乙", "测试丙", "群主昵称")


def seconds(text: str) -> int:
    """Unix seconds of a local time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp())


def millis(text: str) -> int:
    """Unix milliseconds of a local time."""
    return seconds(text) * 1000


def member(userid: str, joined: str | int, **more: Any) -> dict[str, Any]:
    """One entry of member_list, by default a customer."""
    joined_at = joined if isinstance(joined, int) else seconds(joined)
    entry = {"userid": userid, "type": 2, "join_time": joined_at, "join_scene": 3, "name": NAMES[0]}
    return entry | {"group_nickname": NAMES[1]} | more


def detail(chat_id: str, *members: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One group detail."""
    group = {
        "chat_id": chat_id, "name": "社群一", "owner": "owner", "create_time": seconds("2026-01-02 10:00:00"),
        "notice": "公告", "member_list": list(members), "admin_list": [{"userid": "admin"}],
        "member_version": "v",
    }  # fmt: skip
    return group | more


def answer(group: dict[str, Any]) -> str:
    """A detail as the interface answers."""
    return json.dumps({"errcode": 0, "errmsg": "ok", "group_chat": group}, ensure_ascii=False)


def message(msgid: str, sender: str, at: str | int, kind: str = "text", **more: Any) -> dict[str, Any]:
    """One line of the archive in group wrA."""
    told = at if isinstance(at, int) else millis(at)
    line = {
        "msgid": msgid, "seq": 1, "action": "send", "from": sender, "tolist": ["owner"], "roomid": "wrA",
        "msgtime": told, "msgtype": kind,
    }  # fmt: skip
    return line | more


def lines(*rows: dict[str, Any]) -> str:
    """Rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def event(detail_: str, at: str, *members: str, chat: str = "wrA", **more: str) -> str:
    """A callback as XML."""
    items = "".join(f"<Item><![CDATA[{one}]]></Item>" for one in members)
    fields = {
        "ToUserName": "corp", "FromUserName": "sys", "CreateTime": str(seconds(at)), "MsgType": "event",
        "Event": "change_external_chat", "ChatId": chat, "ChangeType": "update", "UpdateDetail": detail_,
        "CurMemVer": "v1",
    } | more  # fmt: skip
    body = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    changes = f"<MemChangeList>{items}</MemChangeList>" if members else ""
    return f"<xml>{body}{changes}</xml>\n"
