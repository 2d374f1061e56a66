"""What wakes a group up: how many more members post after each kind of post, with its interval."""

from __future__ import annotations

from typing import Any

from pipelines.report.context import Build, type_word
from pipelines.report.drawings import interval
from pipelines.report.numbers import known
from pipelines.report.read import Row
from pipelines.report.reasons import reason
from pipelines.report.share import HIDDEN
from pipelines.report.text import Text, plain, word, words

TABLE = "activation.levers"
TOP = 3.0  # the scale ends there at most: an interval of a few posts would press all others flat


def levers(build: Build) -> dict[str, Any] | None:
    """Return the levers: each over all groups, then all of them by author and by type of group.

    None where there is no post to measure.
    """
    if "message" not in build.facts.kinds or not build.warehouse.has(TABLE):
        return None
    rows = build.warehouse.rows(
        f"""
        select lever, author_role, group_type, posts, groups, actual, lift, lift_low, lift_high,
            is_reliable, reason
        from {TABLE}
        where (author_role = 'all')::int + (group_type = 'all')::int + (lever = 'all')::int >= 2
        order by group_type <> 'all', author_role <> 'all', lever = 'all', is_reliable desc,
            lift desc nulls last, lever, author_role, group_type
        """
    )
    if not rows:
        return None
    highs = [known(row["lift_high"]) or known(row["lift"]) or 0.0 for row in rows if row["is_reliable"]]
    top = min(max([*highs, 2.0]), TOP)
    return {"rows": [_line(row, top) for row in rows]}


def verdict(row: Row) -> str:
    """Return what the interval says: works, less, none (1 lies within) or few (not enough to tell)."""
    low, high = known(row["lift_low"]), known(row["lift_high"])
    if not row["is_reliable"] or low is None or high is None:
        return "few"
    if low > 1:
        return "works"
    return "less" if high < 1 else "none"


def _line(row: Row, top: float) -> dict[str, Any]:
    lift, low, high = (known(row[name]) for name in ("lift", "lift_low", "lift_high"))
    said = verdict(row)
    is_hidden = row["reason"] == HIDDEN and lift is None
    return {
        "name": _name(row),
        "posts": row["posts"],
        "groups": row["groups"],
        "lift": lift,
        "low": low,
        "high": high,
        "why": row["reason"],
        "why_interval": row["reason"] or "few_groups",
        "drawing": None if lift is None else interval(low, lift, high, top, said != "few"),
        "is_sure": said != "few",
        "verdict": reason(row["reason"]) if lift is None or is_hidden else word(f"lever.is.{said}"),
    }


def _name(row: Row) -> Text:
    """Return what a row measures: a lever, or all levers of an author's role or of a type of group."""
    if row["group_type"] != "all":
        return word("lever.of_type", name=type_word(row["group_type"]))
    if row["author_role"] != "all":
        return _known("lever.by", row["author_role"])
    return _known("lever", row["lever"])


def _known(prefix: str, name: object) -> Text:
    key = f"{prefix}.{name}"
    return word(key) if key in words() else plain(str(name))
