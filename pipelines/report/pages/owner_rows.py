"""Read what the owners page prints: each owner and leader over the last four weeks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.report.context import Build
from pipelines.report.kpis import WEEKS
from pipelines.report.numbers import known
from pipelines.report.read import Row
from pipelines.report.text import Text, plain, word

SPAN, MOST, TAIL, NAMED = 4, 60, 4, 2
NOBODY = "unknown"


def owner_rows(build: Build) -> list[dict[str, Any]]:
    """Return one row per owner, the best seller first, groups without an owner last.

    Groups and members are of the report week. Counts and money are sums of four weeks, unknown where one of
    these weeks is; rates are pooled over the weeks that have them.
    """
    if not build.warehouse.has("group_health.owners"):
        return []
    rows = build.warehouse.rows(
        f"""
        select owner_id,
            max(groups) filter (where week_start = ?) as groups,
            max(unique_members) filter (where week_start = ?) as unique_members,
            max(groups_on_watch) filter (where week_start = ?) as groups_on_watch,
            case when count(net_members) = count(*) then sum(net_members) end as net_members,
            sum(left_members) / cast(nullif(sum(members_at_start), 0) as double) as exit_rate,
            sum(members_at_start) as members_at_start,
            sum(posters) / cast(nullif(sum(archived_members), 0) as double) as participation_rate,
            sum(archived_members) as archived_members,
            case when count(net_revenue) = count(*) then sum(net_revenue) end as net_revenue,
            sum(questions) as questions,
            sum(unanswered) / cast(nullif(sum(questions), 0) as double) as unanswered_rate,
            max(reason) as reason
        from group_health.owners
        where week_start <= ? and week_start > cast(? as date) - 7 * {SPAN}
        group by owner_id
        having max(groups) filter (where week_start = ?) > 0
        order by owner_id = '{NOBODY}', net_revenue desc nulls last, owner_id
        limit {MOST}
        """,
        [build.facts.week_start] * 6,
    )
    answers = answer_minutes(build)
    trends = weekly_net(build, "group_health.owners", "owner_id")
    return [
        row
        | {
            "name": owner_name(row["owner_id"]),
            "minutes": answers.get(str(row["owner_id"]), {}).get("minutes"),
            "answered": answers.get(str(row["owner_id"]), {}).get("answered"),
            "trend": trends.get(str(row["owner_id"]), []),
        }
        for row in rows
    ]


def owner_name(owner_id: object) -> Text:
    """Return an owner's id, or what stands for the groups that have none."""
    return word("own.nobody") if owner_id == NOBODY else plain(owner_id)


def answer_minutes(build: Build) -> dict[str, Row]:
    """Return owner -> median minutes to an answer, of four weeks' daytime questions, and how many answers."""
    if not build.warehouse.has("group_health.responses", "core.groups"):
        return {}
    rows = build.warehouse.rows(
        f"""
        select coalesce(g.owner_id, '{NOBODY}') as owner_id, median(r.minutes_to_answer) as minutes,
            count(r.minutes_to_answer) as answered
        from group_health.responses as r
        join core.groups as g on g.group_id = r.group_id
        where r.is_over and r.is_daytime
            and r.week_start <= ? and r.week_start > cast(? as date) - 7 * {SPAN}
        group by 1
        """,
        [build.facts.week_start] * 2,
    )
    return {str(row["owner_id"]): row for row in rows}


def leader_rows(build: Build) -> list[dict[str, Any]]:
    """Return one row per group leader whom orders name, the best seller first."""
    if not build.warehouse.has("revenue.leaders"):
        return []
    rows = build.warehouse.rows(
        f"""
        select leader_id,
            case when count(net_revenue) = count(*) then sum(net_revenue) end as net_revenue,
            case when count(paid_orders) = count(*) then sum(paid_orders) end as paid_orders,
            case when count(new_buyers) = count(*) then sum(new_buyers) end as new_buyers,
            max(buyers) filter (where week_start = ?) as buyers,
            max(reason) as reason
        from revenue.leaders
        where leader_id is not null and week_start <= ? and week_start > cast(? as date) - 7 * {SPAN}
        group by leader_id
        order by net_revenue desc nulls last, leader_id
        limit {MOST}
        """,
        [build.facts.week_start] * 3,
    )
    led = led_groups(build)
    trends = weekly_net(build, "revenue.leaders", "leader_id")
    return [
        row | led.get(str(row["leader_id"]), NO_GROUP) | {"trend": trends.get(str(row["leader_id"]), [])}
        for row in _named(rows)
    ]


NO_GROUP: dict[str, Any] = {"led": [], "more": 0, "members": None, "net_members": None}


def _named(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Add the end of each id: leaders are members, whose ids are not printed in full."""
    return [row | {"name": masked(row["leader_id"])} for row in rows]


def masked(member_id: object) -> str:
    """Return the end of an id; the number that stands for a person in a shared report is not cut."""
    text = str(member_id)
    return text if text.startswith("#") else f"…{text[-TAIL:]}"


def led_groups(build: Build) -> dict[str, dict[str, Any]]:
    """Return leader -> the groups they lead, their members now and their net growth in four weeks."""
    if not build.warehouse.has("core.groups"):
        return {}
    flows = build.warehouse.has("acquisition.weekly_by_group")
    grown = (
        f"""
        select group_id, case when count(net_members) = count(*) then sum(net_members) end as net_members
        from acquisition.weekly_by_group
        where week_start <= ? and week_start > cast(? as date) - 7 * {SPAN}
        group by group_id
        """
        if flows
        else "select null as group_id, null as net_members where false"
    )
    rows = build.warehouse.rows(
        f"""
        with grown as ({grown})
        select g.leader_id, g.group_id, g.group_name, g.members_now, grown.net_members
        from core.groups as g left join grown on grown.group_id = g.group_id
        where g.leader_id is not null and g.closed_at is null
        order by g.leader_id, g.members_now desc nulls last, g.group_id
        """,
        [build.facts.week_start] * (2 if flows else 0),
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault(str(row["leader_id"]), {"all": []})
        one["all"].append(row)
    return {leader: _led(build, one["all"]) for leader, one in found.items()}


def _led(build: Build, rows: list[Row]) -> dict[str, Any]:
    shown = [(str(row["group_name"] or row["group_id"]), build.group_page(row["group_id"])) for row in rows]
    return {
        "led": shown[:NAMED],
        "more": max(len(shown) - NAMED, 0),
        "members": _total([row["members_now"] for row in rows]),
        "net_members": _total([row["net_members"] for row in rows]),
    }


def _total(values: list[Any]) -> float | None:
    """Add values up; unknown where one of them is."""
    numbers = [known(value) for value in values]
    return None if None in numbers else sum(value for value in numbers if value is not None)


def weekly_net(build: Build, table: str, key: str) -> dict[str, list[float | None]]:
    """Return key -> net revenue of the last twelve weeks, oldest first, NULL where unknown."""
    buyers = build.warehouse.column(table, "buyers")
    rows = build.warehouse.rows(
        f"""
        select {key}, week_start, net_revenue, {buyers} from {table}
        where {key} is not null and week_start <= ? and week_start > cast(? as date) - 7 * {WEEKS}
        order by week_start
        """,
        [build.facts.week_start] * 2,
    )
    weeks = sorted({row["week_start"] for row in rows})
    values: dict[str, dict[Any, float | None]] = {}
    for row in rows:
        values.setdefault(str(row[key]), {})[row["week_start"]] = known(row["net_revenue"])
    return {who: [by_week.get(week) for week in weeks] for who, by_week in values.items()}
