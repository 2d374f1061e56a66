"""The AARRR funnel of one cohort, for all groups or for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipelines.report.context import Build
from pipelines.report.numbers import known, written
from pipelines.report.read import Row
from pipelines.report.reasons import reason
from pipelines.report.text import Text, word

STAGES = ("acquired", "activated", "retained", "paid", "referred")


@dataclass(frozen=True)
class Stage:
    """One stage: who reached it, who reached all before it too, as numbers and shares of the cohort."""

    stage: str
    members: int | None
    share: float | None
    closed_share: float | None
    side: tuple[Text, ...]
    why: Text
    is_small: bool


def funnel(build: Build, group_id: str | None = None) -> tuple[date | None, list[Stage]]:
    """Return the newest cohort whose every observable window has closed, and its stages in order."""
    table = "scorecard.aarrr" if group_id is None else "scorecard.aarrr_by_group"
    if not build.warehouse.has(table):
        return None, []
    values: list[object] = [build.facts.week_start]
    condition = ""
    if group_id is not None:
        condition, values = " and group_id = ?", [build.facts.week_start, group_id]
    rows = build.warehouse.rows(f"select * from {table} where cohort_week <= ?{condition}", values)
    by_cohort: dict[date, dict[str, Row]] = {}
    for row in rows:
        by_cohort.setdefault(row["cohort_week"], {})[str(row["stage"])] = row
    seen = {str(row["stage"]) for row in rows if row["is_complete"] and known(row["members"]) is not None}
    ready = [
        week
        for week, stages in by_cohort.items()
        if seen
        and all(name in stages and stages[name]["is_complete"] for name in seen)
        and (known(stages.get("acquired", {}).get("members")) or 0) > 0
    ]
    if not ready:
        return None, []
    week = max(ready)
    return week, [
        _stage(name, by_cohort[week].get(name), by_cohort[week], build.facts.limits.small_n)
        for name in STAGES
    ]


def _stage(name: str, row: Row | None, stages: dict[str, Row], small: int) -> Stage:
    size = known(stages["acquired"]["members"])
    members = known(row["members"]) if row else None
    if row is None or members is None:
        return Stage(name, None, None, None, (), reason(row.get("reason") if row else None), False)
    notes: list[Text] = []
    days = known(row["median_days_from_join"])
    if name in ("activated", "paid", "referred") and days is not None:
        shown = written(days * 24, "hours") if days < 1 else written(days, "days")
        notes.append(word("funnel.median", value=shown))
    former = known(row["former_customers"])
    if name == "paid" and former:
        notes.append(word("funnel.former", n=f"{former:,.0f}"))
    return Stage(
        stage=name,
        members=int(members),
        share=known(row["share_of_acquired"]),
        closed_share=known(row["closed_share"]),
        side=tuple(notes),
        why=reason(None),
        is_small=size is not None and size < small,
    )
