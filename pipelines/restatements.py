"""Which earlier published numbers a build changed, by how much, and because of which load.

Before the models are built the complete numbers of the last build are kept aside (`keep_before`), afterwards
they are compared with the new ones (`write_restatements`). Only numbers that were final are compared: of
complete weeks and mature windows. quality.restatements keeps the story of all builds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.warehouse import file_literal, literal, quote

SETTINGS = "settings, models or software"
FORGOTTEN = "somebody was forgotten"
EVENT_TABLES = ("joins", "messages", "orders", "invites")


@dataclass(frozen=True)
class Watched:
    """A table whose final numbers are compared.

    `keys` tell its rows apart, `first_day` is an expression for the first day a row speaks about and `days`
    how many it covers; `final` is what must hold for a row to be final (a NULL value never is).
    """

    table: str
    keys: tuple[str, ...]
    first_day: str
    days: int
    metrics: tuple[str, ...]
    final: str = "is_complete"


def _twin(name: str, *rest: object) -> tuple[Watched, Watched]:
    one = Watched(name, *rest)  # type: ignore[arg-type]
    return one, Watched(f"{name}_by_group", ("group_id", *one.keys), *rest[1:])  # type: ignore[arg-type]


WATCHED: tuple[Watched, ...] = (
    *_twin(
        "acquisition.weekly", ("week_start",), "week_start", 7,
        ("new_members", "opened", "closed", "members_at_end", "exit_rate"),
    ),
    *_twin(
        "activation.cohorts", ("cohort_week",), "cohort_week", 37,
        ("activated_24h_rate", "activated_7d_rate", "first_order_7d_rate", "first_order_30d_rate"), "true",
    ),
    *_twin(
        "retention.cohorts", ("cohort_week", "week_index"),
        "cast(cohort_week + cast(7 * week_index as integer) as date)", 7,
        ("active_members", "retention_rate"),
    ),
    *_twin(
        "revenue.weekly", ("week_start",), "week_start", 7,
        ("gmv", "refunds", "net_revenue", "margin", "paid_orders", "buyers", "unmatched_share"),
    ),
    Watched(
        "revenue.repurchase", ("cohort_month", "category"), "cohort_month", 121,
        ("repurchase_90d_rate",), "true",
    ),
    *_twin(
        "referral.weekly", ("week_start",), "week_start", 14,
        ("invites_sent", "invites_joined", "acceptance_rate", "k_factor"),
    ),
    *_twin(
        "scorecard.aarrr", ("cohort_week", "stage"), "cohort_week", 37, ("members",), "is_complete",
    ),
    Watched(
        "group_health.weekly", ("group_id", "week_start"), "week_start", 7,
        ("participation_rate", "score"), "true",
    ),
    Watched("scorecard.weekly", ("week_start", "metric"), "week_start", 7, ("value",)),
)  # fmt: skip

_COMMENTS = {
    "quality.builds": (
        "Builds of this warehouse, one row each. grain: build",
        {
            "build": "number of the build, from 1",
            "built_at": "when, UTC",
            "report_week": "week the report was of",
            "files": "files that were loaded by then",
            "new_files": "files that the build before did not have",
            "restated": "earlier published numbers that it changed",
        },
    ),
    "quality.restatements": (
        "Earlier published numbers that a build changed. grain: build, table_name, key, metric",
        {
            "build": "number of the build that changed them",
            "table_name": "table the number stands in",
            "key": "row of that table",
            "first_day": "first day the row speaks about",
            "metric": "column; of scorecard.weekly the value of the metric in the key",
            "value_before": "what was published before",
            "value_now": "what is published now; empty when it can no longer be told",
            "because_of_load": "the file that most likely changed it; empty when no new file did",
            "because": f"name of that file, or: {FORGOTTEN}; {SETTINGS}",
        },
    ),
    "raw.built_loads": ("Files the last build was made from.", {"sha256": "content of the file"}),
    "raw.built_tombstones": (
        "People who were forgotten before the last build.",
        {"tombstone": "as in raw.tombstones"},
    ),
}


def keep_before(connection: duckdb.DuckDBPyConnection, published: Path | None) -> None:
    """Keep the final numbers of the last build in temporary tables, before they are built anew.

    They stand in `connection`'s own database where it is a copy of the published warehouse; else they are
    read from `published` (None: there is none), and the story of its builds is taken over.
    """
    is_copy = _has(connection, "quality.builds", None)
    source = ""
    if not is_copy and published is not None and published.exists():
        connection.execute(f"attach {file_literal(published)} as published (read_only)")
        source = "published."
    try:
        catalog = "published" if source else None
        connection.execute(
            "create or replace temp table before_numbers (table_name varchar, key varchar, first_day date, "
            "days integer, metric varchar, value double)"
        )
        if is_copy or source:
            for watched in WATCHED:
                _collect(connection, watched, source, catalog, "before_numbers")
        connection.execute("create or replace temp table before_loads (sha256 varchar)")
        if _has(connection, "raw.built_loads", catalog):
            connection.execute(f"insert into before_loads from {source}raw.built_loads")
        connection.execute("create or replace temp table before_tombstones (tombstone varchar)")
        if _has(connection, "raw.built_tombstones", catalog):
            connection.execute(f"insert into before_tombstones from {source}raw.built_tombstones")
        connection.execute("create schema if not exists quality")
        for table in ("quality.builds", "quality.restatements") if source else ():
            if _has(connection, table, catalog):
                connection.execute(f"create or replace table {table} as from {source}{table}")
    finally:
        if source:
            connection.execute("detach published")


def write_restatements(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Compare with what `keep_before` kept and write the story; returns (cause, numbers it changed), most
    first.
    """
    _create(connection)
    connection.execute(
        "create or replace temp table now_numbers (table_name varchar, key varchar, first_day date, "
        "days integer, metric varchar, value double)"
    )
    for watched in WATCHED:
        _collect(connection, watched, "", None, "now_numbers")
    row = connection.execute("select coalesce(max(build), 0) + 1 from quality.builds").fetchone()
    build = int(row[0]) if row else 1
    _find_new_rows(connection)
    connection.execute(_COMPARE, [build, _cause_without_file(connection)])
    connection.execute(
        "insert into quality.builds select ?, ?, (select report_week from core.settings), "
        "(select count(*) from raw.loads), (select count(*) from new_loads), "
        "(select count(*) from quality.restatements where build = ?)",
        [build, datetime.now(UTC).replace(tzinfo=None, microsecond=0), build],
    )
    connection.execute("delete from raw.built_loads")
    connection.execute("insert into raw.built_loads select sha256 from raw.loads order by sha256")
    connection.execute("delete from raw.built_tombstones")
    connection.execute("insert into raw.built_tombstones select tombstone from raw.tombstones order by all")
    found = connection.execute(
        "select because, count(*) from quality.restatements where build = ? group by because "
        "order by count(*) desc, because",
        [build],
    ).fetchall()
    for table in (
        "before_numbers",
        "now_numbers",
        "before_loads",
        "before_tombstones",
        "new_loads",
        "new_rows",
    ):
        connection.execute(f"drop table if exists {table}")
    return [(str(because), int(count)) for because, count in found]


