# ruff: noqa: E501
"""Strangers choose names, contents and settings: nothing hangs, nothing leads out, all is only text."""

from __future__ import annotations

import os
import socket
import zipfile
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import GroupfunnelError, SettingsError
from pipelines.inbox import look_into
from pipelines.inventory import take_inventory
from pipelines.load import load_file
from pipelines.mapping_check import check_mappings
from pipelines.own_settings import Funnel, Retention
from pipelines.printable import printable
from pipelines.questions import funnel_call, retention_call
from pipelines.raw import create_raw, write_settings
from pipelines.settings import Settings, load_settings
from tests.warm import groupfunnel

JOINS = "group_id,member_id,occurred_at\ng,m,2026-01-06 10:00\n"
NAMES = (
    "joins_'; drop table raw.loads; --.csv", 'joins_".csv', "joins_a\nb.csv", "joins_\x1b[2J.csv",
    "joins_<img src=x onerror=alert(1)>.csv", "joins_..%2f..%2fetc.csv", "joins_\u202evsc.csv", "joins_*?[a].csv",
    "joins_" + "长" * 80 + ".csv", "joins_${HOME}`id`$(id).csv", "joins_ .csv", "-joins.csv", "joins_%s{0}.csv",
)  # fmt: skip
posix = pytest.mark.skipif(os.name == "nt", reason="needs files that Windows does not have")


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("set time zone 'UTC'")
    create_raw(made)
    return made


def _load(connection: duckdb.DuckDBPyConnection, inbox: Path, settings: Settings | None = None) -> list[str]:
    from tests.run.test_operate import MONDAY

    found = take_inventory(connection, inbox, settings or Settings())
    for candidate in found.new:
        load_file(connection, candidate, settings or Settings(), MONDAY)
    return list(found.notes)


