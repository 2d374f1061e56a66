"""The same seed gives the same bytes; the committed sample is what the generator makes."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest

from pipelines.sample import generate
from tests.sample.conftest import Sample, open_files

COMMITTED = Path(__file__).parents[2] / "data" / "sample"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_same_seed_same_bytes_whatever_the_threads(tmp_path: Path) -> None:
    generate(tmp_path / "a", seed=11, scale=0.3)
    generate(tmp_path / "b", seed=11, scale=0.3)
    generate(tmp_path / "c", seed=11, scale=0.3, threads=1)
    first = contents(tmp_path / "a")
    assert contents(tmp_path / "b") == first
    assert contents(tmp_path / "c") == first


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    generate(tmp_path / "a", seed=11, scale=0.2)
    generate(tmp_path / "b", seed=12, scale=0.2)
    first, second = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert first.keys() == second.keys()
    # declared coverage and targets are the plan's; everything else is drawn
    same = {name for name in first if first[name] == second[name]}
    assert same <= {"coverage.csv", "targets.csv", "campaigns.csv"}


def test_one_thread_counts_the_same_at_full_size(sample: Sample, tmp_path: Path) -> None:
    generate(tmp_path, seed=7, threads=1)
    assert contents(tmp_path) == contents(sample.folder)


def test_committed_sample_is_what_seed_7_gives(sample: Sample) -> None:
    names = {path.name for path in COMMITTED.iterdir()} - {"README.md"}
    assert names == {path.name for path in sample.folder.iterdir()}
    for name in sorted(names):
        committed, made = (COMMITTED / name).read_bytes(), (sample.folder / name).read_bytes()
        if name.endswith(".gz"):  # the rows, not the packing: compression libraries differ
            committed, made = gzip.decompress(committed), gzip.decompress(made)
        assert committed == made, f"{name} differs; make data/sample again with `groupfunnel sample`"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"scale": 0.0}, "scale must be above 0"),
        ({"scale": float("nan")}, "scale must be above 0"),
        ({"message_factor": -1.0}, "message_factor must be above 0"),
        ({"weeks": 0}, "weeks must lie between"),
        ({"end_day": date(2026, 11, 14)}, "must be a Sunday"),
    ],
)
def test_impossible_sizes_are_refused(tmp_path: Path, arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        generate(tmp_path, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("weeks", [1, 5, 31])
def test_other_numbers_of_weeks(tmp_path: Path, weeks: int) -> None:
    truth = generate(tmp_path, scale=0.2, weeks=weeks)
    assert truth["last_day"] == "2026-11-15"
    assert len(truth["weeks"]) == weeks
    assert (
        sum(week["new_members"] for week in truth["weeks"].values()) == truth["people"]["people_joined_later"]
    )


def test_groups_people_and_messages_grow_apart(tmp_path: Path) -> None:
    small = generate(tmp_path / "a", scale=0.2)
    large = generate(tmp_path / "b", scale=0.4)
    chatty = generate(tmp_path / "c", scale=0.2, message_factor=3)
    assert (small["people"]["groups"], large["people"]["groups"]) == (8, 16)
    assert large["people"]["people"] > 1.5 * small["people"]["people"]
    assert chatty["people"] == small["people"]
    assert chatty["orders"]["paid_orders"] == small["orders"]["paid_orders"]
    growth = chatty["activity"]["messages"] / small["activity"]["messages"]
    assert 2.3 < growth < 3.2


def test_ids_stay_apart_when_numbers_grow_long(tmp_path: Path) -> None:
    generate(tmp_path, scale=3, weeks=2)
    files = open_files(tmp_path)
    people, ids = files.execute("select count(*), count(distinct member_id) from members").fetchall()[0]
    assert people == ids
    staff = "select count(distinct member_id) from members where role = 'staff'"
    assert files.execute(staff).fetchall() == [(46 * 3,)]
    files.close()
