"""What doctor says of a set-up in order, and of everything that keeps a run from working."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines import doctor, machine
from pipelines.doctor import Finding, diagnose
from pipelines.people import KEY_VARIABLE
from tests.run.conftest import Place
from tests.warm import groupfunnel

NOW = datetime.now(UTC)


def _told(root: Path, now: datetime = NOW, inbox: Path | None = None) -> dict[str, Finding]:
    return {one.what: one for one in diagnose(root, inbox, None, now)}


def test_a_home_in_order_has_nothing_to_mend_and_is_not_changed(place: Place) -> None:
    before = {p: p.stat().st_mtime_ns for p in place.root.rglob("*")}
    told = place.call("doctor", "--json")
    assert told.returncode == 0, told.stdout
    found = {one["what"]: one for one in json.loads(told.stdout)}
    assert {one["state"] for one in found.values()} == {"ok"}
    assert found.keys() >= {
        "python", "libraries", "settings", "home", "disk", "temporary", "memory", "inbox", "key", "warehouse",
        "clock", "time zone",
    }  # fmt: skip
    assert found["inbox"]["text"] == "18 of 18 files are exports"
    assert before == {p: p.stat().st_mtime_ns for p in place.root.rglob("*")}


def test_a_problem_is_a_line_a_next_step_and_exit_code_7(tmp_path: Path) -> None:
    told = groupfunnel("doctor", "--home", str(tmp_path))
    assert told.returncode == 7
    assert "problem  inbox      there is no folder" in told.stdout
    assert "→ make it, or name one with --inbox" in told.stdout


def _not_a_warehouse(root: Path) -> None:
    (root / "data" / "warehouse.duckdb").write_bytes(b"nothing of the kind")


def _wrong_settings(root: Path) -> None:
    (root / "groupfunnel.toml").write_text("[project]\nnme = 1\n", encoding="utf-8")


def _much_too_large(root: Path) -> None:
    with (root / "data" / "warehouse.duckdb").open("ab") as file:
        file.truncate(1 << 43)


def _missing_script(root: Path) -> None:
    text = '[report]\nsingle_file = true\nplotlyjs = "nowhere.js"\n'
    (root / "groupfunnel.toml").write_text(text, encoding="utf-8")


def _no_home(root: Path) -> None:
    shutil.rmtree(root / "reports")
    (root / "reports").write_text("a file where a folder should be", encoding="utf-8")


def _other_files(root: Path) -> None:
    (root / "inbox" / "holiday.txt").write_text("sun\n", encoding="utf-8")


def _left_lock(root: Path) -> None:
    (root / "data" / ".lock").write_text("4711\n", encoding="utf-8")


def _too_much_memory(root: Path) -> None:
    (root / "groupfunnel.toml").write_text('[engine]\nmemory_limit = "900000GB"\n', encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "what", "state", "words"),
    [
        (_not_a_warehouse, "warehouse", "problem", "cannot be read"),
        (_wrong_settings, "settings", "problem", "line 2"),
        (_much_too_large, "disk", "problem", "MiB free"),
        (_missing_script, "plotlyjs", "problem", "nowhere.js"),
        (_no_home, "home", "problem", "cannot be written"),
        (_other_files, "inbox", "warning", "holiday.txt"),
        (_left_lock, "lock", "warning", "4711"),
        (_too_much_memory, "memory", "warning", "above"),
    ],
)
def test_what_is_wrong_is_found(
    place: Place, harm: Callable[[Path], None], what: str, state: str, words: str
) -> None:
    harm(place.root)
    one = _told(place.root)[what]
    assert one.state == state and words in one.text and one.next_step


def test_a_clock_set_back_is_seen(place: Place) -> None:
    assert _told(place.root, NOW - timedelta(days=400))["clock"].state == "warning"


@pytest.mark.skipif(os.name == "nt", reason="files have no such rights there")
def test_a_key_that_others_can_read_or_that_is_none(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key"
    monkeypatch.setenv(KEY_VARIABLE, str(key))
    assert _told(place.root)["key"].next_step == "if there was one before, put it back first"
    assert not key.exists()
    key.write_text("ab" * 32 + "\n", encoding="ascii")
    key.chmod(0o644)
    assert _told(place.root)["key"].next_step == f"chmod 600 {key}"
    key.chmod(0o600)
    assert _told(place.root)["key"].state == "ok"
    key.write_text("no key\n", encoding="ascii")
    assert _told(place.root)["key"].state == "problem"


def test_libraries_are_held_against_what_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.library_faults() == []
    assert machine.library_faults("nothing-of-the-name") == ["nothing-of-the-name itself is not installed"]
    wanted = ["duckdb>=999", "nothing-of-the-name", "never-asked; extra == 'dev'"]
    monkeypatch.setattr(machine, "requires", lambda _: wanted)
    duck, missing = machine.library_faults()
    assert duck.startswith("duckdb ") and duck.endswith(">=999 is needed")
    assert missing == "nothing-of-the-name is missing"
    monkeypatch.setattr(doctor, "PYTHONS", ((4, 0), (4, 1)))
    found = {one.what: one.state for one in doctor._software()}
    assert found == {"python": "problem", "libraries": "problem"}


@pytest.mark.parametrize(
    ("text", "bytes_"), [("4GB", 4 * 10**9), ("1.5 MiB", 3 << 19), ("", None), ("many", None)]
)
def test_limits_are_read_as_the_settings_write_them(text: str, bytes_: int | None) -> None:
    assert machine.parsed_bytes(text) == bytes_
