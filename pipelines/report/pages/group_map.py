"""Size against participation, a point per group: quiet groups that sell stand out from quiet groups."""

from __future__ import annotations

from collections import Counter
from statistics import median

from pipelines.report.context import type_word
from pipelines.report.figures import Figure, Table, figure, numbers, safe_text
from pipelines.report.grouplist import Group
from pipelines.report.metrics import registry
from pipelines.report.numbers import written
from pipelines.report.text import word

MAP_LIMIT = 1_000


def size_map(groups: list[Group], silence: float) -> Figure | None:
    """Draw size against weekly participation; groups under `silence` (0-1) are counted as silent.

    None with fewer than three groups to show.
    """
    shown = [group for group in groups if group.members and group.participation is not None][:MAP_LIMIT]
    if len(shown) < 3:
        return None
    sizes = Counter(group.group_type for group in shown)
    kinds = sorted(sizes, key=lambda kind: (-sizes[kind], kind))
    medians = {
        kind: median(
            [g.conversion for g in shown if g.group_type == kind and g.conversion is not None] or [0.0]
        )
        for kind in kinds
    }
    silent = [group for group in shown if (group.participation or 0) < silence]
    buying = [g for g in silent if g.conversion and g.conversion >= medians[g.group_type]]
    roles = ("main", "c1", "c2", "c3", "c5", "c6", "c7")
    traces = []
    for index, kind in enumerate(kinds[: len(roles)]):
        mine = [group for group in shown if group.group_type == kind]
        label = type_word(kind)
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": numbers([group.members for group in mine]),
                "y": numbers([group.participation for group in mine]),
                "text": [safe_text(group.name) for group in mine],
                "hovertemplate": "%{text}<br>%{x:,} · %{y:.1%}<extra></extra>",
                "name": safe_text(label.zh),
                "marker": {"size": 9, "opacity": 0.8},
                "meta": {"role": roles[index], "zh": safe_text(label.zh), "en": safe_text(label.en)},
            }
        )
    metrics = registry()
    return figure(
        "fig-groups-map",
        word("groups.map"),
        word("groups.map.take", n=len(silent), buying=len(buying), silence=written(silence, "rate"))
        if any(group.conversion is not None for group in shown)
        else word("groups.map.silent", n=len(silent), silence=written(silence, "rate")),
        traces,
        Table(
            (
                word("col.group"),
                word("col.type"),
                metrics["members"].label,
                metrics["participation_7d"].label,
            ),
            tuple(
                (
                    g.name,
                    type_word(g.group_type),
                    written(g.members, "count"),
                    written(g.participation, "rate"),
                )
                for g in shown[:50]
            ),
        ),
        terms=("members", "participation_7d"),
        hovermode="closest",
        xaxis={"type": "linear", "showgrid": True, "rangemode": "tozero", "tickformat": ","},
        yaxis={"tickformat": ".0%"},
        meta={
            "xaxis": {
                "zh": safe_text(metrics["members"].label.zh),
                "en": safe_text(metrics["members"].label.en),
            },
            "yaxis": {
                "zh": safe_text(metrics["participation_7d"].label.zh),
                "en": safe_text(metrics["participation_7d"].label.en),
            },
        },
    )
