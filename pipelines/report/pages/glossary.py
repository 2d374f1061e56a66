"""What each number means: the registry, printed; tooltips show the same words."""

from __future__ import annotations

from pipelines.report.context import Build
from pipelines.report.facts import ZONES
from pipelines.report.metrics import Metric, registry
from pipelines.report.render import Page
from pipelines.report.text import Text, plain, word

RULES = ("time", "mature", "null", "base", "unusual", "member")


def page(build: Build) -> Page:
    """Return the definitions page."""
    sections: dict[str, list[Metric]] = {}
    for item in registry().values():
        sections.setdefault(item.page, []).append(item)
    return Page(
        "glossary.html",
        "glossary.html.j2",
        {
            "here": "glossary",
            "title": word("title.glossary"),
            "sections": sections,
            "rules": [rule(name, build) for name in RULES],
        },
    )


def rule(name: str, build: Build) -> Text:
    """Return one of the rules every number obeys, with the project's own calendar in it."""
    if name != "time":
        limits = build.facts.limits
        return word(
            f"gl.rule.{name}", n=limits.small_n, weeks=limits.unusual_weeks, least=limits.unusual_min_weeks
        )
    starts = "gl.monday" if build.facts.week_start.weekday() == 0 else "gl.sunday"
    zone = ZONES.get(build.facts.zone, plain(build.facts.zone))
    return word("gl.rule.time", zone=zone, starts=word(starts))
