# ruff: noqa: E501
"""Telegram Desktop's result.json: what becomes of each line, and what cannot be trusted."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import InputRefused
from pipelines.load import LoadResult
from pipelines.people import People, key_file
from pipelines.platforms import recognise
from tests.load.inboxes import Warehouse, settings_of, write
from tests.load.telegram.chats import EXPORTER, START, chat, post, service, text_of

JOINS = "select member_id, action, scene, inviter_id from raw.joins order by row_number, event_id"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("GROUPFUNNEL_KEY_FILE", str(tmp_path / "key"))
    yield


def load(warehouse: Warehouse, document: Any, name: str = "result.json") -> dict[str, LoadResult]:
    """Load one document; results by kind, each with as many rows read as kept, duplicate and rejected."""
    write(warehouse.inbox, name, document if isinstance(document, str | bytes) else text_of(document))
    results = warehouse.load()
    for one in results:
        assert one.rows_read == one.rows_kept + one.rows_duplicate + one.rows_rejected
    return {one.event_kind: one for one in results}


def warnings(results: dict[str, LoadResult]) -> str:
    """All that the user is told."""
    return "\n".join(text for one in results.values() for text in one.warnings)


def named(name: str, group: int = 77) -> str:
    """The pseudonym of somebody known by name alone."""
    return People(key_file("")).pseudonym(f"telegram/{group}", name)


def test_a_chat_is_recognised_whatever_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", text_of(chat(post(1, 1))))
    found = recognise(path)
    assert found and (found.platform, found.document) == ("telegram", "telegram")
    account = {
        "about": "Here is the data you requested. Telegram is ad free.",
        "chats": {"about": "", "list": []},
    }
    found = recognise(write(tmp_path, "b.json", text_of(account)))
    assert found and "account" in found.why
    assert recognise(write(tmp_path, "c.json", '{"type": "private_group", "rows": []}')) is None


@pytest.mark.parametrize(
    ("message", "action", "scene", "who", "inviter"),
    [
        (service(1, 1, "join_group_by_link", inviter="Person 2"), "join", "link", "user1", "user2"),
        (service(1, 1, "join_group_by_link", inviter="Group"), "join", "link", "user1", None),
        (service(1, 1, "join_group_by_link", inviter=None), "join", "link", "user1", None),
        (service(1, 1, "join_group_by_request"), "join", "request", "user1", None),
        (service(1, 1, "invite_members", members=["Person 1"]), "join", None, "user1", None),
        (service(1, 1, "invite_members", members=["Person 2"]), "join", "direct", "user2", "user1"),
        (service(1, 1, "remove_members", members=["Person 1"]), "leave", None, "user1", None),
        (service(1, 1, "remove_members", members=["Person 2"]), "kick", None, "user2", None),
    ],
)
def test_who_came_and_went(
    warehouse: Warehouse,
    message: dict[str, Any],
    action: str,
    scene: str | None,
    who: str,
    inviter: str | None,
) -> None:
    load(warehouse, chat(message, post(2, 2, at=1)))
    assert warehouse.rows(JOINS) == [(who, action, scene, inviter)]


def test_a_new_group_has_its_maker_and_those_who_were_put_in(warehouse: Warehouse) -> None:
    load(
        warehouse,
        chat(service(1, 1, "create_group", title="Cats", members=["Person 1", "Ann"]), kind="private_group"),
    )
    assert warehouse.rows(JOINS) == [("user1", "join", None, None), (named("Ann"), "join", "direct", "user1")]
    assert warehouse.rows("select group_id, group_name, created_at::varchar from raw.groups") == [
        ("77", "Cats", "2026-03-02 02:00:00")
    ]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, "text"),
        ({"photo": "(File not included.)"}, "image"),
        ({"file": "a", "media_type": "sticker", "sticker_emoji": "x"}, "sticker"),
        ({"file": "a", "media_type": "voice_message"}, "voice"),
        ({"file": "a", "media_type": "video_message"}, "video"),
        ({"file": "a", "media_type": "never seen"}, "file"),
        ({"file": "a", "mime_type": "application/pdf"}, "file"),
        ({"poll": {"question": "?", "answers": []}}, "poll"),
        ({"location_information": {"latitude": 1, "longitude": 2}}, "note"),
        (
            {
                "text_entities": [
                    {"type": "link", "text": "https://example.org"},
                    {"type": "plain", "text": " \n"},
                ]
            },
            "link",
        ),
        (
            {
                "text_entities": [
                    {"type": "link", "text": "https://example.org"},
                    {"type": "plain", "text": " see"},
                ]
            },
            "text",
        ),
    ],
)
def test_what_was_posted(warehouse: Warehouse, more: dict[str, Any], kind: str) -> None:
    load(warehouse, chat(post(1, 1, **more)))
    assert warehouse.rows("select kind from raw.messages") == [(kind,)]


@pytest.mark.parametrize(
    ("text", "length", "question"),
    [
        ("plain", 5, False),
        (["is ", {"type": "bold", "text": "it"}, "?"], 6, True),
        ([{"type": "text_link", "text": "here", "href": "https://example.org"}], 4, False),
        ("", None, None),
        ([], None, None),
    ],
)
def test_a_text_is_a_string_or_a_list(
    warehouse: Warehouse, text: Any, length: int | None, question: bool | None
) -> None:
    load(warehouse, chat(post(1, 1, text)))
    assert warehouse.rows("select text_length, is_question from raw.messages") == [(length, question)]


def test_replies_mentions_topics_and_anonymous_admins(warehouse: Warehouse) -> None:
    mention = {"type": "mention_name", "text": "Person 3", "user_id": 3}
    load(
        warehouse,
        chat(
            service(10, 1, "topic_created", title="Food"),
            post(11, 1, reply_to_message_id=10),
            post(
                12,
                2,
                reply_to_message_id=11,
                text_entities=[mention, {"type": "mention", "text": "@who"}, mention],
            ),
            post(13, 2, reply_to_message_id=4, reply_to_peer_id="channel5"),
            {**post(14, 1), "from": "Cats", "from_id": "channel77"},
        ),
    )
    assert warehouse.rows(
        "select message_id, member_id, role, reply_to_message_id, thread_id, mentions from raw.messages order by 1"
    ) == [
        ("11", "user1", None, None, "10", None),
        ("12", "user2", None, "11", None, "user3"),
        ("13", "user2", None, None, None, None),
        ("14", "channel77", "admin", None, None, None),
    ]


def test_what_is_no_event_is_counted_and_what_is_broken_rejected(warehouse: Warehouse) -> None:
    result = load(
        warehouse,
        chat(
            service(1, 1, "pin_message", message_id=3),
            {"id": 2, "type": "service", "date_unixtime": str(START), "action": "send_payment", "amount": 5},
            {"id": 3, "type": "unsupported"},
            service(4, 1, "Robert'); drop table"),
            {**post(5, 1), "from_id": None},
            "no message",
            {**post(6, 1), "id": None},
            {**post(7, 1), "date_unixtime": "99999999999999999999"},
            {**post(8, 1), "date_unixtime": "soon"},
            service(9, 1, "invite_members", members=[None]),
            post(10, 1),
        ),
    )
    assert (result["message"].rows_kept, result["message"].rows_rejected) == (1, 5)
    assert [(row, reason) for row, _, reason in warehouse.rejects()] == [
        (5, "has no sender"), (6, "is no message"), (7, "has no id"),
        (8, "is not a time between 2005 and the end of the export"),
        (9, "is not a time between 2005 and the end of the export"),
    ]  # fmt: skip
    told = warnings(result)
    for what in ("(pin_message)", "(send_payment)", "(other)", "cannot export", "was deleted since"):
        assert what in told
    assert "Robert" not in told


def test_an_account_gives_its_groups_and_nothing_else(warehouse: Warehouse) -> None:
    account = {
        "about": "Here is the data you requested. Telegram is ad free.",
        "contacts": {
            "about": "",
            "list": [{"user_id": 5, "first_name": "Secret", "phone_number": "13800138000"}],
        },
        "chats": {
            "about": "",
            "list": [
                chat(post(1, 1, at=24 * 9), number=1, name="One"),
                chat(post(1, 1), number=2, kind="personal_chat"),
                chat(post(1, 2), number=3, kind="public_channel"),
                chat(post(1, 2), post(2, 1, at=24), number=4, kind="public_supergroup"),
            ],
        },
        "left_chats": {"about": "", "list": [chat(post(1, 3), number=5, kind="private_group")]},
    }
    result = load(warehouse, account)
    assert warehouse.rows("select group_id, count(*) from raw.messages group by all order by 1") == [
        ("1", 1), ("4", 2), ("5", 1),
    ]  # fmt: skip
    assert "2 × message of a channel or a private chat" in warnings(result)
    # One moment of export: a chat that fell silent was covered until the end.
    assert warehouse.rows(
        "select group_id, covered_from::varchar, covered_to::varchar from raw.coverage where event_kind = 'join' order by 1"
    ) == [
        ("1", "2026-03-11", "2026-03-11"),
        ("4", "2026-03-02", "2026-03-11"),
        ("5", "2026-03-02", "2026-03-11"),
    ]


@pytest.mark.parametrize(("count", "others", "is_told"), [(20, 0, True), (19, 0, False), (20, 1, False)])
def test_a_group_of_one_voice_is_reported(
    warehouse: Warehouse, count: int, others: int, is_told: bool
) -> None:
    own, rest = [post(n, 1) for n in range(1, count + 1)], [post(99, 2)] * others
    assert ("only my messages" in warnings(load(warehouse, chat(*own, *rest)))) is is_told


def test_a_chat_covers_its_own_days_and_its_folder_says_when_it_was_exported(warehouse: Warehouse) -> None:
    load(warehouse, chat(post(1, 1), post(2, 2, at=30)), "ChatExport_2026-03-20 (1)/result.json")
    assert warehouse.rows(
        "select source, event_kind, covered_from::varchar, covered_to::varchar, exported_at::varchar from raw.loads "
        "where event_kind = 'message'"
    ) == [("telegram", "message", "2026-03-02", "2026-03-19", "2026-03-19 16:00:00")]
    assert warehouse.rows("select distinct covered_to::varchar from raw.coverage") == [("2026-03-19",)]


def test_days_in_the_name_win(warehouse: Warehouse) -> None:
    load(warehouse, chat(post(1, 1)), "cats_2026-03-01_2026-03-31.json")
    assert warehouse.rows(
        "select distinct covered_from::varchar, covered_to::varchar from raw.loads where is_coverage_declared"
    ) == [("2026-03-01", "2026-03-31")]
    assert warehouse.rows("select * from raw.coverage") == []


@pytest.mark.parametrize("packing", ["gzip", "zip"])
def test_packed(warehouse: Warehouse, packing: str) -> None:
    text = text_of(chat(post(1, 1))).encode()
    if packing == "gzip":
        assert load(warehouse, gzip.compress(text), "result.json.gz")["message"].rows_kept == 1
        return
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("ChatExport_2026-03-20/result.json", text)
        archive.writestr("ChatExport_2026-03-20/photos/photo_1.jpg", b"x")
    assert load(warehouse, made.getvalue(), "cats.zip")["message"].rows_kept == 1
    assert warehouse.rows("select distinct covered_to::varchar from raw.coverage") == [("2026-03-19",)]


def test_01_a_re_export_and_an_overlapping_window_add_only_what_is_new(warehouse: Warehouse) -> None:
    old = [service(1, 1, "join_group_by_link", inviter="Group"), *(post(n, 1, "+1") for n in (2, 3))]
    load(warehouse, chat(*old))
    again = load(warehouse, chat(*old[1:], post(4, 2, at=5)), "ChatExport_2026-03-09/result.json")
    assert (again["message"].rows_kept, again["message"].rows_duplicate) == (1, 2)
    assert again["join"].rows_read == 0
    assert warehouse.rows("select count(*) from raw.messages union all select count(*) from raw.joins") == [
        (3,),
        (1,),
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_04_an_edit_wins_and_a_deleted_message_stays(warehouse: Warehouse, order: tuple[int, int]) -> None:
    files = (
        ("a.json", chat(post(1, 1, "short"), post(2, 1, "deleted later"))),
        ("b.json", chat(post(1, 1, "a longer text", edited_unixtime=str(START + 90000)))),
    )
    for i in order:
        load(warehouse, files[i][1], files[i][0])
    assert warehouse.rows("select message_id, text_length from raw.messages order by 1") == [
        ("1", 13),
        ("2", 13),
    ]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_07_a_file_that_is_cut_short_is_refused_whole(warehouse: Warehouse, share: float) -> None:
    text = text_of(chat(*(post(n, n % 5, at=n) for n in range(60))))
    with pytest.raises(InputRefused, match="cut short"):
        load(warehouse, text[: int(len(text) * share)])
    assert warehouse.rows("select count(*) from raw.messages") == [(0,)]


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: text.replace('"type": "message"', '"type": message', 1),
        lambda text: text + "{}",
        lambda text: text.replace("hello", "hel\\qo", 1),
        lambda text: text.replace('"id": 1,', '"id": 1', 1),
        lambda text: text.encode().replace(b"hello", b"hell\xff"),
        lambda text: text.replace('"id": 77,', "", 1),
    ],
)
def test_07_a_broken_file_is_refused_whole_and_nothing_of_it_repeated(
    warehouse: Warehouse, broken: Any
) -> None:
    text = text_of(chat(post(2, 1), post(1, 2, "Mr Secret")))
    with pytest.raises(InputRefused) as refused:
        load(warehouse, broken(text))
    assert "Secret" not in str(refused.value) and "hel" not in str(refused.value)
    assert warehouse.rows("select count(*) from raw.messages") == [(0,)]


def test_12_a_name_that_several_bear_is_taken_for_none_of_them_and_reported(warehouse: Warehouse) -> None:
    lee = {"from": "Lee", "actor": "Lee"}
    result = load(
        warehouse,
        chat(
            service(1, 1, "invite_members", members=["Ann", "Ann", "Lee", "Person 3"]),
            service(2, 1, "invite_members", members=["Bob"]),
            service(3, 1, "invite_members", members=["Bob"]),
            service(4, 1, "remove_members", members=["Cleo"]),
            {**post(5, 7), **lee},
            {**post(6, 8), **lee},
            post(7, 3),
        ),
    )
    assert warehouse.rows("select event_id, member_id, action from raw.joins order by row_number, 1") == [
        ("1.1", named("Ann"), "join"), ("1.2", named("Ann\x1f1"), "join"), ("1.3", named("Lee"), "join"),
        ("1.4", "user3", "join"), ("2.1", named("Bob"), "join"), ("3.1", named("Bob"), "join"), ("4.1", named("Cleo"), "kick"),
    ]  # fmt: skip
    told = warnings(result)
    for what in (
        "1 joins or removals name a person whom exactly one account",
        "4 joins or removals name a person who never wrote",
        "2 joins or removals bear a name that several people have",
        "1 joins bear a name that had joined and not left",
    ):
        assert what in told
    assert not any(name in told for name in ("Ann", "Bob", "Lee", "Cleo", "Person"))


def test_12_the_same_name_in_two_groups_is_two_people(warehouse: Warehouse) -> None:
    for group in (1, 2):
        load(warehouse, chat(service(1, 1, "invite_members", members=["Ann"]), number=group), f"{group}.json")
    assert len(warehouse.rows("select distinct member_id from raw.joins")) == 2


def test_12_a_later_export_that_knows_the_account_replaces_the_pseudonym(warehouse: Warehouse) -> None:
    invited = service(1, 1, "invite_members", members=["Person 2"])
    load(warehouse, chat(invited), "a.json")
    assert warehouse.rows("select member_id from raw.joins") == [(named("Person 2"),)]
    load(warehouse, chat(invited, post(2, 2, at=1)), "b.json")
    assert warehouse.rows("select member_id from raw.joins") == [("user2",)]


def test_20_the_time_is_the_unix_one_and_not_the_exporters_clock(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, '[project]\ntime_zone = "Asia/Shanghai"\n')
    warehouse = Warehouse(tmp_path / "home", settings)
    # Half past midnight in Shanghai is the day before in UTC, and the morning of that day for the exporter.
    at = START - 2 * 3600 + 16 * 3600 + 1800
    message = {**post(1, 1), "date_unixtime": str(at)}
    message["date"] = "2026-03-02T11:30:00"
    assert EXPORTER.utcoffset(None) is not None
    load(warehouse, chat(message))
    assert warehouse.rows("select occurred_at::varchar, day::varchar from raw.messages") == [
        ("2026-03-02 16:30:00", "2026-03-03")
    ]


def test_20_without_a_unix_time_the_zone_of_the_settings_decides_and_is_said(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path, '[[exports]]\nfiles = "*.json"\nplatform = "telegram"\ntime_zone = "America/New_York"\n'
    )
    warehouse = Warehouse(tmp_path / "home", settings)
    message = {k: v for k, v in post(1, 1).items() if k != "date_unixtime"}
    result = load(warehouse, chat(message))
    assert warehouse.rows("select occurred_at::varchar from raw.messages") == [("2026-03-02 02:00:00",)]
    assert "old Telegram Desktop" in warnings(result)


def test_22_messages_of_one_moment_keep_the_order_of_the_file(warehouse: Warehouse) -> None:
    load(warehouse, chat(*(post(n, 1) for n in (9, 3, 7, 1))))
    assert warehouse.rows("select message_id, row_number from raw.messages order by occurred_at, row_number") == [
        ("9", 1), ("3", 2), ("7", 3), ("1", 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ('"\\ud83d\\udc69\\u200d\\ud83d\\udc67"', 1),  # a family of two in four code units and a joiner
        ('"👩‍👧"', 1),
        ('"\\u202eabc\\u200f"', 5),  # marks of direction are characters
        ('"a\\x0Fb"', 2),  # what Telegram Desktop writes of a control byte
        ('"a\\\\x0Fb"', 6),  # and a backslash that somebody typed
        ('"a\\u0000b"', 2),
        ('"a\x01b"', 2),
        ('"a\\ud83d"', 2),  # half a pair
        ('"e\\u0301"', 1),
    ],
)
def test_27_emoji_direction_surrogates_and_nul(warehouse: Warehouse, written: str, length: int) -> None:
    text = text_of(chat(post(1, 1, "TEXT"), post(2, 2))).replace('"TEXT"', written)
    load(warehouse, text)
    assert warehouse.rows("select text_length from raw.messages order by message_id") == [(length,), (5,)]


def test_27_names_are_one_whatever_their_bytes(warehouse: Warehouse) -> None:
    odd = ["Zoe\u0301", "Zo\u00e9", "Zoé\x00"]
    load(
        warehouse,
        chat(*(service(n, 1, "invite_members", members=[name]) for n, name in enumerate(odd, start=1))),
    )
    assert warehouse.rows("select distinct member_id from raw.joins") == [(named("Zoé"),)]
    load(
        warehouse,
        text_of(chat(service(9, 1, "invite_members", members=["HALF"]))).replace("HALF", "\\ud83d"),
        "h.json",
    )
    assert warehouse.rows("select count(distinct member_id) from raw.joins") == [(2,)]


def test_36_the_group_before_the_supergroup_is_closed_and_followed(warehouse: Warehouse) -> None:
    account = {
        "about": "Telegram",
        "chats": {
            "list": [
                chat(
                    service(1, 1, "join_group_by_link", inviter="Group"), service(2, 1, "migrate_to_supergroup", at=3),
                    number=5, kind="private_group",
                ),
                chat(service(1, 1, "migrate_from_group", at=3, title="Cats"), post(2, 1, at=4), number=6),
                chat(service(1, 1, "migrate_from_group", at=3, title="Dogs"), post(2, 1, at=4), number=7, name="Dogs"),
            ]
        },
    }  # fmt: skip
    load(warehouse, account)
    assert warehouse.rows("select group_id, closed_at::varchar, successor_group_id from raw.groups order by 1") == [
        ("5", "2026-03-02 05:00:00", "6"), ("6", None, None), ("7", None, None),
    ]  # fmt: skip


def test_36_a_supergroup_keeps_the_messages_of_the_group_it_was(warehouse: Warehouse) -> None:
    result = load(
        warehouse,
        chat(
            post(-999999998, 1), service(-999999997, 1, "migrate_to_supergroup", at=1),
            service(1, 1, "migrate_from_group", title="Cats", at=1), post(2, 2, at=2),
        ),
    )  # fmt: skip
    assert warehouse.rows("select group_id, count(*) from raw.messages group by all") == [("77", 2)]
    assert warehouse.rows("select closed_at from raw.groups") == [(None,)]
    assert "1 messages from before the group became a supergroup" in warnings(result)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
def test_36_two_files_of_a_group_and_its_supergroup_tell_nothing_twice(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    shift = 1_000_000_000
    before = [service(5, 1, "invite_members", members=["Solo", "Duo"]), post(6, 1), post(7, 2, at=1)]
    files = (
        ("old.json", chat(*before, service(9, 1, "migrate_to_supergroup", at=3), number=5, kind="private_group")),
        (
            "new.json",
            chat(
                *({**one, "id": one["id"] - shift} for one in before),
                service(1, 1, "migrate_from_group", at=3, title="Cats"), post(2, 2, at=4), number=77,
            ),
        ),
        # Another group whose ids are the same, at the same seconds, by other people.
        ("other.json", chat(post(6, 8), post(7, 9, at=1), number=6, name="Dogs")),
    )  # fmt: skip
    warehouse = Warehouse(tmp_path / "home")
    for i in order:
        write(warehouse.inbox, files[i][0], text_of(files[i][1]))
        for result in warehouse.load():
            assert result.rows_read == result.rows_kept + result.rows_duplicate + result.rows_rejected
    assert warehouse.rows("select group_id, count(*) from raw.messages group by all order by all") == [
        ("6", 2),
        ("77", 3),
    ]
    assert warehouse.rows("select group_id, count(*) from raw.joins group by all") == [("77", 2)]
    assert warehouse.rows("select group_id, successor_group_id from raw.groups order by 1") == [
        ("5", "77"), ("6", None), ("77", None),
    ]  # fmt: skip
    # The group again, a message longer than before it moved: nothing comes back.
    longer = chat(post(4, 2), *before, number=5, kind="private_group")
    write(warehouse.inbox, "again.json", text_of(longer))
    assert "4 rows of a group" in "".join(text for result in warehouse.load() for text in result.warnings)
    assert warehouse.rows("select message_id from raw.messages where group_id = '5'") == [("4",)]


def test_36_a_group_alone_is_closed_and_asks_for_its_successor(warehouse: Warehouse) -> None:
    result = load(warehouse, chat(service(2, 1, "migrate_to_supergroup", at=3), kind="private_group"))
    assert warehouse.rows("select closed_at::varchar, successor_group_id from raw.groups") == [
        ("2026-03-02 05:00:00", None)
    ]
    assert "successor_group_id" in warnings(result)


def test_no_name_or_text_reaches_the_warehouse(warehouse: Warehouse) -> None:
    result = load(
        warehouse,
        chat(
            post(1, 1, "TEXTOFSOMEBODY"),
            service(2, 1, "invite_members", members=["NAMEOFSOMEBODY"]),
            {**post(3, 1), "date_unixtime": "x"},
        ),
    )
    tables = warehouse.rows("select table_name from duckdb_tables() where schema_name = 'raw'")
    held = "\n".join(str(warehouse.rows(f"select * from raw.{name}")) for (name,) in tables) + warnings(
        result
    )
    assert not any(word in held for word in ("SOMEBODY", "Person", "hello"))
    assert json.loads(text_of(chat()))["name"] in held
