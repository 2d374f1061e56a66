# ruff: noqa: E501
"""Slack's export, zipped and unpacked, and its analytics by day."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import InputRefused
from pipelines.load import LoadResult
from tests.load.built import build
from tests.load.inboxes import Warehouse, settings_of, write

START = 1_772_416_800  # 2026-03-02 02:00 UTC
ZIP = "Tea House Slack export Mar 1 2026 - Mar 20 2026.zip"
USERS = [
    {
        "id": "U1",
        "team_id": "T1",
        "name": "secret",
        "profile": {"real_name": "Secret", "email": "s@example.org"},
    },
    {"id": "U2", "team_id": "T1", "is_admin": True, "profile": {}},
    {"id": "U3", "team_id": "T1", "is_bot": True, "profile": {}},
    {"id": "USLACKBOT", "team_id": "T1", "is_bot": False, "profile": {}},
    {"team_id": "T1", "profile": {}},
]
CHANNELS = [
    {
        "id": "C1",
        "name": "general",
        "created": START - 86400,
        "creator": "U2",
        "is_archived": False,
        "members": ["U1"],
    },
    {"id": "C2", "name": "old", "created": START, "creator": "U2", "is_archived": True, "members": []},
]


def ts(seconds: int, micros: int = 0) -> str:
    return f"{START + seconds}.{micros:06}"


def post(seconds: int, user: str | None = "U1", text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": ts(seconds), **more}


def zipped(days: dict[str, list[Any]], **lists: Any) -> bytes:
    """The zip of a workspace: `days` leads from `channel/date.json` to its messages."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, listed in {"users": USERS, "channels": CHANNELS, **lists}.items():
            archive.writestr(f"{name}.json", json.dumps(listed))
        for name, listed in days.items():
            archive.writestr(name, json.dumps(listed, indent=4))
    return made.getvalue()


def load(warehouse: Warehouse, content: str | bytes, name: str = ZIP) -> dict[str, LoadResult]:
    write(warehouse.inbox, name, content)
    results = warehouse.load()
    for one in results:
        assert one.rows_read == one.rows_kept + one.rows_duplicate + one.rows_rejected
    return {one.event_kind: one for one in results}


def told_of(results: dict[str, LoadResult]) -> str:
    return "\n".join(text for one in results.values() for text in one.warnings)


def day(*entries: Any) -> bytes:
    return zipped({"general/2026-03-02.json": list(entries)})


def test_messages_threads_mentions_and_bots(warehouse: Warehouse) -> None:
    load(
        warehouse,
        day(
            post(0, text="hi <@U2> and <@U3|three>, <@U2>?", thread_ts=ts(0), reply_count=1),
            post(1, "U2", "yes", thread_ts=ts(0), parent_user_id="U1"),
            post(2, None, "built", subtype="bot_message", bot_id="B1"),
            post(3, "U9", "run", bot_id="B2"),
            post(4, None, "noise", subtype="bot_message", username="deploy of Secret"),
            post(5, subtype="channel_topic"),
            post(6, None),
            {"type": "message", "user": "U1"},
        ),
    )
    assert warehouse.rows(
        "select group_id, member_id, role, text_length, is_question, thread_id, mentions from raw.messages order by row_number"
    ) == [
        ("C1", "U1", None, len("hi @ and three, @?"), True, ts(0), "U2 U3"),
        ("C1", "U2", None, 3, False, ts(0), None),
        ("C1", "B1", "bot", 5, False, None, None),
        ("C1", "U9", "bot", 3, False, None, None),
        ("C1", "bot", "bot", 5, False, None, None),
    ]
    assert [(row, reason) for row, _, reason in warehouse.rejects()] == [
        (5, "has no id"), (7, "has no author"), (8, "has no time (ts)"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"subtype": "channel_join"}, ("U1", "join", None, None)),
        ({"subtype": "channel_join", "inviter": "U2"}, ("U1", "join", "direct", "U2")),
        ({"subtype": "group_leave"}, ("U1", "leave", None, None)),
    ],
)
def test_joins_and_leaves(warehouse: Warehouse, more: dict[str, Any], expected: tuple[Any, ...]) -> None:
    load(warehouse, day(post(0, **more)))
    assert warehouse.rows("select member_id, action, scene, inviter_id from raw.joins") == [expected]
    assert warehouse.rows("select count(*) from raw.messages") == [(0,)]


