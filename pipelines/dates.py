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
# A day, with the time of day where the name has it: 2026-03-09, 20260309_083000, 2026-03-09T08-30.
STAMP = re.compile(
    r"(?<!\d)(20\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])"
    r"(?:[T _-]?([01]\d|2[0-3])[-:.]?([0-5]\d)(?:[-:.]?([0-5]\d))?)?(?!\d)"
)


@dataclass(frozen=True)
class Declared:
    """The business days a file declares to cover and the naive UTC instant of its export; None where
    nobody says. `exported_after` is the earliest it can have been exported, where only its day is known.
    """

    covered_from: date | None
    covered_to: date | None
    exported_at: datetime | None
    exported_after: datetime | None = None


def declared(file: str, export: Export, kind: Kind, settings: Settings) -> Declared:
    """What the settings, else the file name say.

    Raises InputRefused on a range that runs backwards or ends in the future.
    """
    exported = export.exported_at
    if exported is not None:
        local = exported if exported.tzinfo else exported.replace(tzinfo=settings.zone)
        exported = local.astimezone(UTC).replace(tzinfo=None)
    if kind.name == "member_list":
        return _list_taken(file, exported, settings)
    if export.covered_from and export.covered_to:
        return Declared(export.covered_from, export.covered_to, exported)
    name = file.rsplit("/", 1)[-1]
    try:
        if match := RANGE.search(name):
            first, last = (date.fromisoformat(part) for part in match.groups())
            if first > last:
                raise InputRefused(f"{file}: the name says from {first} to {last}, which is backwards.")
            if last > datetime.now(settings.zone).date() + timedelta(days=1):
                today = datetime.now(settings.zone).date()
                raise InputRefused(
                    f"{file}: the name says it covers the days to {last}, which are still to come. "
                    f"Correct the name, or the clock of this machine: it says {today}."
                )
            return Declared(first, last, exported)
        if not kind.is_event:
            exported = exported or stamp_of(file, settings)[1]
    except ValueError:
        # Digits that look like a date and are none say nothing.
        pass
    return Declared(None, None, exported)


def stamp_of(file: str, settings: Settings) -> tuple[datetime | None, datetime | None]:
    """The earliest and the latest naive UTC instant that a file's name, else its folder's, dates it to.

    Both are None without a date; they differ where only the day is told. Of two days the last one counts.
    """
    for part in reversed(file.split("/")):
        match = RANGE.search(part)
        match = STAMP.fullmatch(match.group(2)) if match else STAMP.search(part)
        if match is None:
            continue
        year, month, day, hour, minute, second = (int(digits) if digits else 0 for digits in match.groups())
        try:
            told = date(year, month, day)
        except ValueError:
            # Digits that look like a date and are none say nothing.
            continue
        if match.group(4) is None:
            return end_of(told - timedelta(days=1), settings), last_moment_of(told, settings)
        local = datetime(year, month, day, hour, minute, second, tzinfo=settings.zone)
        instant = local.astimezone(UTC).replace(tzinfo=None)
        return instant, instant
    return None, None


def _list_taken(file: str, exported: datetime | None, settings: Settings) -> Declared:
    """When a member list was taken, by the settings, its name or its folder's name.

    Raises InputRefused on a day to come.
    """
    after, until = (exported, exported) if exported else stamp_of(file, settings)
    if after is not None and after > datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1):
        raise InputRefused(
            f"{file}: the name says it was taken on a day that is still to come. Correct the name, or the "
            "clock of this machine."
        )
    return Declared(None, None, until, after)


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
