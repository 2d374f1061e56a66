"""A build says which earlier published numbers changed, by how much, and because of which file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import duckdb

from tests.run.conftest import WEEKS, Place, write_week

First = tuple[Place, subprocess.CompletedProcess[str]]
NUMBERS = "table_name, key, metric, value_before, value_now, because"


def _restated(place: Place, build: int) -> list[tuple[object, ...]]:
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        return connection.execute(
            f"select {NUMBERS} from quality.restatements where build = ? order by all", [build]
        ).fetchall()


def _builds(place: Place) -> list[tuple[object, ...]]:
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        return connection.execute(
            "select build, files, new_files, restated from quality.builds order by build"
        ).fetchall()


def test_a_week_more_changes_only_what_it_shows_in_a_new_light(second_run: First) -> None:
    # Some of the seventh week's people wrote before their join: they were there all along, unseen, and are
    # in the sizes of earlier weeks from now on. Nothing else that was final changes.
    place, told = second_run
    rows = _restated(place, 2)
    assert _builds(place) == [(1, 3 * WEEKS, 3 * WEEKS, 0), (2, 3 * WEEKS + 3, 3, len(rows))]
    assert {row[2] for row in rows} <= {"members_at_end", "value", "participation_rate", "score"}
    assert ("acquisition.weekly", "2026-01-05", "members_at_end", 16.0, 21.0) in [row[:5] for row in rows]
    assert {row[-1] for row in rows} == {"joins_2026-02-16_2026-02-22.csv"}
    assert f"{len(rows)} earlier published numbers changed" in told.stdout


def test_06_a_late_order_changes_its_week_and_is_named_with_its_file(place: Place) -> None:
    late = place.inbox / "orders_late.csv"
    late.write_text(
        "order_id,member_id,ordered_at,amount\nlate-1,m0_1,2026-01-13 10:00,200.00\n", encoding="utf-8"
    )
    told = place.call("run")
    assert told.returncode == 0, told.stderr
    assert "earlier published numbers changed, because of orders_late.csv" in told.stdout
    rows = _restated(place, 2)
    assert {row[-1] for row in rows} == {"orders_late.csv"}
    # Six orders of 10.50 to 15.50 in every week; the late one belongs to the second.
    assert (
        "revenue.weekly", "2026-01-12", "gmv", 78.0, 278.0, "orders_late.csv",
    ) in rows  # fmt: skip
    assert ("revenue.weekly", "2026-01-12", "paid_orders", 6.0, 7.0, "orders_late.csv") in rows
    assert not [row for row in rows if row[0] == "revenue.weekly" and row[1] != "2026-01-12"]
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        load = connection.execute(
            "select distinct because_of_load, loads.file_name from quality.restatements "
            "join raw.loads as loads on loads.load_id = because_of_load"
        ).fetchall()
    assert [name for _, name in load] == ["orders_late.csv"]


def test_of_two_new_files_the_one_with_rows_in_that_week_is_named(place: Place) -> None:
    write_week(place.inbox, WEEKS)
    (place.inbox / "orders_late.csv").write_text(
        "order_id,member_id,ordered_at,amount\nlate-1,m0_1,2026-01-13 10:00,200.00\n", encoding="utf-8"
    )
    assert place.call("run").returncode == 0
    sales = [row for row in _restated(place, 2) if row[0] == "revenue.weekly"]
    assert sales and {row[-1] for row in sales} == {"orders_late.csv"}


def test_a_list_without_days_that_changes_history_is_named(place: Place) -> None:
    (place.inbox / "members_2026-02-15.csv").write_text("member_id,role\nm0_1,staff\n", encoding="utf-8")
    assert place.call("run").returncode == 0
    rows = _restated(place, 2)
    assert ("acquisition.weekly", "2026-01-05", "new_members", 6.0, 5.0, "members_2026-02-15.csv") in rows


def test_settings_are_named_where_no_file_is_new(place: Place, tmp_path: Path) -> None:
    settings = tmp_path / "other.toml"
    settings.write_text('[project]\ntime_zone = "America/New_York"\n', encoding="utf-8")
    told = place.call("run", "--settings", str(settings))
    assert told.returncode == 0, told.stderr
    rows = _restated(place, 2)
    assert rows and {row[-1] for row in rows} == {"settings, models or software"}


def test_a_full_rebuild_compares_with_what_was_published_and_keeps_the_story(place: Place) -> None:
    (place.inbox / "orders_late.csv").write_text(
        "order_id,member_id,ordered_at,amount\nlate-1,m0_1,2026-01-13 10:00,200.00\n", encoding="utf-8"
    )
    assert place.call("run", "--full").returncode == 0
    rows = _restated(place, 2)
    assert ("revenue.weekly", "2026-01-12", "gmv", 78.0, 278.0, "orders_late.csv") in rows
    assert place.call("run", "--full").returncode == 0
    assert _restated(place, 2) == rows
    assert [(build, restated) for build, _, _, restated in _builds(place)] == [(1, 0), (2, len(rows)), (3, 0)]


def test_13_a_merge_of_two_people_later_restates_their_weeks(place: Place) -> None:
    # Somebody of the first week and somebody of the second turn out to be one person.
    (place.inbox / "aliases_2026-02-15.csv").write_text("alias_id,member_id\nm1_1,m0_1\n", encoding="utf-8")
    told = place.call("run")
    assert told.returncode == 0, told.stderr
    assert "because of aliases_2026-02-15.csv" in told.stdout
    rows = _restated(place, 2)
    assert {row[-1] for row in rows} == {"aliases_2026-02-15.csv"}
    assert ("acquisition.weekly", "2026-01-12", "new_members", 6.0, 5.0, "aliases_2026-02-15.csv") in rows
    assert (
        "acquisition.weekly",
        "2026-01-12",
        "members_at_end",
        22.0,
        21.0,
        "aliases_2026-02-15.csv",
    ) in rows


def test_forgetting_somebody_is_named_and_only_once(place: Place, tmp_path: Path) -> None:
    told = place.call("forget", "m0_1", input="yes\n")
    assert told.returncode == 0, told.stderr
    rows = _restated(place, 2)
    assert ("acquisition.weekly", "2026-01-05", "new_members", 6.0, 5.0, "somebody was forgotten") in rows
    assert {row[-1] for row in rows} == {"somebody was forgotten"}
    # What a later build changes has its own cause.
    settings = tmp_path / "other.toml"
    settings.write_text('[project]\ntime_zone = "America/New_York"\n', encoding="utf-8")
    assert place.call("run", "--settings", str(settings)).returncode == 0
    assert {row[-1] for row in _restated(place, 3)} == {"settings, models or software"}
