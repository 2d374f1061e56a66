"""Runs that nobody watches: what status says, their logs, how long things are kept, and the way back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from pipelines.errors import InputRefused, LockHeld, SettingsError
from pipelines.home import Home, locked
from pipelines.keeping import drop_kept, keep_warehouse, kept_warehouses, prune_reports
from pipelines.narrate import Narrator
from pipelines.restore import go_back
from pipelines.run import check, forget
from pipelines.runlog import RunLog, read_log, recorded
from pipelines.settings import Operations, Settings
from pipelines.status import EXITS, status
from pipelines.status_screen import LINES, WIDTH, screen
from pipelines.steps import Project
from tests.run.conftest import WEEKS, Place, write_week
from tests.warm import groupfunnel

First = tuple[Place, subprocess.CompletedProcess[str]]
# The day after the last week of the exports.
MONDAY = datetime(2026, 2, 16, 4, tzinfo=UTC)


def _look(place: Place, now: datetime = MONDAY, settings: Settings | None = None) -> dict[str, Any]:
    return status(Home(place.root), settings or Settings(), now)


def _logs(place: Place) -> list[Path]:
    return sorted((place.root / "data" / "logs").glob("*.jsonl"))


def test_status_for_programs(first_run: First, tmp_path: Path) -> None:
    answer = first_run[0].call("status", "--json")
    told = json.loads(answer.stdout)
    # The exports end long before today.
    assert (answer.returncode, told["state"]) == (EXITS["stale"], "stale")
    kinds = {kind["kind"]: kind for kind in told["kinds"]}
    assert kinds["join"] == {
        "kind": "join", "files": WEEKS, "rows": 6 * WEEKS, "rejected": 0,
        "covered_from": "2026-01-05", "covered_to": "2026-02-15", "days_of_weeks": [7] * WEEKS,
    }  # fmt: skip
    assert told["report_week"] == "2026-W07" and told["weeks"][-1] == "2026-W07"
    assert set(told["checks"]) <= {"passed", "failed", "could_not_run"}
    assert (told["last_run"]["verb"], told["last_run"]["outcome"]) == ("run", "ok")
    empty = groupfunnel("status", "--json", "--home", str(tmp_path))
    assert empty.returncode == EXITS["nothing"] == 3
    assert json.loads(empty.stdout)["warehouse"] is None


@pytest.mark.parametrize(
    ("days", "limit", "state"),
    [(0, 10, "fresh"), (9, 10, "fresh"), (10, 10, "stale"), (10, 0, "fresh"), (-3, 10, "stale")],
)
def test_a_report_is_stale_by_the_days_since_its_week(
    first_run: First, days: int, limit: int, state: str
) -> None:
    settings = Settings(operations=Operations(stale_after_days=limit))
    told = _look(first_run[0], MONDAY + timedelta(days=days), settings)
    assert (told["state"], told["age_days"]) == (state, days + 1)
    assert (days >= 0) or "clock" in told["why"][0]


def test_a_report_of_a_chosen_day_is_as_old_as_it_was_meant_to_be(first_run: First) -> None:
    settings = Settings.model_validate({"project": {"as_of": "2026-02-15"}})
    assert _look(first_run[0], MONDAY + timedelta(days=400), settings)["state"] == "fresh"


def test_status_tells_holes_a_missing_report_and_one_of_another_warehouse(place: Place) -> None:
    stamp = place.root / "reports" / "latest" / ".stamp"
    stamp.write_text("of another warehouse\n", encoding="utf-8")
    told = _look(place)
    assert told["state"] == "stale" and "groupfunnel run" in told["why"][0]
    (stamp.parent / "index.html").unlink()
    assert "no report" in _look(place)["why"][0]
    told["kinds"][0]["days_of_weeks"] = [7, 3, 7, 0, 7, 7]
    lines = screen(told)
    assert any("■▪■·■■ missing: 2026-W05 +1" in line for line in lines)


def test_the_screen_fits_whatever_is_wrong(first_run: First) -> None:
    told = _look(first_run[0])
    told["state"], told["why"] = "failed", ["x" * 300] * 3
    told["project"] = "群" * 200 + "\x1b[2J\n<script>"
    told["last_failed"] = {"error": "y\n" * 50, "verb": "run"}
    told["waiting_load"] = True
    told["kinds"] = [{**kind, "rejected": 10**9} for kind in told["kinds"]]
    one = {"severity": "critical", "message": "z" * 500, "check": "a", "table": "b", "outcome": "failed"}
    told["failed_checks"] = [one] * 40
    lines = screen(told)
    assert len(lines) <= LINES == 24 and all(cell_len(line) <= WIDTH == 100 for line in lines)
    assert not [line for line in lines if "\x1b" in line or "\n" in line]
    assert "and 37 more" in "\n".join(lines)


def test_a_run_leaves_a_log_of_counts_seconds_and_its_end(first_run: First) -> None:
    (path,) = _logs(first_run[0])
    events = read_log(path)
    assert [one["event"] for one in (events[0], events[-1])] == ["start", "end"]
    assert {"version", "python", "duckdb", "system", "pid", "at"} <= events[0].keys()
    files = [one for one in events if one["event"] == "file"]
    assert len(files) == 3 * WEEKS
    assert all(one["read"] == one["kept"] + one["duplicate"] + one["rejected"] for one in files)
    steps = [(one["name"], one["is_done"]) for one in events if one["event"] == "step"]
    assert steps == [(name, True) for name in ("load", "check", "build", "check", "report")]
    assert (events[-1]["outcome"], events[-1]["exit_code"]) == ("ok", 0)
    assert events[-1]["seconds"] >= sum(one["seconds"] for one in events if one["event"] == "step") - 0.1
    assert str(first_run[0].root) not in path.read_text(encoding="utf-8")


def test_a_refused_run_is_in_its_log_and_status_says_so_until_one_succeeds(place: Place) -> None:
    bad = place.inbox / "joins_x.csv"
    bad.write_text("group_id,membr_id,occurred_at\ng,m,2026-01-06 10:00\n", encoding="utf-8")
    assert place.call("run").returncode == 3
    told = _look(place)
    assert EXITS[told["state"]] == 7
    assert told["why"][0].startswith("the last run was refused in load, exit code 3")
    assert "membr_id" in "\n".join(screen(told))
    assert place.call("status").returncode == 7
    # Another verb that succeeds does not make good what the run left undone.
    assert place.call("report").returncode == 0
    assert _look(place)["state"] == "failed"
    bad.unlink()
    assert place.call("run").returncode == 0
    assert _look(place)["state"] == "fresh"


def test_wrong_settings_and_ends_nobody_foresaw_are_in_the_log(place: Place) -> None:
    (place.root / "groupfunnel.toml").write_text('[project]\ntimezone = "UTC"\n', encoding="utf-8")
    assert place.call("run").returncode == 2
    last = read_log(_logs(place)[-1])[-1]
    assert (last["exit_code"], "time_zone" in last["error"]) == (2, True)
    for error, outcome in (
        (KeyboardInterrupt(), "stopped"), (MemoryError(), "failed"), (OSError(28, "full"), "failed"),
    ):  # fmt: skip
        with pytest.raises(type(error)), recorded(Home(place.root), "build") as log:
            raise error
        assert (read_log(log.path)[-1]["outcome"], read_log(log.path)[-1]["exit_code"]) == (outcome, 1)
    with pytest.raises(ValueError), recorded(Home(place.root), "build") as log:
        raise ValueError("could not convert 'Xyzzyname'")
    assert "Xyzzyname" not in log.path.read_text(encoding="utf-8")


def test_a_run_without_an_end_was_killed_or_is_at_work(place: Place) -> None:
    log = RunLog(Home(place.root), "run")
    told = _look(place)
    assert (told["state"], told["last_run"]["outcome"]) == ("fresh", "at work")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    text = log.path.read_text(encoding="utf-8")
    log.path.write_text(
        text.replace(f'"pid": {os.getpid()}', f'"pid": {gone.pid}') + '{"at": "2026-', encoding="utf-8"
    )
    told = _look(place)
    assert (told["state"], told["last_run"]["outcome"]) == ("failed", "killed")


def test_who_is_kept_out_does_not_fail_the_run_at_work(place: Place) -> None:
    home = Home(place.root)
    with locked(home), pytest.raises(LockHeld):
        check(Project(home, place.inbox, Settings(), Narrator()))
    assert read_log(_logs(place)[-1])[-1]["outcome"] == "locked"
    assert _look(place)["state"] == "fresh"


def test_a_log_never_says_who_was_to_be_forgotten(place: Place) -> None:
    with pytest.raises(InputRefused):
        forget(Project(Home(place.root), place.inbox, Settings(), Narrator()), "Xyzzyname")
    text = _logs(place)[-1].read_text(encoding="utf-8")
    assert '"verb": "forget"' in text and '"exit_code": 3' in text and "Xyzzyname" not in text


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be", encoding="utf-8")
    with recorded(Home(tmp_path), "run") as log:
        log.event("step", name="load")
    assert not log.path.exists()


def test_logs_beyond_the_settings_go_the_oldest_first(place: Place) -> None:
    logs = place.root / "data" / "logs"
    for day in range(1, 6):
        (logs / f"2020-01-0{day}T00-00-00-run-1.jsonl").write_text("{}\n", encoding="utf-8")
        (logs / f"2020-01-0{day}T00-00-00.log").write_text("old\n", encoding="utf-8")
    settings = Settings(operations=Operations(keep_logs=3))
    check(Project(Home(place.root), place.inbox, settings, Narrator(is_quiet=True)))
    kept = [path.name for path in _logs(place)]
    assert len(kept) == 3 and kept[0].startswith("2020-01-05") and "-check-" in kept[-1]
    assert len(list(logs.glob("*.log"))) == 3


def _publish(home: Home, text: str, count: int) -> list[str]:
    home.data.mkdir(exist_ok=True)
    home.work.write_text(text, encoding="utf-8")
    gone = keep_warehouse(home, count)
    home.work.replace(home.warehouse)
    return gone


def _texts(home: Home) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in kept_warehouses(home)]


@pytest.mark.parametrize("has_links", [True, False])
def test_so_many_warehouses_are_kept_as_the_settings_say(
    tmp_path: Path, has_links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_links:

        def refuse(*_: object) -> None:
            raise OSError(1, "no links here")

        monkeypatch.setattr(os, "link", refuse)
    home = Home(tmp_path)
    for text in "abcd":
        _publish(home, text, 2)
    assert (_texts(home), home.warehouse.read_text(encoding="utf-8")) == (["c", "b"], "d")
    # Killed after it kept the warehouse and before it published: nothing is pushed out.
    if has_links:
        assert keep_warehouse(home, 2) == ["warehouse-3.duckdb"]
        assert keep_warehouse(home, 2) == []
        assert _texts(home) == ["d", "c"]
    _publish(home, "e", 1)
    assert _texts(home) == ["d"]
    assert _publish(home, "f", 0) == ["warehouse-1.duckdb"]
    assert _texts(home) == []


def test_the_oldest_weeks_of_the_report_go_and_never_the_one_just_published(tmp_path: Path) -> None:
    for name in ("2026-W05", "2026-W06", "2026-W07", "2025-W52", "latest", "shared", "mine", "assets"):
        (tmp_path / name).mkdir()
    (tmp_path / "2026-W04").write_text("a file of somebody's", encoding="utf-8")
    assert prune_reports(tmp_path, 0, "2026-W07") == []
    assert prune_reports(tmp_path, 2, "2025-W52") == ["2026-W05"]
    assert prune_reports(tmp_path, 1, "2026-W07") == ["2026-W06", "2025-W52"]
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"2026-W04", "2026-W07", "latest", "shared", "mine", "assets"}


def test_the_warehouse_before_is_kept_and_comes_back(place: Place, second_run: First) -> None:
    first = place.warehouse.read_bytes()
    tables = place.tables()
    (place.root / "groupfunnel.toml").write_text("[operations]\nkeep_reports = 1\n", encoding="utf-8")
    write_week(place.inbox, WEEKS)
    told = place.call("run")
    assert told.returncode == 0, told.stderr
    # Other settings of how long things are kept are no reason to build anything again.
    assert place.tables() == second_run[0].tables()
    assert "2026-W07" in told.stdout
    assert not (place.root / "reports" / "2026-W07").exists()
    (kept,) = kept_warehouses(Home(place.root))
    assert kept.read_bytes() == first
    second = place.warehouse.read_bytes()
    told = place.call("restore")
    assert told.returncode == 0 and "stands again" in told.stdout
    assert place.warehouse.read_bytes() == first and kept.read_bytes() == second
    assert place.tables() == tables
    assert _look(place)["state"] == "stale"
    go_back(Home(place.root))
    assert place.warehouse.read_bytes() == second and kept.read_bytes() == first
    # Going back is never to what this version cannot read.
    kept.write_bytes(b"no warehouse")
    with pytest.raises(InputRefused, match="cannot be opened"):
        go_back(Home(place.root))
    assert place.warehouse.read_bytes() == second
    assert drop_kept(Home(place.root)) == [kept.name]
    with pytest.raises(InputRefused, match="No warehouse is kept"):
        go_back(Home(place.root))


def test_what_is_removed_for_good_is_kept_nowhere(place: Place) -> None:
    keep_warehouse(Home(place.root), 1)
    text = "[privacy]\nretention_days = 14\n"
    (place.root / "groupfunnel.toml").write_text(text, encoding="utf-8")
    for verb in ("load", "build"):
        told = place.call(verb)
        assert told.returncode == 0, told.stderr
    assert kept_warehouses(Home(place.root)) == []
    assert not Home(place.root).swept.exists()


@pytest.mark.parametrize(
    "text", ["keep_warehouses = 10", "keep_logs = 0", 'stale_after_days = "x"', "keep = 1"]
)
def test_wrong_settings_of_operations_are_refused(text: str, tmp_path: Path) -> None:
    from pipelines.settings import load_settings

    (tmp_path / "own.toml").write_text(f"[operations]\n{text}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="operations"):
        load_settings(tmp_path / "own.toml")
