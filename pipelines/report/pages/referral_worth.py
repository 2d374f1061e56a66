"""Are invited members worth as much as others, and which rewarded invitations are worth a second look?"""

from __future__ import annotations

import math
from typing import Any

from pipelines.report.context import Build
from pipelines.report.lacks import left_out
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, week_label, written
from pipelines.report.read import Row
from pipelines.report.share import HIDDEN
from pipelines.report.text import Text, plain, word

QUALITY, ABUSE = "referral.quality", "referral.abuse"
COHORTS, MOST, REPEATED = 12, 10, 2
EXITS = ("exits_not_exported", "lists_too_far_apart")
SOURCES = ("invited", "not_invited")
# What each share of the members is counted by.
MEASURES = {
    "invited_stayed": "survived_7d_members",
    "invited_active": "activated_7d_members",
    "invited_bought": "buyer_30d_members",
}
RATES = {key: metric(key).column for key in MEASURES}
PATTERNS = ("suspect_left", "suspect_self", "suspect_twice", "suspect_rewards")
OF_MEMBER = ("judged", "left_within_48h", "self_invites", "paid_twice", "abused", "abuse_rate", "abused_cost")
Z = 1.959963984540054


def worth(build: Build) -> dict[str, Any] | None:
    """Return what became of invited members beside the others; None where there is nothing to compare.

    It pools the last 12 cohorts of which every share is known that is known of any.
    """
    if not build.warehouse.has(QUALITY):
        return None
    ever, weeks = _weeks(build)
    missing = [key for key, column in MEASURES.items() if column not in ever]
    lacking = left_out(missing, build.facts.kinds, _whys(build) if missing else None)
    if not weeks:
        return {"when": None, "rows": [], "left_out": lacking} if _has_members(build) else None
    raw = _pooled(build, weeks)
    shown = dict(zip(SOURCES, build.warehouse.protected([raw[source] for source in SOURCES]), strict=True))
    small = build.facts.limits.small_n
    keys = [key for key in MEASURES if key not in missing]
    return {
        "when": word(
            "acq.channels.note", n=len(weeks), first=week_label(weeks[0]), last=week_label(weeks[-1])
        ),
        "members": [{"value": shown[source]["members"], "why": HIDDEN} for source in SOURCES],
        "rows": [_measure(key, raw, shown, small) for key in keys],
        "least": min(known(raw[source]["members"]) or 0.0 for source in SOURCES),
        "has_open": False,
        "note": None,
        "left_out": lacking,
    }


def _weeks(build: Build) -> tuple[list[str], list[Any]]:
    """Return the counts known of any cohort, and the newest cohorts of which all these are, oldest first."""
    warehouse = build.warehouse.unprotected()
    columns = list(MEASURES.values())
    counted = warehouse.one(
        "select "
        + ", ".join(f"count({column}) as {column}" for column in columns)
        + f" from {QUALITY} where cohort_week <= ? and source <> 'unknown' and members > 0",
        [build.facts.week_start],
    )
    ever = [column for column in columns if known(counted.get(column))]
    if not ever:
        return [], []
    known_all = " and ".join(f"{column} is not null" for column in ever)
    rows = warehouse.rows(
        f"""
        select cohort_week from {QUALITY} where cohort_week <= ? and source <> 'unknown'
        group by cohort_week
        having sum(members) > 0 and bool_and(members = 0 or ({known_all}))
        order by cohort_week desc limit {COHORTS}
        """,
        [build.facts.week_start],
    )
    return ever, [row["cohort_week"] for row in reversed(rows)]


def _has_members(build: Build) -> bool:
    query = f"select count(*) as n from {QUALITY} where source <> 'unknown' and members > 0"
    return bool(build.warehouse.unprotected().one(query)["n"])


def _whys(build: Build) -> dict[str, object]:
    """Return why each share might never be known: what is not exported, else that no window is over."""
    rows = build.warehouse.unprotected().rows(
        f"select distinct reason from {QUALITY} where reason is not null and source <> 'unknown' order by all"
    )
    given = [str(row["reason"]) for row in rows]
    holes = "not_covered" if "not_covered" in given else "not_mature"
    kinds = build.facts.kinds
    return {
        "invited_stayed": next((one for one in EXITS if one in given), holes),
        "invited_active": holes if "message" in kinds or "order" in kinds else "no_activity_export",
        "invited_bought": holes if "order" in kinds else "no_order_export",
    }


def _pooled(build: Build, weeks: list[Any]) -> dict[str, Row]:
    sums = ", ".join(f"sum({column}) as {column}" for column in MEASURES.values())
    rows = build.warehouse.unprotected().rows(
        f"""
        select source as invite_source, sum(members) as members, {sums} from {QUALITY}
        where source <> 'unknown' and list_contains(?, cohort_week) group by source
        """,
        [weeks],
    )
    nobody: Row = {"members": 0} | dict.fromkeys(MEASURES.values())
    found = {str(row["invite_source"]): row for row in rows}
    pooled = {source: found.get(source, {"invite_source": source} | nobody) for source in SOURCES}
    for row in pooled.values():
        for key, column in MEASURES.items():
            share = interval(row[column], row["members"])
            row[RATES[key]] = share[0] if share else None
    return pooled