@posix
def test_names_of_files_are_only_text(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for number, name in enumerate(NAMES):
        # Another member in each: the same content is one export.
        (tmp_path / name).write_text(JOINS.replace(",m,", f",m{number},"), encoding="utf-8")
    notes = _load(connection, tmp_path)
    assert [note.split(":")[0] for note in notes] == ["-joins.csv"]
    told = {name for (name,) in connection.execute("select file_name from raw.loads").fetchall()}
    assert len(told) == len(NAMES) - 1
    assert "joins_a\\x0ab.csv" in told and "joins_\\x1b[2J.csv" in told
    assert connection.execute("select count(*) from raw.joins").fetchone() == (len(NAMES) - 1,)


@posix
def test_a_name_that_is_no_utf8_is_passed_over_and_told(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"joins_\xff\xfe.csv")).write_text(JOINS, encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    files, notes = look_into(tmp_path, Settings())
    assert files == [] and "not UTF-8" in notes[0]
    assert notes[0].encode("utf-8").startswith(b"joins_\\udcff\\udcfe.csv")


@posix
def test_links_out_of_the_inbox_pipes_sockets_and_devices_are_passed_over(tmp_path: Path) -> None:
    inbox, outside = tmp_path / "inbox", tmp_path / "outside"
    (inbox / "shop").mkdir(parents=True)
    outside.mkdir()
    (outside / "joins_secret.csv").write_text(JOINS, encoding="utf-8")
    (inbox / "joins_in.csv").write_text(JOINS, encoding="utf-8")
    (inbox / "joins_same.csv").symlink_to(inbox / "joins_in.csv")
    (inbox / "joins_out.csv").symlink_to(outside / "joins_secret.csv")
    (inbox / "joins_up.csv").symlink_to("../outside/joins_secret.csv")
    (inbox / "joins_gone.csv").symlink_to(outside / "nothing.csv")
    (inbox / "joins_self.csv").symlink_to(inbox / "joins_self.csv")
    (inbox / "folder").symlink_to(outside)
    (inbox / "shop" / "round").symlink_to(inbox)
    (inbox / "joins_zero.csv").symlink_to("/dev/zero")
    os.mkfifo(inbox / "joins_pipe.csv")
    with socket.socket(socket.AF_UNIX) as listener:
        before = Path.cwd()
        os.chdir(inbox)  # the path of a socket is short
        try:
            listener.bind("joins_socket.csv")
        finally:
            os.chdir(before)
        files, notes = look_into(inbox, Settings())
    assert [name for _, name in files] == ["joins_in.csv", "joins_same.csv"]
    reasons = {note.split(":")[0]: note for note in notes}
    for name, words in (
        ("joins_out.csv", "out of the inbox"), ("joins_up.csv", "out of the inbox"), ("joins_gone.csv", "nowhere"),
        ("joins_self.csv", "nowhere"), ("folder", "out of the inbox"), ("shop/round", "not followed"),
        ("joins_zero.csv", "out of the inbox"), ("joins_pipe.csv", "pipe"), ("joins_socket.csv", "pipe"),
    ):  # fmt: skip
        assert words in reasons[name], name
    assert len(reasons) == 9


@posix
def test_an_inbox_that_is_a_link_itself_is_the_operators_choice(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "joins_a.csv").write_text(JOINS, encoding="utf-8")
    (tmp_path / "inbox").symlink_to(tmp_path / "real")
    files, notes = look_into(tmp_path / "inbox", Settings())
    assert ([name for _, name in files], notes) == (["joins_a.csv"], [])


def test_names_inside_archives_are_only_text_and_archives_within_are_not_opened(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "week.zip", "w") as packed:
        packed.writestr("joins_\x1b[31m'; drop.csv", JOINS)
        packed.writestr("inner.zip", b"PK\x05\x06" + b"\0" * 18)
    _load(connection, tmp_path)
    names = connection.execute("select file_name from raw.loads").fetchall()
    assert names == [("week.zip/joins_\\x1b[31m'; drop.csv",)]


@pytest.mark.parametrize(
    "header",
    [
        '"); drop table raw.loads; --"', "\"a'; select 1; --\"", '"line\nbreak"', '"quo""te"', "=cmd()", "$new_loads",
        "\x1b[2J", "\u202eeman", "<script>alert(1)</script>", '"' + "x" * 5000 + '"', "select", "load_id",
        "row_number", "{0}%s",
    ],
)  # fmt: skip
def test_names_of_columns_are_only_text(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, header: str
) -> None:
    (tmp_path / "joins_a.csv").write_text(
        f"group_id,member_id,occurred_at,{header}\ng,m,2026-01-06 10:00,x\n", encoding="utf-8", newline=""
    )
    _load(connection, tmp_path)
    assert connection.execute("select group_id, member_id from raw.joins").fetchall() == [("g", "m")]
    assert connection.execute("select count(*) from raw.loads").fetchone() == (1,)
    # The same header, mapped: it reaches the SQL of the load as an identifier.
    plain = header.strip('"').replace('""', '"')
    (tmp_path / "joins_b.csv").write_text(
        f"group_id,{header},occurred_at\ng,n,2026-01-07 10:00\n", encoding="utf-8", newline=""
    )
    mapped = {"files": "joins_b.csv", "event": "join", "columns": {"member_id": plain}}
    _load(connection, tmp_path, Settings.model_validate({"exports": [mapped]}))
    assert connection.execute("select count(*) from raw.joins where member_id = 'n'").fetchone() == (1,)


HOSTILE = "x'); drop table raw.loads; -- \"<script>alert(1)</script>\u202e"
QUESTION = {"name": HOSTILE, "by": HOSTILE, "steps": [HOSTILE, "order"]}


def test_texts_of_the_settings_are_only_text(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "joins_a.csv").write_text(JOINS, encoding="utf-8")
    given = {
        "project": {"name": HOSTILE},
        "exports": [
            {
                "files": "joins_a.csv", "event": "join", "group": HOSTILE, "own_name": HOSTILE, "ignore": [HOSTILE],
                "columns": {
                    "group_id": {"const": HOSTILE}, "member_id": "member_id", "occurred_at": "occurred_at",
                    "scene": {"from": "member_id", "values": {"m": "qr", HOSTILE: "qr"}},
                    "channel": {"from": "member_id", "extract": "(m|'; drop table raw.loads; --)"},
                },
            }
        ],
    }  # fmt: skip
    settings = Settings.model_validate(given)
    check_mappings(settings)
    _load(connection, tmp_path, settings)
    write_settings(connection, settings)
    assert connection.execute("select group_id from raw.joins").fetchall() == [(HOSTILE,)]
    assert connection.execute("select project_name from raw.settings").fetchall() == [(HOSTILE,)]
    # Questions become calls of macros: one statement each, which the macro refuses in words.
    for call in (
        funnel_call(Funnel.model_validate(QUESTION)),
        retention_call(Retention(name=HOSTILE, start_event=HOSTILE, return_event="order", by=HOSTILE)),
    ):
        assert len(connection.extract_statements(f"select * from {call}")) == 1


@pytest.mark.parametrize(
    "text",
    [
        '[project]\ntime_zone = "../../../etc/passwd"', '[project]\ncurrency = "<b>"', "[project]\nname = 1",
        '[engine]\nmemory_limit = "1GB; drop"', "[engine]\nthreads = 1e400", "[engine]\nthreads = -1",
        '[report]\nlanguages = ["../en"]', '[privacy]\nretention_days = "; drop"', "[thresholds]\nsmall_n = nan",
        '[[exports]]\nfiles = "a"\nevent = "join\'; drop"', '[[exports]]\nfiles = "a"\nevent = "join"\nsource = "../x"',
        '[[exports]]\nfiles = "a"\nevent = "join"\ncolumns = { "x\\"; drop" = "a" }', "a = " + "[" * 5000, "\x00", "x = 1\n" * 900_000,
    ],
)  # fmt: skip
def test_hostile_settings_are_refused_in_words(text: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(SettingsError) as told:
        check_mappings(load_settings(path), path)
    assert len(str(told.value)) < 3000


@posix
def test_settings_may_be_a_link_but_no_folder_and_no_pipe(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text('[project]\nname = "mine"\n', encoding="utf-8")
    (tmp_path / "own.toml").symlink_to("real.toml")
    assert load_settings(tmp_path / "own.toml").project.name == "mine"
    os.mkfifo(tmp_path / "pipe.toml")
    for place in (tmp_path, tmp_path / "pipe.toml"):
        with pytest.raises(SettingsError, match="is no file of settings"):
            load_settings(place)


@posix
def test_no_control_character_reaches_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    name = "joins_\x1b]0;owned\x07\ngroupfunnel: all is well.csv"
    (tmp_path / "inbox" / name).write_text(
        "group_id,\x1b[2J\u202e,occurred_at\ng,m,2026-01-06\n", encoding="utf-8"
    )
    told = groupfunnel("load", "--home", str(tmp_path))
    assert told.returncode == 3
    shown = told.stdout + told.stderr
    assert "\\x1b]0;owned\\x07\\x0agroupfunnel: all is well.csv" in shown
    assert not [c for c in shown if (ord(c) < 32 and c != "\n") or c == "\u202e"]
    assert not [line for line in shown.splitlines() if line == "groupfunnel: all is well.csv"]


def test_what_is_printable_stays_as_it_is() -> None:
    text = "群 é\tb\nc 😀"
    assert printable(text) == text
    assert printable("a\x9b\x00\u2066\r", is_one_line=True) == "a\\x9b\\x00\\u2066\\x0d"


def test_archives_in_the_inbox_cannot_burst_or_lead_out(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "week.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("joins_a.csv", JOINS + " " * (20 << 20))
    with pytest.raises(GroupfunnelError, match="packed in a way no export is"):
        _load(connection, tmp_path)
