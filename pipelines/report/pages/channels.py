"""The table of channels: whom each brought, who stayed and bought, at which cost, and which ones to stop."""

from __future__ import annotations

from typing import Any

from pipelines.report.context import Build
from pipelines.report.lacks import left_out
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, week_label
from pipelines.report.pages.todo import Proposal, proposals
from pipelines.report.read import Row
from pipelines.report.share import HIDDEN
from pipelines.report.text import Text, plain, word

TABLE = "acquisition.channels"
COHORTS, MOST = 12, 30
# What each number is made from in the pooled row, and what it rests on.
COLUMNS = {
    "channel_new_members": ("new_members", None),
    "channel_kept": ("kept_members", None),
    "channel_activated": ("activated_rate", "new_members"),
    "channel_buyers": ("buyers", None),
    "channel_cost": ("cost", None),
    "channel_cost_per_member": ("cost_per_member", "new_members"),
    "channel_cost_per_buyer": ("cost_per_buyer", "buyers"),
    "channel_early_exit": ("early_exit_rate", "new_members"),
}
WINDOWS = ("is_complete", "is_exit_complete_7d", "is_complete_7d", "is_order_complete_30d")
MISSING = {
    "channel_activated": "no_activity_export",
    "channel_buyers": "no_order_export",
    "channel_cost": "no_costs",
    "channel_cost_per_member": "no_costs",
}
POOLED = """
    with judged as (
        select *, early_exit_members is null and new_members is not null as lacks_exits
        from acquisition.channels where list_contains(?, cohort_week)
    ),
    sums as (
        select {key}, sum(new_members) as new_members,
            case when bool_or(lacks_exits) is false then sum(early_exit_members) end as early_exit_members,
            sum(activated_members) as activated_members, sum(buyers) as buyers, sum(cost) as cost,
            max(case when lacks_exits then reason end) as exit_reason
        from judged group by {group}
    )
    select {named}, new_members, new_members - early_exit_members as kept_members, early_exit_members,
        early_exit_members / nullif(new_members, 0) as early_exit_rate, activated_members,
        activated_members / nullif(new_members, 0) as activated_rate, buyers,
        buyers / nullif(new_members, 0) as buyer_rate, cost,
        cast(cost as double) / nullif(new_members, 0) as cost_per_member,
        cast(cost as double) / nullif(buyers, 0) as cost_per_buyer, exit_reason,
        cast(null as varchar) as reason
    from sums
"""


def channels(build: Build) -> dict[str, Any] | None:
    """Return the table of channels, the largest first, the ones proposed to stop among them.

    It pools the last 12 cohorts whose windows are all over; None where there is nothing to show.
    """
    proposed = {one.subject: one for one in proposals(build, "stop_channel")}
    weeks = _weeks(build)
    query = POOLED.format(key="channel", group="channel", named="channel")
    rows = _pooled(build, f"{query} order by sums.new_members desc, channel", weeks)
    if not weeks and not proposed and not ("join" in build.facts.kinds and build.warehouse.has(TABLE)):
        return None
    names = [
        key for key, (column, _) in COLUMNS.items() if any(known(raw[column]) is not None for raw, _ in rows)
    ]
    missing = [key for key in COLUMNS if rows and key not in names]
    shown = [pair for at, pair in enumerate(rows) if at < MOST or str(pair[0]["channel"]) in proposed]
    table = [_row(pair, names, proposed.get(str(pair[0]["channel"]))) for pair in shown]
    found = {str(raw["channel"]) for raw, _ in rows}
    table += [
        {"name": one.name, "cells": [_nothing(key) for key in names], "proposal": one, "is_total": False}
        for one in proposed.values()
        if one.subject not in found
    ]
    if len(rows) > 1:
        (total,) = _pooled(build, POOLED.format(key="'all' as scope", group="all", named="scope"), weeks)
        table.append(_row(total, names, None) | {"name": word("acq.channels.all"), "is_total": True})
    cells = [cell for row in table for cell in row["cells"]]
    more = len(rows) - len(shown)
    return {
        "names": names,
        "rows": table,
        "is_open": not weeks and "join" in build.facts.kinds,
        "has_proposals": bool(proposed),
        "when": word(
            "acq.channels.note", n=len(weeks), first=week_label(weeks[0]), last=week_label(weeks[-1])
        )
        if weeks
        else None,
        "has_open": False,
        "least": min(
            (known(cell["base"]) or 0.0 for cell in cells if _rests(cell)),
            default=None,
        ),
        "note": word("acq.channels.more", n=more) if more else None,
        "cost_only": any(known(raw["cost"]) and not known(raw["new_members"]) for raw, _ in rows),
        "left_out": left_out(
            missing, build.facts.kinds, {key: _why(key, [raw for raw, _ in rows]) for key in missing}
        ),
    }


