"""Loading: files of the inbox become rows of `raw.*`, each file once, each row kept, duplicate or rejected."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.contract import CONTRACT, FILE_NAMES, Kind
from pipelines.errors import InputRefused
from pipelines.mapping import Resolved, resolve, typed_select
from pipelines.merge import key_columns, merge_orders, merge_rows, older_loads
from pipelines.raw import raw_columns
from pipelines.readers import ReadResult, reader_for
from pipelines.settings import Export, Settings
from pipelines.warehouse import literal, quote

RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})[_~]+(?:to_)?(\d{4}-\d{2}-\d{2})")
SINGLE = re.compile(r"(\d{4}-\d{2}-\d{2})")
HASH_CHUNK = 1 << 20


@dataclass(frozen=True)
class Candidate:
    """A file of the inbox that is an export: its path inside the inbox and how it is to be read."""

    path: Path
    name: str
    export: Export
    sha256: str
    mapping_hash: str


@dataclass(frozen=True)
class LoadResult:
    """What became of one file. rows_read = rows_kept + rows_duplicate + rows_rejected."""

    name: str
    event_kind: str
    rows_read: int
    rows_kept: int
    rows_duplicate: int
    rows_rejected: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inventory:
    """What lies in the inbox: exports not loaded yet, what is known already, and notes for the user."""

    new: tuple[Candidate, ...]
    known: int
    notes: tuple[str, ...]


def take_inventory(connection: duckdb.DuckDBPyConnection, inbox: Path, settings: Settings) -> Inventory:
    """Look through the inbox, in the order of names. Raises InputRefused when there is no such folder."""
    if not inbox.is_dir():
        raise InputRefused(f"There is no inbox {inbox}. Give the folder with the exports: --inbox FOLDER.")
    ledger = dict(connection.execute("select sha256, mapping_hash from raw.loads").fetchall())
    new: list[Candidate] = []
    notes: list[str] = []
    remapped = known = 0
    for path in sorted(p for p in inbox.rglob("*") if p.is_file()):
        name = path.relative_to(inbox).as_posix()
        if any(fnmatch.fnmatch(path.name, p) or fnmatch.fnmatch(name, p) for p in settings.inbox.ignore):
            continue
        export = export_for(name, settings)
        if export is None:
            notes.append(
                f"{name}: belongs to no export and was not read. Name it like joins_….csv, or give it an "
                "[[exports]] entry in the settings."
            )
            continue
        sha256 = hash_file(path)
        mapping_hash = _mapping_hash(export, settings)
        if sha256 in ledger:
            known += 1
            remapped += ledger[sha256] != mapping_hash
            continue
        ledger[sha256] = mapping_hash
        new.append(Candidate(path, name, export, sha256, mapping_hash))
    if remapped:
        notes.append(
            f"The settings of {remapped} loaded file{'s' if remapped > 1 else ''} changed since. "
            "Run with --full to read them again."
        )
    return Inventory(tuple(new), known, tuple(notes))


def export_for(name: str, settings: Settings) -> Export | None:
    """The export entry for a file of the inbox: the first of the settings that fits, else its own name.

    A file `<kind>…` (messages_2026-03-02_2026-03-08.csv) is an export of that kind with canonical headers.
    The folder it lies in names its source.
    """
    folder = name.split("/")[0] if "/" in name else "main"
    source = re.sub(r"[^\w.:-]+", "_", folder)[:64]
    for export in settings.exports:
        if fnmatch.fnmatch(name, export.files) or fnmatch.fnmatch(name.rsplit("/", 1)[-1], export.files):
            return replace_source(export, source)
    stem = name.rsplit("/", 1)[-1].lower()
    for word in sorted(FILE_NAMES, key=len, reverse=True):
        if re.match(rf"{word}(?![a-z])", stem):
            return Export.model_validate({"files": name, "event": FILE_NAMES[word], "source": source})
    return None


def replace_source(export: Export, source: str) -> Export:
    """The export with its source filled in."""
    return export if export.source else export.model_copy(update={"source": source})


def load_file(
    connection: duckdb.DuckDBPyConnection, candidate: Candidate, settings: Settings, now: datetime
) -> LoadResult:
    """Load one file in one transaction.

    Raises InputRefused when the file cannot be read, lacks a required column or changes while it is read.
    """
    kind = CONTRACT[candidate.export.event]
    before = candidate.path.stat()
    module, _ = reader_for(candidate.path)
    with module.read(connection, candidate.path, "incoming_text") as seen:
        connection.execute("begin transaction")
        try:
            result = _load_rows(connection, candidate, kind, seen, settings, now)
            after = candidate.path.stat()
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise InputRefused(
                    f"{candidate.name}: changed while it was read. Wait until it is copied, then run again."
                )
            connection.execute("commit")
        except BaseException:
            connection.execute("rollback")
            raise
    return result


def _load_rows(
    connection: duckdb.DuckDBPyConnection,
    candidate: Candidate,
    kind: Kind,
    seen: ReadResult,
    settings: Settings,
    now: datetime,
) -> LoadResult:
    export = candidate.export
    dates = _declared(candidate, kind, settings)
    load_id = _scalar(connection, "select coalesce(max(load_id), 0) + 1 from raw.loads")
    warnings: list[str] = []
    relation, headers = "incoming_text", seen.headers
    if headers and export.unpivot:
        relation, headers = _unpivot(connection, candidate, headers)
    if headers:
        resolved = resolve(kind, headers, export, settings, candidate.name, _latest(dates, settings, now))
        connection.execute(
            f"create or replace temp table typed as {typed_select(resolved, quote(relation), settings)}"
        )
    else:
        resolved = Resolved(kind, (), (), ())
        columns = ", ".join(f"cast(null as {t}) as {n}" for n, t, _ in raw_columns(kind) if n in kind.names)
        connection.execute(
            f"create or replace temp table typed as select 0::bigint as row_number, {columns}, "
            "null::varchar as problem_column, null::varchar as problem where false"
        )
    read = _scalar(connection, "select count(*) from typed") + len(seen.bad_rows)
    if read == 0:
        warnings.append("has no rows")
    warnings += [f"column {name!r} maps to nothing and stays out" for name in resolved.unused]
    warnings += [f"has no column for {name}" for name in resolved.missing]
    rejected = _keep_rejects(connection, load_id, seen, resolved, relation)
    _make_incoming(connection, kind, export, resolved, load_id, settings)
    if dates[0] is None and kind.is_event:
        span = connection.execute("select min(day), max(day) from incoming").fetchone()
        dates = (*(span or (None, None)), dates[2])
    exported_at = dates[2] or _end_of(dates[1], settings)
    if exported_at is None and not kind.is_event:
        # A member list or group list without a date in its name: the newer file is the newer state.
        exported_at = datetime.fromtimestamp(candidate.path.stat().st_mtime, UTC).replace(tzinfo=None)
    is_declared = kind.is_event and _declared(candidate, kind, settings)[0] is not None
    connection.execute(
        f"insert into raw.loads values ({', '.join('?' * 19)})",
        [
            load_id, candidate.name, candidate.sha256, export.source, kind.name, seen.source_format,
            seen.encoding, read, 0, 0, rejected, dates[0], dates[1], is_declared, exported_at,
            now.astimezone(UTC).replace(tzinfo=None), candidate.mapping_hash, export.accepted_only,
            ", ".join(resolved.unused) or None,
        ],
    )  # fmt: skip
    older_loads(connection, load_id)
    kept = merge_orders(connection, kind) if kind.name == "order" else merge_rows(connection, kind)
    duplicate = read - rejected - kept
    connection.execute(
        "update raw.loads set rows_kept = ?, rows_duplicate = ? where load_id = ?", [kept, duplicate, load_id]
    )
    return LoadResult(candidate.name, kind.name, read, kept, duplicate, rejected, tuple(warnings))


def _make_incoming(
    connection: duckdb.DuckDBPyConnection,
    kind: Kind,
    export: Export,
    resolved: Resolved,
    load_id: int,
    settings: Settings,
) -> None:
    """Temp table `incoming`: the good rows with defaults, keys and business day, as the raw table has them."""
    values = {name: name for name in kind.names}
    if kind.name == "join":
        values["action"] = "coalesce(action, 'join')"
    if kind.name == "message":
        values["kind"] = "coalesce(kind, 'text')"
    if kind.name == "coverage":
        values["source"] = f"coalesce(source, {literal(export.source or 'main')})"
    if kind.name == "order":
        values["kind"] = "coalesce(kind, case when amount < 0 then 'refund' else 'sale' end)"
        values["amount"] = "case when kind = 'refund' then -abs(amount) else amount end"
        values["paid_at"] = (
            "case when coalesce(status, '') <> 'unpaid' then "
            + ("paid_at" if "paid_at" in resolved.has else "ordered_at")
            + " end"
        )
        values["line_number"] = (
            "coalesce(line_number, row_number() over (partition by order_id order by row_number))"
        )
    day = "cast(null as date)"
    if kind.event_time:
        zone = literal(settings.project.time_zone)
        day = f"cast(timezone({zone}, timezone('UTC', {kind.event_time})) as date)"
    own = set(kind.names)
    extra = [
        f"{text} as {name}"
        for name, text in (
            ("source", literal(export.source or "main")), ("load_id", f"{load_id}::bigint"), ("day", day)
        )
        if name not in own
    ]  # fmt: skip
    names = ", ".join(name for name, _, _ in raw_columns(kind))
    filled = ", ".join(f"{text} as {name}" for name, text in values.items())
    connection.execute(
        f"""
        create or replace temp table keyed as
        select *, {key_columns(kind)}{", " if extra else ""}{", ".join(extra)}
        from (select row_number, {filled} from typed where problem is null)
        """
    )
    if kind.name == "order":
        connection.execute(
            f"""
            create or replace temp table incoming_lines as
            with contents as (
                select order_id, md5(string_agg(row_hash, ',' order by line_number, row_hash)) as order_hash
                from keyed
                group by order_id
            )
            select {names} from keyed join contents using (order_id)
            order by row_number
            """
        )
    source = "incoming_lines" if kind.name == "order" else "keyed"
    connection.execute(f"create or replace temp view incoming as select {names} from {source}")


def _keep_rejects(
    connection: duckdb.DuckDBPyConnection, load_id: int, seen: ReadResult, resolved: Resolved, relation: str
) -> int:
    """Write the refused rows to raw.rejects with their reason; returns how many they are."""
    for row_number, reason in seen.bad_rows:
        connection.execute("insert into raw.rejects values (?, ?, null, ?, null)", [load_id, row_number, reason])
    bad = _scalar(connection, "select count(*) from typed where problem is not null")
    if bad:
        shown = {i.header for i in resolved.bound if i.header and not i.column.is_personal}
        cells = ", ".join(
            f"{literal(h)}: {quote(h) if h in shown else literal('•••')}"
            for h in [*dict.fromkeys([i.header for i in resolved.bound if i.header]), *resolved.unused]
        )
        connection.execute(
            f"""
            insert into raw.rejects
            select {load_id}, typed.row_number, problem_column, problem, to_json({{{cells}}})
            from typed join {quote(relation)} as source_row on source_row.row_number = typed.row_number
            where problem is not null
            order by typed.row_number
            """
        )
    return bad + len(seen.bad_rows)


def _unpivot(
    connection: duckdb.DuckDBPyConnection, candidate: Candidate, headers: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """A wide file as one row per cell: the listed columns become `metric` and `value`."""
    from pipelines.mapping import normalise

    found = {normalise(h): h for h in headers}
    wide: dict[str, str] = {}
    for column, metric in candidate.export.unpivot.items():
        if normalise(column) not in found:
            raise InputRefused(
                f"{candidate.name}: has no column {column!r}, which the settings unpivot. "
                f"Its headers are: {', '.join(headers[:12])}."
            )
        wide[found[normalise(column)]] = metric
    kept = [h for h in headers if h not in wide]
    columns = ", ".join(quote(h) for h in kept)
    parts = [
        f"select (row_number - 1) * {len(wide)} + {i} as row_number, {columns}, "
        f"{literal(metric)} as metric, {quote(header)} as value from incoming_text"
        for i, (header, metric) in enumerate(wide.items(), start=1)
    ]
    connection.execute("create or replace temp view incoming_long as " + " union all ".join(parts))
    return "incoming_long", (*kept, "metric", "value")


def _declared(
    candidate: Candidate, kind: Kind, settings: Settings
) -> tuple[date | None, date | None, datetime | None]:
    """(covered_from, covered_to, exported_at) as the settings or the file name say; None where nobody says."""
    export = candidate.export
    exported = export.exported_at
    if exported is not None:
        local = exported if exported.tzinfo else exported.replace(tzinfo=settings.zone)
        exported = local.astimezone(UTC).replace(tzinfo=None)
    if export.covered_from and export.covered_to:
        return export.covered_from, export.covered_to, exported
    name = candidate.name.rsplit("/", 1)[-1]
    try:
        if match := RANGE.search(name):
            first, last = (date.fromisoformat(part) for part in match.groups())
            if first > last:
                raise InputRefused(f"{candidate.name}: the name says from {first} to {last}, which is backwards.")
            return first, last, exported
        if (match := SINGLE.search(name)) and not kind.is_event:
            exported = exported or _end_of(date.fromisoformat(match.group(1)), settings)
    except ValueError:
        pass
    return None, None, exported


def _latest(dates: tuple[date | None, date | None, datetime | None], settings: Settings, now: datetime) -> str:
    """SQL timestamp after which no event of the file can lie: a day past its declared end, else past now."""
    end = _end_of(dates[1], settings) or now.astimezone(UTC).replace(tzinfo=None)
    return literal((end + timedelta(days=1)).isoformat(sep=" ")) + "::timestamp"


def _end_of(day: date | None, settings: Settings) -> datetime | None:
    """The naive UTC instant at which a business day ends."""
    if day is None:
        return None
    midnight = datetime(day.year, day.month, day.day, tzinfo=settings.zone) + timedelta(days=1)
    return midnight.astimezone(UTC).replace(tzinfo=None)


def hash_file(path: Path) -> str:
    """SHA-256 of a file's content. Raises InputRefused when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(HASH_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise InputRefused(f"{path.name}: cannot be read ({error.strerror}).") from error
    return digest.hexdigest()


def _mapping_hash(export: Export, settings: Settings) -> str:
    told = export.model_dump(mode="json", exclude={"files"})
    told["zone"] = settings.project.time_zone
    told["currency"] = settings.project.currency
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _scalar(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def load_all(
    connection: duckdb.DuckDBPyConnection,
    inventory: Inventory,
    settings: Settings,
    now: datetime,
    report: Callable[[int, LoadResult], None],
) -> list[LoadResult]:
    """Load every new file of the inventory, telling `report` after each (its position, its result)."""
    results = []
    for position, candidate in enumerate(inventory.new, start=1):
        result = load_file(connection, candidate, settings, now)
        results.append(result)
        report(position, result)
    return results


