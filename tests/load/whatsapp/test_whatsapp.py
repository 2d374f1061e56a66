"""WhatsApp: forms of times, lines of the app, and what stands where media were."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from pipelines.errors import InputRefused
from pipelines.inventory import take_inventory
from pipelines.people import People
from pipelines.platforms import recognise
from pipelines.readers.whatsapp_times import DateOrder, split_header
from pipelines.readers.whatsapp_words import change_of, kind_of, names_of
from tests.load.chats import changes, everything, loaded, messages, people, with_settings
from tests.load.inboxes import Warehouse, write

__all__ = ["people"]
NAME = "WhatsApp Chat with Tea lovers.txt"
SCOPE = "whatsapp/Tea lovers"


def zipped(members: dict[str, str]) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("line", "local"),
    [
        ("15.04.26, 15:04 - Ann: hello", "2026-04-15 15:04:00"),
        ("15.04.2026, 15:04 - Ann: hello", "2026-04-15 15:04:00"),
        ("15/04/2026 15:04 - Ann: hello", "2026-04-15 15:04:00"),
        ("15-04-2026 15:04 - Ann: hello", "2026-04-15 15:04:00"),
        ("4/15/26, 3:04 PM - Ann: hello", "2026-04-15 15:04:00"),
        ("4/15/26, 3:04\u202fPM - Ann: hello", "2026-04-15 15:04:00"),
        ("4/15/26, 12:04\u00a0a.m. - Ann: hello", "2026-04-15 00:04:00"),
        ("4/15/26, 12:04 p. m. - Ann: hello", "2026-04-15 12:04:00"),
        ("[4/15/26, 9:00:01 AM] Ann: hello", "2026-04-15 09:00:01"),
        ("\u200e[4/15/26, 9:00:01\u202fAM] Ann: hello", "2026-04-15 09:00:01"),
        ("[15/04/2026 09:00:01] Ann: hello", "2026-04-15 09:00:01"),
        ("[15.04.26, 09:00:01] Ann: hello", "2026-04-15 09:00:01"),
        ("15.4.2026 klo 15.04 - Ann: hello", "2026-04-15 15:04:00"),
        ("[15.4.2026 klo 15.04.05] Ann: hello", "2026-04-15 15:04:05"),
        ("2026/4/15 下午3:04 - Ann: hello", "2026-04-15 15:04:00"),
        ("2026/4/15 上午12:04 - Ann: hello", "2026-04-15 00:04:00"),
        ("2026/4/15 凌晨1:04 - Ann: hello", "2026-04-15 01:04:00"),
        ("2026/4/15 中午12:04 - Ann: hello", "2026-04-15 12:04:00"),
        ("2026/4/15 晚上9:04 - Ann: hello", "2026-04-15 21:04:00"),
        ("2026年4月15日 15:04 - Ann: hello", "2026-04-15 15:04:00"),
        ("[2026/4/15 下午9:05:33] Ann: hello", "2026-04-15 21:05:33"),
        ("[2026. 4. 15. 오후 9:05:33] Ann: hello", "2026-04-15 21:05:33"),
        ("26/4/15 下午3:04 - Ann: hello", "2026-04-15 15:04:00"),
        ("2026-04-15, 15:04 - Ann: hello", "2026-04-15 15:04:00"),
        ("\ufeff2026-04-15, 15:04 - Ann: hello", "2026-04-15 15:04:00"),
    ],
)
def test_times_of_every_form(line: str, local: str) -> None:
    found = split_header(line)
    assert found is not None
    stamp, rest = found
    assert rest == "Ann: hello"
    dates = DateOrder()
    dates.see(stamp, line)
    (order,) = dates.possible()
    assert str(stamp.at(order)) == local


@pytest.mark.parametrize(
    "line",
    [
        "hello", "", "[12:00] <n> hi", "2026-04-15 15:04:00 Ann(12345)", "4/15/26", "5.4.26, 25:04 - Ann: x",
        "15.04.26, 15:64 - Ann: x", "3 - 4 - 5", "[see] Ann: x", "1.2.3, 4:05 -Ann: x",
    ],
)  # fmt: skip
def test_lines_that_begin_no_message(line: str) -> None:
    assert split_header(line) is None


@pytest.mark.parametrize(
    ("days", "read"),
    [
        # Any day after the twelfth decides for the whole file, wherever it stands.
        (["03/04/26", "13/04/26"], ["2026-04-03", "2026-04-13"]),
        (["03/04/26", "03/13/26"], ["2026-03-04", "2026-03-13"]),
        # No such day, but only one order keeps the lines in the order of time.
        (["11/03/26", "02/04/26"], ["2026-03-11", "2026-04-02"]),
        (["03/11/26", "04/02/26"], ["2026-03-11", "2026-04-02"]),
        # The same either way; dots are for days first; years first.
        (["03/03/26", "04/04/26"], ["2026-03-03", "2026-04-04"]),
        (["03.04.26", "04.04.26"], ["2026-04-03", "2026-04-04"]),
        (["26/04/13", "26/04/14"], ["2026-04-13", "2026-04-14"]),
    ],
)
def test_the_order_of_day_and_month_is_of_the_whole_file(
    warehouse: Warehouse, people: People, days: list[str], read: list[str]
) -> None:
    loaded(warehouse, NAME, "".join(f"{day}, 10:00 - Ann: hello\n" for day in days))
    assert [when[:10] for _, _, _, when in messages(warehouse)] == read


def test_an_order_that_cannot_be_told_is_asked_for(tmp_path: Path, people: People) -> None:
    text = "03/04/26, 10:00 - Ann: hello\n04/04/26, 10:00 - Ann: hello\n"
    warehouse = with_settings(tmp_path, "")
    with pytest.raises(InputRefused, match='date_order = "dmy"'):
        loaded(warehouse, NAME, text)
    told = with_settings(
        tmp_path / "b", '[[exports]]\nfiles = "*.txt"\nplatform = "whatsapp"\ndate_order = "mdy"\n'
    )
    loaded(told, NAME, text)
    assert [when[:10] for _, _, _, when in messages(told)] == ["2026-03-04", "2026-04-04"]
    wrong = with_settings(
        tmp_path / "c", '[[exports]]\nfiles = "*.txt"\nplatform = "whatsapp"\ndate_order = "mdy"\n'
    )
    with pytest.raises(InputRefused, match="line 2: its date does not exist in the order mdy"):
        loaded(wrong, NAME, text.replace("04/04", "13/04"))


def test_two_exports_in_one_file_are_refused(warehouse: Warehouse, people: People) -> None:
    with pytest.raises(InputRefused, match="fit no order"):
        loaded(warehouse, NAME, "13/04/26, 10:00 - Ann: a\n04/13/26, 10:00 - Ann: b\n")


SAID = [
    ("Bo joined using this group's invite link", ("join", "Bo", None, "link")),
    ("Bo joined using your invite", ("join", "Bo", None, "link")),
    ("Ann added Bo", ("join", "Bo", "Ann", "direct")),
    ("Bo was added", ("join", "Bo", None, "direct")),
    ("Bo left", ("leave", "Bo", None, None)),
    ("Ann removed Bo", ("kick", "Bo", "Ann", None)),
    ("Bo was removed", ("kick", "Bo", None, None)),
    ('Ann created group "Tea: the best"', ("create", "Ann", None, None)),
    ("+49 170 1234567 changed to +49 170 7654321", ("number", "+49 170 7654321", "+49 170 1234567", None)),
    ("小明通过此群组的邀请链接加入了群组", ("join", "小明", None, "link")),
    ("小明使用此群组的邀请链接加入", ("join", "小明", None, "link")),
    ("小明加入群组", ("join", "小明", None, "link")),
    ("小明 使用此群組的邀請連結加入", ("join", "小明", None, "link")),
    ("小红添加了小明", ("join", "小明", "小红", "direct")),
    ("小红新增了小明", ("join", "小明", "小红", "direct")),
    ("小明被添加", ("join", "小明", None, "direct")),
    ("小明退出了群组", ("leave", "小明", None, None)),
    ("小明已離開", ("leave", "小明", None, None)),
    ("小红移除了小明", ("kick", "小明", "小红", None)),
    ("小红将小明移出了群组", ("kick", "小明", "小红", None)),
    ("小明被移除了", ("kick", "小明", None, None)),
    ("小红创建了群组“茶”", ("create", "小红", None, None)),
    ("Bo entrou usando o link de convite deste grupo", ("join", "Bo", None, "link")),
    ("Ann adicionou Bo", ("join", "Bo", "Ann", "direct")),
    ("Bo foi adicionado(a)", ("join", "Bo", None, "direct")),
    ("Bo saiu", ("leave", "Bo", None, None)),
    ("Ann removeu Bo", ("kick", "Bo", "Ann", None)),
    ("Ann criou o grupo “Chá”", ("create", "Ann", None, None)),
    ("Bo se unió usando el enlace de invitación de este grupo", ("join", "Bo", None, "link")),
    ("Ann añadió a Bo", ("join", "Bo", "Ann", "direct")),
    ("Se añadió a Bo", ("join", "Bo", None, "direct")),
    ("Bo salió del grupo", ("leave", "Bo", None, None)),
    ("Ann eliminó a Bo", ("kick", "Bo", "Ann", None)),
    ("Bo ist mithilfe des Einladungslinks dieser Gruppe beigetreten", ("join", "Bo", None, "link")),
    ("Ann hat Bo hinzugefügt", ("join", "Bo", "Ann", "direct")),
    ("Bo hat die Gruppe verlassen", ("leave", "Bo", None, None)),
    ("Ann hat Bo entfernt", ("kick", "Bo", "Ann", None)),
]


@pytest.mark.parametrize(("line", "meant"), SAID)
def test_lines_of_the_app(line: str, meant: tuple[str, str, str | None, str | None]) -> None:
    change = change_of(line)
    assert change is not None
    assert (change.action, change.who, change.by, change.scene) == meant


@pytest.mark.parametrize(
    "line",
    [
        "Messages and calls are end-to-end encrypted. No one outside of this chat can read them.",
        'Ann changed the subject from "Tea" to "Tea lovers"',
        "Ann changed this group's icon",
        "Your security code with Bo changed.",
        "Bo changed their phone number to a new number. Tap to message or add the new number.",
        "Ann pinned a message",
        "Ann turned on disappearing messages. New messages will disappear after 7 days.",
        "You're now an admin",
        "消息和通话已进行端到端加密。",
        "小红更改了群组名称",
        "As mensagens são protegidas com a criptografia de ponta a ponta.",
    ],
)
def test_lines_of_the_app_that_are_no_join(line: str) -> None:
    change = change_of(line)
    assert change is not None and change.action == ""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<Media omitted>", "image"),
        ("<Mídia oculta>", "image"),
        ("<媒体文件已省略>", "image"),
        ("<省略多媒体文件>", "image"),
        ("image omitted", "image"),
        ("video omitted", "video"),
        ("GIF omitted", "video"),
        ("audio omitted", "voice"),
        ("sticker omitted", "sticker"),
        ("document omitted", "file"),
        ("图像已忽略", "image"),
        ("语音已忽略", "voice"),
        ("IMG-20260301-WA0001.jpg (file attached)\nlook", "image"),
        ("STK-20260301-WA0001.webp (file attached)", "sticker"),
        ("PTT-20260301-WA0001.opus (file attached)", "voice"),
        ("VID-20260301-WA0001.mp4 (文件附件)", "video"),
        ("price list.pdf (arquivo anexado)", "file"),
        ("<attached: 00000012-PHOTO-2026-03-01-09-00-01.jpg>", "image"),
        ("<附件：00000012-AUDIO.opus>", "voice"),
        ("POLL:\nwhich tea?\nOPTION: green (2 votes)", "poll"),
        ("a photo I omitted to send, sorry about that, it will come tomorrow morning", "text"),
        ("<hello>", "text"),
        ("see (file attached)", "text"),
        ("the video", "text"),
    ],
)
def test_what_stands_where_media_were(text: str, kind: str) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ("Bo", ["Bo"]),
        ("Bo and Cy", ["Bo", "Cy"]),
        ("Bo, Cy, and Di", ["Bo", "Cy", "Di"]),
        ("Bo, Cy e Di", ["Bo", "Cy", "Di"]),
        ("小明、小红和阿强", ["小明", "小红", "阿强"]),
        ("王和平", ["王和平"]),
        ("Smith, Jo and Bo", ["Smith, Jo", "Bo"]),
        ("Bo and Rock and Roll", ["Bo", "Rock and Roll"]),
    ],
)
def test_lists_of_names(listed: str, names: list[str]) -> None:
    assert names_of(listed, {"Smith, Jo", "Rock and Roll"}) == names


ANDROID = """\
13/04/2026, 09:00 - Messages and calls are end-to-end encrypted. Tap to learn more.
13/04/2026, 09:00 - Ann created group "Tea lovers"
13/04/2026, 09:01 - Ann added Bo and Cy
13/04/2026, 09:02 - Di joined using this group's invite link
13/04/2026, 09:02 - Di: hello
everybody
: I am new
13/04/2026, 09:03 - Ann: welcome @\u2068Di\u2069
13/04/2026, 09:04 - Bo: <Media omitted>
13/04/2026, 09:05 - Cy left
13/04/2026, 09:06 - Ann removed Bo
13/04/2026, 09:07 - Ann changed the subject from "Tea" to "Tea: lovers"
13/04/2026, 09:08 - Di: This message was deleted
13/04/2026, 09:09 - Di: https://example.org/tea?x=1
13/04/2026, 09:10 - Ann left: who knows why
"""


def test_an_export_of_android(warehouse: Warehouse, people: People) -> None:
    results = loaded(warehouse, NAME, ANDROID)
    assert changes(warehouse, people, SCOPE, "Ann", "Bo", "Cy", "Di") == [
        ("join", "Ann", None), ("join", "Bo", "Ann"), ("join", "Cy", "Ann"), ("join", "Di", None),
        ("leave", "Cy", None), ("kick", "Bo", None),
    ]  # fmt: skip
    assert [(kind, length) for _, kind, length, _ in messages(warehouse)] == [
        ("text", 26), ("text", 11), ("image", None), ("link", 27), ("text", 13),
    ]  # fmt: skip
    assert warehouse.rows("select mentions from raw.messages where mentions is not null") == [
        (people.pseudonym(SCOPE, "Di"),)
    ]
    assert warehouse.rows("select role, scene from raw.joins order by occurred_at") == [
        ("owner", None), (None, "direct"), (None, "direct"), (None, "link"), (None, None), (None, None),
    ]  # fmt: skip
    assert results["message"].warnings == (
        "1 × message that was deleted is no event and stays out",
        "2 × notice of the app (encryption, title, settings) is no event and stays out",
    )
    # What a chat says of the days it covers, it says of its own group.
    assert warehouse.rows(
        "select source, event_kind, group_id, covered_from from raw.coverage order by all"
    ) == [
        ("whatsapp", "join", "Tea lovers", date(2026, 4, 13)),
        ("whatsapp", "message", "Tea lovers", date(2026, 4, 13)),
    ]


IPHONE = """\
\ufeff[13/04/2026, 09:00:00] Tea lovers: \u200eMessages and calls are end-to-end encrypted.\r
[13/04/2026, 09:00:01] Ann: \u200eAnn added \u202a+49\u00a0170\u00a01234567\u202c\r
\u200e[13/04/2026, 09:00:02] ~\u202fDi: \u200eimage omitted\r
[13/04/2026, 09:00:03] Bo: Ann left\r
[13/04/2026, 09:00:04] \u202a+49\u00a0170\u00a01234567\u202c: thank you \u200e<This message was edited>\r
[13/04/2026, 09:00:05] Cy: \u200eCy left\r
"""


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("WhatsApp Chat - Tea lovers.zip", "_chat.txt"),
        ("WhatsApp Chat - Tea lovers (1).zip", "_chat.txt"),
        ("Tea lovers_2026-04-13_2026-04-13.zip", "_chat.txt"),
        ("export.zip", "WhatsApp Chat with Tea lovers.txt"),
        ("export.zip", "chat/与Tea lovers的 WhatsApp 聊天.txt"),
        ("export.zip", "Conversa do WhatsApp com Tea lovers.txt"),
    ],
)
def test_an_export_of_an_iphone_zipped(warehouse: Warehouse, people: People, name: str, member: str) -> None:
    loaded(warehouse, name, zipped({member: IPHONE, "00000003-PHOTO-2026.jpg": "no text", "notes.txt": "no"}))
    number = people.pseudonym("", "+491701234567")
    assert changes(warehouse, people, SCOPE, "Ann", "Cy") == [("join", number, "Ann"), ("leave", "Cy", None)]
    assert [row[1:3] for row in messages(warehouse)] == [("image", None), ("text", 8), ("text", 9)]
    assert warehouse.rows("select distinct group_id from raw.messages") == [("Tea lovers",)]
    # A number is the same person in every group, a name only in this one; blanks and marks are no part of it.
    assert {row[0] for row in warehouse.rows("select member_id from raw.messages")} == {
        number, people.pseudonym(SCOPE, "Di"), people.pseudonym(SCOPE, "Bo"),
    }  # fmt: skip


def test_an_unpacked_text_without_a_name_asks_for_the_group(tmp_path: Path, people: People) -> None:
    with pytest.raises(InputRefused, match='give group = "its name"'):
        loaded(with_settings(tmp_path, ""), "_chat.txt", IPHONE)
    unpacked = with_settings(tmp_path / "a", "")
    loaded(unpacked, "WhatsApp Chat - Tea lovers/_chat.txt", IPHONE)
    assert unpacked.rows("select distinct group_id, source from raw.messages") == [("Tea lovers", "whatsapp")]
    told = with_settings(
        tmp_path / "b", '[[exports]]\nfiles = "_chat.txt"\nplatform = "whatsapp"\ngroup = "Tea"\n'
    )
    loaded(told, "_chat.txt", IPHONE)
    assert told.rows("select distinct group_id from raw.messages") == [("Tea",)]


def test_you_is_who_the_settings_say(tmp_path: Path, people: People) -> None:
    text = "13/04/2026, 09:00 - You joined using this group's invite link\n13/04/2026, 09:01 - You added Bo\n"
    without = with_settings(tmp_path, "")
    results = loaded(without, NAME, text)
    assert changes(without, people, SCOPE, "Bo") == [("join", "Bo", None)]
    assert any("Give own_name" in warning for warning in results["message"].warnings)
    told = with_settings(
        tmp_path / "b", '[[exports]]\nfiles = "*.txt"\nplatform = "whatsapp"\nown_name = "Ann"\n'
    )
    loaded(told, NAME, text)
    assert changes(told, people, SCOPE, "Ann", "Bo") == [("join", "Ann", None), ("join", "Bo", "Ann")]


def test_a_language_that_is_not_known_is_said(warehouse: Warehouse, people: People) -> None:
    results = loaded(
        warehouse, NAME, "13/04/2026, 09:00 - Bo liittyi kutsulinkillä\n13/04/2026, 09:01 - Bo: moi\n"
    )
    assert "joins and exits of this chat stay unknown" in results["message"].warnings[0]
    # Not known is not none: no day of joins is covered.
    assert set(results) == {"message", "coverage"}
    assert warehouse.rows("select event_kind from raw.coverage") == [("message",)]


def test_a_changed_number_is_the_same_person(warehouse: Warehouse, people: People) -> None:
    loaded(warehouse, NAME, "13/04/2026, 09:00 - +49 170 1234567 changed to +49 170 7654321\n")
    assert warehouse.rows("select alias_id, member_id from raw.aliases") == [
        (people.pseudonym("", "+491707654321"), people.pseudonym("", "+491701234567"))
    ]


def test_recognised_by_content_and_others_are_not(tmp_path: Path) -> None:
    known = write(tmp_path, "x.bin", ANDROID)
    found = recognise(known)
    assert found is not None and (found.platform, found.document) == ("whatsapp", "whatsapp")
    assert "a time, a name, a text" in found.why
    others: dict[str, str | bytes] = {
        "a.csv": "2026-03-01 10:00,x\n",
        "a.log": "[12:00] <n> hello\n",
        "a.txt": "2026-03-01 10:00:00 Ann(12345)\nhi\n",
        "b.txt": "groceries\n13/04/2026, 09:00 - Ann: hello\n",
        "a.zip": zipped({"messages.txt": "x"}),
        "c.txt": "",
    }
    for name, content in others.items():
        other = recognise(write(tmp_path, name, content))
        assert other is None or other.platform != "whatsapp", name


WEEK = [f"{day}/04/2026, 10:{minute:02} - {who}: {text}\n" for day, minute, who, text in [
    (13, 0, "Ann", "+1"), (13, 0, "Ann", "+1"), (13, 0, "Ann", "ok"), (13, 0, "Bo", "+1"), (13, 1, "Bo", "x"),
    (14, 0, "Ann", "no"), (14, 0, "Ann", "so"), (15, 0, "Bo", "+1"),
]]  # fmt: skip


@pytest.mark.parametrize("first", [1, 2, 3, 5])
@pytest.mark.parametrize("last", [5, 6])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_01_a_re_export_with_a_shifted_window_doubles_nothing(
    warehouse: Warehouse, people: People, first: int, last: int, is_reversed: bool
) -> None:
    # One export ends, the other begins, in the middle of a minute; two real "+1" of a minute stay two.
    exports = [("WhatsApp Chat with Tea lovers.txt", "".join(WEEK[:last]))]
    exports.append(("WhatsApp Chat with Tea lovers (1).txt", "".join(WEEK[first:])))
    for name, text in reversed(exports) if is_reversed else exports:
        loaded(warehouse, name, text)
    assert warehouse.rows("select count(*) from raw.messages") == [(len(WEEK),)]


def test_01_media_left_out_of_one_export_are_the_same_messages(warehouse: Warehouse, people: People) -> None:
    loaded(warehouse, NAME, "13/04/2026, 09:00 - Bo: <Media omitted>\n")
    loaded(warehouse, NAME.replace(".txt", " (1).txt"), "13/04/2026, 09:00 - Bo: VID-1.mp4 (file attached)\n")
    assert warehouse.rows("select count(*) from raw.messages") == [(1,)]


def test_02_a_deleted_or_replaced_file_takes_nothing_back(warehouse: Warehouse, people: People) -> None:
    loaded(warehouse, NAME, "".join(WEEK[:6]))
    loaded(warehouse, NAME, "".join(WEEK[4:]))
    (warehouse.inbox / NAME).unlink()
    assert warehouse.load() == []
    assert warehouse.rows("select count(*) from raw.messages") == [(len(WEEK),)]
    assert warehouse.rows(
        "select min(covered_from), max(covered_to) from raw.coverage where event_kind = 'message'"
    ) == [(date(2026, 4, 13), date(2026, 4, 15))]


def test_12_two_people_of_one_name_are_said_and_a_renamed_one_is_two(
    warehouse: Warehouse, people: People
) -> None:
    text = "".join(
        f"13/04/2026, 09:0{i} - {line}\n"
        for i, line in enumerate(
            [
                "Ann added Bo",
                "Cy added Bo",
                "Bo: hello",
                "Di joined using this group's invite link",
                "Di left",
            ]
        )
    )
    results = loaded(warehouse, NAME, text)
    said = " ".join(results["message"].warnings)
    assert "1 of its names came in again without leaving" in said and "aliases" in said
    assert "Bo" not in said
    # The same name in another group is somebody else until an alias says otherwise.
    loaded(warehouse, "WhatsApp Chat with Cake.txt", "13/04/2026, 09:00 - Bo: hello\n")
    assert len(warehouse.rows("select distinct member_id from raw.messages")) == 2


def test_20_half_past_midnight_in_shanghai_is_the_day_before_in_utc(tmp_path: Path, people: People) -> None:
    text = "14/04/2026, 00:30 - Bo: hello\n"
    here = with_settings(tmp_path, "")
    loaded(here, NAME, text)
    assert here.rows("select occurred_at::varchar, day::varchar from raw.messages") == [
        ("2026-04-13 16:30:00", "2026-04-14")
    ]
    zone = '[[exports]]\nfiles = "*.txt"\nplatform = "whatsapp"\ntime_zone = "America/New_York"\n'
    there = with_settings(tmp_path / "b", zone)
    loaded(there, NAME, text)
    assert there.rows("select occurred_at::varchar, day::varchar from raw.messages") == [
        ("2026-04-14 04:30:00", "2026-04-14")
    ]


def test_22_lines_of_one_minute_keep_their_order(warehouse: Warehouse, people: People) -> None:
    names = [f"N{i}" for i in (5, 3, 9, 1, 7, 2, 8)]
    loaded(
        warehouse, NAME, "".join(f"13/04/2026, 10:00 - {n} joined using your invite\n" for n in names)
        + "".join(f"13/04/2026, 10:00 - {n}: hi\n" for n in reversed(names)),
    )  # fmt: skip
    known = {people.pseudonym(SCOPE, name): name for name in names}
    for table, expected in (("joins", names), ("messages", names[::-1])):
        rows = warehouse.rows(f"select member_id from raw.{table} order by occurred_at")
        assert [known[row[0]] for row in rows] == expected
    assert warehouse.rows("select distinct date_trunc('second', occurred_at)::varchar from raw.messages") == [
        ("2026-04-13 02:00:00",)
    ]


@pytest.mark.parametrize(
    ("text", "length", "is_emoji"),
    [
        ("👨\u200d👩\u200d👧", 1, True),
        ("👍🏽👍🏽", 2, True),
        ("שלום \u200fעולם", 9, False),
        ("a\x00b\x0fc", 3, False),
        ("e\u0301te\u0301", 3, False),
    ],
)
def test_27_emoji_marks_and_control_bytes(
    warehouse: Warehouse, people: People, text: str, length: int, is_emoji: bool
) -> None:
    loaded(warehouse, NAME, f"13/04/2026, 10:00 - Bo\x0f: {text}\n")
    assert warehouse.rows("select text_length, is_emoji_only from raw.messages") == [(length, is_emoji)]


def test_27_a_name_is_the_same_however_it_is_composed_or_marked(warehouse: Warehouse, people: People) -> None:
    names = ["Zo\u00eb", "Zoe\u0308", "\u202aZo\u00eb\u202c", "~\u202fZo\u00eb", "Zo\u00eb\u200f"]
    loaded(warehouse, NAME, "".join(f"13/04/2026, 10:00 - {name}: hi\n" for name in names))
    assert len(warehouse.rows("select distinct member_id from raw.messages")) == 1
    loaded(
        warehouse,
        NAME.replace(".txt", " (1).txt"),
        "13/04/2026, 10:01 - 👩\u200d🌾: hi\n13/04/2026, 10:01 - 👩: hi\n",
    )
    assert len(warehouse.rows("select distinct member_id from raw.messages")) == 3


def test_31_names_numbers_and_texts_stay_out_of_the_warehouse(warehouse: Warehouse, people: People) -> None:
    loaded(warehouse, "WhatsApp Chat with T.zip", zipped({"_chat.txt": IPHONE}))
    held = everything(warehouse)
    for word in ("Ann", "Di", "Cy", "+49", "170 ", "thank"):
        assert word not in held, word


@pytest.mark.parametrize("name", ["../../_chat.txt", "/WhatsApp Chat with T.txt"])
def test_49_a_zip_with_path_tricks_is_refused(warehouse: Warehouse, people: People, name: str) -> None:
    with pytest.raises(InputRefused, match="leads out of its folder"):
        loaded(warehouse, "export.zip", zipped({name: ANDROID}))
    assert warehouse.rows("select * from raw.loads") == []


def test_49_a_chat_that_bursts_is_refused(warehouse: Warehouse, people: People) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_chat.txt", ANDROID + " " * (1 << 25))
    with pytest.raises(InputRefused, match="unpacks to more"):
        loaded(warehouse, "WhatsApp Chat - T.zip", buffer.getvalue())


@pytest.mark.parametrize("end", [".part", ".crdownload", ".tmp"])
def test_50_a_file_still_being_copied_is_not_looked_at(
    warehouse: Warehouse, people: People, end: str
) -> None:
    assert loaded(warehouse, NAME + end, ANDROID) == {}


def test_50_a_chat_that_grows_while_it_is_read_is_refused_and_loads_next_time(
    warehouse: Warehouse, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.load import load_all
    from tests.load.inboxes import NOW

    path = write(warehouse.inbox, NAME, "".join(WEEK[:4]))
    inventory = take_inventory(warehouse.connection, warehouse.inbox, warehouse.settings)
    path.write_text("".join(WEEK), encoding="utf-8")
    with pytest.raises(InputRefused, match="changed while it was read"):
        load_all(warehouse.connection, inventory, warehouse.settings, NOW, lambda *_: None)
    assert warehouse.rows("select * from raw.messages") == []
    warehouse.load()
    assert warehouse.rows("select count(*) from raw.messages") == [(len(WEEK),)]


@pytest.mark.parametrize("number", ["+86 138****1234", "138****1234", "+55 ∙∙ ∙∙∙∙∙-1234", "+91 ••••• ••234"])
def test_51_a_masked_number_is_nobody(warehouse: Warehouse, people: People, number: str) -> None:
    results = loaded(
        warehouse,
        NAME,
        f"13/04/2026, 09:00 - {number}: hi\n13/04/2026, 09:01 - {number} left\n13/04/2026, 09:02 - Bo: hi\n",
    )
    assert (results["message"].rows_rejected, results["join"].rows_rejected) == (1, 1)
    assert warehouse.rejects() == [
        (1, None, "the author is a masked phone number, which is nobody's id"),
        (2, None, "the member is a masked phone number, which is nobody's id"),
    ]
    assert "1234" not in everything(warehouse) and "234" not in str(warehouse.rejects())


@pytest.mark.parametrize(
    ("who", "cut", "why"), [("小明明", 2, "neither UTF-8 nor"), ("小明", 2, "is cut short")]
)
def test_07_text_cut_inside_a_character_is_refused(
    warehouse: Warehouse, people: People, who: str, cut: int, why: str
) -> None:
    # The second one's bytes would pass for GB18030, and its people would get other names.
    text = f"13/04/2026, 09:00 - {who}: 你好".encode()[:-cut]
    with pytest.raises(InputRefused, match=why):
        loaded(warehouse, NAME, text)


def test_48_a_chat_of_notices_only_is_valid(warehouse: Warehouse, people: People) -> None:
    results = loaded(warehouse, NAME, "13/04/2026, 09:00 - Messages and calls are end-to-end encrypted.\n")
    assert results["message"].rows_read == 0 and results["message"].warnings[-1] == "has no rows"
    assert set(results) == {"message", "join", "coverage"}
