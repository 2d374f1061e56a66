"""Times as WhatsApp writes them: the phone's own form, which no line of the file names.

Whether 03/04 is a day of April or of March is decided over the whole file, never line by line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Order = Literal["dmy", "mdy", "ymd"]
ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd")
FIRST_YEAR = 2009
MORNING = ("am", "上午", "凌晨", "清晨", "早上", "半夜", "午夜", "오전")
AFTERNOON = ("pm", "下午", "傍晚", "오후")
NOON, EVENING = "中午", "晚上"
_PARTS = "|".join((*MORNING[1:], *AFTERNOON[1:], NOON, EVENING))
_STAMP = (
    r"(?P<{p}1>\d{{1,4}})\s?(?P<{p}separator>[./\-年])\s?(?P<{p}2>\d{{1,2}})\s?[./\-月]\s?(?P<{p}3>\d{{1,4}})\s?[日.]?[,،]?\s*"
    r"(?:(?P<{p}before>" + _PARTS + r"|[ap]\.?m\.?|klo|kl\.?|às|a las|um|at)\s?)?"
    r"(?P<{p}hour>\d{{1,2}})[:.](?P<{p}minute>\d{{2}})(?:[:.](?P<{p}second>\d{{2}}))?(?:\s?(?P<{p}after>[ap]\.?\s?m\.?))?"
)
HEADER = re.compile(
    r"(?:\[" + _STAMP.format(p="i") + r"\]|" + _STAMP.format(p="a") + r"\s+-(?=\s))\s?", re.IGNORECASE
)
# Marks may stand before and inside the time; blanks there are of several kinds. One sign for one, so that
# places in the line stay what they are.
_PLAIN = str.maketrans({"\u202f": " ", "\u00a0": " ", "\u3000": " ", "\u2009": " "})
HEADER_CHARACTERS = 60


@dataclass(frozen=True)
class Stamp:
    """The time of a line as written: three parts of a date, whether they are year first, and the time."""

    parts: tuple[str, str, str]
    separator: str
    hour: int
    minute: int
    second: int

    def at(self, order: Order) -> datetime:
        """The time, its date read in an order. Raises ValueError where there is no such time."""
        day = date_of(self.parts, order)
        return datetime(day.year, day.month, day.day, self.hour, self.minute, self.second)


def split_header(line: str) -> tuple[Stamp, str] | None:
    """(time, rest) of a line that begins a message, None for a line that goes on with one."""
    line = line.lstrip("\u200e\u200f\ufeff\u202a")
    if not line or not (line[0] == "[" or line[0].isdigit()):
        return None
    found = HEADER.match(line[:HEADER_CHARACTERS].translate(_PLAIN))
    if found is None:
        return None
    p = "i" if found["i1"] is not None else "a"
    hour = _hour(
        int(found[f"{p}hour"]), (found[f"{p}before"] or "").lower(), (found[f"{p}after"] or "").lower()
    )
    if hour > 23 or int(found[f"{p}minute"]) > 59 or int(found[f"{p}second"] or 0) > 59:
        return None
    parts = (found[f"{p}1"], found[f"{p}2"], found[f"{p}3"])
    stamp = Stamp(
        parts, found[f"{p}separator"], hour, int(found[f"{p}minute"]), int(found[f"{p}second"] or 0)
    )
    return stamp, line[found.end() :]


def _hour(hour: int, before: str, after: str) -> int:
    told = (before if before in (*MORNING, *AFTERNOON, NOON, EVENING) else "") or re.sub(
        r"[^apm]", "", before or after
    )
    if told in MORNING:
        return 0 if hour == 12 else hour
    if told in AFTERNOON:
        return hour if hour >= 12 else hour + 12
    if told == NOON:
        return hour if hour >= 11 else hour + 12
    if told == EVENING:
        return 0 if hour == 12 else hour if hour > 12 else hour + 12
    return hour


def date_of(parts: tuple[str, str, str], order: Order) -> date:
    """A date of its parts. Raises ValueError where there is none, or none since there is WhatsApp."""
    first, second, third = (int(part) for part in parts)
    year, month, day = {
        "dmy": (third, second, first), "mdy": (third, first, second), "ymd": (first, second, third),
    }[order]  # fmt: skip
    written = parts[0] if order == "ymd" else parts[2]
    if len(written) == 2:
        year += 2000
    if year < FIRST_YEAR or len(written) not in (2, 4):
        raise ValueError("no year of a chat")
    return date(year, month, day)


@dataclass
class DateOrder:
    """Which orders of day, month and year all dates of a file allow, as they are seen one after another.

    An order falls out when a date does not exist in it, and when another one keeps the lines in the order of
    time and it does not.
    """

    _possible: dict[Order, tuple[date, bool]] = field(default_factory=dict)
    _ruled_out: set[Order] = field(default_factory=set)
    _changes: list[int] = field(default_factory=lambda: [0, 0])
    _previous: tuple[str, str, str] | None = None
    _is_east_asian: bool = False
    _is_dotted: bool = False
    _is_same_either_way: bool = True

    def see(self, stamp: Stamp, line: str) -> None:
        """Take the next line into account."""
        if not self._is_east_asian and not line.isascii() and len(stamp.parts[0]) == len(stamp.parts[2]):
            self._is_east_asian = any("\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" for c in line)
        if stamp.parts == self._previous:
            return
        if self._previous is not None:
            self._changes[0] += stamp.parts[0] != self._previous[0]
            self._changes[1] += stamp.parts[2] != self._previous[2]
        self._previous = stamp.parts
        self._is_dotted = stamp.separator == "."
        self._is_same_either_way &= int(stamp.parts[0]) == int(stamp.parts[1])
        for order in ORDERS:
            if order in self._ruled_out:
                continue
            try:
                day = date_of(stamp.parts, order)
            except ValueError:
                self._ruled_out.add(order)
                continue
            last, is_in_order = self._possible.get(order, (day, True))
            # A day back is a traveller; more is a wrong reading, or a clock that was set.
            self._possible[order] = (day, is_in_order and (last - day).days <= 1)

    def possible(self) -> list[Order]:
        """The orders that are left: one where the file decides, none where it holds two kinds of dates."""
        left = [order for order in ORDERS if order in self._possible and order not in self._ruled_out]
        if len(left) > 1 and self._is_dotted:
            # 03.04.24 is day first wherever dates have dots, but for Korea and Hungary, where years are.
            left = [order for order in left if order != "mdy"]
        if "ymd" in left and len(left) > 1:
            # Two digits first: a year changes least.
            first, last = self._changes
            is_year_first = first < last or (first == last and self._is_east_asian)
            left = ["ymd"] if is_year_first else [order for order in left if order != "ymd"]
        if self._is_same_either_way:
            left = left[:1]
        in_order = [order for order in left if self._possible[order][1]]
        return in_order or left
