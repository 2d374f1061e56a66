"""Who brings whom: invites by week, the K-factor, and the tree's largest branches."""

from __future__ import annotations

from typing import Any

from pipelines.report.context import Build
from pipelines.report.drawings import shown_share
from pipelines.report.figures import Figure, bars, figure, line
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, week_label, week_short, written
from pipelines.report.pages.acquisition import plain_table, weekly_table
from pipelines.report.pages.activation import last_with
from pipelines.report.pages.referral_worth import masked, suspects, worth
from pipelines.report.read import Row
from pipelines.report.render import Page
from pipelines.report.text import word

TABLE = (
    "cost_per_kept_30d",
    "invites_sent",
    "inviters",
    "invites_joined",
    "acceptance_rate",
    "k_factor",
    "fission_multiple",
    "reward_cost",
    "cost_per_joined",
)
TOP = 15


def page(build: Build) -> Page:
    """Return the referral page."""
    need = build.missing("invite", tables=("referral.weekly",))
    rows = [] if need else build.weekly("referral.weekly")
    figures = [*cost_figure(rows, build.currency), invite_figure(rows), factor_figure(rows)] if rows else []
    return Page(
        "referral.html",
        "referral.html.j2",
        {
            "here": "referral",
            "title": word("title.referral"),
            "need": need or (None if rows else word("need.rows")),
            "figures": figures,
            "tables": [
                weekly_table(
                    "referral",
                    rows[::-1][:12],
                    TABLE,
                    "week_start",
                    {"acceptance_rate": "invites_sent"},
                    kinds=build.facts.kinds,
                )
            ]
            if rows
            else [],
            "movers": [],
            "inviters": inviters(build) if rows else [],
            "generations": generations(build) if rows else [],
            "worth": None if need else worth(build),
            "suspects": None if need else suspects(build),
            "has_figures": bool(figures),
        },
    )


def cost_figure(rows: list[Row], currency: str) -> list[Figure]:
    """Draw what an invitee who stayed cost by week of sending; no figure where no week knows it."""
    last = last_with(rows, "cost_per_kept_30d")
    if last is None:
        return []
    labels = [week_short(row["week_start"]) for row in rows]
    names = (("cost_per_kept_30d", "main"), ("cost_per_joined", "c3"))
    return [
        figure(
            "fig-cost",
            word("ref.cost"),
            word(
                "ref.cost.take",
                week=week_label(last["week_start"]),
                kept=written(last["cost_per_kept_30d"], "price", currency),
                joined=written(last["cost_per_joined"], "price", currency),
            ),
            [bars(labels, [row[name] for row in rows], metric(name).label, role) for name, role in names],
            plain_table(rows, tuple(name for name, _ in names)),
            terms=tuple(name for name, _ in names),
            barmode="group",
            yaxis={"tickformat": ",.2f"},
        )
    ]


def invite_figure(rows: list[Row]) -> Figure:
    """Draw invites sent beside those joined by week of sending."""
    labels = [week_short(row["week_start"]) for row in rows]
    last = last_with(rows, "invites_joined") or rows[-1]
    names = (("invites_sent", "c3"), ("invites_joined", "main"))
    return figure(
        "fig-invites",
        word("ref.weekly"),
        word(
            "ref.weekly.take",
            week=week_label(last["week_start"]),
            sent=written(last["invites_sent"], "count"),
            joined=written(last["invites_joined"], "count"),
            k=written(last["k_factor"], "factor"),
        ),
        [bars(labels, [row[name] for row in rows], metric(name).label, role) for name, role in names],
        plain_table(rows, tuple(name for name, _ in names)),
        terms=tuple(name for name, _ in names),
        barmode="overlay",
        yaxis={"tickformat": ",d"},
    )


def factor_figure(rows: list[Row]) -> Figure:
    """Draw the weekly K-factor."""
    values = [value for row in rows[-12:] if (value := known(row["k_factor"])) is not None]
    return figure(
        "fig-k",
        word("ref.k"),
        word("ref.k.take", max=written(max(values, default=None), "factor")),
        [
            line(
                [week_short(row["week_start"]) for row in rows],
                [row["k_factor"] for row in rows],
                metric("k_factor").label,
                "main",
            )
        ],
        plain_table(rows, ("k_factor", "fission_multiple")),
        terms=("k_factor",),
        yaxis={"tickformat": ".2f", "hoverformat": ".3f"},
        showlegend=False,
    )


def inviters(build: Build) -> list[dict[str, Any]]:
    """Return who brought the most members, directly and through others; nobody in a shared report."""
    if build.warehouse.is_shared or not build.warehouse.has("referral.tree"):
        return []
    rows = build.warehouse.rows(
        f"""
        select member_id, generation, direct_invitees, descendants, tree_size from referral.tree
        where descendants > 0
        order by descendants desc, direct_invitees desc, member_id
        limit {TOP}
        """
    )
    top = [known(row["descendants"]) for row in rows]
    return [
        row | {"name": masked(row["member_id"]), "share": shown_share(known(row["descendants"]), top)}
        for row in rows
    ]


def generations(build: Build) -> list[dict[str, Any]]:
    """Return how many members stand in each generation of the trees with at least one invitee."""
    if not build.warehouse.has("referral.tree"):
        return []
    rows = build.warehouse.rows(
        """
        select generation, count(*) as members from referral.tree
        where generation > 0
        group by generation
        order by generation
        """
    )
    counts = [known(row["members"]) for row in rows]
    return [row | {"share": shown_share(known(row["members"]), counts)} for row in rows]
