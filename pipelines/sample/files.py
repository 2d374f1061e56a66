"""Writes the export files: CSV by DuckDB, gzip with a fixed header: the same seed gives the same bytes."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.sample.build import SQL, Plan, run_sql

WEEKLY_FILES = 6
MANY_MESSAGES = 5_000_000  # from here on every file holds one week, to keep the memory small
MESSAGES_PER_WEEK = 3_100  # at scale 1
HISTORY_DAYS = 90
SIDE_TABLES = (
    "members", "aliases", "campaigns", "products", "gifts", "coverage", "platform_stats", "targets",
)  # fmt: skip
LARGE = 8 * 2**20  # bytes of CSV from which gzip trades size for speed


@dataclass(frozen=True)
class Period:
    """Days of one file, counted from the first generated day; both ends are inside."""

    file_no: int
    from_day: int
    to_day: int

    @property
    def weeks(self) -> int:
        """Whole weeks in the file."""
        return (self.to_day - self.from_day + 1) // 7


def periods(plan: Plan) -> list[Period]:
    """Four-week files (the first takes the remainder), then a file for each of the last six weeks.

    A sample of many messages has a file per week throughout.
    """
    weeks = plan.weeks
    expected = MESSAGES_PER_WEEK * weeks * plan.scale * plan.message_factor
    weekly = weeks if expected > MANY_MESSAGES else min(weeks, WEEKLY_FILES)
    lengths: list[int] = []
    rest = weeks - weekly
    if rest:
        lengths = [4 + rest % 4] + [4] * (rest // 4 - 1) if rest >= 4 else [rest]
    lengths += [1] * weekly
    result, day = [], 0
    for file_no, length in enumerate(lengths):
        result.append(Period(file_no, day, day + 7 * length - 1))
        day += 7 * length
    return result


def _gzip(source: Path, target: Path) -> None:
    level = 6 if source.stat().st_size < LARGE else 3
    with (
        source.open("rb") as plain,
        target.open("wb") as packed,
        gzip.GzipFile("", "wb", compresslevel=level, fileobj=packed, mtime=0) as stream,
    ):
        shutil.copyfileobj(plain, stream, 2**20)
    source.unlink()


def _query(table: str) -> str:
    return (SQL / f"export_{table}.sql").read_text(encoding="utf-8")


def _copy(connection: duckdb.DuckDBPyConnection, table: str, target: Path) -> None:
    """Write the export of `table` as plain CSV."""
    path = str(target).replace("'", "''")
    connection.execute(f"copy ({_query(table)}) to '{path}' (format csv, header)")


def _part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def _name(table: str, plan: Plan, from_day: int, to_day: int) -> str:
    first: date = plan.start_day + timedelta(days=from_day)
    last: date = plan.start_day + timedelta(days=to_day)
    return f"{table}_{first}_{last}.csv.gz"


def _write_gb18030(connection: duckdb.DuckDBPyConnection, table: str, target: Path) -> None:
    result = connection.execute(_query(table))
    names = [column[0] for column in result.description or ()]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(result.fetchall())
    target.write_bytes(text.getvalue().encode("gb18030"))


def _message_files(
    connection: duckdb.DuckDBPyConnection, plan: Plan, out_dir: Path, say: Callable[[str], None]
) -> None:
    """One messages file per period, packed while the next is made; repeats and late rows are carried over."""
    everything = periods(plan)
    packing: Future[None] | None = None
    with ThreadPoolExecutor(max_workers=1) as pool:
        for period in everything:
            connection.execute(f"set variable from_day = {period.from_day}")
            connection.execute(f"set variable to_day = {period.to_day}")
            connection.execute(f"set variable weeks_of_file = {period.weeks}")
            connection.execute(f"set variable is_last_file = {period is everything[-1]}")
            run_sql(connection, "17_messages")
            run_sql(connection, "19_message_file")
            target = out_dir / _name("messages", plan, period.from_day, period.to_day)
            _copy(connection, "messages", _part(target))
            if packing is not None:
                packing.result()
            packing = pool.submit(_gzip, _part(target), target)
            run_sql(connection, "19b_carry")
            say(target.name)
        if packing is not None:
            packing.result()


def _event_file(connection: duckdb.DuckDBPyConnection, table: str, file_no: int, target: Path) -> None:
    connection.execute(f"set variable file_no = {file_no}")
    _copy(connection, table, _part(target))
    _gzip(_part(target), target)


def write_files(
    connection: duckdb.DuckDBPyConnection, plan: Plan, out_dir: Path, say: Callable[[str], None]
) -> None:
    """Write every export of the built sample to `out_dir`."""
    connection.execute("create table files (file_no int, from_day int, to_day int, weeks int)")
    rows = [(p.file_no, p.from_day, p.to_day, p.weeks) for p in periods(plan)]
    connection.executemany("insert into files values (?, ?, ?, ?)", rows)
    run_sql(connection, "18_files")
    _message_files(connection, plan, out_dir, say)
    run_sql(connection, "20_side_tables")
    for period in periods(plan):
        for table in ("joins", "invites", "orders"):
            target = out_dir / _name(table, plan, period.from_day, period.to_day)
            _event_file(connection, table, period.file_no, target)
    _event_file(connection, "orders", -1, out_dir / _name("orders", plan, -HISTORY_DAYS, -1))
    for table in SIDE_TABLES:
        _copy(connection, table, out_dir / f"{table}.csv")
    _write_gb18030(connection, "groups", out_dir / "groups.csv")
    say("joins, invites, orders and the lists beside them")
