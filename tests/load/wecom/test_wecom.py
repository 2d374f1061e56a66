"""WeCom: group details, message archives, change events and statistics, and what goes wrong with them."""

from __future__ import annotations

import gzip
import itertools
import json
import shutil
from pathlib import Path

import pytest

from pipelines.errors import InputRefused
from pipelines.inventory import export_for
from pipelines.people import People
from pipelines.platforms import recognise
from tests.load.chats import loaded, people  # noqa: F401
from tests.load.inboxes import Warehouse, write
from tests.load.wecom.files import (
    NAMES,
    answer,
    detail,
    event,
    lines,
    member,
    message,
    millis,
    seconds,
)

pytestmark = pytest.mark.usefixtures("people")
LOCAL = "strftime(timezone('Asia/Shanghai', timezone('UTC', {0})), '%m-%d %H:%M:%S')"
GROUP = detail(
    "wrA",
    member("owner", "2026-01-02 10:00:00", type=1, join_scene=1),
    member("admin", "2026-01-02 10:00:00", type=1),
    member("clerk", "2026-01-02 10:00:00", type=1),
    member("wm1", "2026-02-01 08:00:00", unionid="union1", join_scene=1, invitor={"userid": "owner"}),
    member("wm2", "2026-03-03 08:00:00", join_scene=2),
)
STATISTIC_DATA = {
    "new_chat_cnt": 1, "chat_total": 10, "chat_has_msg": 8, "new_member_cnt": 5, "member_total": 300,
    "member_has_msg": 90, "msg_total": 5000, "migrate_trainee_chat_cnt": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "platform"),
    [
        ("a.json", answer(GROUP), "wecom_group"),
        ("b.json", json.dumps([GROUP]), "wecom_group"),
        ("c.txt", lines(message("m", "wm1", "2026-03-02 10:00:00", text={"content": "x"})), "wecom_archive"),
        ("d.xml", event("add_member", "2026-03-02 10:00:00", "wm1"), "wecom_event"),
        ("e.json", json.dumps({"errcode": 0, "items": [{"stat_time": 1, "data": STATISTIC_DATA}]}),
         "wecom_statistics"),
    ],
)  # fmt: skip
def test_whose_export_it_is_shows_by_content(tmp_path: Path, name: str, content: str, platform: str) -> None:
    found = recognise(write(tmp_path, name, content))
    assert found is not None and found.platform == platform and found.why
    packed = recognise(write(tmp_path, name + ".gz", gzip.compress(content.encode())))
    assert packed is not None and packed.platform == platform


@pytest.mark.parametrize("content", ['{"chat_id": "a"}\n', '{"msgid": 1}\n', "<xml><a/></xml>", "{}", "[]"])
def test_what_is_not_wecom_is_not_taken_for_it(tmp_path: Path, content: str) -> None:
    found = recognise(write(tmp_path, "x.json", content))
    assert found is None or not found.platform.startswith("wecom")


@pytest.mark.parametrize(
    ("wrapped", "groups"),
    [
        (answer(GROUP), 1),
        (json.dumps(GROUP), 1),
        (json.dumps([GROUP, detail("wrB", member("wm3", "2026-03-01 10:00:00"))]), 2),
        (lines(GROUP, detail("wrB", member("wm3", "2026-03-01 10:00:00"))), 2),
        (json.dumps([json.loads(answer(GROUP))]), 1),
        ("\ufeff" + json.dumps({"group_chats": [GROUP]}), 1),
    ],
)
def test_a_group_detail_is_a_group_and_a_member_list(
    warehouse: Warehouse,
    people: People,  # noqa: F811
    wrapped: str,
    groups: int,
) -> None:
    results = loaded(warehouse, "wecom/detail_2026-03-09.json", wrapped)
    assert results["groups"].rows_kept == groups
    assert warehouse.rows(
        "select group_id, group_name, owner_id, created_at::varchar from raw.groups where group_id = 'wrA'"
    ) == [("wrA", "社群一", "owner", "2026-01-02 02:00:00")]
    assert warehouse.rows(
        f"select member_id, role, scene, inviter_id, {LOCAL.format('joined_at')}, taken_after::varchar, "
        "taken_at::varchar from raw.member_lists where group_id = 'wrA' order by row_number"
    ) == [
        (*row, "2026-03-08 16:00:00", "2026-03-09 15:59:59.999999")
        for row in (
            ("owner", "owner", "direct", None, "01-02 10:00:00"),
            ("admin", "admin", "qr", None, "01-02 10:00:00"),
            ("clerk", "staff", "qr", None, "01-02 10:00:00"),
            ("wm1", None, "direct", "owner", "02-01 08:00:00"),
            ("wm2", None, "link", None, "03-03 08:00:00"),
        )
    ]
    assert warehouse.rows("select alias_id, member_id from raw.aliases") == [
        (people.pseudonym("", "union1"), "wm1")
    ]


