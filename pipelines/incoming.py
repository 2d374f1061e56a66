"""The good rows of one file as their raw table has them: with defaults, keys, content hash and business
day.
"""

from __future__ import annotations

import duckdb

from pipelines.contract import Kind
from pipelines.dates import Declared
from pipelines.mapping import Resolved
from pipelines.readers import ReadResult
from pipelines.settings import Export, Settings
from pipelines.warehouse import literal
from pipelines.zones import local_day_sql

# SQL of what tells a row without id or natural key apart: its content and its ordinal in the file.
ORDINAL = "row_hash || '#' || row_number() over (partition by row_hash order by row_number)"


def make_incoming(
    connection: duckdb.DuckDBPyConnection,
    seen: ReadResult,
    resolved: Resolved,
    export: Export,
    load_id: int,
    settings: Settings,
    told: Declared,
    *,
    has_all_ids: bool,
) -> tuple[str, ...]:
    """Temp view `incoming` of temp table `typed`: one row per good row; returns the columns to store, beside
    which it has `event_key` and `place`, a number of the row that no other has.

    `has_all_ids`: every good row has the export's own id, so that none has to be told apart by its
    content. The
    columns are those of the raw table of the kind; those that the file does not fill are left out, and
    NULL there. `told` dates a member list whose rows do not.
    """
    kind = resolved.kind
    number = seen.number
    filled = {name: name for name in kind.names if name in resolved.has} | _defaults(
        resolved, export, number, told
    )
    kept = ["text"] if "text" in resolved.has else []
    values = ", ".join([*(f"{text} as {name}" for name, text in filled.items()), *kept])
    extra = {"load_id": f"{load_id}::bigint"}
    if "source" not in kind.names:
        extra["source"] = literal(export.source or "main")
    if kind.event_time:
        extra["day"] = local_day_sql(kind.event_time, settings.project.time_zone)
    # What has an id or a natural key is known by it; what it holds is compared column by column.
    is_keyed = bool(kind.key) or (has_all_ids and kind.own_id in filled)
    hashes = [] if is_keyed and kind.name != "order" else ["row_hash"]
    row_hash = content_hash(kind, set(filled))
    # Keys of vast kinds are computed when they are read, but for what rows without ids are known by.
    keys = ([] if is_keyed else ["content_key"]) if kind.is_vast else [*hashes, "event_key"]
    names = (*filled, *extra, *kept, "row_number", *keys)
    orders, join = "", ""
    if kind.name == "order":
        names = (*names, "order_hash")
        join = " join order_hashes using (order_id)"
        orders = """,
        order_hashes as (
            select order_id, md5(string_agg(row_hash, ',' order by line_number, row_hash)) as order_hash
            from keyed group by order_id
        )"""
    key = _event_key(kind, set(filled), has_all_ids)
    if kind.name in ("groups", "members") and export.platform is not None:
        # What two platforms tell of the same group or person stands side by side.
        key = f"{key} || {literal('@' + export.platform)}"
    hashed = f", {row_hash} as row_hash" if hashes else ""
    own = kind.own_id if kind.own_id in filled else None
    made = {"event_key": key}
    if "content_key" in keys:
        made["content_key"] = f"case when {own} is null then {ORDINAL} end" if own else ORDINAL
    beside = [] if "event_key" in keys else ["event_key"]
    system = "".join(f", {text} as {name}" for name, text in (made | extra).items())
    rows = f"""
        with filled as (
            select rowid as place, {number} as row_number, {values} from typed where wrong is null),
        hashed as (select *{hashed} from filled),
        keyed as (select *{system} from hashed){orders}
        select {", ".join([*names, *beside])}
    """
    if hashes:
        # Windows and joins lose the order of the file.
        connection.execute(
            f"create or replace temp table incoming_rows as {rows} from keyed{join} "
            "order by row_number, place"
        )
        connection.execute(
            "create or replace temp view incoming as select *, rowid as place from incoming_rows"
        )
    else:
        # Computed where it is needed: rows that are many are not kept a second time.
        connection.execute(f"create or replace temp view incoming as {rows}, place from keyed")
    return names


def content_hash(kind: Kind, filled: set[str]) -> str:
    """SQL: hash of a row's canonical columns; a column that is not `filled` is NULL. NULL and empty text
    differ.
    """
    null = "chr(30)"
    cells = [f"coalesce(cast({name} as varchar), {null})" if name in filled else null for name in kind.names]
    return f"md5(concat_ws(chr(31), {', '.join(cells)}))"


def _event_key(kind: Kind, filled: set[str], has_all_ids: bool) -> str:
    """SQL of what tells a row apart: its own id, its natural key, or its content and ordinal in the file."""
    if kind.key:
        cells = [f"coalesce(cast({name} as varchar), '')" if name in filled else "''" for name in kind.key]
        return f"concat_ws('/', {', '.join(cells)})"
    if kind.own_id is None or kind.own_id not in filled:
        return ORDINAL
    # A platform's message id may be unique in its group only.
    own = f"group_id || '/' || {kind.own_id}"
    return own if has_all_ids else f"case when {kind.own_id} is not null then {own} else {ORDINAL} end"


def _defaults(resolved: Resolved, export: Export, number: str, told: Declared) -> dict[str, str]:
    """SQL of the columns that are not taken as they are."""
    kind, has = resolved.kind, resolved.has

    def or_else(name: str, default: str) -> str:
        return f"coalesce(typed.{name}, {default})" if name in has else default

    if kind.name == "join":
        return {"action": or_else("action", "'join'")}
    if kind.name == "message":
        return {"kind": or_else("kind", "'text'")}
    if kind.name == "member_list" and told.exported_at is not None:
        at, after = (
            literal((instant or told.exported_at).isoformat(sep=" ")) + "::timestamp"
            for instant in (told.exported_at, told.exported_after)
        )
        # A row that says when is exact.
        own = "typed.taken_at" if "taken_at" in has else "cast(null as timestamp)"
        return {
            "taken_at": or_else("taken_at", at),
            "taken_after": f"case when {own} is null then {or_else('taken_after', after)} end",
        }
    if kind.name == "coverage":
        return {"source": or_else("source", literal(export.source or "main"))}
    if kind.name != "order":
        return {}
    # Nothing else gives lines an order that the next export of the same order repeats.
    position = f"row_number() over (partition by order_id order by {number})"
    paid_at = "typed.paid_at" if "paid_at" in has else "ordered_at"
    return {
        "kind": or_else("kind", "case when typed.amount < 0 then 'refund' else 'sale' end"),
        "amount": "case when typed.kind = 'refund' then -abs(typed.amount) else typed.amount end"
        if "kind" in has
        else "typed.amount",
        "paid_at": f"case when coalesce(status, '') <> 'unpaid' then {paid_at} end"
        if "status" in has
        else paid_at,
        "line_number": or_else("line_number", position),
    }
