"""inspect says what a file is, why, and what can be seen with it; reveal leads back on this machine alone."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import InputRefused
from pipelines.home import Home
from pipelines.inspect_files import inspect, visible
from pipelines.people import People, key_file
from pipelines.reveal import log_file, reveal
from pipelines.settings import Settings
from pipelines.warehouse import SCHEMA_VERSION
from tests.load.inboxes import settings_of, write

JOINS = (
    "group_id,member_id,occurred_at,inviter_id,mood\n"
    "g,13800138000,2026-03-02 10:00,m1,good\ng,m2,never,,bad\ng,m3,2026-03-05 23:00,138****0000,\n"
)


def test_a_file_is_told_with_its_columns_and_without_people(tmp_path: Path) -> None:
    path = write(tmp_path, "joins_x.csv", JOINS)
    told = inspect(path, Settings())
    (file,) = told["files"]
    (part,) = file["parts"]
    assert file["is_export"] and "begins with the kind" in file["why"]
    assert (part["event"], part["format"], part["encoding"]) == ("join", "csv", "utf-8")
    assert (part["rows"], part["rejected"], part["masked_numbers"]) == (3, 1, 1)
    assert part["reasons"] == {"occurred_at is not a time between 2005 and the end of the export": 1}
    assert part["columns"]["inviter_id"] == "inviter_id" and part["unused"] == ["mood"]
    assert "scene" in part["missing"] and "group_id" not in part["missing"]
    assert [str(day) for day in part["covered"]] == ["2026-03-02", "2026-03-05"]
    assert part["first_rows"] == [
        {"group_id": "g", "member_id": "•••", "occurred_at": "2026-03-02 02:00:00", "inviter_id": "•••"},
        {"group_id": "g", "member_id": "•••", "occurred_at": "2026-03-05 15:00:00", "inviter_id": None},
    ]
    assert "13800138000" not in json.dumps(told, default=str)
    assert [entry["have"]["zh"] for entry in told["visible"]] == ["成员名单或入群记录"]


def test_what_would_be_refused_is_told_with_the_headers(tmp_path: Path) -> None:
    path = write(tmp_path, "joins.csv", "group_id,membr_id,occurred_at\ng,m,2026-03-02 10:00\n")
    (file,) = inspect(path, Settings())["files"]
    assert "'membr_id'" in file["error"] and file["headers"] == ["group_id", "membr_id", "occurred_at"]
    with pytest.raises(InputRefused, match="no file"):
        inspect(tmp_path / "nothing.csv", Settings())


def test_an_inbox_is_told_file_by_file_and_strangers_are_named(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    write(inbox, "shop/orders.csv", "order_id,ordered_at,amount\no,2026-03-02 10:00,5\n")
    write(inbox, "list.csv", "a,b\n1,2\n")
    key = Path(key_file())
    before = key.exists()
    ran = CliRunner().invoke(app, ["inspect", "--home", str(tmp_path), "--json"])
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.output)
    assert [file["file"] for file in told["files"]] == ["list.csv", "shop/orders.csv"]
    assert told["belong_to_nothing"] == ["list.csv"] and told["metrics"] is None
    assert [entry["have"]["en"] for entry in told["visible"]] == ["orders only"]
    words = CliRunner().invoke(app, ["inspect", "--home", str(tmp_path)]).output
    assert "Belong to nothing: list.csv" in words and "只有订单" in words
    assert key.exists() == before
    assert [path.name for path in tmp_path.iterdir()] == ["inbox"]


def test_a_warehouse_of_another_version_keeps_nobody_from_looking_at_files(tmp_path: Path) -> None:
    write(tmp_path / "inbox", "list.csv", "a,b\n1,2\n")
    warehouse = Home(tmp_path).warehouse
    warehouse.parent.mkdir()
    for by, told in ((-1, "an older version"), (+1, "a newer version")):
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(
                f"""
                create schema if not exists raw;
                create schema if not exists quality;
                create or replace table raw.version as select {SCHEMA_VERSION + by} as schema_version;
                create or replace table quality.capabilities as
                    select 'full' as status, '' as needs, '' as needs_zh;
                """
            )
        ran = CliRunner().invoke(app, ["inspect", "--home", str(tmp_path)])
        assert ran.exit_code == 0 and "Belong to nothing: list.csv" in ran.output
        assert f"unknown. {warehouse} was written by {told}" in ran.output and "1 full" not in ran.output
    warehouse.write_bytes(b"nothing of DuckDB")
    looked = inspect(tmp_path / "inbox", Settings(), warehouse)
    assert looked["metrics"] is None and str(warehouse) in looked["metrics_unknown"]


def test_a_mapped_file_names_the_settings_as_the_reason(tmp_path: Path) -> None:
    told = settings_of(
        tmp_path,
        '[[exports]]\nfiles = "sales*"\nevent = "order"\n[exports.columns]\norder_id = "no"\n'
        'ordered_at = "when"\namount = "sum"\n',
    )
    path = write(tmp_path, "sales.csv", "no,when,sum\no,2026-03-02 10:00,5\n")
    (file,) = inspect(path, told)["files"]
    assert file["why"] == "the settings say so: files = 'sales*'"
    assert file["parts"][0]["columns"]["order_id"] == "no"


def test_more_exports_show_more() -> None:
    have = [
        {entry["have"]["en"] for entry in visible(kinds, platforms)}
        for kinds, platforms in (
            ({"platform_stats"}, set()), ({"join", "order"}, set()),
            ({"join", "message", "order", "invite"}, set()),
            ({"message"}, {"telegram"}), (set(), set()),
        )
    ]  # fmt: skip
    assert have[0] == {"admin statistics only"} and have[1] == {"member lists and orders"}
    assert {"all of these and orders", "invitations of a campaign tool"} <= have[2]
    assert have[3] == {"messages", "Telegram JSON"} and have[4] == set()


def test_reveal_names_people_and_logs_without_names(tmp_path: Path) -> None:
    key = tmp_path / "own" / "key"
    names = tmp_path / "names.csv"
    names.write_text("member_id,name\nwm_1,Ada of the shop\n", encoding="utf-8")
    told = settings_of(
        tmp_path, f'[privacy]\nkey_file = "{key.as_posix()}"\ndisplay_names = "{names.as_posix()}"\n'
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GROUPFUNNEL_KEY_FILE", raising=False)
        people = People(key)
        one = people.pseudonym("chat/g", "Bela Known")
        people.save()
        assert [(found.pseudonym, found.name) for found in reveal(told, [one, "wm_1"])] == [
            (one, "Bela Known"), ("wm_1", "Ada of the shop"),
        ]  # fmt: skip
        with pytest.raises(InputRefused, match="does not know") as error:
            reveal(told, [one, "Cyd Unknown"])
    assert "Cyd" not in str(error.value)
    log = log_file(people).read_text(encoding="utf-8")
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["revealed"] for line in lines] == [[one, "wm_1"], [one]]
    assert lines[1]["unknown"] == ["•••"] and all(line["at"] for line in lines)
    assert not [word for word in ("Bela", "Ada", "Cyd") if word in log]