def test_names_notices_and_unionids_stay_out(warehouse: Warehouse) -> None:
    loaded(warehouse, "detail_2026-03-09.json", answer(GROUP))
    secret = lines(
        message("m1", "wm1", "2026-03-02 10:00:00", text={"content": "很私密的话"}), {"broken": NAMES[0]}
    )
    loaded(warehouse, "archive.jsonl", secret)
    tables = warehouse.rows("select table_name from duckdb_tables() where schema_name = 'raw'")
    told = "".join(str(warehouse.rows(f'select * from raw."{table}"')) for (table,) in tables)
    for word in (*NAMES, "公告", "union1", "很私密的话"):
        assert word not in told


@pytest.mark.parametrize("name", ["wecom/detail.json", "detail_20261301.json"])
def test_a_list_that_nothing_dates_is_refused_whole(warehouse: Warehouse, name: str) -> None:
    write(warehouse.inbox, name, answer(GROUP))
    with pytest.raises(InputRefused, match=r"when it was taken.*2026-03-09"):
        warehouse.load()
    assert warehouse.rows("select count(*) from raw.loads") == [(0,)]


@pytest.mark.parametrize(
    ("name", "after", "until"),
    [
        ("wrA_2026-03-09.json", "2026-03-08 16:00:00", "2026-03-09 15:59:59.999999"),
        ("wrA_20260309.json", "2026-03-08 16:00:00", "2026-03-09 15:59:59.999999"),
        ("wrA_20260309_083000.json", "2026-03-09 00:30:00", "2026-03-09 00:30:00"),
        ("wrA_2026-03-09T08-30.json", "2026-03-09 00:30:00", "2026-03-09 00:30:00"),
        ("2026-03-09/wrA.json", "2026-03-08 16:00:00", "2026-03-09 15:59:59.999999"),
        ("wecom/20260309/wrA.json", "2026-03-08 16:00:00", "2026-03-09 15:59:59.999999"),
        ("wrA_2026-03-02_2026-03-09.json", "2026-03-08 16:00:00", "2026-03-09 15:59:59.999999"),
    ],
)
def test_the_name_or_the_folder_dates_a_list(warehouse: Warehouse, name: str, after: str, until: str) -> None:
    loaded(warehouse, name, answer(GROUP))
    assert warehouse.rows(
        "select distinct taken_after::varchar, taken_at::varchar from raw.member_lists"
    ) == [(after, until)]


def test_a_folder_for_each_day_is_one_source(warehouse: Warehouse) -> None:
    for day in ("2026-03-02", "2026-03-09"):
        path = write(warehouse.inbox, f"{day}/wrA.json", answer(GROUP))
        export, document = export_for(path, f"{day}/wrA.json", warehouse.settings)
        assert export is not None and (export.source, document) == ("wecom_group", "wecom_group")


def test_40_the_same_list_a_week_later_says_that_nobody_came_or_left(warehouse: Warehouse) -> None:
    loaded(warehouse, "a_2026-03-02.json", answer(GROUP))
    loaded(warehouse, "a_2026-03-09.json", answer(GROUP))
    assert warehouse.rows("select count(distinct taken_at), count(*) from raw.member_lists") == [(2, 10)]
    assert loaded(warehouse, "renamed_2026-03-09.json", answer(GROUP)) == {}


@pytest.mark.parametrize(
    ("joined", "reason"),
    [
        (
            millis("2026-03-01 10:00:00"),
            "join_time is in milliseconds, which this export never is: units are mixed",
        ),
        (12, "join_time is no time in seconds since 1970"),
        (-5, "join_time is no time in seconds since 1970"),
    ],
)
def test_20_a_time_in_another_unit_is_rejected_not_guessed(
    warehouse: Warehouse, joined: int, reason: str
) -> None:
    group = detail("wrA", member("wm1", "2026-03-01 10:00:00"), member("wm2", joined))
    results = loaded(warehouse, "d_2026-03-09.json", answer(group))
    assert (results["member_list"].rows_kept, results["member_list"].rows_rejected) == (1, 1)
    assert warehouse.rejects() == [(2, None, reason)]


