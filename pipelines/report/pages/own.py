"""The settings' own funnels and retentions, as this run built them; no page where there are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pipelines.report.context import Build
from pipelines.report.figures import Figure, Table, figure, line
from pipelines.report.numbers import known, week_label, week_short, written
from pipelines.report.pages.retention import COHORTS, Heatmap, heatmap
from pipelines.report.read import Row
from pipelines.report.render import Page
from pipelines.report.text import Text, joined, plain, word, words

TABLES = ("own_questions", "own_funnels", "own_funnel_trends", "own_retentions")
PARTS = 12  # values of a breakdown that are shown, those with the most members
FIGURES = 10  # funnels with a trend drawn: a page has at most twelve plots
WEEKS = 26
PERSON = "member_id"  # a breakdown that names people is in the warehouse only
DAY, HOUR, MINUTE = 86_400.0, 3_600.0, 60.0


@dataclass(frozen=True)
class OwnFunnel:
    """A funnel of the settings: its steps, its breakdown (value -> steps), how it was week by week."""

    key: str
    name: str
    asked: str
    note: Text | None
    steps: list[dict[str, Any]]
    parts: list[dict[str, Any]]
    parts_left_out: int
    figure: Figure | None


@dataclass(frozen=True)
class OwnRetention:
    """A retention of the settings: cohorts down, periods across; values of its breakdown, pooled."""

    key: str
    name: str
    asked: str
    head: Text
    heatmap: Heatmap
    by: Heatmap | None
    parts_left_out: int


def page(build: Build) -> Page | None:
    """Return the page of the settings' questions, None where the settings ask none."""
    if not build.warehouse.has(*(f"explore.{name}" for name in TABLES)):
        return None
    questions = build.warehouse.rows(
        "select kind, name, period, split_by, asked from explore.own_questions order by kind, position"
    )
    if not questions:
        return None
    funnels = [
        _funnel(build, f"own-funnel-{place}", row)
        for place, row in enumerate((row for row in questions if row["kind"] == "funnel"), start=1)
    ]
    retentions = [
        _retention(build, f"own-retention-{place}", row)
        for place, row in enumerate((row for row in questions if row["kind"] == "retention"), start=1)
    ]
    return Page(
        "own.html",
        "own.html.j2",
        {
            "here": "own",
            "title": word("title.own"),
            "funnels": funnels,
            "retentions": [one for one in retentions if one is not None],
            "empty": [
                row["name"]
                for row, one in zip(
                    (row for row in questions if row["kind"] == "retention"), retentions, strict=True
                )
                if one is None
            ],
            "has_figures": any(one.figure for one in funnels),
        },
    )


def _funnel(build: Build, key: str, question: Row) -> OwnFunnel:
    rows = build.warehouse.unprotected().rows(
        """
        select step, any_value(step_name) as step_name, sum(members)::bigint as members,
            sum(open_members)::bigint as open_members,
            case when count(*) = 1 then any_value(median_seconds_from_previous) end as median_seconds,
            case when count(*) = 1 then any_value(share_of_first_low) end as share_low,
            case when count(*) = 1 then any_value(share_of_first_high) end as share_high
        from explore.own_funnels where name = ? group by step order by step
        """,
        [question["name"]],
    )
    small = build.facts.limits.small_n
    entered = rows[0]["members"] if rows else 0
    # Parts of a breakdown are sums too: their intervals and times are those of no part.
    for row, before in zip(rows, [None, *rows], strict=False):
        row |= {
            "first_members": entered,
            "share_of_first": row["members"] / entered if entered else None,
            "previous_members": before["members"] if before else None,
            "share_of_previous": row["members"] / before["members"] if before and before["members"] else None,
        }
    still_open = rows[0]["open_members"] if rows else 0
    steps = [
        row
        | {
            "label": step_words(str(row["step_name"])),
            "is_small": (known(row["first_members"]) or 0.0) < small,
            "took": took(row["median_seconds"]),
        }
        for row in build.warehouse.protected(rows)
    ]
    parts, left_out = _parts(build, question)
    drawn = int(key.rsplit("-", 1)[1]) <= FIGURES
    is_few = build.warehouse.is_shared and 0 < still_open < 5
    return OwnFunnel(
        key,
        str(question["name"]),
        str(question["asked"]),
        word("own.open", n=written(still_open, "count")) if still_open and not is_few else None,
        steps,
        parts,
        left_out,
        _trend(build, key, question) if drawn else None,
    )


def _parts(build: Build, question: Row) -> tuple[list[dict[str, Any]], int]:
    """Return the breakdown, the most members first: value, members who entered and finished, share."""
    if question["split_by"] in (None, PERSON):
        return [], 0
    rows = build.warehouse.rows(
        """
        select by_value, max(members) filter (where step = 1) as first_members,
            arg_max(members, step) as members, arg_max(share_of_first, step) as share_of_first,
            arg_max(share_of_first_low, step) as share_low, arg_max(share_of_first_high, step) as share_high
        from explore.own_funnels where name = ? group by by_value
        order by first_members desc, by_value nulls last
        """,
        [question["name"]],
    )
    names = _names(build, question)
    shown = [row | {"label": names(row["by_value"])} for row in rows[:PARTS]]
    return shown, max(len(rows) - PARTS, 0)


