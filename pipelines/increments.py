"""Which days of the tables by day a load has touched, so that only these are built again.

A model whose header says `partition:` and `reach: -1d..+2d` depends, for each of its days, on that many
days before and after in its imports by day. After a load the runner narrows those imports to the touched days
and their reach, and replaces these days of the table. A table by week (`partition: week_start`) is one by day
with rows on the first days of weeks alone, which reaches over the days it sums up, and reads other tables by
week at its own week. Everything else is built whole; the tables come out as a build from nothing makes them.

What touched a day is read off the data, held against the build before: rows of messages by load and day,
tables by day (with `partition`) by the sum of their rows' hashes. A table of spans of time says so (`span:
joined_at..left_at, exit_kind`): its row matters from the day it begins, the columns that tell of its end from
the day it ends. Any other import must be the same as before, or the model is built whole. Its header may say
that it only `grows`: by `rows` that no earlier day knows (a person nobody had heard of), or in its
`watermark`, which matters within the reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.errors import ModelError
from pipelines.model_files import Model
from pipelines.warehouse import file_literal, quote

# Partitions that are days of the calendar; any other is any day.
PERIODS = ("week_start", "month_start")
_BEFORE = "build_before"
_REACH = re.compile(r"^([+-]?\d+)d\.\.([+-]?\d+)d$")
# Rows by the load they are of tell what came, went or was replaced, without reading what they hold.
_VAST = {"raw.messages": ("load_id", "row_number")}

Days = frozenset[date]
NONE: Days = frozenset()


@dataclass(frozen=True)
class Renewal:
    """The days of a model to build again, and the days of its imports that they need."""

    days: Days
    imported: Days


def reach_of(model: Model) -> tuple[int, int]:
    """Days before and after that a day of the model reads. Raises ModelError when the header is not so."""
    found = _REACH.match(model.reach or "")
    if not found or int(found[1]) > int(found[2]):
        raise ModelError(f"{model.file}: `reach: {model.reach}` is no span of days such as -1d..+2d.")
    return int(found[1]), int(found[2])


def is_in(days: Days, expression: str) -> str:
    """SQL: whether `expression` is one of some days; the outer span lets whole row groups be skipped."""
    listed = ", ".join(f"date '{day}'" for day in sorted(days))
    span = f"{expression} between date '{min(days)}' and date '{max(days)}'"
    return f"{span} and {expression} in ({listed})"


@contextmanager
def since(
    connection: duckdb.DuckDBPyConnection, models: dict[str, Model], published: Path, basis: str
) -> Iterator[Increments | None]:
    """What changed since the build of `published`, from which `connection`'s own file was copied.

    None where that was another build, or one of other settings, models or software than `basis` tells.
    """
    if not published.exists():
        yield None
        return
    connection.execute(f"attach {file_literal(published)} as {_BEFORE} (read_only)")
    try:
        told = [_state(connection, catalog) for catalog in (_current(connection), _BEFORE)]
        is_same = told[0] is not None and told[0] == told[1] and told[0][1] == basis
        yield Increments(models) if is_same else None
    finally:
        connection.execute(f"detach {_BEFORE}")


def _current(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("select current_database()").fetchone()
    return quote(str(row[0] if row else ""))


def _state(connection: duckdb.DuckDBPyConnection, catalog: str) -> tuple[str, str] | None:
    try:
        row = connection.execute(f"select fingerprint, basis from {catalog}.raw.state").fetchone()
    except duckdb.Error:  # no build yet, or of a version that did not write it
        return None
    return (str(row[0]), str(row[1])) if row else None


@dataclass
class Increments:
    """What one build finds out about the days that were touched; every question is answered once."""

    models: dict[str, Model]
    known: dict[str, Days | None] = field(default_factory=dict)
    periods: dict[str, Days] = field(default_factory=dict)

    def renewal(self, connection: duckdb.DuckDBPyConnection, model: Model) -> Renewal | None:
        """The days of a model to build again; None where it has to be built whole."""
        days = self._renewed(connection, model)
        if model.reach is not None:
            self.known[model.name] = days
        if days is None:
            return None
        first, last = reach_of(model)
        return Renewal(days, spread(days, first, last))

    def _renewed(self, connection: duckdb.DuckDBPyConnection, model: Model) -> Days | None:
        if model.reach is None or model.partition is None or model.is_view:
            return None
        if not self._stood(connection, model.name):
            return None
        own = [name for name, _ in model.reads if self._is_of_same_period(model, name)]
        rest = [name for name, _ in model.reads if name not in own]
        touched, same = (self._of_tables(connection, names) for names in (rest, own))
        if touched is None or same is None:
            return None
        first, last = reach_of(model)
        days = spread(touched, -last, -first) | same
        return days & self._calendar(connection, model.partition) if model.partition in PERIODS else days

    def _is_of_same_period(self, model: Model, name: str) -> bool:
        """Whether both are tables by week, or by month: each reads the other at its own week alone."""
        read = self.models.get(name)
        return model.partition in PERIODS and read is not None and read.partition == model.partition

    def _of_tables(self, connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> Days | None:
        touched: set[date] = set()
        for name in names:
            days = self._touched(connection, name)
            if days is None:
                return None
            touched |= days
        return frozenset(touched)

    def _touched(self, connection: duckdb.DuckDBPyConnection, name: str) -> Days | None:
        if name not in self.known:
            self.known[name] = self._find(connection, name)
        return self.known[name]

    def _find(self, connection: duckdb.DuckDBPyConnection, name: str) -> Days | None:
        """Days of a table that changed; none where nothing that matters did, None where anything may have."""
        model = self.models.get(name)
        if model is not None and model.is_view:
            days = self._of_tables(connection, [read for read, _ in model.reads])
            return days if model.partition is not None or not days else None
        if model is not None and model.grows == "watermark":
            return NONE
        if not self._stood(connection, name):
            return None
        if name in _VAST:
            load, number = _VAST[name]
            return _differing(connection, name, f"{load}, day", f"count(*), sum({number})")
        if model is not None and model.partition is not None:
            return _differing(connection, name, f"{model.partition} as day", "count(*), sum(hash(held))")
        if model is not None and model.span is not None:
            since = _span_changed(connection, model)
            return frozenset(day for day in self._calendar(connection, "day") if since and day >= since)
        before, now = (f"select hash(held) from {where}{name} as held" for where in (f"{_BEFORE}.", ""))
        if model is not None and model.grows == "rows":
            is_changed = _is_any(connection, f"({before}) except all ({now})")
        else:
            is_changed = _is_any(connection, f"({before}) except all ({now})") or _is_any(
                connection, f"({now}) except all ({before})"
            )
        return None if is_changed else NONE

    def _calendar(self, connection: duckdb.DuckDBPyConnection, period: str) -> Days:
        """Days, or first days of weeks or months, that the calendar has or had."""
        if period not in self.periods:
            rows = connection.execute(
                f"select {period} from staging.calendar union select {period} from {_BEFORE}.staging.calendar"
            ).fetchall()
            self.periods[period] = frozenset(row[0] for row in rows)
        return self.periods[period]

    def _stood(self, connection: duckdb.DuckDBPyConnection, name: str) -> bool:
        row = connection.execute(
            "select count(*) from duckdb_tables() "
            "where database_name = ? and schema_name = ? and table_name = ?",
            [_BEFORE, *name.split(".")],
        ).fetchone()
        return row == (1,)


def spread(days: Days, first: int, last: int) -> Days:
    """Each of the days with those from `first` to `last` days after it."""
    return frozenset(day + timedelta(days=n) for day in days for n in range(first, last + 1))


def _differing(connection: duckdb.DuckDBPyConnection, table: str, keys: str, told: str) -> Days:
    """Days on which a table's rows, told apart by `keys` and summed up as `told`, are not as before."""
    before, now = (f"select {keys}, {told} from {where}{table} as held group by all" for where in
                   (f"{_BEFORE}.", ""))  # fmt: skip
    rows = connection.execute(
        f"select distinct day from ((({before}) except ({now})) union all (({now}) except ({before})))"
    ).fetchall()
    return frozenset(row[0] for row in rows)


def _span_changed(connection: duckdb.DuckDBPyConnection, model: Model) -> date | None:
    """The first day on which a table of spans is not what it was; None where it is the same.

    The day before is as good: spans are instants in UTC, days are those of the project's time zone.
    """
    start, _, told = (model.span or "").partition("..")
    ends = [column.strip() for column in told.split(",") if column.strip()]
    rows = connection.execute(f"select * from {model.name} limit 0").description
    keys = ", ".join(name for name, *_ in rows if name not in ends)
    end = ends[0] if ends else "null::timestamp"
    before, now = (f"select * from {where}{model.name}" for where in (f"{_BEFORE}.", ""))
    row = connection.execute(
        f"""
        with changed as (
            (({before}) except all ({now})) union all (({now}) except all ({before}))
        ),
        turns as (
            -- The same span before and now: it differs from its earlier end on.
            select case when count(*) = 2 and count({end}) > 0 then min({end})
                else coalesce(min({start}), timestamp '1970-01-01') end as turned_at
            from changed
            group by {keys}
        )
        select cast(min(turned_at) as date) - 1 from turns
        """
    ).fetchone()
    return row[0] if row else None


def _is_any(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    return connection.execute(f"select 1 from ({query}) limit 1").fetchone() is not None