# What is no longer in the table at all is out of its range, unless weeks before it are still there.
_COMPARE = """
insert into quality.restatements
with ranges as (
    select table_name, min(first_day) as first_day from now_numbers group by table_name
),
changed as (
    select before.*, now.value as value_now
    from before_numbers as before
    join ranges on before.table_name = ranges.table_name and before.first_day >= ranges.first_day
    left join now_numbers as now
        on before.table_name = now.table_name and before.key = now.key and before.metric = now.metric
    where now.value is null
        or abs(now.value - before.value) > 1e-9 * greatest(1, abs(before.value), abs(now.value))
),
rows_of_changed as (
    select changed.table_name, changed.key, changed.metric, new_rows.load_id, new_rows.file_name,
        case
            when bool_or(new_rows.day is null) then 2
            when sum(case when new_rows.day >= changed.first_day
                and new_rows.day < changed.first_day + changed.days then new_rows.rows else 0 end) > 0 then 1
            when min(new_rows.day) < changed.first_day then 3
            else 4
        end as nearness,
        sum(case when new_rows.day >= changed.first_day
            and new_rows.day < changed.first_day + changed.days then new_rows.rows else 0 end) as rows_within
    from changed cross join new_rows
    group by changed.table_name, changed.key, changed.metric, new_rows.load_id, new_rows.file_name,
        changed.first_day, changed.days
),
causes as (
    select * from rows_of_changed
    qualify row_number() over (
        partition by table_name, key, metric order by nearness, rows_within desc, load_id
    ) = 1
)
select ?, changed.table_name, changed.key, changed.first_day, changed.metric, changed.value,
    changed.value_now, causes.load_id, coalesce(causes.file_name, ?)
from changed
left join causes
    on changed.table_name = causes.table_name and changed.key = causes.key and changed.metric = causes.metric
order by changed.table_name, changed.key, changed.metric
"""


