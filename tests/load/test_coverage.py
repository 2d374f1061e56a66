# ruff: noqa: E501
"""Which days are covered: declared by name, settings or a coverage export, else inferred from the rows."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.models import build_models, order_models, read_models
from pipelines.raw import write_settings
from pipelines.resources import shipped_path
from tests.load.inboxes import Warehouse, settings_of, write

HEADER = "group_id,member_id,occurred_at\n"


def _day(number: int) -> str:
    return str(date(2026, 3, 1) + timedelta(days=number - 1))


def _joins(*days: int, group: str = "g") -> str:
    return HEADER + "".join(f"{group},m{day},{_day(day)} 10:00\n" for day in days)


def covered(warehouse: Warehouse, kind: str = "join", group: str | None = None) -> dict[str, list[int]]:
    """Days of March by how they are covered, after building core.coverage and what it reads."""
    write_settings(warehouse.connection, warehouse.settings)
    models = read_models(shipped_path("sql"))
    raw = [
        f"raw.{name}"
        for (name,) in warehouse.rows("select table_name from duckdb_tables() where schema_name = 'raw'")
    ]
    wanted, queue = {}, ["core.coverage"]
    ordered = {model.name: model for model in order_models(models, raw)}
    while queue:
        name = queue.pop()
        if name in ordered and name not in wanted:
            wanted[name] = ordered[name]
            queue += [read for read, _ in ordered[name].reads]
    build_models(warehouse.connection, wanted, lambda _: None)
    told: dict[str, list[int]] = {}
    for day, how in warehouse.rows(
        "select day, how from core.coverage where event_kind = ? and group_id is not distinct from ? and is_covered "
        "order by day", kind, group,
    ):  # fmt: skip
        told.setdefault(how, []).append((day - date(2026, 2, 28)).days)
    return told


def test_declared_by_the_file_name(warehouse: Warehouse) -> None:
    warehouse.one("joins_2026-03-02_2026-03-08.csv", _joins(3, 4))
    assert covered(warehouse) == {"declared": list(range(2, 9))}


def test_declared_by_the_settings(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        '[[exports]]\nfiles="j*.csv"\nevent="join"\ncovered_from=2026-03-02\ncovered_to=2026-03-08\n',
    )
    warehouse = Warehouse(tmp_path / "home", settings)
    warehouse.one("j.csv", _joins(3))
    assert covered(warehouse) == {"declared": list(range(2, 9))}


def test_declared_by_a_coverage_export_of_source_and_kind(warehouse: Warehouse) -> None:
    warehouse.one("joins.csv", _joins(3, 5))
    warehouse.one("coverage.csv", f"event_kind,covered_from,covered_to\njoin,{_day(1)},{_day(9)}\n")
    # A day that is declared and seen is declared.
    assert covered(warehouse) == {"declared": list(range(1, 10))}


@pytest.mark.parametrize(("quiet", "is_gap"), [(5, False), (6, False), (7, True), (8, True)])
def test_seven_quiet_days_are_a_gap_and_six_are_not(warehouse: Warehouse, quiet: int, is_gap: bool) -> None:
    last = 3 + quiet + 1
    warehouse.one("joins.csv", _joins(2, 3, last))
    days = [2, 3, last] if is_gap else list(range(2, last + 1))
    assert covered(warehouse) == {"inferred": days}


def test_rows_of_other_kinds_and_files_of_a_source_bridge_a_gap(warehouse: Warehouse) -> None:
    warehouse.one("joins_a.csv", _joins(2))
    warehouse.one("joins_b.csv", _joins(14))
    warehouse.one("messages.csv", _joins(8))
    assert covered(warehouse) == {"inferred": list(range(2, 15))}


def test_another_source_does_not_bridge_it(warehouse: Warehouse) -> None:
    write(warehouse.inbox, "one/joins.csv", _joins(2, 14))
    write(warehouse.inbox, "two/messages.csv", _joins(8, group="h"))
    warehouse.load()
    assert covered(warehouse, group="g") == {"inferred": [2, 14]}


def test_a_group_of_its_own_coverage_and_one_never_exported(warehouse: Warehouse) -> None:
    warehouse.one("messages_2026-03-01_2026-03-10.csv", _joins(1, 2) + _joins(1, group="h")[len(HEADER) :])
    warehouse.one("groups_2026-03-10.csv", "group_id\ng\nh\nnever\nquiet\n")
    warehouse.one(
        "coverage_2026-03-10.csv",
        f"event_kind,group_id,covered_from,covered_to\nmessage,h,{_day(1)},{_day(4)}\nmessage,never,,\n",
    )
    everything = {"declared": list(range(1, 11))}
    assert covered(warehouse, "message") == everything
    assert covered(warehouse, "message", "g") == everything
    assert covered(warehouse, "message", "h") == {"declared": [1, 2, 3, 4]}
    assert covered(warehouse, "message", "never") == {}
    # A batch that lists its groups covers the silent ones too.
    assert covered(warehouse, "message", "quiet") == everything


def test_the_version_of_a_file_is_the_end_of_its_days_in_the_business_zone(warehouse: Warehouse) -> None:
    warehouse.one("joins_2026-03-02_2026-03-08.csv", _joins(3))
    assert warehouse.rows("select exported_at::varchar from raw.loads") == [("2026-03-08 15:59:59.999999",)]


@pytest.mark.parametrize("name", ["joins_2026-03-08_2026-03-02.csv"])
def test_a_range_that_runs_backwards_is_refused(warehouse: Warehouse, name: str) -> None:
    from pipelines.errors import InputRefused

    with pytest.raises(InputRefused, match="backwards"):
        warehouse.one(name, _joins(3))