@pytest.mark.parametrize(
    ("text", "more", "kind", "length"),
    [
        ("<https://example.org/a|a page>", {}, "link", 6),
        ("see <https://example.org>", {}, "text", 23),
        ("a &lt;b&gt; &amp; c", {}, "text", 9),
        ("<!channel> now", {}, "text", 5),
        ("", {"files": [{"mimetype": "image/png"}]}, "image", None),
        ("", {"files": [{"mimetype": "application/pdf"}]}, "file", None),
        ("", {"files": [{"mode": "tombstone"}]}, "file", None),
    ],
)
def test_what_was_posted(
    warehouse: Warehouse, text: str, more: dict[str, Any], kind: str, length: int | None
) -> None:
    load(warehouse, day(post(0, text=text, **more)))
    assert warehouse.rows("select kind, text_length from raw.messages") == [(kind, length)]


def test_people_have_roles_and_channels_are_groups(warehouse: Warehouse) -> None:
    load(
        warehouse,
        zipped({"general/2026-03-02.json": [], "old/2026-03-02.json": [post(60, subtype="channel_archive")]}),
    )
    assert warehouse.rows("select member_id, role from raw.members order by 1") == [
        ("U1", "member"), ("U2", "admin"), ("U3", "bot"), ("USLACKBOT", "bot"),
    ]  # fmt: skip
    assert warehouse.rows("select group_id, group_name, created_at::varchar, closed_at::varchar from raw.groups order by 1") == [
        ("C1", "general", "2026-03-01 02:00:00", None), ("C2", "old", "2026-03-02 02:00:00", "2026-03-02 02:01:00"),
    ]  # fmt: skip


def _channels(*members: str) -> list[dict[str, Any]]:
    return [{**CHANNELS[0], "members": list(members)}, {**CHANNELS[1], "members": ["U9"]}]


def test_members_of_a_channel_are_a_list_of_the_day_of_the_export(warehouse: Warehouse) -> None:
    day_of = "general/2026-03-02.json"
    load(warehouse, zipped({day_of: [post(0)]}, channels=_channels("U1", "U5")))
    # An archived channel has nobody any more; of an unnamed export the last entry says when it was.
    query = "select group_id, member_id, taken_after::varchar, taken_at::varchar from raw.member_lists order by taken_at, member_id"
    span = ("2026-03-19 16:00:00", "2026-03-20 15:59:59.999999")
    assert warehouse.rows(query) == [("C1", "U1", *span), ("C1", "U5", *span)]
    load(warehouse, zipped({day_of: [post(86400 * 30)]}, channels=_channels("U1")), "slack/next.zip")
    assert warehouse.rows(query)[2:] == [("C1", "U1", "2026-04-01 02:00:00", "2026-04-01 02:00:00")]
    # Who said nothing was there all the same, and left between the two.
    build(warehouse, "core.stays")
    assert warehouse.rows("select member_id, left_at is null from core.stays order by 1") == [
        ("U1", True),
        ("U5", False),
    ]


def test_the_day_of_the_settings_is_that_of_the_list(tmp_path: Path) -> None:
    toml = '[[exports]]\nfiles = "*.zip"\nplatform = "slack"\nexported_at = 2026-03-25T10:00:00Z\n'
    warehouse = Warehouse(tmp_path / "home", settings_of(tmp_path, toml))
    load(warehouse, zipped({"general/2026-03-02.json": [post(0)]}, channels=_channels("U1")))
    assert warehouse.rows("select taken_after::varchar, taken_at::varchar from raw.member_lists") == [
        ("2026-03-25 10:00:00", "2026-03-25 10:00:00")
    ]


def test_a_list_of_channels_that_nobody_dates_is_no_list_of_members(warehouse: Warehouse) -> None:
    load(warehouse, json.dumps(CHANNELS), "unpacked/channels.json")
    assert warehouse.rows("select count(*) from raw.member_lists") == [(0,)]
    assert warehouse.rows("select count(*) from raw.groups") == [(2,)]


