"""Which earlier published numbers a later build changed, by how much, and which late file did it."""

from __future__ import annotations

from typing import Any

from pipelines.report.context import Build
from pipelines.report.metrics import Metric, registry
from pipelines.report.numbers import difference, week_label
from pipelines.report.read import Row
from pipelines.report.text import Text, plain, word, words
from pipelines.restatements import FORGOTTEN, SETTINGS

TABLE = "quality.restatements"
NEWEST, CAUSES = 20, 10
CAUSE_WORDS = {FORGOTTEN: "q.restated.forgotten", SETTINGS: "q.restated.settings"}
# Parts of a key after the group: the week and, of some tables, what else tells rows apart.
AFTER_GROUP = {"retention.cohorts": 2, "scorecard.aarrr": 2}


def restated(build: Build) -> dict[str, Any] | None:
    """Return the newest changed numbers, how many there are and what changed them; None without the table.

    A shared report counts them only: a number before and after tells of the few people between.
    """
    if not build.warehouse.has(TABLE, "quality.builds"):
        return None
    warehouse = build.warehouse.unprotected()
    end = build.facts.week_end
    count = warehouse.one(
        f"select count(*) as numbers, count(distinct build) as builds from {TABLE} where first_day <= ?",
        [end],
    )
    causes = warehouse.rows(
        f"""
        select r.build, b.report_week, r.because, r.because_of_load is not null as is_file,
            count(*) as numbers, min(r.first_day) as first_day, max(r.first_day) as last_day
        from {TABLE} as r left join quality.builds as b on b.build = r.build
        where r.first_day <= ?
        group by r.build, b.report_week, r.because, r.because_of_load is not null
        order by r.build desc, numbers desc, r.because limit {CAUSES}
        """,
        [end],
    )
    return {
        "n": int(count["numbers"]),
        "count": word("q.restated.count", n=f"{count['numbers']:,}", builds=f"{count['builds']:,}"),
        "causes": [row | {"cause": _cause(row["because"]), "week": row["report_week"]} for row in causes],
        "rows": [] if build.warehouse.is_shared else [_row(build, row) for row in _newest(build)],
        "is_shared": build.warehouse.is_shared,
    }


def _newest(build: Build) -> list[Row]:
    """Return the newest changes: all groups together before single ones, the latest days first."""
    return build.warehouse.rows(
        f"""
        select r.*, b.report_week,
            ends_with(r.table_name, '_by_group') or r.table_name = 'group_health.weekly' as is_of_group
        from {TABLE} as r left join quality.builds as b on b.build = r.build
        where r.first_day <= ?
        order by r.build desc, is_of_group, r.first_day desc, r.table_name, r.key, r.metric
        limit {NEWEST}
        """,
        [build.facts.week_end],
    )


def _row(build: Build, row: Row) -> dict[str, Any]:
    table, key = str(row["table_name"]).removesuffix("_by_group"), str(row["key"])
    group, rest = None, key
    if row["is_of_group"]:
        parts = key.rsplit(" ", AFTER_GROUP.get(table, 1))
        # group_health.weekly and the twins name the group first
        group, rest = parts[0], " ".join(parts[1:])
    item = _metric(table, str(row["metric"]), rest)
    unit = item.unit if item else "ratio"
    return {
        "report": row["report_week"],
        "definition": item.key if item else None,
        "metric": row["metric"],
        "group": _group(build, group),
        "when": _when(table, rest, row),
        "unit": unit,
        "before": row["value_before"],
        "now": row["value_now"],
        "change": difference(row["value_now"], row["value_before"], unit, build.currency),
        "cause": _cause(row["because"]),
    }


def _metric(table: str, column: str, rest: str) -> Metric | None:
    """Return the definition of a changed number; the metric of the first page stands in its key."""
    after = rest.split(" ", 1)[-1]
    if table == "scorecard.weekly":
        return registry().get(after)
    if table == "scorecard.aarrr":
        return registry().get(f"aarrr_{after}")
    named = registry().get(column)
    if named and named.table.removesuffix("_by_group") == table:
        return named
    fits = (
        item
        for item in registry().values()
        if item.column == column and item.table.removesuffix("_by_group") == table
    )
    return next(fits, named)


def _when(table: str, rest: str, row: Row) -> Text:
    if table == "revenue.repurchase":
        return plain(f"{row['first_day']:%Y-%m}" + (f" · {rest.split(' ', 1)[1]}" if " " in rest else ""))
    if table == "retention.cohorts":
        return word("q.restated.cohort", week=week_label(row["first_day"]), n=rest.split(" ")[-1])
    return plain(week_label(row["first_day"]))


def _group(build: Build, group: str | None) -> dict[str, Any]:
    if group is None:
        return {"name": word("row.all"), "href": None}
    found = (
        build.warehouse.rows("select group_name from core.groups where group_id = ?", [group])
        if build.warehouse.has("core.groups")
        else []
    )
    name = found[0]["group_name"] if found and found[0]["group_name"] else group
    return {"name": plain(str(name)), "href": build.group_page(group)}


def _cause(because: object) -> Text:
    key = CAUSE_WORDS.get(str(because))
    return word(key) if key and key in words() else plain(str(because))
