"""The week for the boss: one page without script that a mail programme shows, in the project's languages."""

from __future__ import annotations

from typing import Any

from pipelines.report.render import Page
from pipelines.report.text import word

PATH = "summary.html"
FIRST = ("net_revenue", "buyers", "new_members", "healthy_groups")
NUMBERS, FINDINGS, ACTIONS = 4, 3, 3


def chosen_cards(first: Page) -> list[dict[str, Any]]:
    """Return at most four of the first page's numbers: those with a target, then those a boss asks for."""
    known = [one for one in first.context["cards"] if one["raw"] is not None]
    aimed = [one for one in known if one["target"] is not None]
    chosen = [one for name in FIRST for one in known if one["metric"].key == name]
    shown = list({one["metric"].key: one for one in [*aimed[:NUMBERS], *chosen, *known]}.values())
    return shown[:NUMBERS]


def page(first: Page) -> Page:
    """Return the summary of the first page: at most four numbers, three findings, three actions."""
    return Page(
        PATH,
        "summary.html.j2",
        {
            "here": "summary",
            "title": first.context["title"],
            "subtitle": first.context["subtitle"],
            "cards": chosen_cards(first),
            "changes": first.context["changes"][:FINDINGS],
            "nothing_changed": first.context["nothing_changed"],
            "actions": [one for one in first.context["actions"] if one.size][:ACTIONS],
            "actions_none": first.context["actions_none"],
            "missing": first.context["lacks"],
            "policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
            "words": {
                "line": word("summary.line"),
                "numbers": word("summary.numbers"),
                "changed": word("index.changed"),
                "do": word("index.do"),
                "trust": word("title.quality"),
                "whole": word("summary.whole"),
            },
        },
    )
