"""WeChat chatlog CSV: accounts, system lines by name, and names that several people bear."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from pipelines.people import People
from pipelines.platforms import recognise
from tests.load.chats import everything, loaded, people
from tests.load.inboxes import Warehouse, write

__all__ = ["people"]
ROOM = "123456@chatroom"
HEADERS = "Time,SenderName,Sender,TalkerName,Talker,Content"


def chatlog(*rows: tuple[str, str, str, str], talker: str = ROOM) -> str:
    """A chatlog of (time, name, account, content)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADERS.split(","))
    for when, name, account, content in rows:
        writer.writerow([f"2026-03-01 {when}", name, account, "团购一群", talker, content])
    return out.getvalue()


def system(when: str, line: str) -> tuple[str, str, str, str]:
    """A line of the app."""
    return when, "系统消息", "系统消息", line


TALK = (
    ("09:00:00", "小红", "wxid_a", "大家好"),
    ("09:00:05", "小明", "wxid_b", "收到，\n明白"),
    system("09:01:00", '"小红"邀请"小明、阿强"加入了群聊'),
    system("09:02:00", '"阿强"退出了群聊'),
    system("09:03:00", '"小红"修改群名为“团购二群”'),
    ("09:04:00", "小明", "wxid_b", "![图片](http://127.0.0.1/image/abc)"),
    ("09:05:00", "小明", "wxid_b", "[语音](http://127.0.0.1/voice/1)"),
    ("09:06:00", "小明", "wxid_b", "[链接|好茶](https://example.org)"),
    ("09:07:00", "小明", "wxid_b", "[图片] 好看吗"),
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_messages_joins_and_the_alias_of_a_name(warehouse: Warehouse, people: People, encoding: str) -> None:
    results = loaded(warehouse, "chat.csv", chatlog(*TALK).encode(encoding))
    scope = f"wechat/{ROOM}"
    told = {people.pseudonym(scope, name): name for name in ("小红", "小明", "阿强")}
    assert [
        (action, told[who], by and told[by])
        for action, who, by in warehouse.rows(
            "select action, member_id, inviter_id from raw.joins order by occurred_at"
        )
    ] == [("join", "小明", "小红"), ("join", "阿强", "小红"), ("leave", "阿强", None)]
    assert warehouse.rows("select member_id, kind, text_length from raw.messages order by occurred_at") == [
        ("wxid_a", "text", 3), ("wxid_b", "text", 6), ("wxid_b", "image", None), ("wxid_b", "voice", None),
        ("wxid_b", "link", None), ("wxid_b", "text", 8),
    ]  # fmt: skip
    aliases = warehouse.rows("select alias_id, member_id from raw.aliases")
    assert {(told[alias], member) for alias, member in aliases} == {("小红", "wxid_a"), ("小明", "wxid_b")}
    assert warehouse.rows("select group_id, group_name from raw.groups") == [(ROOM, "团购一群")]
    assert "1 × system line that is no join or exit is no event and stays out" in results["message"].warnings
    assert not any(word in everything(warehouse) for word in ("小红", "小明", "阿强", "收到"))


def test_01_the_same_days_again_and_a_line_said_twice(warehouse: Warehouse, people: People) -> None:
    loaded(warehouse, "a.csv", chatlog(*TALK))
    plus = ("09:08:00", "小明", "wxid_b", "+1")
    results = loaded(warehouse, "b.csv", chatlog(*TALK[:3], TALK[2], *TALK[3:], plus, plus))
    assert (results["join"].rows_kept, results["join"].rows_duplicate) == (0, 3)
    assert results["message"].rows_kept == 2
    assert warehouse.rows("select count(*) from raw.joins") == [(3,)]


def test_12_a_name_of_two_accounts_is_nobody_of_them(warehouse: Warehouse, people: People) -> None:
    results = loaded(
        warehouse,
        "a.csv",
        chatlog(
            ("09:00:00", "小明", "wxid_b", "我是小明"),
            ("09:00:01", "小明", "wxid_c", "我也是"),
            system("09:01:00", '"小明"退出了群聊'),
        ),
    )
    assert warehouse.rows("select member_id from raw.joins") == [
        (people.pseudonym(f"wechat/{ROOM}", "小明"),)
    ]
    assert warehouse.rows("select * from raw.aliases") == []
    said = " ".join(results["message"].warnings)
    assert "1 names that came or went belong to several accounts" in said and "小明" not in said


def test_the_owner_of_the_phone_is_known_by_their_own_lines(warehouse: Warehouse, people: People) -> None:
    loaded(
        warehouse,
        "a.csv",
        chatlog(
            system("09:00:00", '"小红"邀请你加入了群聊，群聊参与人还有：小明'),
            ("09:00:01", "我", "wxid_me", "大家好"),
            system("09:01:00", '你邀请"阿强"加入了群聊'),
        ),
    )
    scope = f"wechat/{ROOM}"
    assert warehouse.rows("select member_id, inviter_id from raw.joins order by occurred_at") == [
        ("wxid_me", people.pseudonym(scope, "小红")), (people.pseudonym(scope, "阿强"), "wxid_me"),
    ]  # fmt: skip


def test_talks_of_two_stay_out_and_broken_rows_cost_no_other(warehouse: Warehouse, people: People) -> None:
    results = loaded(warehouse, "a.csv", chatlog(("09:00:00", "小明", "wxid_b", "悄悄话"), talker="wxid_b"))
    assert results["message"].rows_read == 0
    text = chatlog(*TALK[:2]) + "2026-03-01 10:00:00,小明,wxid_b\n" + f"gestern,小明,wxid_b,,{ROOM},x\n"
    broken = loaded(warehouse, "b.csv", text + f"2026-03-01 11:00:00,小明,,,{ROOM},x\n")
    assert (broken["message"].rows_kept, broken["message"].rows_rejected) == (2, 3)
    assert [reason for _, _, reason in warehouse.rejects()] == [
        "the row has not the header's 6 columns", "Time is not a time like 2026-03-01 20:15:00",
        "Sender is empty",
    ]  # fmt: skip


def test_48_headers_only_is_valid(warehouse: Warehouse, people: People) -> None:
    results = loaded(warehouse, "a.csv", HEADERS + "\n")
    assert set(results) == {"message", "join"} and "has no rows" in results["message"].warnings


def test_recognised_by_its_headers(tmp_path: Path) -> None:
    found = recognise(write(tmp_path, "messages.csv", chatlog()))
    assert found is not None and (found.platform, found.document) == ("wechat", "chatlog")
    assert recognise(write(tmp_path, "other.csv", "Time,Sender,Content\n")) is None
