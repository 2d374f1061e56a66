"""Read what the campaigns page prints: campaigns, their waves, pushes and gifts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.report.context import CHART_WEEKS, Build
from pipelines.report.numbers import known, written
from pipelines.report.read import Row
from pipelines.report.reasons import reason
from pipelines.report.text import Text, plain, word, words
from pipelines.thresholds import Actions

MOST, PUSHES, RECENT_WEEKS, SHORT = 30, 12, 12, 14


@dataclass(frozen=True)
class Campaign:
    """One campaign and wave: its name in full and short for an axis, when it ran, whether it still does."""

    label: Text
    short: str
    form: Text
    days: str
    is_running: bool
    row: Row


def form_word(kind: object) -> Text:
    """Return the name of a kind of campaign; one the words lack is shown as it is."""
    key = f"form.{kind}"
    return word(key) if key in words() else plain(kind or "—")


def campaign_list(build: Build) -> list[Campaign]:
    """Return campaigns that have begun or have no start, the newest first, up to 30 waves."""
    if not build.warehouse.has("revenue.campaigns", "core.settings"):
        return []
    rows = build.warehouse.rows(
        f"""
        select c.*, s.report_at
        from revenue.campaigns as c
        cross join core.settings as s
        where c.campaign_id is not null and (c.starts_at is null or c.starts_at < s.report_at)
        order by c.starts_at desc nulls last, c.campaign_id, c.wave_number desc
        limit {MOST}
        """
    )
    zone = ZoneInfo(build.facts.zone)
    named = [_named(row, zone) for row in rows]
    twice = Counter(one.short for one in named)
    return [
        Campaign(one.label, f"{one.short} · {i}", one.form, one.days, one.is_running, one.row)
        if twice[one.short] > 1
        else one
        for i, one in enumerate(named, start=1)
    ]


def _named(row: Row, zone: ZoneInfo) -> Campaign:
    name = str(row["campaign_name"] or row["campaign_id"])
    wave = known(row["wave_number"])
    number = f" {wave:.0f}" if wave is not None and wave > 1 else ""
    start, end = _local(row["starts_at"], zone), _local(row["ends_at"], zone)
    cut = name if len(name) <= SHORT else name[: SHORT - 1] + "…"
    return Campaign(
        label=plain(name + number),
        short=f"{start:%m-%d} {cut}{number}" if start else cut + number,
        form=form_word(row["campaign_type"]),
        days=" — ".join(f"{day:%Y-%m-%d}" if i == 0 else f"{day:%m-%d}" for i, day in _days(start, end)),
        is_running=row["ends_at"] is None or row["ends_at"] > row["report_at"],
        row=row,
    )


def _days(*given: datetime | None) -> list[tuple[int, datetime]]:
    return list(enumerate(day for day in given if day is not None))


def _local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return a naive UTC instant as the project's own time."""
    return None if moment is None else moment.replace(tzinfo=UTC).astimezone(zone)


def waves(build: Build) -> dict[str, list[Row]]:
    """Return the waves that are over, of all groups together: kind of campaign -> rows by wave."""
    if not build.warehouse.has("group_health.fatigue_waves"):
        return {}
    rows = build.warehouse.rows(
        """
        select * from group_health.fatigue_waves
        where group_id is null and campaign_type is not null and participation_rate is not null
        order by campaign_type, wave_number
        """
    )
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(str(row["campaign_type"]), []).append(row)
    return found


def fatigue_rows(build: Build, runs: dict[str, list[Row]]) -> list[dict[str, Any]]:
    """Return one row per kind of campaign: first and last wave, slope with its interval, the verdict."""
    if not build.warehouse.has("group_health.fatigue"):
        return []
    rows = build.warehouse.rows(
        "select * from group_health.fatigue where group_id is null and campaign_type is not null"
        " order by waves desc, campaign_type"
    )
    return [_fatigue(row, runs.get(str(row["campaign_type"]), [])) for row in rows]


def least_waves(build: Build) -> int:
    """Return from how many waves on a fall is judged: the setting the build used."""
    name = "fatigue_min_waves"
    if name in build.warehouse.tables.get("core.settings", ()):
        return int(build.warehouse.unprotected().one(f"select {name} from core.settings")[name])
    return Actions().fatigue_min_waves


