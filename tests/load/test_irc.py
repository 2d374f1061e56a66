"""IRC logs: forms of several programs, days, nicks that change and connections that break."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.errors import InputRefused
from pipelines.models import build_models, read_models
from pipelines.people import People
from pipelines.platforms import recognise
from pipelines.raw import write_settings
from pipelines.resources import shipped_path
from tests.load.chats import changes, loaded, people, with_settings
from tests.load.inboxes import Warehouse, write

__all__ = ["people"]
UBUNTU = """\
=== ann [n=ann@host] has joined #tea
[09:00] <ann> hello
=== bo [~bo@host.example] has joined #tea
[09:01] <bo> hi, anyone here?
[09:02]  * bo pours tea
=== bo is now known as bo|away
[09:03] <bo|away> back soon
=== ann [n=ann@host] has left #tea []
"""
STARS = """\
[09:00] *** ann joined #tea
[09:00] <ann> hello
[09:01] *** bo joined #tea
[09:01] <bo> hi, anyone here?
[09:02] * bo pours tea
[09:03] *** bo is now known as bo|away
[09:03] <bo|away> back soon
[09:04] *** ann left #tea (bye)
[09:04] *** op sets mode: +o op
"""
IRSSI = """\
--- Log opened Sun Mar 01 08:59:00 2026
09:00 -!- ann [n@host] has joined #tea
09:00 <@ann> hello
09:01 -!- bo [b@host] has joined #tea
09:01 < bo> hi, anyone here?
09:02 * bo pours tea
09:03 -!- bo is now known as bo|away
09:03 < bo|away> back soon
09:04 -!- ann [n@host] has quit [Ping timeout]
"""
ZNC = """\
[09:00:00] *** Joins: ann (n@host)
[09:00:01] <ann> hello
[09:01:00] *** Joins: bo (b@host)
[09:01:01] <bo> hi, anyone here?
[09:02:00] * bo pours tea
[09:03:00] *** bo is now known as bo|away
[09:03:01] <bo|away> back soon
[09:04:00] *** Quits: ann (n@host) (Quit: bye)
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("2026/03/01/tea.txt", UBUNTU),
        ("#tea_2026-03-01.log", UBUNTU),
        ("tea.20260301.txt", STARS),
        ("tea.log", IRSSI),
        ("#tea_2026-03-01.log", ZNC),
    ],
)
def test_logs_of_several_programs(warehouse: Warehouse, people: People, name: str, text: str) -> None:
    loaded(warehouse, name, text)
    scope = "irc/#tea"
    assert changes(warehouse, people, scope, "ann", "bo") == [
        ("join", "ann", None), ("join", "bo", None), ("leave", "ann", None),
    ]  # fmt: skip
    # A change of the nick is followed: before and after it, bo is one person, here and in other files.
    told = warehouse.rows("select group_id, member_id, text_length from raw.messages order by occurred_at")
    assert told == [
        ("#tea", people.pseudonym(scope, "ann"), 5), ("#tea", people.pseudonym(scope, "bo"), 16),
        ("#tea", people.pseudonym(scope, "bo"), 9), ("#tea", people.pseudonym(scope, "bo"), 9),
    ]  # fmt: skip
    assert warehouse.rows("select alias_id, member_id from raw.aliases") == [
        (people.pseudonym(scope, "bo|away"), people.pseudonym(scope, "bo"))
    ]
    assert warehouse.rows("select distinct covered_from, covered_to, group_id from raw.coverage") == [
        (date(2026, 3, 1), date(2026, 3, 1), "#tea")
    ]


def test_a_line_without_a_time_happened_after_the_one_above(warehouse: Warehouse, people: People) -> None:
    loaded(warehouse, "#tea_2026-03-01.log", UBUNTU)
    local = "strftime(timezone('Asia/Shanghai', timezone('UTC', occurred_at)), '%H:%M')"
    assert warehouse.rows(f"select {local}, action from raw.joins order by occurred_at") == [
        ("00:00", "join"), ("09:00", "join"), ("09:03", "leave"),
    ]  # fmt: skip


def test_days_change_inside_a_file(warehouse: Warehouse, people: People) -> None:
    loaded(warehouse, "tea.log", IRSSI + "--- Day changed Mon Mar 02 2026\n00:10 < bo|away> night\n")
    assert warehouse.rows("select max(day)::varchar from raw.messages") == [("2026-03-02",)]
    assert warehouse.rows("select distinct covered_to from raw.coverage") == [(date(2026, 3, 2),)]


