# ruff: noqa: E501
"""DiscordChatExporter's JSON and CSV: what becomes of each message, and which files are only a part."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipelines.errors import InputRefused
from pipelines.load import LoadResult
from tests.load.inboxes import Warehouse, write

SERVER, CHANNEL = "1100000000000000001", "1100000000000000002"
HEADER = "AuthorID,Author,Date,Content,Attachments,Reactions\n"
FILE = "Tea House - Text Channels - general [1100000000000000002].csv"


def person(number: int, **more: Any) -> dict[str, Any]:
    """An invented account; its id has more digits than a float holds."""
    return {
        "id": f"{9007199254740993 + number}",
        "name": f"person{number}",
        "nickname": "Secret",
        "isBot": False,
        **more,
    }


def ident(number: int) -> str:
    return str(person(number)["id"])


def post(
    number: int, author: int, content: str = "hello", kind: str = "Default", day: int = 2, **more: Any
) -> dict[str, Any]:
    return {
        "id": f"{1200000000000000000 + number}",
        "type": kind,
        "timestamp": f"2026-03-{day:02}T10:00:00.123+00:00",
        "timestampEdited": None,
        "content": content,
        "author": person(author),
        "attachments": [],
        "mentions": [],
        **more,
    }


def channel(*messages: Any, **more: Any) -> str:
    """An export of a channel as the exporter writes it."""
    return json.dumps(
        {
            "guild": {"id": SERVER, "name": "Tea House"},
            "channel": {"id": CHANNEL, "type": "GuildTextChat", "category": "Text", "name": "general"},
            "dateRange": {"after": None, "before": None},
            "exportedAt": "2026-03-20T09:00:00+08:00",
            "messages": list(messages),
            "messageCount": len(messages),
            **more,
        },
        indent=2,
        ensure_ascii=False,
    )


def load(warehouse: Warehouse, text: str, name: str = "general.json") -> dict[str, LoadResult]:
    write(warehouse.inbox, name, text)
    results = warehouse.load()
    for one in results:
        assert one.rows_read == one.rows_kept + one.rows_duplicate + one.rows_rejected
    return {one.event_kind: one for one in results}


def test_messages_replies_mentions_bots_and_joins(warehouse: Warehouse) -> None:
    reply = {"type": "Default", "messageId": "1200000000000000001", "channelId": CHANNEL, "guildId": SERVER}
    load(
        warehouse,
        channel(
            post(1, 1, mentions=[person(2), person(2), person(3)]),
            post(2, 2, "why?", kind="Reply", reference=reply),
            post(3, 3, kind="GuildMemberJoin", content="Joined the server."),
            {**post(4, 4), "author": person(4, isBot=True)},
            {**post(5, 5, kind="20"), "author": person(5, isBot=True)},
            post(6, 1, kind="ChannelPinnedMessage"),
            post(7, 1, "", reference={**reply, "type": "Forward"}, forwardedMessage={"content": "passed on", "attachments": []}),
        ),
    )  # fmt: skip
    assert warehouse.rows(
        "select group_id, member_id, right(message_id, 1), role, text_length, is_question, reply_to_message_id, mentions, subject "
        "from raw.messages order by row_number"
    ) == [
        (SERVER, ident(1), "1", None, 5, False, None, f"{ident(2)} {ident(3)}", "general"),
        (SERVER, ident(2), "2", None, 4, True, "1200000000000000001", None, "general"),
        (SERVER, ident(4), "4", "bot", 5, False, None, None, "general"),
        (SERVER, ident(5), "5", "bot", 5, False, None, None, "general"),
        (SERVER, ident(1), "7", None, 9, False, None, None, "general"),
    ]
    assert warehouse.rows("select group_id, member_id, action, occurred_at::varchar from raw.joins") == [
        (SERVER, ident(3), "join", "2026-03-02 10:00:00.123")
    ]
    assert warehouse.rows("select group_id, group_name from raw.groups") == [(SERVER, "Tea House")]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"attachments": [{"fileName": "a.PNG"}]}, "image"),
        ({"attachments": [{"fileName": "a.mov"}]}, "video"),
        ({"attachments": [{"fileName": "voice-message.ogg"}]}, "voice"),
        ({"attachments": [{"fileName": "a.pdf"}]}, "file"),
        ({"content": "", "stickers": [{"id": "1"}]}, "sticker"),
        ({"content": " https://example.org/a "}, "link"),
        ({"content": "", "embeds": [{"title": "x"}]}, "link"),
        ({"content": "see https://example.org"}, "text"),
    ],
)
def test_what_was_posted(warehouse: Warehouse, more: dict[str, Any], kind: str) -> None:
    load(warehouse, channel({**post(1, 1), **more}))
    assert warehouse.rows("select kind from raw.messages") == [(kind,)]


def test_a_group_of_direct_messages_is_a_group_and_a_thread_is_none(warehouse: Warehouse) -> None:
    events = (
        post(1, 1, kind="RecipientAdd", mentions=[person(2)]),
        post(2, 2, kind="RecipientRemove", mentions=[person(2)]),
        post(3, 1, kind="RecipientRemove", mentions=[person(3)]),
    )
    direct = {"guild": {"id": "0", "name": "Direct Messages"}}
    load(warehouse, channel(*events, **direct))
    assert warehouse.rows(
        "select group_id, member_id, action, scene, inviter_id from raw.joins order by row_number"
    ) == [
        (CHANNEL, ident(2), "join", "direct", ident(1)),
        (CHANNEL, ident(2), "leave", None, None),
        (CHANNEL, ident(3), "kick", None, None),
    ]
    thread = {"channel": {"id": "77", "type": "GuildPublicThread", "name": "tea"}}
    told = load(warehouse, channel(*events, post(9, 1), **thread), "thread.json")
    assert warehouse.rows("select thread_id, subject from raw.messages") == [("77", "tea")]
    assert told["join"].rows_read == 0 and "2 × RecipientRemove message" in "\n".join(
        told["message"].warnings + told["join"].warnings
    )


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ({}, ("2026-03-02", "2026-03-19")),
        ({"after": "2026-03-01T00:00:00+08:00"}, ("2026-03-01", "2026-03-19")),
        ({"after": "2026-02-27T12:00:00+08:00"}, ("2026-02-28", "2026-03-19")),
        ({"before": "2026-03-15T00:00:00+08:00"}, ("2026-03-02", "2026-03-14")),
    ],
)
def test_the_days_it_was_asked_for_are_covered(
    warehouse: Warehouse, asked: dict[str, str], days: tuple[str, str]
) -> None:
    load(warehouse, channel(post(1, 1), post(2, 1, day=5), dateRange=asked))
    assert warehouse.rows("select distinct covered_from::varchar, covered_to::varchar from raw.coverage") == [
        days
    ]
    assert warehouse.rows("select distinct exported_at::varchar from raw.loads") == [("2026-03-20 01:00:00",)]


def test_a_part_covers_its_own_messages_only(warehouse: Warehouse) -> None:
    load(warehouse, channel(post(1, 1), post(2, 1, day=5)), "general [part 2].json")
    assert warehouse.rows("select distinct covered_to::varchar from raw.coverage") == [("2026-03-05",)]


def test_48_an_empty_channel_is_covered(warehouse: Warehouse) -> None:
    load(warehouse, channel(dateRange={"after": "2026-03-01T00:00:00+08:00", "before": None}))
    assert warehouse.rows("select distinct covered_from::varchar, covered_to::varchar from raw.coverage") == [
        ("2026-03-01", "2026-03-19")
    ]


def test_01_a_re_export_adds_only_what_is_new(warehouse: Warehouse) -> None:
    old = [post(1, 1), post(2, 2, kind="GuildMemberJoin")]
    load(warehouse, channel(*old))
    again = load(warehouse, channel(*old, post(3, 1), exportedAt="2026-03-27T09:00:00+08:00"), "again.json")
    assert (again["message"].rows_kept, again["message"].rows_duplicate, again["join"].rows_kept) == (1, 1, 0)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_04_an_edit_wins_and_a_deleted_message_stays(warehouse: Warehouse, order: tuple[int, int]) -> None:
    files = (
        ("b.json", channel(post(1, 1, "short"), post(2, 1, "gone later"))),
        (
            "a.json",
            channel(
                post(1, 1, "a longer text", timestampEdited="2026-03-21T00:00:00+00:00"),
                exportedAt="2026-03-27T00:00:00+00:00",
            ),
        ),
    )
    for i in order:
        load(warehouse, files[i][1], files[i][0])
    assert warehouse.rows("select right(message_id, 1), text_length from raw.messages order by 1") == [
        ("1", 13),
        ("2", 10),
    ]


@pytest.mark.parametrize("count", [1, 3, None, "2"])
def test_07_another_number_of_messages_than_declared_is_refused(warehouse: Warehouse, count: Any) -> None:
    with pytest.raises(InputRefused, match="only a part"):
        load(warehouse, channel(post(1, 1), post(2, 1), messageCount=count))
    assert warehouse.rows("select count(*) from raw.messages") == [(0,)]


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_07_a_file_that_is_cut_short_is_refused(warehouse: Warehouse, share: float) -> None:
    text = channel(*(post(n, 1) for n in range(20)))
    with pytest.raises(InputRefused, match="cut short"):
        load(warehouse, text[: int(len(text) * share)])


def test_12_two_accounts_of_one_nickname_are_two_people(warehouse: Warehouse) -> None:
    load(warehouse, channel(post(1, 1), post(2, 2)))
    assert warehouse.rows("select count(distinct member_id) from raw.messages") == [(2,)]


def test_broken_messages_are_rejected_and_unknown_types_counted(warehouse: Warehouse) -> None:
    told = load(
        warehouse,
        channel(
            "x",
            {**post(1, 1), "author": None},
            {**post(2, 1), "timestamp": "soon"},
            post(3, 1, kind="</script>"),
            post(4, 1),
        ),
    )
    assert [(row, reason[:10]) for row, _, reason in warehouse.rejects()] == [
        (1, "has no aut"),
        (2, "has no aut"),
        (3, "is not a t"),
    ]
    assert "1 × other message" in "\n".join(told["message"].warnings)


def row(author: int, when: str, text: str, files: str = "") -> str:
    return f'"{ident(author)}","person#{author}","{when}","{text}","{files}",""\n'


def test_csv_messages_and_joins(warehouse: Warehouse) -> None:
    told = load(
        warehouse,
        HEADER
        + row(1, "2026-03-02T10:00:00.0000000+08:00", "line one\nline two?".replace('"', '""'))
        + row(2, "2026-03-02T11:00:00.0000000+08:00", "Joined the server.")
        + row(1, "2026-03-02T12:00:00.0000000+08:00", "", "https://cdn.example.org/a.png?ex=1")
        + row(1, "2026-03-02T12:00:00.0000000+08:00", "Pinned a message.")
        + '"1","two cells"\n',
        FILE,
    )
    assert warehouse.rows("select group_id, member_id, subject, kind, is_question, message_id from raw.messages order by row_number") == [
        ("Tea House", ident(1), "general", "text", True, None), ("Tea House", ident(1), "general", "image", None, None),
    ]  # fmt: skip
    assert warehouse.rows("select group_id, member_id, occurred_at::varchar from raw.joins") == [
        ("Tea House", ident(2), "2026-03-02 03:00:00")
    ]
    assert warehouse.rejects() == [(5, None, "has 2 cells instead of 6")]
    assert "1 × note of Discord itself" in "\n".join(told["message"].warnings)


def test_01_csv_equal_messages_are_two_and_a_re_export_none(warehouse: Warehouse) -> None:
    twice = row(1, "2026-03-02T10:00:00+08:00", "+1") * 2
    load(warehouse, HEADER + twice, FILE)
    again = load(warehouse, HEADER + twice + row(1, "2026-03-03T10:00:00+08:00", "+1"), "sub/" + FILE)
    assert again["message"].rows_kept == 3  # another source
    again = load(
        warehouse,
        HEADER + twice + row(1, "2026-03-03T10:00:00+08:00", "+1"),
        FILE.replace("general", "general"),
    )
    assert (again["message"].rows_kept, again["message"].rows_duplicate) == (1, 2)


def test_07_csv_without_its_last_line_end_is_refused(warehouse: Warehouse) -> None:
    for text in (
        row(1, "2026-03-02T10:00:00+08:00", "a")[:-1],
        row(1, "2026-03-02T10:00:00+08:00", "a")[:-8] + "\n",
    ):
        with pytest.raises(InputRefused, match="cut short"):
            load(warehouse, HEADER + text, FILE)


@pytest.mark.parametrize("when", ["03/04/2026 10:00", "01-Mar-26 10:00 AM"])
def test_20_csv_dates_of_the_exporters_computer_are_refused(warehouse: Warehouse, when: str) -> None:
    with pytest.raises(InputRefused, match="cannot be told apart"):
        load(warehouse, HEADER + row(1, when, "a"), FILE)
