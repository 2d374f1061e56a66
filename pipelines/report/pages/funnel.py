"""The AARRR funnel of one cohort, for all groups or for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipelines.report.context import CHART_WEEKS, Build
from pipelines.report.numbers import known, written
from pipelines.report.read import Row, Warehouse
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


def funnel(build: Build) -> tuple[date | None, list[Stage]]:
    """Return the newest cohort whose every observable window has closed, and its stages in order."""
    cohorts = complete_cohorts(build.weekly("scorecard.aarrr", "cohort_week", CHART_WEEKS * len(STAGES)))
    if not cohorts:
        return None, []
    week = max(cohorts)
    return week, [_stage(name, cohorts[week], build.facts.limits.small_n) for name in STAGES]


def pooled_funnel(
    rows: list[Row], weeks: int, small: int, warehouse: Warehouse
) -> tuple[tuple[date, date] | None, list[Stage]]:
    """Return a group's newest `weeks` complete cohorts as one: each alone is a handful of people."""
    cohorts = complete_cohorts(rows)
    if not cohorts:
        return None, []
    chosen = sorted(cohorts)[-weeks:]
    stages = {name: _sum([cohorts[week].get(name) for week in chosen]) for name in STAGES}
    size = stages["acquired"]["members"]
    for row in (row for row in stages.values() if row["members"] is not None):
        row["share_of_acquired"] = row["members"] / size
        row["closed_share"] = row["closed_members"] / size
    stages = dict(zip(stages, warehouse.protected(list(stages.values())), strict=True))
    if stages["acquired"]["members"] is None:
        return None, []
    span = (chosen[0], chosen[-1])
    return span, [_stage(name, stages, small) for name in STAGES]


def _sum(rows: list[Row | None]) -> Row:
    """Add one stage of several cohorts, NULL and why where one has no value; medians are not pooled."""
    if any(row is None or known(row["members"]) is None for row in rows):
        return {
            "members": None,
            "reason": next((row["reason"] for row in rows if row and row["reason"]), None),
        }
    columns = ("members", "closed_members", "former_customers")
    summed: Row = {name: sum(known(row[name]) or 0.0 for row in rows if row is not None) for name in columns}
    return summed | {"median_days_from_join": None, "reason": None}


def complete_cohorts(rows: list[Row]) -> dict[date, dict[str, Row]]:
    """Return the cohorts in which every stage that is observed at all has closed: week -> stage -> row."""
    by_cohort: dict[date, dict[str, Row]] = {}
    for row in rows:
        by_cohort.setdefault(row["cohort_week"], {})[str(row["stage"])] = row
    seen = {str(row["stage"]) for row in rows if row["is_complete"] and known(row["members"]) is not None}
    return {
        week: stages
        for week, stages in by_cohort.items()
        if seen
        and all(name in stages and stages[name]["is_complete"] for name in seen)
        and (known(stages.get("acquired", {}).get("members")) or 0) > 0
    }


def _stage(name: str, stages: dict[str, Row], small: int) -> Stage:
    row = stages.get(name)
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
