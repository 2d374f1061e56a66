"""The shared report holds no member's id and no number of fewer than five people, in any byte of any file."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.report import build_site
from pipelines.report.metrics import registry
from pipelines.report.share import HIDDEN, STAR, Names, named, protect, protect_scores, told
from pipelines.settings import Report, Settings

from .markup import parse
from .warehouses import build_warehouse

SHARED = Settings(report=Report(share=True))
NOT_PEOPLE = {"generation", "rfm_segment", "state", "healthy_groups", "dying_or_dead_groups", "owner_groups"}
NOT_PEOPLE |= {"owner_watch", "campaign_teams", "platform_messages"}
PEOPLE = {key for key, item in registry().items() if item.unit == "count"} - NOT_PEOPLE - {"net_members"}
PEOPLE -= {"owner_net_members"}  # a difference of people: 3 more joined than left says nothing of three
LABELS = {registry()[key].label.en for key in PEOPLE} | {"Size", "Cohort size"}
FEW_ROWS = """
update acquisition.weekly_by_group set opened = 3, leaves = 2, closed = 2, net_members = 1
    where group_id = (select min(group_id) from acquisition.weekly_by_group);
update acquisition.weekly set kicks = 2, opened = 4
    where week_start = (select max(week_start) from acquisition.weekly);
update activation.cohorts set activated_7d_members = 2, activated_7d_rate = 2.0 / cohort_size;
update retention.cohorts set active_members = 3, retention_rate = 3.0 / cohort_size where week_index = 3;
update retention.cohorts_by_group set active_members = 1, retention_rate = 1.0 / cohort_size
    where week_index = 2;
update revenue.weekly_by_group set buyers = 2, new_buyers = 1, repeat_buyers = 1;
update group_health.groups set members = 4, buyers_30d = 2
    where group_id = (select min(group_id) from core.groups);
update referral.weekly set invites_joined = 3, inviters = 2;
update referral.flows set joined = 2, inviters = 1 where joined < 20;
"""


class _Tables(HTMLParser):
    """Every table of a page as rows of (definition of the heading or text, value, text)."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[dict[str, Any]]]] = []
        self.cell: dict[str, Any] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self.cell = {"tag": tag, "v": given.get("data-v"), "text": "", "term": None, "skip": False}
            self.tables[-1][-1].append(self.cell)
        elif self.cell is not None:
            self.cell["term"] = self.cell["term"] or given.get("data-def")
            if tag == "span":
                self.cell["skip"] = given.get("lang") == "zh"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.cell = None
        elif tag == "span" and self.cell is not None:
            self.cell["skip"] = False

    def handle_data(self, data: str) -> None:
        if self.cell is not None and not self.cell["skip"]:
            self.cell["text"] += data


def few(text: object) -> bool:
    """Tell whether a cell says one to four."""
    return re.fullmatch(r"[-+\N{MINUS SIGN}]?[1-4](\.0)?", str(text).strip()) is not None


def leaks(path: str, content: str) -> list[str]:
    """Return every number of one to four people that a file shows."""
    if path.endswith(".csv"):
        rows = list(csv.reader(io.StringIO(content.lstrip("\ufeff"))))
        people = {
            i for i, name in enumerate(rows[0]) if name in {registry()[key].column for key in PEOPLE} | LABELS
        }
        return [
            f"{path}: {rows[0][i]} {row[i]}"
            for row in rows[1:]
            for i in people
            if i < len(row) and few(row[i])
        ]
    if not path.endswith((".html", "groups-data.js")):
        return []
    reader = _Tables()
    reader.feed(content)
    found = []
    for table in reader.tables:
        head = table[0] if table else []
        for row in table[1:]:
            for top, cell in list(zip(head, row, strict=False))[row[:1] != [] and row[0]["tag"] == "td" :]:
                is_people = top["term"] in PEOPLE or top["text"].strip() in LABELS
                if is_people and cell["tag"] == "td" and (few(cell["v"] or "") or few(cell["text"])):
                    found.append(f"{path}: {top['text'].strip()} {cell['v'] or cell['text']}")
        for row in table:  # tables whose rows are metrics
            if row and row[0]["term"] in PEOPLE:
                found += [
                    f"{path}: {row[0]['term']} {c['v']}"
                    for c in row[1:]
                    if few(c["v"] or "") and "%" not in c["text"]
                ]
    for key, text in parse(content).scripts.items():
        for trace in json.loads(text)["data"]:
            if trace["meta"].get("en") in LABELS:
                found += [f"{path}: {key} {trace['meta']['en']} {y}" for y in trace["y"] if y and few(y)]
    return found


