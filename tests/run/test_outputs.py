"""What a run hands back: the same bytes for the same files, and tables that no spreadsheet runs."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.run.conftest import Place

# A name a spreadsheet would run, as members can give it to a group, and one with a line of its own.
NAMES = (
    '=HYPERLINK("x","y")', "+1+1", "-2", "@SUM(1)", "\t=1", "plain, with a comma", '"quoted"', "－全角",
    "</script><img src=x onerror=alert(1)>",
)  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Place]:
    """Two homes of the same files: copied in another order, at another time, run with other hashes."""
    places = []
    for number in range(2):
        place = Place(tmp_path_factory.mktemp(f"home{number}"))
        place.inbox.mkdir()
        days = [f"2026-03-{day:02}" for day in range(2, 30)]
        joins = [f"g{i % 9},m{i},{days[i % 28]} 09:00" for i in range(60)]
        messages = [f"g{i % 9},m{i % 60},{days[(i * 5) % 28]} 12:{i % 60:02},w{i}" for i in range(400)]
        orders = [f"o{i},m{i * 7 % 60},{days[(i * 3) % 28]} 20:00,{10 + i}.50" for i in range(40)]
        files = {
            f"joins_{days[0]}_{days[-1]}.csv": ["group_id,member_id,occurred_at", *joins],
            f"messages_{days[0]}_{days[-1]}.csv": ["group_id,member_id,occurred_at,message_id", *messages],
            f"orders_{days[0]}_{days[-1]}.csv": ["order_id,member_id,ordered_at,amount", *orders],
        }
        for name in sorted(files, reverse=number == 1):
            (place.inbox / name).write_text("\n".join(files[name]) + "\n", encoding="utf-8")
        with (place.inbox / "groups_2026-03-29.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerow(("group_id", "group_name"))
            writer.writerows((f"g{i}", name) for i, name in enumerate(NAMES))
        for i, path in enumerate(sorted(place.inbox.iterdir(), reverse=number == 1)):
            os.utime(path, (1_770_000_000 + 1000 * i + number, 1_770_000_000 + 1000 * i + number))
        zone = ("UTC", "America/New_York")[number]
        # Started and not forked: the seed of hashes is read only then.
        told = subprocess.run(
            [sys.executable, "-m", "pipelines", "run", "--home", str(place.root)],
            env={**os.environ, "PYTHONHASHSEED": str(number + 1), "TZ": zone},
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stderr
        places.append(place)
    return places[0], places[1]


def _pages(place: Place) -> dict[str, str]:
    return {name: content for name, content in place.published().items() if name.startswith("reports/")}


def test_44_the_same_files_give_the_same_bytes(both: tuple[Place, Place]) -> None:
    one, other = both
    first, second = _pages(one), _pages(other)
    assert len(first) > 15
    assert {name for name in first if not name.endswith(".stamp")} == {
        name for name in second if not name.endswith(".stamp")
    }
    assert [name for name in first if first[name] != second[name] and not name.endswith(".stamp")] == []
    assert one.tables() == other.tables()


def test_44_building_the_report_again_tomorrow_changes_nothing(
    both: tuple[Place, Place], tmp_path: Path
) -> None:
    shutil.copytree(both[0].root, tmp_path / "home")
    place = Place(tmp_path / "home")
    before = _pages(place)
    shutil.rmtree(place.root / "reports")
    assert place.call("report").returncode == 0
    assert _pages(place) == before


def test_29_names_that_are_formulas_are_disarmed_in_tables_handed_back(
    both: tuple[Place, Place],
) -> None:
    place = both[0]
    with (place.root / "reports" / "latest" / "groups.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["group_id"]: row for row in csv.DictReader(file)}
    told = place.call("sql", "select group_id, group_name, -1.5 as number from core.groups", "--csv")
    asked = {row["group_id"]: row for row in csv.DictReader(told.stdout.splitlines())}
    for i, name in enumerate(NAMES):
        # Blanks around a name are no part of it.
        stripped = name.strip()
        shown = "'" + stripped if stripped[0] in "=+-@" else stripped
        assert listed[f"g{i}"]["group_name"] == shown
        assert (asked[f"g{i}"]["group_name"], asked[f"g{i}"]["number"]) == (shown, "-1.5")
        # A number stays one.
        float(listed[f"g{i}"]["members"])


def test_28_names_that_are_scripts_are_text_on_every_page(both: tuple[Place, Place]) -> None:
    latest = both[0].root / "reports" / "latest"
    shown = 0
    for path in sorted(latest.rglob("*.html")):
        html = path.read_text(encoding="utf-8")
        shown += "&lt;/script&gt;&lt;img" in html
        assert "<img" not in html and "</script><" not in html.replace("</script></", ""), path.name
    assert shown >= 2


def test_a_shared_report_leaves_the_own_one_alone(both: tuple[Place, Place], tmp_path: Path) -> None:
    shutil.copytree(both[0].root, tmp_path / "home")
    place = Place(tmp_path / "home")
    own, week = _pages(place), "reports/shared/2026-W13"
    told = place.call("report", "--share", "--single-file")
    assert told.returncode == 0, told.stderr
    after = _pages(place)
    assert {name: content for name, content in after.items() if name in own} == own
    added = after.keys() - own.keys()
    assert added and all(name.startswith("reports/shared/") for name in added)
    # The folder goes out alone: its list of weeks, its scripts, and no link that leads above it.
    assert {f"{week}/index.html", f"{week}/2026-W13.html", "reports/shared/latest/index.html"} <= added
    assert "reports/shared/index.html" in added
    assert any(name.startswith("reports/shared/assets/plotly-") for name in added)
    shared = place.root / "reports" / "shared"
    for path in shared.rglob("*.html"):
        text = re.sub(r"<script>.*?</script>", "", path.read_text(encoding="utf-8"), flags=re.S)
        for link in re.findall(r'(?:href|src)="([^"#:?]+)["#?]', text):
            target = (path.parent / link).resolve()
            assert target.is_relative_to(shared.resolve()), (path, link)
            assert target.exists(), (path, link)
    assert "＊" in (shared / "index.html").read_text(encoding="utf-8")
    assert "Nothing new" in place.call("run").stdout
