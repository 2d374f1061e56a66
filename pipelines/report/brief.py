"""The week in a few lines, for those who pass it on: numbers of the whole community and nobody's name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.report.facts import Facts
from pipelines.report.pages.findings import Change
from pipelines.report.pages.summary import FINDINGS, chosen_cards
from pipelines.report.render import Page
from pipelines.report.text import Text, plain, word


def brief(facts: Facts, first: Page, languages: Sequence[str]) -> list[dict[str, Any]]:
    """Say the first page in each of the languages, as `week.json` keeps it.

    Only findings about numbers of the community are in it: alerts and proposals name groups, products or
    people, and are counted.
    """
    cards = chosen_cards(first)
    found: list[Change] = first.context["found"][:FINDINGS]
    changes = [sentence(change) for change in found] or [first.context["nothing_changed"]]
    actions = sum(bool(one.size) for one in first.context["actions"])
    more = [word("brief.actions", n=actions)] if actions else [first.context["actions_none"]]
    more.append(facts.through)
    return [
        {
            "language": language,
            "title": f"{facts.project}: {_in(first.context['title'], language)}",
            "subtitle": _in(first.context["subtitle"], language),
            "numbers": [[_in(text, language) for text in _number(card)] for card in cards],
            "changed": _in(word("index.changed"), language),
            "changes": [_in(text, language) for text in changes],
            "more": [_in(text, language) for text in more],
        }
        for language in languages
    ]


def sentence(change: Change) -> Text:
    """A finding in one sentence, as the summary page writes it."""
    told = change.headline + change.detail
    if change.before is not None and change.change is not None:
        told = told + change.before + change.change
    return told + change.also if change.also is not None else told


def _number(card: dict[str, Any]) -> tuple[Text, Text, Text]:
    label = card["metric"].label + (plain(" ") + card["when"] if card["when"] else "")
    has_moved = card["change"] and card["direction"] != "flat"
    moved = plain("▲ " if card["direction"] == "up" else "▼ ") + card["change"] if has_moved else plain("")
    return label, card["value"], moved


def _in(text: Text, language: str) -> str:
    return text.zh if language == "zh" else text.en