def test_20_seconds_in_an_archive_of_milliseconds_are_rejected(warehouse: Warehouse) -> None:
    content = lines(
        message("m1", "wm1", "2026-03-02 00:30:00", text={"content": "a"}),
        message("m2", "wm1", seconds("2026-03-02 10:00:00"), text={"content": "b"}),
    )
    loaded(warehouse, "archive.jsonl", content)
    # Half past midnight in Shanghai is the day before in UTC.
    assert warehouse.rows("select occurred_at::varchar, day::varchar from raw.messages") == [
        ("2026-03-01 16:30:00", "2026-03-02")
    ]
    assert warehouse.rejects() == [
        (2, None, "msgtime is in seconds, which this export never is: units are mixed")
    ]


@pytest.mark.parametrize("cut", [300, 500, -40, -1])
def test_07_a_group_detail_cut_short_is_refused(warehouse: Warehouse, cut: int) -> None:
    write(warehouse.inbox, "d_2026-03-09.json", json.dumps([GROUP, GROUP])[:cut])
    with pytest.raises(InputRefused, match="cut short"):
        warehouse.load()
    assert warehouse.rows("select count(*) from raw.loads") == [(0,)]


def test_33_staff_by_type_and_by_id(warehouse: Warehouse) -> None:
    loaded(warehouse, "d_2026-03-09.json", answer(GROUP))
    content = lines(
        *(
            message(f"m{i}", who, "2026-03-02 10:00:00")
            for i, who in enumerate(("owner", "wm1", "wo2", "wb3"))
        )
    )
    loaded(warehouse, "archive.jsonl", content)
    assert warehouse.rows("select member_id, role from raw.messages order by message_id") == [
        ("owner", "staff"), ("wm1", None), ("wo2", None), ("wb3", "bot"),
    ]  # fmt: skip


KINDS = [
    ("text", {"text": {"content": "好"}}, "text", 1),
    ("text", {"text": {"content": "#接龙\n苹果\n1. 甲 2斤"}}, "order_chain", 14),
    ("text", {"text": {"content": "#Group Note\n1. a"}}, "order_chain", 16),
    ("markdown", {"info": {"content": "# 标题"}}, "text", 4),
    ("mixed", {"mixed": {"item": [{"type": "text", "content": '{"content": "ab"}'},
                                  {"type": "image", "content": "{}"}]}}, "text", 2),
    ("image", {"image": {}}, "image", None),
    ("emotion", {"emotion": {}}, "sticker", None),
    ("voice", {"voice": {}}, "voice", None),
    ("video", {"video": {}}, "video", None),
    ("file", {"file": {}}, "file", None),
    ("link", {"link": {}}, "link", None),
    ("weapp", {"weapp": {}}, "mini_program", None),
    ("vote", {"vote": {}}, "poll", None),
    ("collect", {"collect": {}}, "poll", None),
    ("note", {"note": {}}, "note", None),
    ("todo", {"todo": {}}, "note", None),
    ("never_seen", {"never_seen": {}}, "note", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "body", "told", "length"), KINDS)
def test_kinds_of_messages(
    warehouse: Warehouse, kind: str, body: dict[str, object], told: str, length: int | None
) -> None:
    results = loaded(warehouse, "a.jsonl", lines(message("m", "wm1", "2026-03-02 10:00:00", kind, **body)))
    assert warehouse.rows("select kind, text_length from raw.messages") == [(told, length)]
    assert ("not known" in str(results["message"].warnings)) == (kind == "never_seen")


@pytest.mark.parametrize("kind", ["redpacket", "external_redpacket"])
def test_red_packets_are_in_fen(warehouse: Warehouse, kind: str) -> None:
    body = {"type": 1, "wish": NAMES[2], "totalcnt": 5, "totalamount": 2001}
    loaded(warehouse, "a.jsonl", lines(message("m", "owner", "2026-03-02 10:00:00", kind, redpacket=body)))
    assert warehouse.rows("select kind, amount::varchar from raw.messages") == [("red_packet", "20.01")]


ORIGINAL = message("m1", "wm1", "2026-03-02 10:00:00", text={"content": "x"})
RECALL = message("r1", "wm1", "2026-03-02 10:01:00", "revoke", action="recall", revoke={"pre_msgid": "m1"})


