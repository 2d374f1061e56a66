"""What the pages share while one report is made."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from pipelines.report.facts import KINDS, Facts
from pipelines.report.read import Row, Warehouse
from pipelines.report.text import Text, joined, plain, word, words

RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$")
SAFE_ID = re.compile(r"^[a-z0-9][a-z0-9_-]{0,59}$")
CHART_WEEKS = 26


@dataclass(frozen=True)
class Build:
    """The warehouse, the frame, weekly scores (metric -> rows), paid orders by week, groups with a page."""

    warehouse: Warehouse
    facts: Facts
    scores: dict[str, list[Row]]
    orders: dict[date, float]
    groups: frozenset[str]

    @property
    def currency(self) -> str:
        """Return the report's currency code."""
        return self.facts.currency

    def group_page(self, group_id: object) -> str | None:
        """Return the address of a group's page, None for a group that has none, such as a dissolved one."""
        return f"groups/{safe_id(str(group_id))}.html" if str(group_id) in self.groups else None

    def missing(self, *needs: str, tables: tuple[str, ...] = ()) -> Text | None:
        """Return the one line that says what to export for this page, None when nothing is missing.

        Each of `needs` is an event kind, or several of which one suffices, as in "message|order".
        """
        for need in needs:
            options = need.split("|")
            if not any(kind in self.facts.kinds for kind in options):
                return word("need.activity") if len(options) > 1 else word(f"need.{need}")
        for table in tables:
            if not self.warehouse.has(table):
                return word("need.table", table=table)
        return None

    def lacking(self) -> Text | None:
        """Return one line: the kinds not exported, what is missing for it, how to add it; None if all are."""
        kinds = [kind for kind in KINDS if kind not in self.facts.kinds]
        if not kinds:
            return None
        return word(
            "lacks.kinds",
            kinds=joined([word(f"kind.{kind}") for kind in kinds]),
            hidden=joined([word(f"lacks.{kind}") for kind in kinds]),
            exports=joined([word(f"export.{kind}") for kind in kinds], "，", "; "),
        )

    @property
    def exits_known(self) -> bool:
        """Tell whether exits are exported: False only where the models say so of every exit rate."""
        rows = self.scores.get("exit_rate", [])
        return not rows or not _without_exits(rows, "value")

    def weekly(self, table: str, key: str = "week_start", limit: int = CHART_WEEKS) -> list[Row]:
        """Return the last `limit` weeks of a weekly or cohort table up to the report week, oldest first."""
        if not self.warehouse.has(table):
            return []
        query = f"select * from {table} where {key} <= ? order by {key} desc limit {limit}"
        return self.warehouse.rows(query, [self.facts.week_start])[::-1]

    def by_group(
        self, table: str, key: str = "week_start", weeks: int = CHART_WEEKS, to_pool: bool = False
    ) -> dict[str, list[Row]]:
        """Return the last `weeks` weeks of a `_by_group` table as group -> rows, oldest first.

        Rows `to_pool` have all their numbers, also in a shared report: what is made of them is protected.
        """
        if not self.warehouse.has(table):
            return {}
        warehouse = self.warehouse.unprotected() if to_pool else self.warehouse
        rows = warehouse.rows(
            f"""
            select * from {table}
            where {key} <= ? and {key} > cast(? as date) - 7 * {weeks}
            order by group_id, {key}
            """,
            [self.facts.week_start, self.facts.week_start],
        )
        found: dict[str, list[Row]] = {}
        for row in rows:
            found.setdefault(str(row["group_id"]), []).append(row)
        return found


def _without_exits(rows: list[Row], column: str) -> bool:
    """Tell whether no row has a rate and one of them says that exits are not exported."""
    return all(row[column] is None for row in rows) and any(
        str(row.get("reason") or "").replace("_", " ") == "exits not exported" for row in rows
    )


def shallow(record: Any) -> dict[str, Any]:
    """Return a dataclass's fields by name, their values as they are."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def safe_id(group_id: str) -> str:
    """Return a file name for a group: its id where that is safe on every file system, else a digest of it."""
    if SAFE_ID.match(group_id) and not RESERVED.match(group_id):
        return group_id
    slug = re.sub(r"[^a-z0-9]+", "-", group_id.lower()).strip("-")[:40]
    digest = hashlib.sha256(group_id.encode("utf-8")).hexdigest()[:10]
    return f"{slug}-{digest}" if slug else digest


def type_word(group_type: object) -> Text:
    """Return a group type's label; a type the words lack is shown as it is."""
    key = f"type.{group_type}"
    return word(key) if key in words() else plain(group_type or "—")
