"""The lake: staged events as Parquet, by kind and week, and beside them the tables that Spark built.

`staging/<table>/` holds what the staging models say; the large kinds in folders `week=2026-11-09`, of which
an export writes only those whose rows changed. `built/<schema>/<table>/` is written by Spark. A lake is a
folder, written by DuckDB, or an address with a scheme (`s3a://bucket/lake`), written by the Spark session
with the credentials that it has.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pipelines.warehouse import literal

if TYPE_CHECKING:
    import duckdb

# The business date whose week an event is kept by; other staged tables are kept whole.
BY_WEEK = {
    "staging.messages": "day",
    "staging.joins": "day",
    "staging.logged_moves": "day",
    "staging.invites": "day",
    "staging.orders": "coalesce(paid_day, ordered_day)",
}
# The week of events without a date, and of a kind without events.
NOT_DATED = "1970-01-05"


@dataclass(frozen=True)
class Lake:
    """Where the Parquet files stand: a folder of this machine, or an address that Spark reaches."""

    place: str

    @property
    def is_remote(self) -> bool:
        """Whether the place is an address with a scheme and no folder."""
        return "://" in self.place

    @property
    def folder(self) -> Path:
        """The folder of a lake on this machine."""
        return Path(self.place)

    def table(self, name: str) -> str:
        """Where a table stands: `core.members` in built/core/members."""
        schema, table = name.split(".")
        below = f"staging/{table}" if schema == "staging" else f"built/{schema}/{table}"
        return f"{self.place.rstrip('/')}/{below}"


@dataclass(frozen=True)
class Exported:
    """What an export did with a table: how many weeks it wrote (1: the whole), and rows in them."""

    table: str
    weeks: int
    rows: int


def lake_of(data: Path, place: str | None) -> Lake:
    """The lake at a folder or an address, by default the folder `lake` of a home's `data`."""
    chosen = place or str(data / "lake")
    # A folder is the same from wherever the next command is called.
    return Lake(chosen if "://" in chosen else str(Path(chosen).resolve()))


def note_lake(data: Path, lake: Lake) -> None:
    """Note in a home's `data`, before a row is written to the lake, that it is one of its own: `forget` finds
    it, whatever becomes of the run.
    """
    if lake not in noted_lakes(data):
        data.mkdir(parents=True, exist_ok=True)
        with (data / "lakes.txt").open("a", encoding="utf-8") as file:
            file.write(f"{lake.place}\n")


def noted_lakes(data: Path) -> list[Lake]:
    """The lakes noted in a home's `data`."""
    path = data / "lakes.txt"
    return [Lake(line) for line in path.read_text("utf-8").splitlines() if line] if path.exists() else []


def export(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    tables: Iterable[str],
    session: Any = None,
    advance: Callable[[str], None] = lambda _: None,
) -> list[Exported]:
    """Write the staged tables that changed since the last export; `session` is needed for a remote lake.

    `connection` holds the staging models. The hashes of what stands in the lake are kept in it.
    """
    names = sorted(tables)
    before = dict(json.loads(_read_note(lake, "exported", session) or "{}"))
    now = {name: _hashes(connection, name) for name in names}
    changed = {name: _differing(before.get(name, {}), now[name]) for name in names}
    # What is being written is not what was exported, should the export end half way.
    kept = {n: {w: h for w, h in before.get(n, {}).items() if w not in changed[n]} for n in names}
    _write_note(lake, "exported", json.dumps(kept, sort_keys=True), session)
    done = []
    for name in names:
        rows = [_write(connection, lake, name, week, session) for week in changed[name]]
        done.append(Exported(name, len(rows), sum(rows)))
        advance(name)
    _write_note(lake, "exported", json.dumps(now, sort_keys=True), session)
    return done