def test_a_log_of_no_day_is_refused(warehouse: Warehouse, people: People) -> None:
    with pytest.raises(InputRefused, match="does not say which day"):
        loaded(warehouse, "tea.log", STARS)


def test_a_log_of_no_channel_is_refused(warehouse: Warehouse, people: People) -> None:
    with pytest.raises(InputRefused, match="which channel"):
        loaded(warehouse, "2026-03-01.log", "[09:00] <ann> hello\n")


def test_a_quiet_day_of_a_log_is_covered(warehouse: Warehouse, people: People) -> None:
    loaded(warehouse, "#tea_2026-03-01.log", "[09:00] <ann> hello\n[09:01] *** op sets mode: +o op\n")
    assert warehouse.rows("select event_kind, covered_from from raw.coverage order by 1") == [
        ("join", date(2026, 3, 1)), ("message", date(2026, 3, 1)),
    ]  # fmt: skip


def test_11_reconnect_storms_are_one_stay(warehouse: Warehouse, people: People) -> None:
    # bo's connection breaks all day: twenty joins, few quits among them, and a rejoin the next morning.
    lines = ["[08:00] *** ann joined #tea"]
    for minute in range(20):
        lines.append(f"[09:{minute:02}] *** bo joined #tea")
        if minute % 3 == 0:
            lines.append(f"[09:{minute:02}] *** bo quit (Ping timeout)")
    loaded(warehouse, "#tea_2026-03-01.log", "\n".join(lines) + "\n[21:00] *** bo quit (Ping timeout)\n")
    loaded(warehouse, "#tea_2026-03-02.log", "[07:00] *** bo joined #tea\n[07:01] <bo> morning\n")
    # Days later it is another stay.
    loaded(warehouse, "#tea_2026-03-03.log", "[09:00] *** bo quit (bye)\n[09:01] <ann> bye\n")
    loaded(warehouse, "#tea_2026-03-06.log", "[09:00] *** bo joined #tea\n")
    assert warehouse.rows("select count(*) from raw.joins where action = 'join'") == [(23,)]
    write_settings(warehouse.connection, warehouse.settings)
    build_models(warehouse.connection, read_models(shipped_path("sql")), lambda _: None)
    bo = people.pseudonym("irc/#tea", "bo")
    stays = "select joined_at::varchar, left_at::varchar, is_join_known from core.stays where member_id = ?"
    assert warehouse.rows(f"{stays} order by 1", bo) == [
        ("2026-03-01 01:00:00", "2026-03-03 01:00:00", True), ("2026-03-06 01:00:00", None, True),
    ]  # fmt: skip


def test_12_two_who_swap_nicks_often_are_one_and_guests_are_not(warehouse: Warehouse, people: People) -> None:
    text = (
        "[09:00] <bo> hi\n[09:01] *** bo is now known as zed\n[09:02] <zed> hi\n"
        "[09:03] *** zed is now known as bo\n"
        "[09:04] *** Guest123 is now known as cy\n[09:05] <cy> hi\n"
    )
    loaded(warehouse, "#tea_2026-03-01.log", text)
    loaded(warehouse, "#tea_2026-03-02.log", "[09:00] *** zed is now known as bo\n[09:01] <bo> hi\n")
    scope = "irc/#tea"
    assert warehouse.rows("select alias_id, member_id from raw.aliases") == [
        (people.pseudonym(scope, "zed"), people.pseudonym(scope, "bo"))
    ]
    assert len(warehouse.rows("select distinct member_id from raw.messages")) == 2


def test_20_logs_in_utc_are_read_as_such(tmp_path: Path, people: People) -> None:
    settings = '[[exports]]\nfiles = "*.log"\nplatform = "irc"\ntime_zone = "UTC"\n'
    warehouse = with_settings(tmp_path, settings)
    loaded(warehouse, "#tea_2026-03-01.log", "[20:30] <ann> hello\n")
    assert warehouse.rows("select occurred_at::varchar, day::varchar from raw.messages") == [
        ("2026-03-01 20:30:00", "2026-03-02")
    ]


def test_recognised_by_its_lines(tmp_path: Path) -> None:
    for text in (UBUNTU, STARS, IRSSI, ZNC):
        found = recognise(write(tmp_path, "x.txt", text))
        assert found is not None and found.platform == "irc"
    for other in (
        "hello\n",
        "[13/04/2026, 09:00:00] Ann: <b> hello\n",
        "=== a title ===\ntext\ntext\n",
        "12:30 lunch\n12:45 tea\n",
        "a,b\n1,2\n",
    ):
        found = recognise(write(tmp_path, "y.txt", other))
        assert found is None or found.platform != "irc", other