def _fatigue(row: Row, of_kind: list[Row]) -> dict[str, Any]:
    low, high = known(row["slope_low"]), known(row["slope_high"])
    if row["is_fatigued"] is None:
        verdict = reason(row["reason"])
    else:
        verdict = word("camp.fatigued" if row["is_fatigued"] else "camp.not_fatigued")
    return row | {
        "form": form_word(row["campaign_type"]),
        "first": of_kind[0]["participation_rate"] if of_kind else None,
        "last": of_kind[-1]["participation_rate"] if of_kind else None,
        "interval": None
        if low is None or high is None
        else written(low, "ratio") + " – " + written(high, "ratio"),
        "verdict": verdict,
    }


def push_weeks(build: Build) -> list[Row]:
    """Return pushes by week up to the report week: how many, who left in 24 hours, how many usually do.

    Only pushes of which both are known; weeks without any are left out.
    """
    if not build.warehouse.has("group_health.pushes"):
        return []
    return build.warehouse.rows(
        f"""
        with placed as (
            select *,
                cast(? as date) + 7 * cast(floor((day - cast(? as date)) / 7.0) as integer) as week_start
            from group_health.pushes
            where day < cast(? as date) + 7 and exits_24h is not null and usual_exits is not null
        )
        select week_start, count(*) as pushes, sum(exits_24h) as exits_24h,
            cast(sum(cast(usual_exits as decimal(18, 6))) as double) as usual_exits,
            count(*) filter (where is_too_much) as beyond
        from placed
        where week_start > cast(? as date) - 7 * {CHART_WEEKS}
        group by week_start
        order by week_start
        """,
        [build.facts.week_start] * 4,
    )


def pushes_beyond(build: Build) -> list[dict[str, Any]]:
    """Return the pushes of the last twelve weeks after which too many left, those that cost most first."""
    rows = build.warehouse.rows(
        f"""
        select p.*, g.group_name from group_health.pushes as p
        left join core.groups as g on g.group_id = p.group_id
        where p.is_too_much and p.day < cast(? as date) + 7
            and p.day >= cast(? as date) - 7 * {RECENT_WEEKS - 1}
        order by p.exits_24h desc, p.day desc, p.group_id
        limit {PUSHES}
        """,
        [build.facts.week_start] * 2,
    )
    return [
        row | {"name": str(row["group_name"] or row["group_id"]), "href": build.group_page(row["group_id"])}
        for row in rows
    ]


def gift_rows(build: Build) -> list[dict[str, Any]]:
    """Return gifts by kind: how many were given, claimed and used, and what those claimed cost.

    Where no claim (use) of a kind is exported, it is unknown and not zero. A gift costs once claimed, or
    once given where no claim of any gift is exported.
    """
    if not build.warehouse.has("core.gifts", "core.settings"):
        return []
    rows = build.warehouse.rows(
        """
        with seen as (
            select g.*, bool_or(g.claimed_at is not null) over (partition by g.gift_kind) as has_claims,
                bool_or(g.redeemed_at is not null) over (partition by g.gift_kind) as has_uses,
                bool_or(g.claimed_at is not null) over () as costs_once_claimed, s.report_at
            from core.gifts as g cross join core.settings as s
        ),
        known as (
            select *, coalesce(issued_at < report_at, true) as is_given,
                coalesce(claimed_at < report_at, false) as is_claimed,
                coalesce(redeemed_at < report_at, false) as is_used
            from seen
        )
        select gift_kind, count(*) filter (where is_given) as issued,
            case when bool_or(has_claims) then count(*) filter (where is_claimed) end as claimed,
            case when bool_or(has_uses) then count(*) filter (where is_used) end as redeemed,
            sum(unit_cost) filter (
                where case when costs_once_claimed then is_claimed else is_given end
            ) as cost
        from known
        group by gift_kind
        order by issued desc, gift_kind
        """
    )
    return [
        row
        | {
            "name": word(f"gift.{row['gift_kind']}") if f"gift.{row['gift_kind']}" in words() else plain("—"),
            "rate": (known(row["redeemed"]) or 0.0) / base
            if row["redeemed"] is not None and (base := known(row["claimed"]) or known(row["issued"]))
            else None,
        }
        for row in rows
    ]
