"""What an export of a chat says of time: instants as text, and the business days it reaches over."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pipelines.readers.document import Sink
from pipelines.settings import Settings

# The start of 2005, before which no row is taken.
FIRST, DAY_SECONDS = 1_104_537_600, 86_400
NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]+)?")


@dataclass
class Span:
    """The first and the last instant seen, in seconds since 1970."""

    first: float | None = None
    last: float | None = None

    def see(self, seconds: float) -> None:
        """Widen the span to an instant."""
        if self.first is None or seconds < self.first:
            self.first = seconds
        if self.last is None or seconds > self.last:
            self.last = seconds

    def days(self, settings: Settings, until: date | None = None) -> tuple[date, date] | None:
        """First and last business day, the last one at least `until`; None where nothing was seen."""
        if self.first is None or self.last is None:
            return None
        first, last = (datetime.fromtimestamp(at, settings.zone).date() for at in (self.first, self.last))
        return first, max(last, until or last)


def utc_text(seconds: float) -> str:
    """An instant as a canonical time, with its offset."""
    return f"{datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)}Z"


def naive_utc(seconds: float | None) -> datetime | None:
    """An instant as naive UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def is_likely(seconds: float) -> bool:
    """Whether an instant can be one of a chat. A clock that was wrong once says nothing about the days that
    an export reaches over.
    """
    return FIRST <= seconds < time.time() + DAY_SECONDS


def seconds_of(text: object) -> float | None:
    """The seconds since 1970 of a number or of a time with an offset; None of anything else, and of times
    that no chat has.
    """
    try:
        if isinstance(text, int) or (isinstance(text, str) and NUMBER.fullmatch(text)):
            at = float(text)
        else:
            moment = datetime.fromisoformat(str(text))
            if moment.tzinfo is None:
                return None
            at = moment.timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return at if is_likely(at) else None


def cover(sink: Sink, number: int, group: str, days: tuple[date, date] | None) -> None:
    """Say that joins and messages of a group were exported on these days."""
    if days is None:
        return
    for kind in ("join", "message"):
        sink.row(
            "coverage",
            number,
            {
                "event_kind": kind,
                "group_id": group,
                "covered_from": days[0].isoformat(),
                "covered_to": days[1].isoformat(),
            },
        )
