"""The questions of the command line and of the settings, on a warehouse that was really run."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.run.conftest import Place

OWN = """
[[funnels]]
name = "Wake up"
steps = ["join", "message"]
within = "7 days"
by = "group_id"
[[funnels]]
name = "Second 'try'"
steps = ["message", "order"]
entry = "first"
from_day = 2026-01-06
to_day = 2026-01-31
exclude = { event = "leave", policy = "not_converted" }
[[retentions]]
name = "Talk"
start_event = "join"
return_event = "message"
periods = 3
from_day = 2026-01-06
"""


@pytest.fixture(scope="module")
def asked(first_run: tuple[Place, object], tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A home with questions of its own, built."""
    root = tmp_path_factory.mktemp("asked") / "home"
    shutil.copytree(first_run[0].root, root)
    place = Place(root)
    settings = root / "groupfunnel.toml"
    settings.write_text((settings.read_text("utf-8") if settings.exists() else "") + OWN, encoding="utf-8")
    told = place.call("build")
    assert told.returncode == 0, told.stderr
    return place


def answer(place: Place, query: str) -> list[tuple[object, ...]]:
    """What a client of DuckDB gets."""
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


VERBS = [
    (("funnel", "join", "message", "--within", "7d"), "explore.funnel(['join', 'message'], interval 7 day)"),
    (
        ("funnel", "join", "message", "--trend", "week", "--by", "group_id", "--from", "2026-01-12"),
        "explore.funnel_trend(['join', 'message'], null, by := 'group_id', from_day := date '2026-01-12')",
    ),
    (
        ("funnel", "join", "message", "order", "--mode", "any", "--entry", "first"),
        "explore.funnel(['join', 'message', 'order'], null, mode := 'any', entry := 'first')",
    ),
    (
        ("funnel", "join", "order", "--exclude", "message", "--policy", "not_converted"),
        "explore.funnel(['join', 'order'], null, exclude := {event: 'message', policy: 'not_converted'})",
    ),
    (
        ("retention", "join", "message", "--periods", "3"),
        "explore.retention('join', 'message', periods := 3)",
    ),
    (
        ("retention", "message", "message", "--average", "--period", "day", "--clock", "rolling"),
        "explore.retention_average('message', 'message', period := 'day', clock := 'rolling')",
    ),
    (
        ("lifecycle", "--period", "week", "--active", "message, order"),
        "explore.lifecycle('week', active := ['message', 'order'])",
    ),
    (("stickiness", "--to", "2026-01-25"), "explore.stickiness('day', to_day := date '2026-01-25')"),
    (
        ("funnel", "join", "message", "--trend", "month", "--reentry", "--with-open", "--to", "2026-03-31"),
        "explore.funnel_trend(['join', 'message'], null, period := 'month', reentry := true, "
        "mature_only := false, to_day := date '2026-03-31')",
    ),
    (
        ("retention", "join", "message", "--with-open", "--time-zone", "UTC", "--week-starts", "sunday"),
        "explore.retention('join', 'message', mature_only := false, time_zone := 'UTC', "
        "week_starts := 'sunday')",
    ),
    (
        ("lifecycle", "--week-starts", "sunday", "--time-zone", "America/New_York"),
        "explore.lifecycle('week', week_starts := 'sunday', time_zone := 'America/New_York')",
    ),
    (
        ("attribution", "--model", "position", "--lookback", "2w"),
        "explore.attribution('position', interval 14 day)",
    ),
]


@pytest.mark.parametrize(("words", "call"), VERBS, ids=[" ".join(words[:6]) for words, _ in VERBS])
def test_a_verb_gives_what_its_macro_gives(
    asked: Place, words: tuple[str, ...], call: str, tmp_path: Path
) -> None:
    expected = answer(asked, f"from {call}")
    assert expected
    names = [str(row[0]) for row in answer(asked, f"describe from {call}")]
    page = tmp_path / "page.html"
    told = asked.call(*words, "--json", "--html", str(page))
    assert told.returncode == 0, told.stderr
    rows = json.loads(told.stdout)
    assert [list(row) for row in rows] == [names] * len(expected)
    for row, own in zip(rows, expected, strict=True):
        for cell, value in zip(row.values(), own, strict=True):
            if isinstance(cell, float) and value is not None:
                assert cell == pytest.approx(float(str(value)))
            else:
                assert str(cell) == str(value)
    html = page.read_text("utf-8")
    assert html.count("<tr>") == len(expected) + 1
    assert "<svg" in html and "<script" not in html
    assert not re.search(r"(src|href)\s*=|url\(|@import", html)