def _cause_without_file(connection: duckdb.DuckDBPyConnection) -> str:
    """What changed numbers for which no new file accounts."""
    new = connection.execute(
        "select count(*) from raw.tombstones where tombstone not in (select tombstone from before_tombstones)"
    ).fetchone()
    return FORGOTTEN if new and new[0] else SETTINGS


def _find_new_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Files the last build did not have, and on which days they hold rows; lists have rows without a day."""
    connection.execute(
        "create or replace temp table new_loads as select load_id, file_name, event_kind from raw.loads "
        "where sha256 not in (select sha256 from before_loads)"
    )
    parts = [
        f"select load_id, day, count(*) as rows from raw.{table} "
        "where load_id in (select load_id from new_loads) group by load_id, day"
        for table in EVENT_TABLES
    ]
    connection.execute(
        "create or replace temp table new_rows as "
        f"with days as ({' union all '.join(parts)}) "
        "select new_loads.load_id, new_loads.file_name, days.day, coalesce(days.rows, 0) as rows "
        "from new_loads left join days on new_loads.load_id = days.load_id "
        "where days.day is not null or new_loads.event_kind not in ('join', 'message', 'order', 'invite')"
    )


def _collect(
    connection: duckdb.DuckDBPyConnection, watched: Watched, source: str, catalog: str | None, target: str
) -> None:
    """Add the final numbers of a table to `target`, one row each; a table that is not there adds none."""
    have = _columns(connection, watched.table, catalog)
    if not set(watched.keys) <= have or (watched.final != "true" and watched.final not in have):
        return
    key = " || ' ' || ".join(f"coalesce(cast({quote(name)} as varchar), '-')" for name in watched.keys)
    metrics = [metric for metric in watched.metrics if metric in have]
    names = ", ".join(literal(metric) for metric in metrics)
    values = ", ".join(f"cast({quote(metric)} as double)" for metric in metrics)
    connection.execute(
        f"insert into {target} with numbers as (select {key} as key, {watched.first_day} as first_day, "
        f"unnest([{names}]) as metric, unnest([{values}]) as value from {source}{watched.table} "
        f"where {watched.final}) select {literal(watched.table)}, key, first_day, {watched.days}, metric, "
        "value from numbers where value is not null"
    )


def _columns(connection: duckdb.DuckDBPyConnection, table: str, catalog: str | None) -> set[str]:
    schema, name = table.split(".")
    rows = connection.execute(
        "select column_name from duckdb_columns() where schema_name = ? and table_name = ? "
        "and database_name = coalesce(?, current_database())",
        [schema, name, catalog],
    ).fetchall()
    return {row[0] for row in rows}


def _has(connection: duckdb.DuckDBPyConnection, table: str, catalog: str | None) -> bool:
    return bool(_columns(connection, table, catalog))


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create schema if not exists quality")
    connection.execute(
        "create table if not exists quality.builds (build bigint, built_at timestamp, report_week varchar, "
        "files bigint, new_files bigint, restated bigint)"
    )
    connection.execute(
        "create table if not exists quality.restatements (build bigint, table_name varchar, key varchar, "
        "first_day date, metric varchar, value_before double, value_now double, because_of_load bigint, "
        "because varchar)"
    )
    connection.execute("create table if not exists raw.built_loads (sha256 varchar)")
    connection.execute("create table if not exists raw.built_tombstones (tombstone varchar)")
    for table, (about, columns) in _COMMENTS.items():
        connection.execute(f"comment on table {table} is {literal(about)}")
        for name, text in columns.items():
            connection.execute(f"comment on column {table}.{name} is {literal(text)}")
