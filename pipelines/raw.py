"""The `raw` schema: one table per export kind, the ledger of files, the rejects, and their comments.

A column costs as much to write as another even if it is empty. Of kinds with rows by the million (`is_vast`)
what can be computed is therefore computed when it is read: the key of a row with an id, and the columns that
no file has filled yet, which are NULL until one does (`fill_columns`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from pipelines.contract import CONTRACT, SQL_TYPES, Kind
from pipelines.settings import Settings
from pipelines.warehouse import SCHEMA_VERSION, literal

SYSTEM_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("source", "varchar", "where the export comes from; files of one source share their coverage"),
    ("load_id", "bigint", "file of the current version of the row, in raw.loads"),
    ("row_number", "bigint", "row of that file, 1 for the first below the header"),
    (
        "event_key",
        "varchar",
        "what tells the row apart: its own id, else its content and ordinal in the file",
    ),
    ("row_hash", "varchar", "content of a row without an id or key of its own, and of order lines"),
    ("day", "date", "business date of the row; empty for kinds without a time"),
)
# Beside them, where `event_key` and `row_hash` are computed.
CONTENT_KEY = ("content_key", "varchar", "content and ordinal in the file of a row that has no id of its own")
LOADS = (
    ("load_id", "bigint", "number of the load"),
    ("file_name", "varchar", "path of the file inside the inbox"),
    ("sha256", "varchar", "content of the file; the same content is never loaded twice"),
    ("source", "varchar", "where the export comes from"),
    ("event_kind", "varchar", "what the file holds"),
    ("source_format", "varchar", "csv, tsv, excel, json, jsonl, parquet, or a platform"),
    ("encoding", "varchar", "how its text was decoded"),
    ("rows_read", "bigint", "rows below the header = kept + duplicate + rejected"),
    ("rows_kept", "bigint", "rows that were new, or newer than what was known"),
    ("rows_duplicate", "bigint", "rows already known, or older than what was known"),
    ("rows_rejected", "bigint", "rows kept in raw.rejects with their reason"),
    ("covered_from", "date", "first business day the file covers"),
    ("covered_to", "date", "last business day the file covers"),
    ("is_coverage_declared", "boolean", "whether the file name, the settings or the export said so"),
    ("exported_at", "timestamp", "when it was exported, naive UTC; the end of covered_to where nobody said"),
    ("loaded_at", "timestamp", "when it was loaded, naive UTC"),
    ("mapping_hash", "varchar", "the mapping it was loaded with"),
    ("accepted_only", "boolean", "whether an invite export holds only accepted invites"),
    ("unused_columns", "varchar", "headers that map to nothing and stayed out"),
)
REJECTS = (
    ("load_id", "bigint", "file, in raw.loads"),
    ("row_number", "bigint", "row of the file, 1 for the first below the header"),
    ("column_name", "varchar", "canonical column that is wrong; empty when the row could not be split"),
    ("reason", "varchar", "what is wrong with it"),
    ("raw_row", "varchar", "the row as JSON, personal and unmapped columns masked"),
)
ORDER_VERSIONS = (
    ("source", "varchar", "where the export comes from"),
    ("order_id", "varchar", "order"),
    ("order_hash", "varchar", "content of all its lines"),
    ("first_load_id", "bigint", "earliest export that shows this content"),
    ("last_load_id", "bigint", "latest export that shows this content"),
    ("is_current", "boolean", "whether this is what raw.orders holds"),
)
TOMBSTONES = (
    ("tombstone", "varchar", "keyed hash of an id; the id cannot be had back from it"),
    ("key_id", "varchar", "which key it was made with"),
    ("forgotten_at", "timestamp", "when the person was forgotten, naive UTC"),
)


def raw_columns(kind: Kind) -> list[tuple[str, str, str]]:
    """(name, type, comment) of the raw table of a kind."""
    columns = [(c.name, SQL_TYPES[c.type], c.comment) for c in kind.columns]
    # Coverage rows name their source themselves, platform statistics their day.
    own = {name for name, _, _ in columns}
    system = [column for column in SYSTEM_COLUMNS if column[0] not in own]
    if kind.is_vast:
        system.append(CONTENT_KEY)
    if kind.name == "order":
        system.append(("order_hash", "varchar", "content of all lines of the order in that export"))
    return columns + system


def made_columns(kind: Kind) -> dict[str, str]:
    """SQL of how columns of a new raw table are made or kept, where that is not left to DuckDB.

    Ids of one row each have no words to share: packing them as bytes takes half the time of looking for some,
    and a tenth to a third more place.
    """
    told = {name: f"generated always as ({sql}) virtual" for name, sql in computed_columns(kind).items()}
    return told | ({kind.own_id: "using compression zstd"} if kind.is_vast and kind.own_id else {})


def computed_columns(kind: Kind) -> dict[str, str]:
    """SQL of the columns of a new raw table that are computed when they are read."""
    if not kind.is_vast:
        return {}
    empty = {
        column.name: f"cast(null as {SQL_TYPES[column.type]})"
        for column in kind.columns
        if not column.is_required and column.name != kind.own_id
    }
    # A platform's message id may be unique in its group only.
    own = f"group_id || '/' || {kind.own_id}"
    return empty | {
        "event_key": f"case when {kind.own_id} is not null then {own} else content_key end",
        "row_hash": "case when content_key is not null then split_part(content_key, '#', 1) end",
    }


def stored_columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    """Names of the columns of a raw table that are not computed."""
    rows = connection.execute(
        "select column_name from information_schema.columns where table_schema = 'raw' and table_name = ? "
        "and table_catalog = current_database() and is_generated <> 'ALWAYS'",
        [table],
    ).fetchall()
    return {name for (name,) in rows}


def fill_columns(connection: duckdb.DuckDBPyConnection, kind: Kind, names: Iterable[str]) -> None:
    """Give columns that no file had filled a place in the table; they come to stand at its end."""
    if not kind.is_vast:
        return
    wanted = set(names) - stored_columns(connection, kind.table)
    for name, type_, comment in raw_columns(kind):
        if name in wanted:
            connection.execute(f"alter table raw.{kind.table} drop column {name}")
            connection.execute(f"alter table raw.{kind.table} add column {name} {type_}")
            connection.execute(f"comment on column raw.{kind.table}.{name} is {literal(comment)}")


def create_raw(connection: duckdb.DuckDBPyConnection) -> None:
    """Make what is missing of the raw schema, with comments. Existing tables stay as they are."""
    connection.execute("create schema if not exists raw")
    for kind in CONTRACT.values():
        _create(connection, kind.table, raw_columns(kind), kind.comment, made_columns(kind))
    order = raw_columns(CONTRACT["order"])
    _create(connection, "orders_history", order, "Earlier contents of orders, line by line.")
    _create(connection, "order_versions", list(ORDER_VERSIONS), "Every content an order was exported with.")
    _create(connection, "loads", list(LOADS), "Files that were loaded, one row each.")
    _create(connection, "rejects", list(REJECTS), "Rows that were refused, one row each.")
    kept = [("kept_from", "date", "first business day whose events are kept; empty: all are")]
    _create(connection, "retention", kept, "How far back events are kept, one row.")
    _create(connection, "tombstones", list(TOMBSTONES), "People who were forgotten and stay out.")
    _create(connection, "version", [("schema_version", "integer", "layout of the raw tables")], "Layout.")
    if connection.execute("select count(*) from raw.version").fetchone() == (0,):
        connection.execute("insert into raw.version values (?)", [SCHEMA_VERSION])


def _create(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: list[tuple[str, str, str]],
    comment: str,
    made: Mapping[str, str] | None = None,
) -> None:
    exists = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'raw' and table_name = ?", [table]
    ).fetchone()
    if exists != (0,):
        return
    told = made or {}
    body = ", ".join(f"{name} {type_} {told.get(name, '')}" for name, type_, _ in columns)
    connection.execute(f"create table raw.{table} ({body})")
    connection.execute(f"comment on table raw.{table} is {literal(comment)}")
    for name, _, text in columns:
        connection.execute(f"comment on column raw.{table}.{name} is {literal(text)}")


def write_settings(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Fill raw.settings (one row) and raw.health_weights from the settings file."""
    values: dict[str, object] = {
        "project_name": settings.project.name,
        "time_zone": settings.project.time_zone,
        "week_starts": settings.project.week_starts,
        "currency": settings.project.currency,
        "as_of": settings.project.as_of,
        **settings.windows.model_dump(),
        **settings.thresholds.model_dump(),
        **settings.actions.model_dump(),
        **settings.candidates.model_dump(),
        **settings.levers.model_dump(),
        **settings.folklore.model_dump(),
    }
    types = {int: "bigint", float: "double", str: "varchar"}
    columns = ", ".join(
        f"{name} {'date' if name == 'as_of' else types[type(value)]}" for name, value in values.items()
    )
    connection.execute(f"create or replace table raw.settings ({columns})")
    connection.execute(
        f"insert into raw.settings values ({', '.join('?' * len(values))})", list(values.values())
    )
    connection.execute("comment on table raw.settings is 'The settings file, one row.'")
    connection.execute(
        "create or replace table raw.health_weights "
        "(group_type varchar, input varchar, weight double, at_0 double, at_100 double)"
    )
    connection.executemany("insert into raw.health_weights values (?, ?, ?, ?, ?)", settings.health.weights())
    connection.execute(
        "comment on table raw.health_weights is 'Health score per group type, from the settings.'"
    )