def _weeks(build: Build) -> list[Any]:
    """Return the newest cohorts whose windows are all over, oldest first.

    A window no cohort has ever closed is one nothing is exported for: it keeps no cohort out.
    """
    if not build.warehouse.has(TABLE):
        return []
    warehouse = build.warehouse.unprotected()
    ever = warehouse.one(
        "select "
        + ", ".join(f"bool_or({name}) as {name}" for name in WINDOWS)
        + " from acquisition.channels where cohort_week <= ?",
        [build.facts.week_start],
    )
    over = [name for name in WINDOWS if ever.get(name)]
    if "is_complete" not in over:
        return []
    rows = warehouse.rows(
        f"""
        select cohort_week from acquisition.channels where cohort_week <= ?
        group by cohort_week having bool_and({" and ".join(over)})
        order by cohort_week desc limit {COHORTS}
        """,
        [build.facts.week_start],
    )
    return [row["cohort_week"] for row in reversed(rows)]


def _pooled(build: Build, query: str, weeks: list[Any]) -> list[tuple[Row, Row]]:
    """Return pooled rows, each as it is and as it is shown."""
    if not weeks:
        return []
    rows = build.warehouse.unprotected().rows(query, [weeks])
    return list(zip(rows, build.warehouse.protected(rows), strict=True))


def _row(pair: tuple[Row, Row], names: list[str], proposal: Proposal | None) -> dict[str, Any]:
    return {
        "name": proposal.name if proposal else _name(pair[0].get("channel")),
        "cells": [_cell(*pair, key) for key in names],
        "proposal": proposal,
        "is_total": False,
    }


def _cell(raw: Row, row: Row, key: str) -> dict[str, Any]:
    column, base = COLUMNS[key]
    return {
        "value": row[column],
        "unit": metric(key).unit,
        "why": HIDDEN if known(raw[column]) is not None else _why(key, [raw]),
        "base": row[base] if base else None,
    }


def _why(key: str, rows: list[Row]) -> object:
    """Return why a number is missing in these rows, the export first."""
    if key in ("channel_kept", "channel_early_exit"):
        given = next((row["exit_reason"] for row in rows if row["exit_reason"]), None)
        return given or "no_new_members"
    if key in ("channel_cost_per_member", "channel_cost_per_buyer"):
        if all(known(row["cost"]) is None for row in rows):
            return "no_costs"
        if key == "channel_cost_per_member":
            return "no_new_members"
        return "no_order_export" if all(known(row["buyers"]) is None for row in rows) else "no_buyers"
    if key == "channel_activated" and any(known(row["activated_members"]) is not None for row in rows):
        return "no_new_members"
    return MISSING.get(key)


def _nothing(key: str) -> dict[str, Any]:
    """Return the cell of a channel without a member in these cohorts."""
    return {"value": None, "unit": metric(key).unit, "why": "no_new_members", "base": None}


def _rests(cell: dict[str, Any]) -> bool:
    return known(cell["value"]) is not None and cell["base"] is not None


def _name(channel: object) -> Text:
    """Return a channel as data; the row of members whose channel nobody exported has a word of its own."""
    return word("row.unknown") if channel in (None, "", "unknown") else plain(str(channel))