@pytest.mark.parametrize("files", [
    (("a.jsonl", lines(ORIGINAL, RECALL)),),
    (("a.jsonl", lines(RECALL, ORIGINAL)),),
    (("a.jsonl", lines(ORIGINAL)), ("b.jsonl", lines(RECALL))),
    (("a.jsonl", lines(RECALL)), ("b.jsonl", lines(ORIGINAL))),
    (("b.jsonl", lines(RECALL)), ("a.jsonl", lines(ORIGINAL)), ("c.jsonl", lines(ORIGINAL, RECALL))),
])  # fmt: skip
def test_04_a_recall_marks_its_message_also_when_it_comes_first(
    warehouse: Warehouse, files: tuple[tuple[str, str], ...]
) -> None:
    for name, content in files:
        loaded(warehouse, name, content)
    told = warehouse.rows(
        "select m.message_id, r.revoked_at::varchar from raw.messages as m "
        "join raw.recalls as r using (source, group_id, message_id)"
    )
    assert told == [("m1", "2026-03-02 02:01:00")]
    assert warehouse.rows("select count(*) from raw.messages") == [(1,)]


def test_53_who_refuses_archiving_by_the_last_word(warehouse: Warehouse) -> None:
    def word(who: str, at: str, kind: str) -> dict[str, object]:
        return message(
            f"{who}{at}", who, at, kind, roomid="", **{kind: {"userid": who, f"{kind}_time": millis(at)}}
        )

    first = lines(
        word("wm1", "2026-03-02 10:00:00", "disagree"), word("wm1", "2026-03-01 10:00:00", "agree"),
        word("wm2", "2026-03-02 10:00:00", "agree"), word("wm3", "2026-03-02 10:00:00", "disagree"),
    )  # fmt: skip
    second = lines(word("wm3", "2026-03-09 10:00:00", "agree"))
    for order in itertools.permutations((("a.jsonl", first), ("b.jsonl", second))):
        other = Warehouse(warehouse.inbox.parent / order[0][0])
        for name, content in order:
            loaded(other, name, content)
        assert other.rows("select member_id, archive_consent from raw.members order by 1") == [
            ("wm1", False), ("wm2", True), ("wm3", True),
        ]  # fmt: skip
        other.connection.close()


def test_what_is_no_group_message_is_counted_and_left_out(warehouse: Warehouse) -> None:
    content = (
        lines(
            message("m1", "wm1", "2026-03-02 10:00:00", roomid=""),
            {"msgid": "s", "action": "switch", "time": 1, "user": "owner", "msgtype": "x"},
            message("m2", "wm1", "2026-03-02 10:00:00", image={}),
        )
        + "{broken\n"
    )
    results = loaded(warehouse, "a.jsonl", content)
    assert (results["message"].rows_kept, results["message"].rows_rejected) == (1, 1)
    assert "one-to-one" in str(results["message"].warnings)
    assert warehouse.rejects() == [(4, None, "the line is not one JSON object")]


def test_09_change_events_are_joins_leaves_and_kicks(warehouse: Warehouse) -> None:
    content = (
        event("add_member", "2026-03-02 10:00:00", "wm1", "wm2", JoinScene="3")
        + event("add_member", "2026-03-02 11:00:00", "wm3", JoinScene="0")
        + event("del_member", "2026-03-03 10:00:00", "wm1", QuitScene="0")
        + event("del_member", "2026-03-03 11:00:00", "wm2", QuitScene="1")
        # A callback that was not answered comes again.
        + event("del_member", "2026-03-03 11:00:00", "wm2", QuitScene="1")
        + event("add_member", "2026-03-04 10:00:00", MemChangeCnt="2")
        + event("change_name", "2026-03-04 10:00:00")
        + event("", "2026-03-05 10:00:00", ChangeType="dismiss")
    )
    results = loaded(warehouse, "wecom/events.xml", '<?xml version="1.0"?>\n' + content)
    assert warehouse.rows(
        f"select member_id, action, scene, {LOCAL.format('occurred_at')} from raw.joins "
        "order by occurred_at, 1"
    ) == [
        ("wm1", "join", "qr", "03-02 10:00:00"), ("wm2", "join", "qr", "03-02 10:00:00"),
        ("wm3", "join", None, "03-02 11:00:00"), ("wm1", "leave", None, "03-03 10:00:00"),
        ("wm2", "kick", None, "03-03 11:00:00"),
    ]  # fmt: skip
    assert results["join"].rows_duplicate == 1
    assert "names nobody" in str(results["join"].warnings)
    assert warehouse.rows(f"select group_id, {LOCAL.format('closed_at')} from raw.groups") == [
        ("wrA", "03-05 10:00:00")
    ]