def test_direct_conversations_stay_out(warehouse: Warehouse) -> None:
    days = {
        "D1/2026-03-02.json": [post(0)],
        "mpdm-a--b-1/2026-03-02.json": [post(1)],
        "private/2026-03-02.json": [post(2)],
    }
    told = load(
        warehouse,
        zipped(
            days,
            dms=[{"id": "D1"}],
            mpims=[{"id": "G8", "name": "mpdm-a--b-1"}],
            groups=[{"id": "G1", "name": "private"}],
        ),
    )
    assert warehouse.rows("select group_id from raw.messages") == [("G1",)]
    assert "2 × day of a direct conversation" in told_of(told)


def test_the_name_of_the_zip_says_the_days(warehouse: Warehouse) -> None:
    load(warehouse, day(post(0), post(86400 * 3)))
    assert warehouse.rows(
        "select covered_from::varchar, covered_to::varchar, source from raw.loads where event_kind = 'message'"
    ) == [("2026-03-01", "2026-03-19", "slack")]
    other = zipped({"general/2026-03-02.json": [post(0), post(86400 * 3, "U2")]})
    load(warehouse, other, "export.zip")
    assert warehouse.rows(
        "select covered_from::varchar, covered_to::varchar from raw.loads where file_name = 'export.zip' and event_kind = 'join'"
    ) == [("2026-03-02", "2026-03-05")]


def test_an_unpacked_folder_gives_what_the_zip_gives(tmp_path: Path) -> None:
    days = {
        "general/2026-03-02.json": [post(0), post(1, subtype="channel_join", inviter="U2")],
        "old/2026-03-03.json": [post(90000, "U2")],
        "D1/2026-03-02.json": [post(5)],
    }
    packed = Warehouse(tmp_path / "a")
    load(packed, zipped(days, dms=[{"id": "D1"}]))
    unpacked = Warehouse(tmp_path / "b")
    folder = ZIP.removesuffix(".zip")
    for name, listed in {
        "users.json": USERS,
        "channels.json": CHANNELS,
        "dms.json": [{"id": "D1"}],
        **days,
    }.items():
        write(unpacked.inbox, f"{folder}/{name}", json.dumps(listed))
    unpacked.load()
    for table in ("joins", "messages", "groups", "members", "member_lists"):
        query = f"select columns(* exclude (load_id, row_number))::varchar from raw.{table} order by all"
        assert packed.rows(query) == unpacked.rows(query) != []


def test_01_a_re_export_adds_only_what_is_new(warehouse: Warehouse) -> None:
    old = [post(0), post(0, "U2"), post(1, subtype="channel_join")]
    old[1]["ts"] = ts(0, 1)
    load(warehouse, day(*old))
    again = load(
        warehouse,
        zipped({"general/2026-03-02.json": old, "general/2026-03-03.json": [post(90000)]}),
        "next.zip",
    )
    assert (again["message"].rows_kept, again["message"].rows_duplicate, again["join"].rows_kept) == (1, 2, 0)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_04_edits_deletions_and_what_stands_for_a_deleted_parent(
    warehouse: Warehouse, order: tuple[int, int]
) -> None:
    files = (
        (
            "z.zip",
            day(
                post(0, text="short"), post(1), post(2, thread_ts=ts(2)), post(3, text="gone without a trace")
            ),
        ),
        (
            "a.zip",
            day(
                post(0, text="a longer text", edited={"user": "U1", "ts": ts(500)}),
                {
                    "type": "message",
                    "subtype": "message_deleted",
                    "ts": ts(600),
                    "deleted_ts": ts(1),
                    "previous_message": post(1),
                },
                post(
                    2,
                    "USLACKBOT",
                    "This message was deleted.",
                    subtype="tombstone",
                    thread_ts=ts(2),
                    hidden=True,
                ),
            ),
        ),
    )
    for i in order:
        load(warehouse, files[i][1], files[i][0])
    assert warehouse.rows("select message_id, text_length, revoked_at::varchar from raw.messages order by 1") == [
        (ts(0), 13, None), (ts(1), 5, "2026-03-02 02:10:00"), (ts(2), None, "2026-03-02 02:00:02"), (ts(3), 20, None),
    ]  # fmt: skip


