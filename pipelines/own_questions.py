"""The funnels and retentions that the settings name, built on every run into tables of schema explore.

`explore.own_funnels`, `explore.own_funnel_trends` (by week of entry) and `explore.own_retentions` have a
column `name` before those of explore.funnel, explore.funnel_trend and explore.retention;
`explore.own_questions` says what was asked, in the order of the settings. They are there, empty, where the
settings name none.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pipelines.errors import SettingsError
from pipelines.macros import read_macros
from pipelines.model_files import column_comments
from pipelines.model_tables import comments
from pipelines.questions import funnel_call, retention_call
from pipelines.settings import Settings
from pipelines.warehouse import literal, quote

_STEPS = {
    "by_value": "varchar", "step": "bigint", "step_name": "varchar", "members": "bigint",
    "share_of_first": "double", "share_of_first_low": "double", "share_of_first_high": "double",
    "share_of_previous": "double", "median_seconds_from_previous": "double",
    "mean_seconds_from_previous": "double", "p90_seconds_from_previous": "double",
    "median_seconds_from_entry": "double", "open_members": "bigint",
}  # fmt: skip
# The columns that the macros give, by table. Asking the macros where the settings ask nothing costs more
# than all else that is done here; the tests hold these against them.
COLUMNS = {
    "own_funnels": _STEPS,
    "own_funnel_trends": {"period_start": "date", **_STEPS, "adds_up": "boolean"},
    "own_retentions": {
        "cohort_start": "date", "by_value": "varchar", "cohort_size": "bigint", "period_index": "bigint",
        "members": "bigint", "rate": "double", "is_complete": "boolean",
    },
}  # fmt: skip


@dataclass(frozen=True)
class _Table:
    name: str
    comment: str
    macro: str
    calls: tuple[tuple[str, str], ...]


def _tables(settings: Settings) -> tuple[_Table, ...]:
    return (
        _Table(
            "own_funnels",
            "Funnels of the settings: one row per funnel, value of by, and step.",
            "funnel_counts",
            tuple((f.name, funnel_call(f)) for f in settings.funnels),
        ),
        _Table(
            "own_funnel_trends",
            "Funnels of the settings by week of entry: they add up to explore.own_funnels.",
            "funnel_counts",
            tuple((f.name, funnel_call(f, "funnel_trend")) for f in settings.funnels),
        ),
        _Table(
            "own_retentions",
            "Retentions of the settings: one row per retention, cohort, value of by, and period.",
            "retention",
            tuple((r.name, retention_call(r)) for r in settings.retentions),
        ),
    )


def build_own(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Build the four tables. Raises SettingsError naming the question that the macros refuse."""
    macros = read_macros()
    _write_questions(connection, settings)
    for table in _tables(settings):
        target = f"explore.{table.name}"
        columns = {"name": "varchar", **COLUMNS[table.name]}
        body = ", ".join(f"{quote(name)} {kind}" for name, kind in columns.items())
        connection.execute(f"create or replace table {target} ({body})")
        for name, call in table.calls:
            try:
                connection.execute(
                    f"insert into {target} by name select {literal(name)} as name, * from {call}"
                )
            except duckdb.Error as error:
                why = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
                raise SettingsError(
                    f"The settings' {table.name.removeprefix('own_')} “{name}”: {why}"
                ) from error
        words = {
            "name": "name in the settings",
            "adds_up": "whether the weeks add up to the funnel",
            **dict(column_comments(macros[table.macro].sql)),
        }
        told = [(column, words[column]) for column in columns]
        connection.execute(comments("table", target, table.comment, told))


QUESTION_COLUMNS = {
    "kind": ("varchar", "funnel or retention"),
    "name": ("varchar", "name in the settings"),
    "position": ("integer", "place in the settings, from 1"),
    "period": ("varchar", "day, week or month; NULL for a funnel"),
    "split_by": ("varchar", "column of core.events it is broken down by"),
    "asked": ("varchar", "the call that answers it: select * from asked"),
}


def _write_questions(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write explore.own_questions: what the settings ask."""
    target = "explore.own_questions"
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in QUESTION_COLUMNS.items())
    connection.execute(f"create or replace table {target} ({columns})")
    asked: list[tuple[object, ...]] = [
        ("funnel", one.name, place, None, one.by, funnel_call(one))
        for place, one in enumerate(settings.funnels, 1)
    ]
    asked += [
        ("retention", one.name, place, one.period, one.by, retention_call(one))
        for place, one in enumerate(settings.retentions, 1)
    ]
    if asked:
        marks = ", ".join("?" * len(QUESTION_COLUMNS))
        connection.executemany(f"insert into {target} values ({marks})", asked)
    told = [(name, words) for name, (_, words) in QUESTION_COLUMNS.items()]
    connection.execute(comments("table", target, "Funnels and retentions of the settings.", told))