@pytest.mark.parametrize("members", ["wm1,wm2", ["wm1", "wm2"], {"Item": ["wm1", "wm2"]}])
def test_change_events_as_json(warehouse: Warehouse, members: object) -> None:
    row = {
        "CreateTime": seconds("2026-03-02 10:00:00"), "Event": "change_external_chat", "ChatId": "wrA",
        "ChangeType": "update", "UpdateDetail": "add_member", "MemChangeList": members,
    }  # fmt: skip
    loaded(warehouse, "events.json", lines(row))
    assert warehouse.rows("select member_id from raw.joins order by 1") == [("wm1",), ("wm2",)]


def test_07_change_events_cut_short_are_refused(warehouse: Warehouse) -> None:
    write(warehouse.inbox, "e.xml", event("add_member", "2026-03-02 10:00:00", "wm1") * 2 + "<xml><Crea")
    with pytest.raises(InputRefused, match="cut short"):
        warehouse.load()


def _statistic(day: int, **more: int) -> dict[str, object]:
    return {"stat_time": seconds(f"2026-03-{day:02d} 00:00:00"), "data": STATISTIC_DATA | more}


def test_47_statistics_by_day(warehouse: Warehouse) -> None:
    content = json.dumps({"errcode": 0, "items": [_statistic(2), _statistic(3, msg_total=5120)]})
    loaded(warehouse, "stat.json", content)
    assert warehouse.rows(
        "select day::varchar, metric, value::int from raw.platform_stats "
        "where metric like '%s' and day = '2026-03-02' order by metric"
    ) == [("2026-03-02", "groups", 10), ("2026-03-02", "new_groups", 1), ("2026-03-02", "new_seats", 5),
          ("2026-03-02", "seats", 300)]  # fmt: skip
    assert warehouse.rows(
        "select value::int from raw.platform_stats where metric = 'messages_total' order by day"
    ) == [(5000,), (5120,)]


def _owner(name: str, **more: int) -> dict[str, object]:
    return {"owner": name, "data": STATISTIC_DATA | more}


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("stat_2026-03-02_2026-03-08.json", {"total": 2, "items": [_owner("a"), _owner("b")]}, None),
        (
            "stat.json",
            {"day_end_time": seconds("2026-03-08 00:00:00"), "items": [_owner("a"), _owner("b")]},
            None,
        ),
        ("stat_2026-03-08.json", {"total": 3, "items": [_owner("a"), _owner("b")]}, "3 owners and has 2"),
        ("stat.json", {"total": 2, "items": [_owner("a"), _owner("b")]}, "of which day"),
    ],
)
def test_47_statistics_by_owner_are_totals_of_the_last_day(
    warehouse: Warehouse, name: str, content: dict[str, object], problem: str | None
) -> None:
    write(warehouse.inbox, name, json.dumps(content))
    if problem:
        with pytest.raises(InputRefused, match=problem):
            warehouse.load()
        return
    warehouse.load()
    told = warehouse.rows("select day::varchar, metric, value::int from raw.platform_stats order by metric")
    assert told == [
        ("2026-03-08", "groups", 20), ("2026-03-08", "groups_with_messages_total", 16),
        ("2026-03-08", "messages_total", 10000), ("2026-03-08", "seats", 600),
        ("2026-03-08", "speakers_total", 180),
    ]  # fmt: skip


def test_03_any_order_of_files_gives_the_same_tables(tmp_path: Path) -> None:
    later = detail(
        "wrA", member("owner", "2026-01-02 10:00:00", type=1), member("wm2", "2026-03-03 08:00:00")
    )
    files = {
        "wecom/d_2026-03-02.json": answer(GROUP), "wecom/d_2026-03-09.json": answer(later),
        "wecom/events.xml": event("del_member", "2026-03-05 10:00:00", "wm1", QuitScene="1"),
        "wecom/archive.jsonl": lines(RECALL, ORIGINAL),
    }  # fmt: skip
    told = set()
    for number, order in enumerate(itertools.permutations(files)):
        warehouse = Warehouse(tmp_path / str(number))
        for name in order:
            loaded(warehouse, name, files[name])
        told.add(
            str(
                [
                    warehouse.rows(f"select * exclude (load_id) from raw.{table} order by all")
                    for table in ("groups", "member_lists", "joins", "messages", "recalls", "aliases")
                ]
            )
        )
        warehouse.connection.close()
        shutil.rmtree(tmp_path / str(number))
    assert len(told) == 1
