"""Did it pay: what campaigns brought and cost, who took part wave by wave, who left after pushes, gifts."""

from __future__ import annotations

from pipelines.report.context import Build
from pipelines.report.figures import NAMES, Figure, Table, bars, figure, line, money_axis
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, week_label, week_short, written
from pipelines.report.pages.campaign_rows import (
    Campaign,
    campaign_list,
    fatigue_rows,
    form_word,
    gift_rows,
    least_waves,
    push_weeks,
    pushes_beyond,
    waves,
)
from pipelines.report.read import Row
from pipelines.report.render import Page
from pipelines.report.text import Text, joined, plain, word

MONEY = (
    "campaign_orders",
    "campaign_net",
    "campaign_margin",
    "campaign_cost",
    "campaign_contribution",
    "campaign_roi",
    "campaign_participants",
    "campaign_participation",
    "campaign_new_members",
)
FORMS = (
    "campaign_starters",
    "campaign_helpers",
    "campaign_teams",
    "campaign_completed",
    "campaign_new_members_per_starter",
)
BARS, WAVE_LINES = 15, 7
ROLES = ("main", "c1", "c2", "c4", "c5", "c6", "c7")


def page(build: Build) -> Page:
    """Return the campaigns page."""
    listed = campaign_list(build)
    pushes = push_weeks(build)
    runs = waves(build)
    gifts = gift_rows(build)
    figures = [
        one for one in (money_figure(listed, build), wave_figure(runs, build), push_figure(pushes)) if one
    ]
    beyond = pushes_beyond(build) if pushes else []
    return Page(
        "campaigns.html",
        "campaigns.html.j2",
        {
            "here": "campaigns",
            "title": word("title.campaigns"),
            "need": None if listed else word("need.campaign"),
            "figures": figures,
            "campaigns": listed,
            "money": [name for name in MONEY if has(listed, name)],
            "running": any(one.is_running for one in listed),
            "forms": [one for one in listed if known(one.row["starters"])],
            "form_columns": [name for name in FORMS if has(listed, name)],
            "fatigue": fatigue_rows(build, runs),
            "fatigue_note": word("camp.fatigue.rule", least=least_waves(build)),
            "pushes": beyond,
            "pushes_none": word("camp.pushes.none", n=sum(int(row["pushes"]) for row in pushes))
            if pushes and not beyond
            else None,
            "pushes_need": None if pushes else word("need.push"),
            "gifts": gifts,
            "gifts_need": None if gifts else word("need.gift"),
            "has_figures": bool(figures),
        },
    )


def has(listed: list[Campaign], name: str) -> bool:
    """Tell whether any campaign has a value in a metric's column."""
    return any(known(one.row[metric(name).column]) is not None for one in listed)


def money_figure(listed: list[Campaign], build: Build) -> Figure | None:
    """Draw the contribution of the last campaigns that have one, oldest first; None without any."""
    judged = [one for one in listed if known(one.row["contribution"]) is not None][:BARS][::-1]
    if not judged:
        return None
    currency = build.currency
    values = [known(one.row["contribution"]) or 0.0 for one in judged]
    total, cost = sum(values), sum(known(one.row["total_cost"]) or 0.0 for one in judged)
    best = max(judged, key=lambda one: known(one.row["contribution"]) or 0.0)
    roles = ((True, "main", "camp.money.gain"), (False, "attention", "camp.money.loss"))
    traces = [
        bars(
            [one.short for one in judged],
            [value if (value >= 0) is gains else None for value in values],
            word(text),
            role,
            digits=2,
        )
        for gains, role, text in roles
        if any((value >= 0) is gains for value in values)
    ]
    names = ("campaign_contribution", "campaign_cost", "campaign_roi")
    return figure(
        "fig-campaigns",
        word("camp.money"),
        word(
            "camp.money.take",
            n=len(judged),
            total=written(total, "money", currency, compact=True),
            cost=written(cost, "money", currency, compact=True),
            roi=written(total / cost if cost > 0 else None, "ratio"),
            best=best.label,
            most=written(best.row["contribution"], "money", currency, compact=True),
        ),
        traces,
        Table(
            (word("col.campaign"), *(metric(name).label for name in names)),
            tuple(
                (
                    one.label,
                    *(written(one.row[metric(k).column], metric(k).unit, currency) for k in names),
                )
                for one in reversed(judged)
            ),
        ),
        terms=names,
        barmode="relative",
        xaxis=NAMES,
        showlegend=len(traces) > 1,
        **money_axis(currency),
    )


def wave_figure(runs: dict[str, list[Row]], build: Build) -> Figure | None:
    """Draw participation by wave, one line for each kind of campaign; None without two waves of a kind."""
    drawn = {kind: rows for kind, rows in runs.items() if len(rows) > 1}
    if not drawn:
        return None
    drawn = dict(sorted(drawn.items(), key=lambda item: (-len(item[1]), item[0]))[:WAVE_LINES])
    number = sorted({int(row["wave_number"]) for rows in drawn.values() for row in rows})
    taken = []
    traces = []
    for (kind, rows), role in zip(drawn.items(), ROLES, strict=False):
        rates = {int(row["wave_number"]): known(row["participation_rate"]) for row in rows}
        traces.append(line(number, [rates.get(wave) for wave in number], form_word(kind), role))
        taken.append(
            word(
                "camp.waves.part",
                form=form_word(kind),
                first=written(rows[0]["participation_rate"], "rate"),
                last=written(rows[-1]["participation_rate"], "rate"),
                n=len(rows),
            )
        )
    return figure(
        "fig-waves",
        word("camp.waves"),
        joined(taken, "；", "; ") + Text("。", "."),
        traces,
        Table(
            (word("col.campaign"), word("col.wave"), word("camp.seats"), metric("wave_participation").label),
            tuple(
                (
                    form_word(kind),
                    str(row["wave_number"]),
                    written(row["members"], "count"),
                    written(row["participation_rate"], "rate"),
                )
                for kind, rows in drawn.items()
                for row in rows
            ),
        ),
        terms=("wave_participation",),
        xaxis={"dtick": 1, "title": {"text": ""}},
        yaxis={"tickformat": ".0%", "hoverformat": ".1%", "rangemode": "tozero"},
        showlegend=len(traces) > 1,
    )


def push_figure(rows: list[Row]) -> Figure | None:
    """Draw who left within 24 hours of a push beside the usual, by week; None without pushes."""
    if not rows:
        return None
    labels = [week_short(row["week_start"]) for row in rows]
    last = rows[-1]
    names = ("push_exits", "push_usual")
    return figure(
        "fig-pushes",
        word("camp.pushes"),
        word(
            "camp.pushes.take",
            week=week_label(last["week_start"]),
            n=written(last["pushes"], "count"),
            left=written(last["exits_24h"], "count"),
            usual=written(last["usual_exits"], "tenth"),
            beyond=written(last["beyond"], "count"),
        ),
        [
            bars(labels, [row["exits_24h"] for row in rows], metric("push_exits").label, "main"),
            line(labels, [row["usual_exits"] for row in rows], metric("push_usual").label, "c3", digits=1),
        ],
        Table(
            (word("col.week"), word("camp.pushes.n"), *(metric(name).label for name in names)),
            tuple(
                (
                    plain(week_label(row["week_start"])),
                    written(row["pushes"], "count"),
                    written(row["exits_24h"], "count"),
                    written(row["usual_exits"], "tenth"),
                )
                for row in reversed(rows)
            ),
        ),
        terms=names,
        yaxis={"tickformat": ",d", "hoverformat": ",.1f", "rangemode": "tozero"},
    )