def built(connection: duckdb.DuckDBPyConnection, folder: Path, settings: Settings) -> dict[str, str]:
    """Build a site and return every file's text."""
    build_site(connection, settings, folder)
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def people_of(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return every id of a person that a table of the warehouse holds, and the owners'."""
    columns = connection.execute(
        "select table_schema || '.' || table_name, column_name from information_schema.columns"
        " where column_name in ('member_id', 'inviter_id', 'root_member_id', 'leader_id', 'owner_id')"
    ).fetchall()
    ids = {
        str(row[0])
        for table, column in columns
        for row in connection.execute(
            f"select distinct {column} from {table} where {column} is not null"
        ).fetchall()
    }
    return ids - {"unknown", "None"}


@pytest.fixture(scope="module")
def small() -> Any:
    """The fixture with a few people here and there."""
    with build_warehouse() as connection:
        connection.execute(FEW_ROWS)
        yield connection


@pytest.fixture(scope="module")
def shared(small: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of the shared report."""
    return built(small, tmp_path_factory.mktemp("shared") / "2026-W46", SHARED)


@pytest.fixture(scope="module")
def whole(small: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of the operator's own report on the same data."""
    return built(small, tmp_path_factory.mktemp("whole") / "2026-W46", Settings())


def holds(one: str, content: str) -> bool:
    """Tell whether an id stands in a text as a word of its own."""
    return re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", content) is not None


def test_no_id_in_any_byte(
    small: duckdb.DuckDBPyConnection, shared: dict[str, str], whole: dict[str, str]
) -> None:
    ids = people_of(small)
    assert len(ids) > 50
    found = [
        (path, one)
        for path, content in shared.items()
        for one in ids
        if one in content and holds(one, content)
    ]
    assert found == []
    assert any(holds(one, whole["owners.html"]) for one in ids)  # the search finds what is there


def test_no_count_of_few_people(shared: dict[str, str], whole: dict[str, str]) -> None:
    assert [leak for path, content in shared.items() for leak in leaks(path, content)] == []
    seen = [leak for path, content in whole.items() for leak in leaks(path, content)]
    assert len(seen) > 50 and any(leak.startswith("groups.csv") for leak in seen)


def test_the_rules_name_every_number_that_a_page_reads(
    small: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: set[str] = set()

    def noting(rows: list[dict[str, Any]], names: Names) -> list[dict[str, Any]]:
        for row in rows:
            read.update(
                name
                for name, value in row.items()
                if isinstance(value, int | float | Decimal) and not isinstance(value, bool)
            )
        return protect(rows, names)

    monkeypatch.setattr("pipelines.report.read.protect", noting)
    build_site(small, SHARED, tmp_path / "2026-W46")
    assert len(read) > 150
    assert read <= named(), read - named()


def test_a_number_of_which_nobody_said_what_it_counts_is_hidden() -> None:
    (row,) = protect([{"people_by_shoe_size": 700, "is_late": True, "day": 3, "reason": None}], Names())
    assert row == {
        "people_by_shoe_size": None, "is_late": True, "day": 3, "reason": HIDDEN, "own_reason": None,
    }  # fmt: skip


def test_hidden_cells_look_hidden_and_say_why(shared: dict[str, str]) -> None:
    page = shared["acquisition.html"]
    assert re.search(rf'<td class="n hidden[^"]*"[^>]*fewer than 5 people[^>]*>{STAR}</td>', page)
    for path in ("index.html", "summary.html", "groups.html"):
        assert "for sharing: member ids" in shared[path] and "分享版" in shared[path]


def test_large_numbers_stay(shared: dict[str, str], small: duckdb.DuckDBPyConnection) -> None:
    query = "select new_members from acquisition.weekly where is_complete order by week_start desc limit 1"
    row = small.execute(query).fetchone()
    assert row is not None and f'data-v="{row[0]}"' in shared["acquisition.html"]


def test_the_operators_own_report_is_not_touched(whole: dict[str, str]) -> None:
    assert not any(STAR in content for path, content in whole.items() if path.endswith((".html", ".csv")))


def test_the_same_data_gives_the_same_bytes(
    small: duckdb.DuckDBPyConnection, shared: dict[str, str], tmp_path: Path
) -> None:
    assert built(small, tmp_path / "2026-W46", SHARED) == shared


def test_a_hidden_part_takes_a_second_one_along() -> None:
    row = {"closed": 20, "leaves": 9, "kicks": 3, "dissolved": 8, "moved": 0, "reason": None}
    (told_,) = protect([row], Names())
    assert told_["kicks"] is None and told_["closed"] == 20 and told_["reason"] == HIDDEN
    assert [told_[name] for name in ("leaves", "dissolved", "moved")] == [9, None, 0]


def test_members_of_two_weeks_do_not_give_exits_away() -> None:
    (told_,) = protect([{"opened": 40, "closed": 3, "net_members": 37}], Names())
    assert told_ == {"opened": None, "closed": None, "net_members": 37}


def test_a_rate_goes_with_its_count_and_all_but_few_is_few() -> None:
    rows = [
        {"cohort_size": 50, "activated_7d_members": 3, "activated_7d_rate": 0.06},
        {"cohort_size": 50, "activated_7d_members": 48, "activated_7d_rate": 0.96},
        {"cohort_size": 50, "activated_7d_members": 0, "activated_7d_rate": 0.0},
        {"cohort_size": 50, "activated_7d_members": 5, "activated_7d_rate": 0.1},
    ]
    found = [(row["activated_7d_members"], row["activated_7d_rate"]) for row in protect(rows, Names())]
    assert found == [(None, None), (None, None), (0, 0.0), (5, 0.1)]


def test_one_hidden_group_takes_the_smallest_other_along() -> None:
    rows = [
        {"group_id": name, "week_start": 1, "buyers": n, "gmv": 10.0 * n}
        for name, n in zip("abc", (3, 40, 9), strict=True)
    ]
    assert [(row["buyers"], row["gmv"]) for row in protect(rows, Names())] == [
        (None, None),
        (40, 400.0),
        (None, None),
    ]


def test_people_get_the_same_number_everywhere() -> None:
    names = Names()
    first = protect([{"member_id": "zoe"}, {"member_id": "amy"}, {"member_id": None}], names)
    assert [row["member_id"] for row in first] == ["#2", "#1", None]
    again = protect([{"inviter_id": "zoe", "owner_id": "unknown"}], names)
    assert again == [{"inviter_id": "#2", "owner_id": "unknown"}]


@pytest.mark.parametrize(
    ("sentence", "stays"),
    [
        ("7 of 284 left within 24 hours of the push of 2026-10-06, usually 1.1", True),
        ("3 of 284 left within 24 hours", False),
        ("283 人中 2 人退群", False),
        ("471 members of 500", True),
    ],
)
def test_sentences_with_few_people_go(sentence: str, stays: bool) -> None:
    assert (told(sentence, {"subject_kind": "group"}) == sentence) is stays
    assert told("3 人退群。", {}) == STAR + "。"


def test_a_hidden_week_hides_the_change_from_it() -> None:
    base = {"metric": "new_members", "numerator": None, "denominator": None, "change": 9, "is_unusual": True}
    rows = [
        base | {"value": 3, "previous_value": 8, "reason": None},
        base | {"value": 12, "previous_value": 3, "reason": None},
    ]
    one, two = protect_scores(rows)
    assert one["value"] is None and one["reason"] == HIDDEN and one["is_unusual"] is False
    assert two["value"] == 12 and two["previous_value"] is None and two["change"] is None
