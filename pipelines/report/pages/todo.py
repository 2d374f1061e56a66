"""What to do: the week's proposals by rule, whom they are for, and what came of last week's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.report.context import Build
from pipelines.report.pages.campaign_rows import form_word
from pipelines.report.read import Row
from pipelines.report.share import is_few, told
from pipelines.report.text import Text, joined, plain, sentence, word, words

NAMED, SHOWN = 3, 5
PLACES = {
    "stop_channel": "acquisition.html",
    "fewer_pushes": "campaigns.html#pushes",
    "change_rota": "owners.html#owners",
    "migrate_then_dissolve": "groups.html",
    "open_new_group": "groups.html",
    "check_welcome_offer": "activation.html",
    "recall_buyer": "revenue.html",
    "replace_mechanic": "campaigns.html#fatigue",
    "hold_payout": "referral.html",
    "pull_link": "revenue.html",
    "leave_alone": "groups.html",
}
# Rules whose subjects have no page of their own: the page named above lists them, row by row.
LISTED = ("stop_channel", "pull_link")


@dataclass(frozen=True)
class Todo:
    """One kind of proposal: for whom (name and page of up to three), why, by whom, and last week's outcome.

    `size` counts what it is proposed for, 0 where all of last week's have ended.
    """

    action: str
    size: int
    head: Text
    subjects: tuple[tuple[Text, str | None], ...]
    more: int
    evidence: Text
    owners: Text | None
    rule: Text
    outcome: Text | None
    href: str


def todo(build: Build) -> list[Todo]:
    """Return the report week's proposals by rule, in the rules' order; those that only ended come last."""
    if not build.warehouse.has("scorecard.actions", "scorecard.action_rules"):
        return []
    by_action: dict[str, list[Row]] = {}
    for row in _rows(build):
        by_action.setdefault(str(row["action"]), []).append(row)
    if build.warehouse.is_shared:  # a proposal about a handful of people is for those who look after them
        by_action = {action: mine for action, mine in by_action.items() if not _of_few(mine)}
    return sorted(
        (_todo(build, action, mine) for action, mine in by_action.items()), key=lambda t: not t.size
    )


def _rows(build: Build) -> list[Row]:
    return build.warehouse.rows(
        """
        select a.*, r.say_en, r.say_zh from scorecard.actions as a
        join scorecard.action_rules as r on r.action = a.action
        where a.week_start = ?
        order by r.position, a.is_proposed desc, a.base desc nulls last, a.subject
        """,
        [build.facts.week_start],
    )


@dataclass(frozen=True)
class Proposal:
    """One product or channel a rule names: its id, the anchor of its row, name, why, last week's outcome."""

    subject: str
    anchor: str
    name: Text
    evidence: Text
    outcome: Text


def proposals(build: Build, action: str) -> list[Proposal]:
    """Return the report week's proposals of one rule, the largest first, for the page that shows them."""
    if not build.warehouse.has("scorecard.actions", "scorecard.action_rules"):
        return []
    due = [row for row in _rows(build) if row["action"] == action and row["is_proposed"]]
    return [
        Proposal(
            str(row["subject"]),
            _anchor(action, at),
            _name(row),
            sentence(row["evidence_zh"], row["evidence"]),
            _last_week(build, row),
        )
        for at, row in enumerate(due, start=1)
    ]


def _last_week(build: Build, row: Row) -> Text:
    """Return what came of last week's proposal; a shared report leaves sentences with few people out."""
    said = [str(row[f"outcome_of_last_week{end}"] or "") for end in ("_zh", "")]
    return sentence(*(told(one, row) if build.warehouse.is_shared else one for one in said))


def _anchor(action: str, at: int) -> str:
    return f"{action}-{at}"


def _of_few(rows: list[Row]) -> bool:
    """Tell whether proposals, or those of last week, are about fewer than five members."""
    if rows[0]["subject_kind"] != "member":
        return False
    before = [row for row in rows if row["outcome_of_last_week"] is not None]
    held = sum(bool(row["is_proposed"]) for row in before)
    due = sum(bool(row["is_proposed"]) for row in rows)
    return any(map(is_few, (due, len(before), held, len(before) - held)))


def _todo(build: Build, action: str, rows: list[Row]) -> Todo:
    due = [row for row in rows if row["is_proposed"]]
    first = (due or rows)[0]
    people = first["subject_kind"] == "member"
    owners = sorted({str(row["owner_id"]) for row in due if row["owner_id"] is not None})
    named = [(_name(row), _page(build, row, at)) for at, row in enumerate(due[:NAMED], start=1)]
    return Todo(
        action=action,
        size=len(due),
        head=Text(str(first["say_zh"]).rstrip("："), str(first["say_en"])),
        subjects=((word("do.members", n=len(due)), None),) if people else tuple(named),
        more=0 if people else len(due) - len(named),
        evidence=_evidence(first, len(due)),
        owners=word(
            "do.owners",
            names=joined([plain(name) for name in owners[:NAMED]])
            + ("" if len(owners) <= NAMED else f" +{len(owners) - NAMED}"),
        )
        if owners
        else None,
        rule=rule_text(action, str(first["threshold"])),
        outcome=_outcome(rows),
        href=PLACES.get(action, "groups.html") + (f"#{action}" if due and action in LISTED else ""),
    )


def _evidence(first: Row, size: int) -> Text:
    """Return the numbers behind a proposal, of the first of several; of people only their list."""
    if first["subject_kind"] == "member":
        return word("do.people") if size else plain("")
    said = sentence(first["evidence_zh"], first["evidence"])
    return word("do.example", evidence=said) if size > 1 else said


def _name(row: Row) -> Text:
    if row["subject_kind"] == "community":
        return plain("")
    if row["subject_kind"] == "campaign_type":
        return form_word(row["subject"])
    return plain(row["subject_name"] or row["subject"])


def _page(build: Build, row: Row, at: int) -> str | None:
    """Return where a proposal's subject is shown: a group's page, or the row of a product or channel."""
    action = str(row["action"])
    if action in LISTED:
        return f"{PLACES[action]}#{_anchor(action, at)}"
    return build.group_page(row["subject"]) if row["subject_kind"] == "group" else None


def rule_text(action: str, threshold: str) -> Text:
    """Return a rule's threshold in both languages: the Chinese words filled with the numbers of the rule."""
    numbers = re.findall(r"\d+(?:\.\d+)?", threshold)
    key = f"do.rule.{action}"
    if key not in words():
        return sentence(threshold, threshold)
    try:
        return sentence(words()[key].zh.format(*numbers), threshold)
    except IndexError:
        return sentence(threshold, threshold)


def _outcome(rows: list[Row]) -> Text | None:
    """Count what came of last week's proposals; None where there were none."""
    before = [row for row in rows if row["outcome_of_last_week"] is not None]
    if not before:
        return None
    held = sum(bool(row["is_proposed"]) for row in before)
    unjudged = sum(str(row["outcome_of_last_week"]).endswith("not judged.") for row in before)
    said = word("do.outcome", n=len(before), held=held, gone=len(before) - held - unjudged)
    return said + word("do.outcome.unjudged", n=unjudged) if unjudged else said
