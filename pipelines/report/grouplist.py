"""Every group at the report date: its state, its numbers, its last twelve weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.report.context import Build
from pipelines.report.kpis import WEEKS
from pipelines.report.metrics import registry
from pipelines.report.numbers import known
from pipelines.report.reasons import reason
from pipelines.report.share import HIDDEN
from pipelines.report.text import Text, joined, plain, word

STATES = ("dead", "dying", "no_sales", "watch", "quiet_seller", "healthy", "new", "unknown")
COLUMNS = ("participation", "lurkers", "conversion", "exit_rate", "net", "score")
SILENT = "no messages and no orders in 14 days"
ATTENTION = ("dead", "dying", "no_sales", "watch")


@dataclass(frozen=True)
class Group:
    """One group at the report date: names are data, numbers None where unknown, `trend` 12 weeks."""

    group_id: str
    name: str
    group_type: str
    owner: str
    state: str
    members: float | None
    fill: float | None
    participation: float | None
    lurkers: float | None
    conversion: float | None
    net: float | None
    exit_rate: float | None
    score: float | None
    why: Text
    row: dict[str, Any]
    trend: tuple[float | None, ...]
    hint: str | None = None  # why numbers are not there, where it is the same for all


def group_list(build: Build) -> list[Group]:
    """Return all groups, those in the worst state first, then by size, then by id; empty ones last."""
    if not build.warehouse.has("group_health.groups", "core.groups"):
        return []
    rows = build.warehouse.rows(
        """
        select h.*, g.group_name, g.group_type, g.owner_id, g.capacity, g.created_at, g.closed_at
        from group_health.groups as h
        left join core.groups as g on g.group_id = h.group_id
        """
    )
    trends = _trends(build)
    kinds = build.facts.kinds
    found = [_group(row, trends.get(str(row["group_id"]), ()), kinds) for row in rows]
    return sorted(
        found,
        key=lambda group: (
            group.members == 0,
            STATES.index(group.state),
            -(group.members or 0),
            group.group_id,
        ),
    )


def group_columns(groups: Sequence[Group]) -> dict[str, bool]:
    """Tell which numbers any of the groups has; the type counts where more than "other" is known."""
    found = {name: any(getattr(group, name) is not None for group in groups) for name in COLUMNS}
    return found | {
        "type": any(group.group_type != "other" for group in groups),
        "trend": any(len([v for v in group.trend if v is not None]) > 1 for group in groups),
    }


def _group(row: dict[str, Any], trend: tuple[float | None, ...], kinds: tuple[str, ...]) -> Group:
    state = str(row["state"]) if row["state"] in STATES else "unknown"
    return Group(
        group_id=str(row["group_id"]),
        name=str(row["group_name"] or row["group_id"]),
        group_type=str(row["group_type"] or "other"),
        owner=str(row["owner_id"] or ""),
        state=state,
        members=known(row["members"]),
        fill=known(row["capacity_fill"]),
        participation=known(row["participation_7d"]),
        lurkers=known(row["lurker_rate"]),
        conversion=known(row["conversion_30d"]),
        net=known(row["net_revenue_28d"]),
        exit_rate=known(row["exit_rate_28d"]),
        score=known(row["score"]),
        why=_why(row.get("own_reason", row["reason"]), kinds),
        hint=HIDDEN if row["reason"] == HIDDEN else None,
        row=row,
        trend=trend,
    )


def _why(value: object, kinds: tuple[str, ...]) -> Text:
    """Translate the names of score inputs; any other reason goes through the list of reasons.

    Where orders or messages are not exported, nothing is said of them.
    """
    if value is None or not str(value).strip():
        return plain("")
    parts = [part.strip() for part in str(value).replace(";", ",").split(",") if part.strip()]
    if parts and all(part in registry() for part in parts):
        return word("groups.why", parts=joined([registry()[part].label for part in parts], en="; "))
    if str(value).strip().replace("_", " ") == SILENT and not {"message", "order"} <= set(kinds):
        return word("group.no_messages" if "order" in kinds else "group.no_orders")
    return reason(value)


def _trends(build: Build) -> dict[str, tuple[float | None, ...]]:
    """Return each group's last twelve weeks: net revenue, or members where orders are not exported."""
    table, column = "revenue.weekly_by_group", "net_revenue"
    if "order" not in build.facts.kinds or not build.warehouse.has(table):
        table, column = "acquisition.weekly_by_group", "members_at_end"
    if not build.warehouse.has(table):
        return {}
    rows = build.warehouse.rows(
        f"""
        select group_id, week_start, {column} as value from {table}
        where week_start <= ? and week_start > cast(? as date) - 7 * {WEEKS}
        order by week_start
        """,
        [build.facts.week_start, build.facts.week_start],
    )
    weeks: list[date] = sorted({row["week_start"] for row in rows})
    values: dict[str, dict[date, float | None]] = {}
    for row in rows:
        values.setdefault(str(row["group_id"]), {})[row["week_start"]] = known(row["value"])
    return {group: tuple(by_week.get(week) for week in weeks) for group, by_week in values.items()}