def test_a_table_for_people_and_csv_for_a_spreadsheet(asked: Place) -> None:
    table = asked.call("funnel", "join", "message", "--within", "7d")
    assert table.returncode == 0, table.stderr
    assert "100.0 %" in table.stdout and "by_value" not in table.stdout
    text = asked.call("funnel", "join", "message", "--within", "7d", "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    expected = answer(asked, "select members from explore.funnel(['join', 'message'], interval 7 day)")
    assert [int(row["members"]) for row in rows] == [row[0] for row in expected]


def test_members_of_a_funnel_are_listed_with_the_instants_of_their_steps(asked: Place) -> None:
    text = asked.call("funnel", "join", "message", "--within", "7d", "--members", "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    expected = answer(
        asked,
        "select member_id, step_reached, array_to_string(list_transform(step_times, lambda one: "
        "cast(one as varchar)), '; ') from explore.funnel_members(['join', 'message'], interval 7 day)",
    )
    assert expected
    assert sorted((row["member_id"], int(row["step_reached"]), row["step_times"]) for row in rows) == sorted(
        (str(one), int(str(steps)), str(times)) for one, steps, times in expected
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("funnel", "join", "massage"), ["unknown event 'massage'", "known events: checkin, invite"]),
        (("funnel", "join", "message", "--within", "soon"), ["--within", "'soon' is no span of time"]),
        (("funnel", "join", "message", "--by", "gruop_id"), ["there is no column", "group_id"]),
        (("funnel", "join", "--events", "core.evnts"), ["evnts does not exist"]),
        (("retention", "join", "massage"), ["unknown event 'massage'"]),
        (("lifecycle", "--active", "massage"), ["unknown event 'massage'"]),
        (("attribution", "--lookback", "-3d"), ["--lookback"]),
        (("lifecycle", "--from", "2026-02-01", "--period", "year"), ["year"]),
        (("funnel", "join", "order", "--reentry"), ["--trend"]),
        (("funnel", "join", "order", "--members", "--trend", "week"), ["--members", "--trend"]),
        (("funnel", "join", "order", "--members", "--html", "x.html"), ["--members", "--html"]),
        (("funnel", "join", "order", "--exclude", "leave", "--after-step", "2"), ["steps 2 and 2", "1 to 2"]),
        (("funnel", "join", "order", "--exclude", "leave", "--after-step", "0"), ["--after-step", "1"]),
        (("funnel", "join", "order", "--exclude", "massage"), ["unknown event 'massage'", "known events"]),
        (("funnel", "join", "order", "--mode", "open", "--exclude", "leave"), ["mode ordered or strict"]),
        (("funnel", "join", "order", "--from", "2026-03-01", "--to", "2026-02-01"), ["from_day is after"]),
        (("retention", "join", "message", "--average", "--with-open"), ["--average", "--with-open"]),
        (("stickiness", "--time-zone", "Mars/One"), ["Mars/One", "Candidate"]),
        (("attribution", "--touches", "core.nowhere"), ["nowhere does not exist"]),
    ],
)
def test_a_wrong_question_is_told_and_is_wrong_use(
    asked: Place, words: tuple[str, ...], told: list[str]
) -> None:
    got = asked.call(*words)
    assert got.returncode == 2, got.stderr
    for part in told:
        assert part in got.stderr
    assert "Traceback" not in got.stderr and "LINE 1" not in got.stderr


