"""State and score of every group at the end of every week, by metrics.md §3."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from tests.oracle.book import WEEK, Book, median
from tests.oracle.health import Said, between, inputs, read_said, score
from tests.oracle.world import DAY

Row = dict[str, Any]


class Health:
    """Groups at the ends of weeks, each instant worked out once."""

    def __init__(self, book: Book) -> None:
        self.said: Said = read_said(book)
        self.book = book
        self._rows: dict[datetime, dict[str, Row]] = {}
        marks = [k for k in ("join", "message", "order") if k in book.world.kinds]
        self.report_at = book.world.report(*marks) if "join" in marks or "message" in marks else None

    def back(self, at: datetime, weeks: int) -> datetime:
        """The instant so many weeks before."""
        calendar = self.book.world.calendar
        return calendar.start(calendar.day(at) - weeks * WEEK)

    def groups(self, at: datetime) -> list[str]:
        """Groups that exist at an instant: not yet founded and dissolved ones are left out."""
        known, found = self.book.world.groups, []
        for group in self.book.groups:
            info = known.get(group)
            stays = self.book.stays.get(group, [])
            born = (info.created_at if info else None) or min((s.joined_at for s in stays), default=None)
            is_gone = info is not None and info.closed_at is not None and info.closed_at < at
            if not is_gone and (born is None or born < at):
                found.append(group)
        return found

    def at(self, at: datetime) -> dict[str, Row]:
        """Inputs and score of each group at an instant."""
        if at not in self._rows:
            rows = {}
            for group in self.groups(at):
                row = inputs(self.said, group, at)
                info = self.book.world.groups.get(group)
                kind = (info.group_type if info else None) or "other"
                value, used, missing = score(self.book, kind, row)
                rows[group] = row | {
                    "group_type": kind,
                    "score": value,
                    "score_inputs_used": used,
                    "score_inputs_missing": missing,
                }
            self._rows[at] = rows
        return self._rows[at]

    def _kinds(self) -> list[str]:
        return [k for k in ("message", "order") if k in self.book.world.kinds]

    def is_covered(self, group: str, at: datetime) -> bool:
        """Whether the days that decide over life and death were all exported."""
        world = self.book.world
        start = at - world.settings["dead_days"] * DAY
        return bool(self._kinds()) and all(
            world.is_covered(k, start, at, group) and world.calendar.start(min(world.days(k))) <= start
            for k in self._kinds()
        )

    def state(self, group: str, at: datetime) -> str:
        """State of a group at an instant, the first rule that fits."""
        book, row = self.book, self.at(at)[group]
        settings = book.world.settings
        dead = settings["dead_days"] * DAY
        kinds = self._kinds()
        if not self.is_covered(group, at):
            return "unknown"
        info = book.world.groups.get(group)
        created = info.created_at if info else None
        if row["members"] < settings["min_group_members"] or (
            created is not None and created > at - settings["new_group_days"] * DAY
        ):
            return "new"
        orders = between(self.said.group_paid.get(group, []), at - dead, at)
        if "message" not in kinds:
            if orders == 0:
                return "no_sales"
        elif orders == 0 and between(self.said.spoken.get(group, []), at - dead, at) == 0:
            return "dead"
        return self._by_value(group, at, row)

    def _by_value(self, group: str, at: datetime, row: Row) -> str:
        settings = self.book.world.settings
        silent = settings["silent_participation"]
        conversion, share = row["conversion_30d"], row["participation_7d"]
        middle = median(
            r["conversion_30d"]
            for r in self.at(at).values()
            if r["group_type"] == row["group_type"] and r["conversion_30d"] is not None
        )
        sells = conversion is not None and conversion > 0 and middle is not None and conversion >= middle
        if share is not None and share < silent and sells:
            return "quiet_seller"
        if not sells and self._is_fading(group, at, row, silent):
            return "dying"
        if row["score"] is not None and row["score"] < settings["watch_score"]:
            return "watch"
        scores = [self.at(self.back(at, k)).get(group, {}).get("score") for k in range(5)]
        if None not in scores and all(now < then for now, then in itertools.pairwise(scores)):
            return "watch"
        return "healthy" if row["score"] is not None else "unknown"

    def _is_fading(self, group: str, at: datetime, row: Row, silent: float) -> bool:
        past = [self.at(self.back(at, k)).get(group, {}) for k in range(9)]
        shares = [r.get("participation_7d") for r in past[:4]]
        if all(s is not None and s < silent for s in shares):
            return True
        before = [n for r in past[1:] if (n := r.get("messages_7d")) is not None]
        usual = median(before) if len(before) >= 4 else None
        now = row["messages_7d"]
        share = self.book.world.settings["dying_message_share"]
        return bool(usual) and now is not None and bool(now <= share * usual)


HEALTH: dict[int, Health] = {}


def health_of(book: Book) -> Health:
    """The book's health, worked out once."""
    if id(book) not in HEALTH:
        HEALTH[id(book)] = Health(book)
    return HEALTH[id(book)]


def groups(book: Book) -> list[Row]:
    """Rows of group_health.groups."""
    health = health_of(book)
    if health.report_at is None:
        return []
    at, calendar = health.report_at, book.world.calendar
    return [
        {
            "group_id": g,
            "week_start": calendar.week(calendar.day(at) - DAY),
            **row,
            "state": health.state(g, at),
        }
        for g, row in health.at(at).items()
    ]
