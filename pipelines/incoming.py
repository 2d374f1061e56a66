"""The good rows of one file as their raw table has them: with defaults, keys, content hash and business day."""

from __future__ import annotations

import duckdb

from pipelines.contract import Kind
from pipelines.mapping import Resolved
from pipelines.raw import raw_columns
from pipelines.readers import ReadResult
from pipelines.settings import Export, Settings
from pipelines.warehouse import literal


def make_incoming(
    connection: duckdb.DuckDBPyConnection,
    seen: ReadResult,
    resolved: Resolved,
    export: Export,
    load_id: int,
    settings: Settings,
) -> None:
    """Temp table `incoming` from temp table `typed`: one row per good row, columns of the raw table of the kind."""
    kind = resolved.kind
    number = "row_number" if seen.has_row_numbers else "rowid + 1"
    filled = _defaults(kind, resolved, export, number)
    values = ", ".join(f"{filled.get(name, name)} as {name}" for name in kind.names)
    day = "cast(null as date)"
    if kind.event_time:
        zone = literal(settings.project.time_zone)
        day = f"cast(timezone({zone}, timezone('UTC', {kind.event_time})) as date)"
    extra = {"source": literal(export.source or "main"), "load_id": f"{load_id}::bigint", "day": day}
    system = "".join(f", {text} as {name}" for name, text in extra.items() if name not in kind.names)
    names = ", ".join(name for name, _, _ in raw_columns(kind))
    connection.execute(
        f"""
        create or replace temp table incoming as
        with filled as (select {number} as row_number, {values} from typed where wrong is null),
        hashed as (select *, {content_hash(kind.names)} as row_hash from filled),
        keyed as (select *, {_event_key(kind, resolved)} as event_key{system} from hashed){_order_hashes(kind)}
        select {names} from keyed{" join order_hashes using (order_id)" if kind.name == "order" else ""}
        order by row_number
        """
    )


def content_hash(columns: tuple[str, ...]) -> str:
    """SQL: hash of a row's canonical columns; NULL and empty text differ."""
    return "md5(concat_ws(chr(31), " + ", ".join(f"coalesce(cast({c} as varchar), chr(30))" for c in columns) + "))"


def _event_key(kind: Kind, resolved: Resolved) -> str:
    """SQL of what tells a row apart: its own id, its natural key, or its content and ordinal in the file."""
    if kind.key:
        return "concat_ws('/', " + ", ".join(f"coalesce(cast({c} as varchar), '')" for c in kind.key) + ")"
    ordinal = "row_hash || '#' || row_number() over (partition by row_hash order by row_number)"
    if kind.own_id is None or kind.own_id not in resolved.has:
        return ordinal
    # A platform's message id may be unique in its group only.
    return f"case when {kind.own_id} is not null then group_id || '/' || {kind.own_id} else {ordinal} end"


def _order_hashes(kind: Kind) -> str:
    """SQL of a further CTE with the hash of all lines of each order."""
    if kind.name != "order":
        return ""
    return """,
        order_hashes as (
            select order_id, md5(string_agg(row_hash, ',' order by line_number, row_hash)) as order_hash
            from keyed group by order_id
        )"""


def _defaults(kind: Kind, resolved: Resolved, export: Export, number: str) -> dict[str, str]:
    """SQL of the columns that are not taken as they are."""
    if kind.name == "join":
        return {"action": "coalesce(action, 'join')"}
    if kind.name == "message":
        return {"kind": "coalesce(kind, 'text')"}
    if kind.name == "coverage":
        return {"source": f"coalesce(source, {literal(export.source or 'main')})"}
    if kind.name != "order":
        return {}
    paid_at = "paid_at" if "paid_at" in resolved.has else "ordered_at"
    return {
        "kind": "coalesce(kind, case when amount < 0 then 'refund' else 'sale' end)",
        "amount": "case when typed.kind = 'refund' then -abs(amount) else amount end",
        "paid_at": f"case when coalesce(status, '') <> 'unpaid' then {paid_at} end",
        "line_number": f"coalesce(line_number, row_number() over (partition by order_id order by {number}))",
    }
