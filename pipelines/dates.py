"""What a file says about itself: the days it covers and when it was exported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from pipelines.contract import Kind
from pipelines.errors import InputRefused
from pipelines.settings import Export, Settings
from pipelines.warehouse import literal

RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})[_~]+(?:to_)?(\d{4}-\d{2}-\d{2})")
SINGLE = re.compile(r"(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Declared:
    """The business days a file declares to cover and the naive UTC instant of its export; None where
    nobody says.
    """

    covered_from: date | None
    covered_to: date | None
    exported_at: datetime | None


def declared(file: str, export: Export, kind: Kind, settings: Settings) -> Declared:
    """What the settings, else the file name say.

    Raises InputRefused on a range that runs backwards or ends in the future.
    """
    exported = export.exported_at
    if exported is not None:
        local = exported if exported.tzinfo else exported.replace(tzinfo=settings.zone)
        exported = local.astimezone(UTC).replace(tzinfo=None)
    if export.covered_from and export.covered_to:
        return Declared(export.covered_from, export.covered_to, exported)
    name = file.rsplit("/", 1)[-1]
    try:
        if match := RANGE.search(name):
            first, last = (date.fromisoformat(part) for part in match.groups())
            if first > last:
                raise InputRefused(f"{file}: the name says from {first} to {last}, which is backwards.")
            if last > datetime.now(settings.zone).date() + timedelta(days=1):
                raise InputRefused(
                    f"{file}: the name says it covers the days to {last}, which are still to come. "
                    "Correct the name."
                )
            return Declared(first, last, exported)
        if (match := SINGLE.search(name)) and not kind.is_event:
            exported = exported or last_moment_of(date.fromisoformat(match.group(1)), settings)
    except ValueError:
        # Digits that look like a date and are none say nothing.
        pass
    return Declared(None, None, exported)


def time_limits(told: Declared, settings: Settings, now: datetime) -> tuple[str, str]:
    """SQL timestamps after which no event of the file, and nothing else that has happened, can lie.

    A day past the declared end of the file, else past now; and a day past now.
    """
    present = now.astimezone(UTC).replace(tzinfo=None)
    ends = (end_of(told.covered_to, settings) or present, present)
    event, past = (literal((end + timedelta(days=1)).isoformat(sep=" ")) + "::timestamp" for end in ends)
    return event, past


def end_of(day: date | None, settings: Settings) -> datetime | None:
    """The naive UTC instant at which a business day ends."""
    if day is None:
        return None
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), settings.zone)
    return midnight.astimezone(UTC).replace(tzinfo=None)


def last_moment_of(day: date | None, settings: Settings) -> datetime | None:
    """The last naive UTC instant that still lies in a business day."""
    end = end_of(day, settings)
    return None if end is None else end - timedelta(microseconds=1)
