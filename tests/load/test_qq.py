"""QQ text: headers with numbers and addresses, sections, titles, system lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import InputRefused
from pipelines.people import People
from pipelines.platforms import recognise
from tests.load.chats import everything, loaded, people, with_settings
from tests.load.inboxes import Warehouse, write

__all__ = ["people"]
RULE = "=" * 64
TITLE = "消息记录（此消息记录为文本格式，不支持重新导入）\n\n"


def section(group: str, text: str, kind: str = "我的QQ群") -> str:
    """The head of a group's part and its messages."""
    return f"{RULE}\n消息分组:{kind}\n{RULE}\n消息对象:{group}\n{RULE}\n\n{text}"


TALK = """\
2026-03-01 9:05:33 【群主】小红(10001234)
大家好

2026-03-01 9:06:00 小明(20001234)
第一行
第二行：2026-03-01

2026-03-01 9:06:00 小明<Ming@example.org>
[图片]

2026-03-01 9:07:00 系统消息(10000)
小明(20001234)邀请阿强加入了本群。

2026-03-01 9:08:00 系统消息(10000)
阿强已退出本群。

2026-03-01 9:09:00 系统消息(10000)
小红 开启了全员禁言

2026-03-01 9:10:00 神秘人(80000000)
谁啊

"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_group_with_all_there_is(warehouse: Warehouse, people: People, encoding: str, end: str) -> None:
    text = (TITLE + section("团购一群", TALK)).replace("\n", end)
    results = loaded(warehouse, "全部消息.txt", text.encode(encoding))
    assert warehouse.rows(
        "select group_id, member_id, kind, text_length, role from raw.messages order by occurred_at"
    ) == [
        ("团购一群", "10001234", "text", 3, "owner"), ("团购一群", "20001234", "text", 18, None),
        ("团购一群", people.pseudonym("", "ming@example.org"), "image", None, None),
    ]  # fmt: skip
    strong = people.pseudonym("qq/团购一群", "阿强")
    assert warehouse.rows("select action, member_id, inviter_id from raw.joins order by occurred_at") == [
        ("join", strong, "20001234"), ("leave", strong, None),
    ]  # fmt: skip
    assert (results["message"].rows_read, results["message"].rows_rejected) == (4, 1)
    assert "1 × system line that is no join or exit is no event and stays out" in results["message"].warnings
    held = everything(warehouse)
    assert not any(word in held for word in ("小红", "小明", "阿强", "example", "第一行", "神秘"))


def test_sections_are_groups_and_talks_of_two_stay_out(warehouse: Warehouse, people: People) -> None:
    first = "2026-03-01 9:00:00 甲(10001)\n早\n\n"
    text = TITLE + section("一群", first) + section("二群", first + first) + section("乙", first, "我的好友")
    results = loaded(warehouse, "a.txt", text)
    assert warehouse.rows("select group_id, count(*) from raw.messages group by 1 order by 1") == [
        ("一群", 1), ("二群", 2),
    ]  # fmt: skip
    assert "1 × message of a chat that is no group is no event and stays out" in results["message"].warnings


def test_without_a_head_the_file_or_the_settings_name_the_group(tmp_path: Path, people: People) -> None:
    text = "2026-03-01 9:00:00 甲(10001)\n早\n"
    by_name = with_settings(tmp_path / "a", "")
    loaded(by_name, "一群_2026-03-01_2026-03-02.txt", text)
    assert by_name.rows("select group_id from raw.messages") == [("一群",)]
    with pytest.raises(InputRefused, match='give group = "its name"'):
        loaded(with_settings(tmp_path / "b", ""), "2026-03-01_2026-03-02.txt", text)
    told = with_settings(tmp_path / "c", '[[exports]]\nfiles = "*.txt"\nplatform = "qq"\ngroup = "二群"\n')
    loaded(told, "2026-03-01_2026-03-02.txt", text)
    assert told.rows("select group_id from raw.messages") == [("二群",)]


def test_01_a_longer_export_adds_what_is_new(warehouse: Warehouse, people: People) -> None:
    plus = "2026-03-01 9:00:00 甲(10001)\n+1\n\n"
    loaded(warehouse, "a.txt", TITLE + section("一群", plus * 2))
    # Somebody was renamed since: the number is who they are.
    renamed = plus.replace("甲", "乙")
    results = loaded(warehouse, "b.txt", TITLE + section("一群", renamed * 2 + plus.replace("9:00", "9:01")))
    assert (results["message"].rows_kept, results["message"].rows_duplicate) == (1, 2)
    assert warehouse.rows("select count(distinct member_id) from raw.messages") == [(1,)]


def test_20_a_time_zone_of_the_settings_is_that_of_the_times(tmp_path: Path, people: People) -> None:
    text = "2026-03-02 0:30:00 甲(10001)\n早\n"
    for zone, expected in (("Asia/Shanghai", "2026-03-01 16:30:00"), ("UTC", "2026-03-02 00:30:00")):
        settings = f'[[exports]]\nfiles = "*.txt"\nplatform = "qq"\ntime_zone = "{zone}"\n'
        warehouse = with_settings(tmp_path / zone.replace("/", "_"), settings)
        loaded(warehouse, "一群.txt", text)
        assert warehouse.rows("select occurred_at::varchar from raw.messages") == [(expected,)]


def test_27_emoji_in_names_and_texts(warehouse: Warehouse, people: People) -> None:
    loaded(warehouse, "一群.txt", "2026-03-01 9:00:00 👩\u200d🌾(甲)\x01(10001)\n👍🏽👍🏽\n")
    assert warehouse.rows("select member_id, text_length, is_emoji_only from raw.messages") == [
        ("10001", 2, True)
    ]


def test_recognised_by_its_title_or_first_header(tmp_path: Path) -> None:
    for name, content in (("a.txt", TITLE + section("一群", TALK)), ("b.txt", TALK)):
        for encoding in ("utf-8", "gb18030"):
            found = recognise(write(tmp_path, name, content.encode(encoding)))
            assert found is not None and found.platform == "qq", (name, encoding)
    for other in ("消息记录\n", "2026-03-01 9:00:00 甲\n早\n", "2026-03-01 9:00:00,甲(10001)\n"):
        assert recognise(write(tmp_path, "c.txt", other)) is None
