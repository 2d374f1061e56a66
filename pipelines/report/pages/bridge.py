"""The bridge from the platform's total of members to ours: seats, overlap, staff, people."""

from __future__ import annotations

from typing import Any

from pipelines.report.context import Build
from pipelines.report.numbers import known
from pipelines.report.share import is_few
from pipelines.report.text import word

SIGNS = {"minus_overlap": -1, "minus_staff": -1, "difference": -1}


def bridge(build: Build) -> list[dict[str, Any]]:
    """Return the report week's steps, signed so that each sum holds; empty without joins or the model.

    platform_total - difference = own_seats, own_seats - overlap - staff = unique_members. Without a total
    of the platform the bridge begins with our own seats.
    """
    if "join" not in build.facts.kinds or not build.warehouse.has("scorecard.bridge"):
        return []
    rows = build.warehouse.rows(
        "select step, value, reason from scorecard.bridge where week_start = ? order by position",
        [build.facts.week_start],
    )
    given = {str(row["step"]): known(row["value"]) for row in rows}
    if build.warehouse.is_shared and any(map(is_few, given.values())):
        return []  # each step follows from the others
    if given.get("unique_members") is None:
        return []
    return [
        {
            "step": row["step"],
            "label": word(f"bridge.{row['step']}"),
            "value": (known(row["value"]) or 0.0) * SIGNS.get(str(row["step"]), 1),
            "is_sum": row["step"] in ("own_seats", "unique_members", "platform_total"),
            "is_signed": row["step"] in SIGNS,
        }
        for row in rows
        if known(row["value"]) is not None
    ]
