"""What is passed on of a published week: the numbers of the whole community and what changed, nobody's name.

`week.json` of the week is all that is read. It holds no member, no group and no product.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import InputRefused


@dataclass(frozen=True)
class Brief:
    """The week in one language: title, its days, (label, value, remark) of each number, and sentences."""

    week: str
    language: str
    title: str
    subtitle: str
    numbers: tuple[tuple[str, str, str], ...]
    changed_title: str
    changes: tuple[str, ...]
    more: tuple[str, ...]


def read_briefs(week: Path) -> tuple[Brief, ...]:
    """The summaries of a published week's folder, one per language of the report, the first one first.

    Raises InputRefused where there is no report yet, or one without a summary.
    """
    try:
        told = json.loads((week / "week.json").read_text(encoding="utf-8"))
        return tuple(
            Brief(
                told["week"], brief["language"], brief["title"], brief["subtitle"],
                tuple((label, value, remark) for label, value, remark in brief["numbers"]),
                brief["changed"], tuple(brief["changes"]), tuple(brief["more"]),
            )
            for brief in told["brief"]
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputRefused(
            f"There is no summary to deliver in {week}. First: groupfunnel run (or groupfunnel report)."
        ) from error
