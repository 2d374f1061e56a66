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
from pipelines.own_settings import Funnel, Retention
from pipelines.questions import funnel_call, retention_call
from pipelines.settings import Settings
from pipelines.warehouse import literal, quote

# A call that gives the columns of a table where no question of the settings does.
_ANY_FUNNEL = Funnel(name="none", steps=["join"])
_ANY_RETENTION = Retention(name="none", start_event="join", return_event="message")


@dataclass(frozen=True)
class _Table:
    name: str
    comment: str
    macro: str
    empty: str
    calls: tuple[tuple[str, str], ...]


def _tables(settings: Settings) -> tuple[_Table, ...]:
    return (
        _Table(
            "own_funnels",
            "Funnels of the settings: one row per funnel, value of by, and step.",
            "funnel_counts",
            funnel_call(_ANY_FUNNEL),
            tuple((f.name, funnel_call(f)) for f in settings.funnels),
        ),
        _Table(
            "own_funnel_trends",
            "Funnels of the settings by week of entry: they add up to explore.own_funnels.",
            "funnel_counts",
            funnel_call(_ANY_FUNNEL, "funnel_trend"),
            tuple((f.name, funnel_call(f, "funnel_trend")) for f in settings.funnels),
        ),
        _Table(
            "own_retentions",
            "Retentions of the settings: one row per retention, cohort, value of by, and period.",
            "retention",
            retention_call(_ANY_RETENTION),
            tuple((r.name, retention_call(r)) for r in settings.retentions),
        ),
    )


def build_own(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Build the four tables. Raises SettingsError naming the question that the macros refuse."""
    macros = read_macros()
    _write_questions(connection, settings)
    for table in _tables(settings):
        target = f"explore.{table.name}"
        connection.execute(
            f"create or replace table {target} as "
            f"select cast(null as varchar) as name, * from {table.empty} limit 0"
        )
        for name, call in table.calls:
            try:
                connection.execute(f"insert into {target} select {literal(name)}, * from {call}")
            except duckdb.Error as error:
                why = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
                raise SettingsError(
                    f"The settings' {table.name.removeprefix('own_')} “{name}”: {why}"
                ) from error
        connection.execute(f"comment on table {target} is {literal(table.comment)}")
        words = {
            "name": "name in the settings",
            "adds_up": "whether the weeks add up to the funnel",
            **dict(column_comments(macros[table.macro].sql)),
        }
        for column, *_ in connection.execute(f"describe {target}").fetchall():
            connection.execute(f"comment on column {target}.{quote(column)} is {literal(words[column])}")


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
    connection.execute(f"comment on table {target} is 'Funnels and retentions of the settings.'")
    for name, (_, words) in QUESTION_COLUMNS.items():
        connection.execute(f"comment on column {target}.{name} is {literal(words)}")