def _differing(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Weeks that are not as they were, also those that have no rows any more."""
    return sorted(week for week in before.keys() | now.keys() if before.get(week) != now.get(week))


def schema_of(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[str, str]]:
    """Columns of a staged table with DuckDB's types, in order."""
    return [(row[0], row[1]) for row in connection.execute(f"describe {name}").fetchall()]


def _week(name: str) -> str:
    day = BY_WEEK[name]
    return f"coalesce(cast(date_trunc('week', {day}) as date), date '{NOT_DATED}')"


def _hashes(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    """A hash of the rows of each week, or of the whole under ''; the columns are in it."""
    columns = ", ".join(f"{column} {kind}" for column, kind in schema_of(connection, name))
    week = f"cast({_week(name)} as varchar)" if name in BY_WEEK else "''"
    found = connection.execute(
        f"select {week}, md5({literal(columns)} || count(*) || ' ' || sum(hash(held))) from {name} as held "
        "group by all"
    ).fetchall()
    told = {str(part): str(digest) for part, digest in found}
    # A table without a row stands in the lake too, for its columns.
    return told or {NOT_DATED if name in BY_WEEK else "": columns}


def _write(connection: duckdb.DuckDBPyConnection, lake: Lake, name: str, week: str, session: Any) -> int:
    chosen = f"select * from {name}"
    if week:
        chosen += f" where {_week(name)} = date '{week}'"
    place = lake.table(name) + (f"/week={week}" if week else "")
    if lake.is_remote:
        table: Any = connection.execute(chosen).to_arrow_table()
        session.createDataFrame(table).write.mode("overwrite").parquet(place)
        return int(table.num_rows)
    folder = Path(place)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    row = connection.execute(
        f"copy ({chosen}) to {literal(str(folder / 'part-0.parquet'))} (format parquet, compression zstd)"
    ).fetchone()
    return int(row[0]) if row else 0


def is_of_warehouse(connection: duckdb.DuckDBPyConnection, lake: Lake, session: Any) -> bool:
    """Whether the lake's built tables are those of the warehouse, so that days of them may be renewed."""
    if not _has_lakes(connection):
        return False
    row = connection.execute("select token from raw.lakes where place = ?", [lake.place]).fetchone()
    return row is not None and row[0] is not None and row[0] == _read_note(lake, "built", session)


def disown(lake: Lake, session: Any) -> None:
    """Say in the lake that its built tables are nobody's: they are being written."""
    _write_note(lake, "built", "", session)


def own_lake(connection: duckdb.DuckDBPyConnection, lake: Lake, session: Any) -> None:
    """Say in both that the built tables of the lake and of the warehouse are the same."""
    token = uuid4().hex
    _write_note(lake, "built", token, session)
    forget_tokens(connection)
    remember_lake(connection, lake, token)


def forget_tokens(connection: duckdb.DuckDBPyConnection) -> None:
    """What stands in the lakes is not what the warehouse is about to hold; the places stay known."""
    if _has_lakes(connection):
        connection.execute("update raw.lakes set token = null")


def remember_lake(connection: duckdb.DuckDBPyConnection, lake: Lake, token: str | None) -> None:
    """Note that rows of this warehouse were written to a lake, and what tells that it holds its tables."""
    connection.execute("create table if not exists raw.lakes (place varchar, token varchar)")
    connection.execute(
        "comment on table raw.lakes is 'Where Parquet files of this warehouse were written to.'; "
        "comment on column raw.lakes.place is 'Folder or address.'; "
        "comment on column raw.lakes.token is 'What the lake says too where its tables are these.'"
    )
    connection.execute("delete from raw.lakes where place = ?", [lake.place])
    connection.execute("insert into raw.lakes values (?, ?)", [lake.place, token])


def known_lakes(connection: duckdb.DuckDBPyConnection) -> list[Lake]:
    """All lakes that rows of this warehouse were written to."""
    if not _has_lakes(connection):
        return []
    return [
        Lake(place) for (place,) in connection.execute("select place from raw.lakes order by 1").fetchall()
    ]


def clear(lake: Lake) -> bool:
    """Remove what was written to a lake that is a folder of this machine; False where it is an address."""
    if lake.is_remote:
        return False
    for part in ("staging", "built"):
        shutil.rmtree(lake.folder / part, ignore_errors=True)
    for note in ("exported", "built"):
        (lake.folder / f"{note}.txt").unlink(missing_ok=True)
    return True


def _has_lakes(connection: duckdb.DuckDBPyConnection) -> bool:
    row = connection.execute(
        "select count(*) from duckdb_tables() where database_name = current_database() "
        "and schema_name = 'raw' and table_name = 'lakes'"
    ).fetchone()
    return row == (1,)


def _read_note(lake: Lake, name: str, session: Any) -> str | None:
    """What was noted in the lake under a name; None where nothing was."""
    if lake.is_remote:
        try:
            found = session.read.text(f"{lake.place.rstrip('/')}/{name}", wholetext=True).collect()
        except Exception:  # nothing was noted yet
            return None
        return str(found[0][0]).strip() if found else None
    path = lake.folder / f"{name}.txt"
    return path.read_text(encoding="utf-8") if path.exists() else None


def _write_note(lake: Lake, name: str, text: str, session: Any) -> None:
    if lake.is_remote:
        import pyarrow as pa

        told_there = session.createDataFrame(pa.table({"value": [text]}))
        told_there.write.mode("overwrite").text(f"{lake.place.rstrip('/')}/{name}")
        return
    path = lake.folder / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
