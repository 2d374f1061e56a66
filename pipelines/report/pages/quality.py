"""Can I trust it: what is exported, checks, rows in and out, coverage day by day, reconciliation."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pipelines.report.context import Build, shallow
from pipelines.report.facts import KINDS
from pipelines.report.metrics import registry
from pipelines.report.pages.quality_rows import (
    capability_note,
    check_rows,
    choice,
    lacks,
    load_rows,
    reject_rows,
    suites,
)
from pipelines.report.pages.restated import restated
from pipelines.report.reconcile import Compared, compare
from pipelines.report.render import Page
from pipelines.report.text import Text, plain, word

DAYS, GAPS, GAPS_SHOWN, DIFFERENCES = 84, 60, 6, 20


def page(build: Build) -> Page:
    """Return the data quality page."""
    checks = check_rows(build)
    newest, older, more_loads = load_rows(build)
    short = gaps(build)
    compared = compare(build.warehouse, build.facts.week_end)
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
            "lacks": lacks(build),
            "capability_note": capability_note(build),
            "failing": [row for row in checks if row["outcome"] != "passed"],
            "suites": suites(checks),
            "checks_note": word(
                "q.checks.note",
                passed=build.facts.checks.get("passed", 0),
                failed=build.facts.checks.get("failed", 0),
                broken=build.facts.checks.get("could_not_run", 0),
            ),
            "calendar": calendar(build),
            "gaps": short[:GAPS_SHOWN],
            "more_gaps": short[GAPS_SHOWN:],
            "loads": newest,
            "older_loads": older,
            "more_loads": word("q.loads.more", n=more_loads) if more_loads else None,
            "rejects": reject_rows(build),
            "has_rejects_table": build.warehouse.has("raw.rejects"),
            "compared": [shallow(one) | {"definition": one.definition} for one in compared],
            "compared_span": span(compared),
            "differences": differences(build),
            "identities": identities(build),
            "restated": restated(build),
        },
    )


def span(compared: list[Compared]) -> Text | None:
    """Name the days on which the platform's counts and ours are both known; None without any."""
    if not compared:
        return None
    first, last = min(one.first for one in compared), max(one.last for one in compared)
    return word("q.reconcile.span", first=f"{first:%Y-%m-%d}", last=f"{last:%Y-%m-%d}")


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


def differences(build: Build) -> list[dict[str, Any]]:
    """Return the largest differences from the platform's totals on the newest day both sides know."""
    if not build.warehouse.has("quality.reconciliation"):
        return []
    rows = build.warehouse.rows(
        f"""
        with newest as (
            select metric, max(day) as day from quality.reconciliation
            where platform_value is not null and own_value is not null and day <= ?
            group by metric
        )
        select r.day, r.group_id, g.group_name, r.metric, r.own_value, r.platform_value, r.difference
        from quality.reconciliation as r
        join newest on newest.metric = r.metric and newest.day = r.day
        left join {names_of(build)} as g on g.group_id = r.group_id
        order by abs(r.difference) desc nulls last, r.metric, r.group_id
        limit {DIFFERENCES}
        """,
        [build.facts.week_end],
    )
    return [row | {"name": _name(row), "metric_text": metric_label(str(row["metric"]))} for row in rows]


def identities(build: Build) -> list[dict[str, Any]]:
    """Return the pairs of places people are seen in, those with the most possible duplicates first."""
    if not build.warehouse.has("quality.identities"):
        return []
    rows = build.warehouse.rows(
        f"""
        select * from quality.identities
        order by duplicates_at_most desc, source, place, other_source, other_place
        limit {DIFFERENCES}
        """
    )
    return [
        row
        | {
            "first": word(f"q.people.{row['place']}", source=row["source"]),
            "second": word(f"q.people.{row['other_place']}", source=row["other_source"]),
        }
        for row in rows
    ]


def names_of(build: Build) -> str:
    """Return the relation that names the groups; an empty one where the warehouse has none."""
    if build.warehouse.has("core.groups"):
        return "core.groups"
    return "(select null::varchar as group_id, null::varchar as group_name where false)"


def metric_label(name: str) -> Text:
    """Return what the platform calls a count, its code where the registry does not have it."""
    item = registry().get(f"platform_{name}")
    return item.label if item else plain(name)


def _name(row: dict[str, Any]) -> Text:
    if row["group_id"] is None or row["group_id"] == "":
        return word("row.all")
    return plain(row["group_name"] or row["group_id"])