def test_04_a_change_told_as_an_entry_of_its_own_wins_over_the_message_before_it(
    warehouse: Warehouse,
) -> None:
    changed = {
        "type": "message",
        "subtype": "message_changed",
        "ts": ts(9),
        "message": post(0, text="a longer text"),
    }
    load(warehouse, day(post(0, text="short"), changed))
    assert warehouse.rows("select message_id, text_length from raw.messages") == [(ts(0), 13)]


def test_07_a_zip_or_a_day_that_is_cut_short_is_refused(warehouse: Warehouse) -> None:
    whole = day(*(post(n) for n in range(50)))
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("users.json", "[]")
        archive.writestr("general/2026-03-02.json", json.dumps([post(0), post(1)])[:-9])
    with pytest.raises(InputRefused, match="cut short"):
        load(warehouse, broken.getvalue(), "broken.zip")
    (warehouse.inbox / "broken.zip").unlink()
    with pytest.raises(InputRefused, match="cut short"):
        load(warehouse, json.dumps([post(n) for n in range(50)])[:-20], "general/2026-03-02.json")
    (warehouse.inbox / "general/2026-03-02.json").unlink()
    with pytest.raises(InputRefused, match="cut short"):
        load(warehouse, whole[: len(whole) // 2], "half.zip")
    assert warehouse.rows("select count(*) from raw.messages") == [(0,)]


def test_20_the_time_is_ts_in_utc(tmp_path: Path) -> None:
    warehouse = Warehouse(
        tmp_path / "home", settings_of(tmp_path, '[project]\ntime_zone = "America/New_York"\n')
    )
    load(warehouse, day({**post(0), "ts": ts(0, 123456)}))
    assert warehouse.rows("select occurred_at::varchar, day::varchar from raw.messages") == [
        ("2026-03-02 02:00:00.123456", "2026-03-01")
    ]


def test_no_name_mail_or_text_reaches_the_warehouse(warehouse: Warehouse) -> None:
    told = load(warehouse, day(post(0, text="SECRETTEXT"), post(1, None, "SECRETTEXT")))
    tables = warehouse.rows("select table_name from duckdb_tables() where schema_name = 'raw'")
    held = "\n".join(str(warehouse.rows(f"select * from raw.{name}")) for (name,) in tables) + told_of(told)
    assert "secret" not in held.lower() and "example.org" not in held


ANALYTICS = (
    '"Date","{members}","Full members","Daily active members","Daily members posting messages",'
    '"Weekly active members","Messages in public channels","Percent of messages, DMs","Name"\n'
    '"2026-03-02","1780","1770","106","25","193","53","0.5",""\n"2026-03-03","1781","1771","107","26","194","54","0.5",""\n'
)


@pytest.mark.parametrize("members", ["Total membership", "Total Enabled Membership", "total_membership"])
def test_analytics_by_day_need_no_settings(warehouse: Warehouse, members: str) -> None:
    told = load(warehouse, ANALYTICS.format(members=members), "Tea House Member Analytics.csv")
    assert told["platform_stats"].rows_kept == 8 and told["platform_stats"].warnings == ()
    assert warehouse.rows("select metric, value::integer from raw.platform_stats where day = '2026-03-02' order by 1") == [
        ("active_members", 106), ("members", 1780), ("messages", 53), ("posters", 25),
    ]  # fmt: skip


def test_settings_win_over_the_shipped_mapping_of_analytics(tmp_path: Path) -> None:
    toml = '[[exports]]\nfiles = "*.csv"\nevent = "platform_stats"\nsource = "slack"\n[exports.columns]\nday = "Date"\n[exports.unpivot]\n"Weekly active members" = "weekly"\n'
    warehouse = Warehouse(tmp_path / "home", settings_of(tmp_path, toml))
    load(warehouse, ANALYTICS.format(members="Total membership"), "a.csv")
    assert warehouse.rows("select distinct metric from raw.platform_stats") == [("weekly",)]


def test_a_long_file_of_slack_stays_long(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "home")
    load(warehouse, "day,metric,value\n2026-03-02,members,5\n", "slack/platform_stats.csv")
    assert warehouse.rows("select source, metric from raw.platform_stats") == [("slack", "members")]