def test_the_settings_questions_are_built_on_a_run(asked: Place) -> None:
    expected = [
        ("Wake up", "explore.funnel(['join', 'message'], interval 7 day, by := 'group_id')"),
        (
            "Second 'try'",
            "explore.funnel(['message', 'order'], null, entry := 'first', "
            "from_day := date '2026-01-06', to_day := date '2026-01-31', "
            "exclude := {event: 'leave', policy: 'not_converted'})",
        ),
    ]
    for name, call in expected:
        quoted = name.replace("'", "''")
        own = answer(
            asked, f"select * exclude (name) from explore.own_funnels where name = '{quoted}' order by all"
        )
        assert own == answer(asked, f"from {call} order by all")
        assert own
        sums = answer(
            asked,
            "select by_value, step, sum(members) from explore.own_funnel_trends "
            f"where name = '{quoted}' group by all order by all",
        )
        assert sums == answer(asked, f"select by_value, step, members from {call} order by all")
    talk = "retention('join', 'message', periods := 3, from_day := date '2026-01-06')"
    retained = answer(asked, "select * exclude (name) from explore.own_retentions order by all")
    assert retained == answer(asked, f"from explore.{talk} order by all")
    assert {row[0] for row in answer(asked, "select name from explore.own_retentions")} == {"Talk"}


def test_the_tables_are_there_without_questions_and_every_column_is_told(
    first_run: tuple[Place, object], asked: Place
) -> None:
    for place in (first_run[0], asked):
        untold = answer(
            place,
            "select table_name, column_name from duckdb_columns() where schema_name = 'explore' "
            "and table_name like 'own%' and coalesce(comment, '') = ''",
        )
        assert untold == []
        tables = "select table_name from duckdb_tables() where schema_name = 'explore' order by 1"
        assert answer(place, tables) == [
            ("own_funnel_trends",), ("own_funnels",), ("own_questions",), ("own_retentions",),
        ]  # fmt: skip
    assert answer(first_run[0], "from explore.own_funnels") == []
    for table, call in (
        ("own_funnels", "funnel(['join'], null)"),
        ("own_funnel_trends", "funnel_trend(['join'], null)"),
        ("own_retentions", "retention('join', 'message')"),
    ):
        told = "select column_name, column_type from (describe from explore."
        assert answer(first_run[0], f"{told}{table})")[1:] == answer(first_run[0], f"{told}{call})")


def test_macros_have_comments_and_work_in_an_attached_warehouse(asked: Place) -> None:
    assert answer(
        asked,
        "select function_name from duckdb_functions() where schema_name = 'explore' "
        "and coalesce(comment, '') not like '%use <its name>%'",
    ) == []  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute(f"attach '{asked.warehouse}' as warehouse (read_only)")
        connection.execute("use warehouse")
        question = "from explore.funnel(['join', 'message'], interval 7 day)"
        assert connection.execute(question).fetchall() == answer(asked, question)


def test_a_question_of_the_settings_that_is_wrong_publishes_nothing(asked: Place, tmp_path: Path) -> None:
    root = tmp_path / "home"
    shutil.copytree(asked.root, root)
    place = Place(root)
    settings = root / "groupfunnel.toml"
    settings.write_text(
        settings.read_text("utf-8").replace('"join", "message"', '"join", "massage"'), "utf-8"
    )
    before = place.published()
    told = place.call("build")
    assert told.returncode == 2
    assert "Wake up" in told.stderr and "unknown event 'massage'" in told.stderr
    assert place.published() == before


def test_macros_outlive_a_rewritten_warehouse(asked: Place, tmp_path: Path) -> None:
    from pipelines.warehouse import rewrite

    copy = tmp_path / "warehouse.duckdb"
    shutil.copyfile(asked.warehouse, copy)
    rewrite(copy)
    question = "from explore.funnel(['join', 'message'], interval 7 day)"
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert connection.execute(question).fetchall() == answer(asked, question)
        assert connection.execute(
            "select count(*) from duckdb_functions() where schema_name = 'explore' "
            "and coalesce(comment, '') = ''"
        ).fetchone() == (0,)
