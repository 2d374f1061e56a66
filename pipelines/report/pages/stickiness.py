"""How often active members come: on how many days of the week, and of 30 days, they are active."""

from __future__ import annotations

from pipelines.report.context import Build
from pipelines.report.figures import Figure, Table, figure, line
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, week_label, week_short, written
from pipelines.report.text import word

TABLE = "retention.stickiness"
SHARES = (("dau_wau", "main", 7), ("dau_mau", "c1", 30))


def stickiness_figures(build: Build) -> list[Figure]:
    """Return the figure of stickiness; none where no week has a value."""
    rows = build.weekly(TABLE)
    shown = [one for one in SHARES if any(known(row[one[0]]) is not None for row in rows)]
    last = next((row for row in reversed(rows) if known(row["dau_wau"]) is not None), None)
    if last is None:
        return []
    labels = [week_short(row["week_start"]) for row in rows]
    return [
        figure(
            "fig-stickiness",
            word("ret.sticky"),
            word(
                "ret.sticky.take",
                week=week_label(last["week_start"]),
                n=written(last["weekly_actives"], "count"),
                days=written((known(last["dau_wau"]) or 0.0) * 7, "tenth"),
            ),
            [line(labels, [row[key] for row in rows], metric(key).label, role) for key, role, _ in shown],
            Table(
                (
                    word("col.week"),
                    word("ret.sticky.weekly"),
                    *(metric(key).label for key, *_ in shown),
                    *(word("ret.sticky.days", n=days) for *_, days in shown),
                ),
                tuple(
                    (
                        week_label(row["week_start"]),
                        written(row["weekly_actives"], "count"),
                        *(written(row[key], "ratio") for key, *_ in shown),
                        *(
                            written(None if (share := known(row[key])) is None else share * days, "tenth")
                            for key, _, days in shown
                        ),
                    )
                    for row in reversed(rows)
                ),
            ),
            terms=tuple(key for key, *_ in shown),
            yaxis={"tickformat": ".2f"},
        )
    ]
