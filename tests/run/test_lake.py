"""`groupfunnel lake export`: the staged events as Parquet, and nothing but what changed."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.run.conftest import WEEKS, Place, write_week


def rows(lake: Path, kind: str) -> int:
    """Rows of a kind in the lake, as any reader of Parquet counts them."""
    query = f"select count(*) from read_parquet('{lake}/staging/{kind}/**/*.parquet')"
    with duckdb.connect() as connection:
        ((count,),) = connection.execute(query).fetchall()
    return int(count)


def test_what_was_loaded_is_written_by_week_and_only_what_changed(place: Place) -> None:
    before = place.published()
    lake = place.root / "data" / "lake"
    told = place.call("lake", "export")
    assert told.returncode == 0, told.stderr
    for kind in ("messages", "joins", "orders"):
        with duckdb.connect(str(place.warehouse), read_only=True) as connection:
            expected = connection.execute(f"select count(*) from staging.{kind}").fetchone()
        assert expected == (rows(lake, kind),) and rows(lake, kind) > 0
        assert f" {kind} " in told.stdout
    assert place.published() == before
    written = {path: path.stat().st_mtime_ns for path in lake.rglob("*.parquet")}
    again = place.call("lake", "export")
    assert again.returncode == 0 and "0 tables written" in again.stdout
    assert {path: path.stat().st_mtime_ns for path in lake.rglob("*.parquet")} == written

    # A load that was not built yet is exported too, and its week alone.
    write_week(place.inbox, WEEKS)
    assert place.call("load").returncode == 0
    more = place.call("lake", "export")
    assert more.returncode == 0 and " messages " in more.stdout, more.stderr
    changed = {path.parent.name for path in lake.rglob("messages/*/*.parquet") if written.get(path) is None}
    assert changed == {"week=2026-02-16"}
    assert place.call("build").returncode == 0


def test_forgetting_somebody_clears_every_lake_that_was_written(place: Place, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    assert place.call("lake", "export", "--lake", "elsewhere", cwd=tmp_path).returncode == 0
    assert rows(elsewhere, "messages") > 0
    assert place.call("forget", "m0_1").returncode == 0
    assert not list(elsewhere.rglob("*.parquet"))


def test_wrong_use_is_told(place: Place, tmp_path: Path) -> None:
    needless = place.call("lake", "export", "--spark-master", "spark://host:7077")
    assert needless.returncode == 2 and "without Spark" in needless.stderr
    empty = Place(tmp_path / "empty")
    empty.root.mkdir()
    nothing = empty.call("lake", "export")
    assert nothing.returncode == 3 and "groupfunnel load" in nothing.stderr
    assert not (empty.root / "data" / "lake").exists()
