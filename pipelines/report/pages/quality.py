"""Can I trust it: what is exported, checks, rows in and out, coverage day by day, reconciliation."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pipelines.report.context import Build
from pipelines.report.facts import KINDS
from pipelines.report.render import Page
from pipelines.report.text import Text, plain, word, words

DAYS, LOADS, REJECTS, GAPS, DIFFERENCES = 84, 40, 20, 20, 20
SEVERITIES = ("critical", "error", "warning", "info")


def page(build: Build) -> Page:
    """Return the data quality page."""
    checks = check_rows(build)
    loads, more_loads = load_rows(build)
    return Page(
        "quality.html",
        "quality.html.j2",
        {
            "here": "quality",
            "title": word("title.quality"),
            "kinds": [
                (word(f"kind.{kind}"), build.facts.watermarks.get(kind), word(f"need.{kind}"))
                for kind in KINDS
            ],
            "failing": [row for row in checks if row["outcome"] != "passed"],
            "passing": [row for row in checks if row["outcome"] == "passed"],
            "checks_note": word(
                "q.checks.note",
                passed=build.facts.checks.get("passed", 0),
                failed=build.facts.checks.get("failed", 0),
                broken=build.facts.checks.get("could_not_run", 0),
            ),
            "calendar": calendar(build),
            "gaps": gaps(build),
            "loads": loads,
            "more_loads": word("q.loads.more", n=more_loads) if more_loads else None,
            "rejects": reject_rows(build),
            "has_rejects_table": build.warehouse.has("raw.rejects"),
            "reconciliation": reconciliation(build),
        },
    )


def choice(prefix: str, value: object) -> Text:
    """Return the words of a coded value, the value itself where there are none."""
    key = f"{prefix}.{value}"
    return word(key) if key in words() else plain(value)


def check_rows(build: Build) -> list[dict[str, Any]]:
    """Return every check, those that did not pass first, the most severe first."""
    if not build.warehouse.has("quality.checks"):
        return []
    rows = build.warehouse.rows("select * from quality.checks order by suite, check_name")
    rank = {name: index for index, name in enumerate(SEVERITIES)}
    rows.sort(
        key=lambda row: (
            row["outcome"] == "passed",
            rank.get(str(row["severity"]), 9),
            str(row["suite"]),
            str(row["check_name"]),
        )
    )
    return [
        row
        | {
            "severity_text": choice("q", row["severity"]),
            "outcome_text": choice("q", row["outcome"]),
            "examples_text": listed(row["examples"]),
            "message_text": listed(row.get("message")),
        }
        for row in rows
    ]


def listed(value: object) -> str:
    """Write a list column as text; None is empty."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value[:5])
    return str(value)[:400]


def load_rows(build: Build) -> tuple[list[dict[str, Any]], int]:
    """Return the newest files with their counts, and how many older ones there are."""
    if not build.warehouse.has("raw.loads"):
        return [], 0
    rows = build.warehouse.rows(
        """
        select file_name, source, event_kind, rows_read, rows_kept, rows_duplicate, rows_rejected,
            covered_from, covered_to
        from raw.loads
        order by covered_to desc nulls last, file_name, sha256
        """
    )
    limit = build.facts.limits.rejected_share
    shown = [
        row
        | {
            "kind_text": choice("kind", row["event_kind"]),
            "is_bad": (row["rows_rejected"] or 0) > limit * (row["rows_read"] or 0),
        }
        for row in rows[:LOADS]
    ]
    return shown, max(len(rows) - LOADS, 0)


def reject_rows(build: Build) -> list[dict[str, Any]]:
    """Return how many rows were rejected, by column and reason, the commonest first."""
    if not build.warehouse.has("raw.rejects"):
        return []
    return build.warehouse.rows(
        f"""
        select column_name, reason, count(*) as reject_rows, count(distinct load_id) as files from raw.rejects
        group by column_name, reason
        order by reject_rows desc, column_name, reason
        limit {REJECTS}
        """
    )


def calendar(build: Build) -> list[dict[str, Any]]:
    """Return the last 84 days of each kind: how many groups of all were covered on each day."""
    if not build.warehouse.has("core.coverage"):
        return []
    first = build.facts.week_end - timedelta(days=DAYS - 1)
    rows = build.warehouse.rows(
        """
        select day, event_kind, count(*) filter (where is_covered) as covered, count(*) as total
        from core.coverage
        where day between ? and ?
        group by day, event_kind
        """,
        [first, build.facts.week_end],
    )
    found = {(row["event_kind"], row["day"]): (int(row["covered"]), int(row["total"])) for row in rows}
    days = [first + timedelta(days=n) for n in range(DAYS)]
    return [
        {"kind": word(f"kind.{kind}"), "days": [_day(day, found.get((kind, day))) for day in days]}
        for kind in KINDS
        if kind in build.facts.kinds
    ]


def _day(day: date, counts: tuple[int, int] | None) -> dict[str, Any]:
    covered, total = counts or (0, 0)
    shade = "none" if covered == 0 else ("" if covered == total else "some")
    note = f"{day:%m-%d} · {covered}/{total}"
    return {"shade": shade, "note": note, "month": f"{day:%m-%d}" if day.weekday() == 0 else ""}


def gaps(build: Build) -> list[dict[str, Any]]:
    """Return groups with days nobody exported in the 14 days before the report date, by kind."""
    if not build.warehouse.has("core.coverage", "core.groups"):
        return []
    kinds = ", ".join(f"'{kind}'" for kind in build.facts.kinds) or "''"
    rows = build.warehouse.rows(
        f"""
        select c.group_id, g.group_name, c.event_kind,
            count(*) filter (where not c.is_covered) as days_missing
        from core.coverage as c
        join core.groups as g on g.group_id = c.group_id
        where c.day > cast(? as date) - 14 and c.day <= ? and c.event_kind in ({kinds})
            and (g.closed_at is null or cast(g.closed_at as date) > c.day)
        group by c.group_id, g.group_name, c.event_kind
        having count(*) filter (where not c.is_covered) > 0
        order by days_missing desc, c.group_id, c.event_kind
        limit {GAPS}
        """,
        [build.facts.week_end, build.facts.week_end],
    )
    return [
        row
        | {
            "name": str(row["group_name"] or row["group_id"]),
            "href": build.group_page(row["group_id"]),
            "kind_text": choice("kind", row["event_kind"]),
        }
        for row in rows
    ]


def reconciliation(build: Build) -> list[dict[str, Any]]:
    """Return the largest differences from the platform's totals, on the newest day of each metric."""
    if not build.warehouse.has("quality.reconciliation"):
        return []
    rows = build.warehouse.rows(
        f"""
        with newest as (
            select metric, max(day) as day from quality.reconciliation
            where platform_value is not null
            group by metric
        )
        select r.day, r.group_id, r.metric, r.own_value, r.platform_value, r.difference
        from quality.reconciliation as r
        join newest on newest.metric = r.metric and newest.day = r.day
        order by abs(r.difference) desc nulls last, r.metric, r.group_id
        limit {DIFFERENCES}
        """
    )
    names = {}
    if build.warehouse.has("core.groups"):
        names = {
            row["group_id"]: row["group_name"]
            for row in build.warehouse.rows("select group_id, group_name from core.groups")
        }
    return [row | {"name": _name(row["group_id"], names)} for row in rows]


def _name(group_id: object, names: dict[Any, Any]) -> Text:
    if group_id is None or group_id == "":
        return word("row.all")
    return plain(names.get(group_id) or group_id)