def _names(build: Build, question: Row) -> Callable[[object], Text]:
    """Return how a value of the breakdown is written: groups by their name."""
    groups: dict[str, str] = {}
    if question["split_by"] == "group_id" and build.warehouse.has("core.groups"):
        found = build.warehouse.rows("select group_id, group_name from core.groups")
        groups = {str(row["group_id"]): str(row["group_name"] or row["group_id"]) for row in found}

    def named(value: object) -> Text:
        if value is None:
            return word("own.none")
        return plain(groups.get(str(value), str(value)))

    return named


def _trend(build: Build, key: str, question: Row) -> Figure | None:
    """Draw the share that got through to the last step, by the week of entry."""
    rows = build.warehouse.unprotected().rows(
        f"""
        with weeks as (
            select period_start, step, sum(members)::bigint as members
            from explore.own_funnel_trends
            where name = ? and period_start <= ?
            group by period_start, step
        )
        select period_start as week_start, max(members) filter (where step = 1) as first_members,
            arg_max(members, step) as members
        from weeks group by period_start order by period_start desc limit {WEEKS}
        """,
        [question["name"], build.facts.week_start],
    )[::-1]
    rows = [
        row | {"share_of_first": row["members"] / row["first_members"]}
        for row in rows
        if row["first_members"]
    ]
    rows = build.warehouse.protected(rows)
    shares = [known(row["share_of_first"]) for row in rows]
    told = [(row, share) for row, share in zip(rows, shares, strict=True) if share is not None]
    if len(told) < 2:
        return None
    last, share = told[-1]
    return figure(
        f"fig-{key}",
        word("own.trend"),
        word("own.trend.take", week=week_label(last["week_start"]), share=written(share, "rate")),
        [line([week_short(row["week_start"]) for row in rows], shares, word("own.share"), "main")],
        Table(
            (word("own.entered_in"), word("own.entered"), word("own.got_through"), word("own.share")),
            tuple(
                (
                    week_label(row["week_start"]),
                    written(row["first_members"], "count"),
                    written(row["members"], "count"),
                    written(row["share_of_first"], "rate"),
                )
                for row in reversed(rows)
            ),
        ),
        yaxis={"tickformat": ".0%", "hoverformat": ".1%", "rangemode": "tozero"},
    )


def _retention(build: Build, key: str, question: Row) -> OwnRetention | None:
    """Lay a retention out; None where no cohort has begun."""
    cells = build.warehouse.unprotected().rows(
        """
        select cohort_start as cohort_week, by_value, cohort_size, period_index as week_index,
            members as active_members, rate as retention_rate, is_complete, null as reason
        from explore.own_retentions where name = ? and cohort_size > 0
        order by cohort_start, by_value nulls last, period_index
        """,
        [question["name"]],
    )
    if not cells:
        return None
    period = str(question["period"])
    small = build.facts.limits.small_n
    whole = heatmap(_pooled(cells, "cohort_week"), small, build.warehouse, COHORTS, _labels(period))
    by, left_out = None, 0
    if question["split_by"] not in (None, PERSON):
        names = _names(build, question)
        parts = _pooled([cell for cell in cells if cell["is_complete"]], "by_value")
        sizes: dict[Any, int] = {}
        for cell in parts:
            sizes[cell["by_value"]] = max(sizes.get(cell["by_value"], 0), cell["cohort_size"])
        order = sorted(sizes, key=lambda value: (-sizes[value], str(value)))
        place = {value: f"{i:02}" for i, value in enumerate(order[:PARTS])}  # sorted as they are
        shown = [
            cell | {"cohort_week": place[cell["by_value"]]} for cell in parts if cell["by_value"] in place
        ]
        left_out = max(len(order) - PARTS, 0)
        if shown:
            by = heatmap(shown, small, build.warehouse, PARTS, lambda i: names(order[int(i)]))
            by = replace(by, average=())  # of those shown only: it would be taken for that of all
    return OwnRetention(
        key, str(question["name"]), str(question["asked"]), word(f"own.period.{period}"), whole, by, left_out
    )


def _pooled(cells: Sequence[Row], key: str) -> list[Row]:
    """Add cells up over what is not `key`: members over cohort sizes, complete where all of them are."""
    sums: dict[tuple[Any, int], Row] = {}
    for cell in cells:
        one = sums.setdefault(
            (cell[key], cell["week_index"]),
            {
                key: cell[key], "week_index": cell["week_index"], "cohort_size": 0, "active_members": 0,
                "is_complete": True, "reason": None,
            },
        )  # fmt: skip
        one["cohort_size"] += cell["cohort_size"]
        one["is_complete"] = one["is_complete"] and bool(cell["is_complete"])
        one["active_members"] += cell["active_members"] or 0
    return [
        one | {"retention_rate": one["active_members"] / one["cohort_size"] if one["is_complete"] else None}
        for one in sums.values()
    ]


def _labels(period: str) -> Callable[[Any], str]:
    if period == "week":
        return week_label
    return lambda start: _month(start) if period == "month" else start.isoformat()


def _month(start: date) -> str:
    return start.isoformat()[:7]


def step_words(step: str) -> Text:
    """Return a step in words: its events, with "or" between alternatives."""
    names = [f"own.event.{name.strip()}" for name in step.split("|")]
    return joined(
        [word(key) if key in words() else plain(key.removeprefix("own.event.")) for key in names], "/", " / "
    )


def took(seconds: object) -> Text | None:
    """Return a span in the largest unit of which there is one; None for NULL."""
    value = known(seconds)  # type: ignore[arg-type]
    if value is None:
        return None
    for unit, size in (("days", DAY), ("hours", HOUR), ("minutes", MINUTE)):
        if value >= size or unit == "minutes":
            return word(f"own.took.{unit}", n=f"{value / size:.1f}")
    return None