def _measure(key: str, raw: dict[str, Row], shown: dict[str, Row], small: int) -> dict[str, Any]:
    column, rate = MEASURES[key], RATES[key]
    given = {source: interval(raw[source][column], raw[source]["members"]) for source in SOURCES}
    hidden = {
        source: given[source] is not None
        and any(known(shown[source][name]) is None for name in (column, rate, "members"))
        for source in SOURCES
    }
    gap = None if any(hidden.values()) else difference(given["invited"], given["not_invited"])
    few = any((known(raw[source]["members"]) or 0.0) < small for source in SOURCES)
    return {
        "key": key,
        "cells": [
            {
                "interval": None if hidden[source] else given[source],
                "why": HIDDEN if hidden[source] else "no_members",
                "base": raw[source]["members"],
            }
            for source in SOURCES
        ],
        "difference": gap,
        "why": HIDDEN if any(hidden.values()) else "no_members",
        "few": few,
        "verdict": word(f"ref.worth.{_verdict(gap, few)}") if gap else None,
    }


def _verdict(gap: tuple[float, float, float], few: bool) -> str:
    if few:
        return "few"
    return "more" if gap[1] > 0 else ("less" if gap[2] < 0 else "same")


def interval(count: Any, members: Any) -> tuple[float, float, float] | None:
    """Return a share 0-1 with its Wilson 95 % interval; None without members."""
    k, n = known(count), known(members)
    if k is None or not n:
        return None
    half = Z * math.sqrt(k * (n - k) / n + Z * Z / 4)
    low, high = (k + Z * Z / 2 - half) / (n + Z * Z), (k + Z * Z / 2 + half) / (n + Z * Z)
    return k / n, max(low, 0.0), min(high, 1.0)


def difference(
    one: tuple[float, float, float] | None, other: tuple[float, float, float] | None
) -> tuple[float, float, float] | None:
    """Return one share minus another with Newcombe's 95 % interval; None where either is not known."""
    if one is None or other is None:
        return None
    gap = one[0] - other[0]
    below = math.hypot(one[0] - one[1], other[2] - other[0])
    above = math.hypot(one[2] - one[0], other[0] - other[1])
    return gap, gap - below, gap + above


def suspects(build: Build) -> dict[str, Any] | None:
    """Return the patterns among rewarded invitations and who repeats them; None in a shared report."""
    if build.warehouse.is_shared or not build.warehouse.has(ABUSE):
        return None
    columns = [metric(key).column for key in PATTERNS]
    parts = ", ".join(f"sum({c}) as {c}, count(*) filter ({c} > 0) as {c}_members" for c in columns)
    total = build.warehouse.one(
        f"""
        select sum(rewarded) as rewarded, sum(judged) as judged, {parts}, sum(abused_cost) as abused_cost,
            sum(abused) / nullif(sum(judged), 0) as abuse_rate, min(reason) as reason
        from {ABUSE}
        """
    )
    if not known(total["rewarded"]):
        return None
    rows = build.warehouse.rows(
        f"""
        select inviter_id, {", ".join(OF_MEMBER)}, reason,
            coalesce(abused, greatest(self_invites, paid_twice)) as found
        from {ABUSE} where found >= {REPEATED}
        order by found desc, abuse_rate desc nulls last, inviter_id
        """
    )
    return {
        "total": total,
        "is_clean": not any(known(total[column]) for column in columns),
        "repeated": word(
            "ref.suspects.repeat",
            n=written(sum(known(row["found"]) or 0.0 for row in rows), "count"),
            people=written(len(rows), "count"),
        )
        if rows
        else None,
        "has_open": False,
        "left_out": None,
        "least": min((known(row["judged"]) or 0.0 for row in rows[:MOST]), default=None),
        "patterns": [
            {
                "key": key,
                "value": total[column],
                "people": total[f"{column}_members"] if known(total[column]) is not None else None,
                "why": total["reason"] or "not_mature",
            }
            for key, column in zip(PATTERNS, columns, strict=True)
        ],
        "members": [row | {"name": masked(row["inviter_id"])} for row in rows[:MOST]],
        "note": word("ref.suspects.more", n=len(rows) - MOST) if len(rows) > MOST else None,
    }


def masked(member_id: object) -> Text:
    """Return the end of an id, enough to find it again and too little to name anybody."""
    text = str(member_id)
    return plain("…" + text[-min(4, len(text) // 2) :] if len(text) > 1 else "…")
