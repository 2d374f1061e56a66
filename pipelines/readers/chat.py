"""Chats without ids: each line gets an id that the next export of the same chat gives it again.

The id of a message is a keyed hash of group, author, time, kind and content, with its ordinal among the equal
ones of that time, so that two "+1" of one minute are two, and the same line of a later export is the same.
Joins and leaves have no ordinal: nobody joins twice in a moment, but platforms do say it twice.
"""

from __future__ import annotations

import codecs
import hashlib
import hmac
import re
import unicodedata
from collections import Counter, OrderedDict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.contract import CONTRACT, EventKind
from pipelines.dates import RANGE, SINGLE, declared
from pipelines.errors import InputRefused
from pipelines.people import People
from pipelines.readers.document import Sink
from pipelines.readers.spans import is_likely
from pipelines.readers.text import LOST_TEXT, UTF16_MARKS
from pipelines.settings import Export, Settings

LINE_CHARACTERS = 1 << 20
NAME_CHARACTERS = 100
# Lines of a chat come in the order of time, but for clocks that were set back: so many moments are kept.
MOMENTS = 4096
SEPARATOR = "\x1f"
# Directional marks and isolates that apps put around names and numbers; joiners of emoji are not among them.
MARKS = dict.fromkeys([0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
PHONE = re.compile(r"\+?[\d\s().\-]{7,}")
MASKED = re.compile(
    r"\+?\d[\d\s().\-]*[*•∙·×xX]{2,}[\d\s().\-*•∙·×xX]*|[\d\s+().\-*•∙·×]*[*•∙·]{3,}[\d\s().\-*•∙·×]*\d+"
)
MASKED_REASON = "is a masked phone number, which is nobody's id"
LOST_REASON = "holds characters that a wrong decoding destroyed. Export the file again as UTF-8"
LINK = re.compile(r"https?://\S+", re.IGNORECASE)
# Media are one class: without them in the export, many platforms do not say which kind one was.
MEDIA = ("image", "video", "voice", "file", "sticker")


def plain_name(name: str) -> str:
    """A name as compared: NFC, without directional marks, blanks as one, without the ~ of a stranger."""
    return _known_name(name) if len(name) <= NAME_CHARACTERS else _plain_name(name)


def _plain_name(name: str) -> str:
    text = unicodedata.normalize("NFC", name.translate(MARKS))
    return re.sub(r"\s+", " ", text).strip().removeprefix("~").strip()


# The same few people write most of a chat; what is longer is no name and not worth remembering.
_known_name = lru_cache(maxsize=4096)(_plain_name)


def phone_of(name: str) -> str | None:
    """The digits of a phone number, None where the name is none; Chinese mobile numbers without country."""
    if not PHONE.fullmatch(name):
        return None
    digits = "".join(str(unicodedata.digit(c)) for c in name if c.isdigit())
    if len(digits) < 7 or len(digits) > 15:
        return None
    if len(digits) == 13 and digits.startswith("861"):
        return digits[2:]
    return digits if len(digits) == 11 and digits.startswith("1") and name[0] != "+" else f"+{digits}"


def is_masked(name: str) -> bool:
    """Whether a name is a phone number with digits hidden: two people can share it."""
    return MASKED.fullmatch(name) is not None


def split_names(listed: str, known: Container[str], between: re.Pattern[str]) -> list[str]:
    """The names in a list; a known name that holds what stands between two names stays whole."""
    if listed in known:
        return [listed]
    cuts = list(between.finditer(listed))
    if not cuts:
        return [listed]
    # The longest known name at the front is one person.
    cut = next((cut for cut in reversed(cuts) if listed[: cut.start()] in known), cuts[0])
    return [listed[: cut.start()], *split_names(listed[cut.end() :], known, between)]


def group_of(stem: str) -> str:
    """The name of a group in the name of a file: without the dates it covers and the number of a copy."""
    bare = SINGLE.sub("", RANGE.sub("", stem))
    return re.sub(r"[\s_]*\(\d{1,2}\)$", "", bare.strip(" _-")).strip(" _-")


def text_of(start: bytes) -> str:
    """The first bytes of a file as text: UTF-16 by its mark, else UTF-8, else GB18030; a character that is
    cut off at the end is left out.
    """
    if start.startswith(UTF16_MARKS):
        return codecs.getincrementaldecoder("utf-16")("replace").decode(start)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return codecs.getincrementaldecoder(encoding)("strict").decode(start)
        except UnicodeDecodeError:
            continue
    return ""


def lines_of(path: Path, handle: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(number from 1, line without its end) of a text. Raises InputRefused on a line without end."""
    for number, line in enumerate(handle, start=1):
        if len(line) > LINE_CHARACTERS:
            raise InputRefused(f"{path.name}, line {number:,}: is too long for a line of a chat.")
        yield number, line.rstrip("\r\n")


@dataclass
class Chat:
    """One group of a document: takes its messages and changes in the order of the document.

    Times are naive, in the time zone of the export. Lines of the same moment keep their order by
    microseconds: a minute is all that many exports tell. `named` are those who were told by name.
    """

    sink: Sink
    people: People
    source: str
    group: str
    named: set[str] = field(default_factory=set)
    _ids: dict[str, str] = field(default_factory=dict)
    _moments: OrderedDict[datetime, Counter[str]] = field(default_factory=OrderedDict)
    _latest: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _inside: dict[str, bool] = field(default_factory=dict)
    _twice: set[str] = field(default_factory=set)
    _first: datetime | None = None
    _last: datetime | None = None

    def person(self, name: str) -> str:
        """The id of somebody who is a name or a phone number. Numbers are the same person in every group.

        Raises ValueError with the reason (never the name) where nobody can be known by it.
        """
        plain = plain_name(name)
        if plain not in self._ids:
            self._ids[plain] = self._pseudonym(plain)
        self.named.add(plain)
        return self._ids[plain]

    def _pseudonym(self, plain: str) -> str:
        if not plain:
            raise ValueError("is empty")
        if any(mark in plain for mark in LOST_TEXT):
            raise ValueError(LOST_REASON)
        if is_masked(plain):
            raise ValueError(MASKED_REASON)
        if phone := phone_of(plain):
            return self.people.pseudonym("", phone)
        return self.people.pseudonym(f"{self.source}/{self.group}", plain)

    def message(
        self,
        number: int,
        who: str,
        when: datetime,
        text: str,
        kind: str = "text",
        *,
        member_id: str | None = None,
        key: str | None = None,
        **more: str | None,
    ) -> None:
        """A message. `who` is its author as the document writes it, `member_id` where that is not a name, and
        `key` what tells the line apart where neither is the same in every export.
        """
        try:
            member = member_id or self.person(who)
        except ValueError as error:
            self.sink.reject("message", number, f"the author {error}")
            return
        has_text = kind == "text"
        if has_text and LINK.fullmatch(text.strip()):
            kind = "link"
        content = "" if kind in MEDIA else text
        seen = self._moment(when)
        sort = "media" if kind in MEDIA else kind
        own = self._id("message", key or member_id or plain_name(who), when, sort, content)
        seen[own] += 1
        cells: dict[str, str | int | None] = {
            "group_id": self.group, "member_id": member, "occurred_at": self._told(when),
            "message_id": f"{own}#{seen[own]}", "kind": kind, **more,
        }  # fmt: skip
        if has_text:
            cells["text"] = text
        self.sink.row("message", number, cells)

    def change(
        self,
        number: int,
        action: str,
        who: str,
        when: datetime,
        *,
        by: str | None = None,
        member_id: str | None = None,
        key: str | None = None,
        inviter_id: str | None = None,
        **more: str | None,
    ) -> None:
        """A join, leave or kick of `who`, brought by `by` where somebody did; their ids where the document
        has them. A name that comes in twice without leaving may be two people.
        """
        try:
            member = member_id or self.person(who)
        except ValueError as error:
            self.sink.reject("join", number, f"the member {error}")
            return
        if by is not None and inviter_id is None:
            try:
                inviter_id = self.person(by)
            except ValueError:
                self.sink.ignore("inviter who cannot be told")
        if self._latest.get(member) == (when, action):
            self.sink.ignore("join or exit that is said twice")
            return
        self._latest[member] = (when, action)
        self._moment(when)
        if member_id is None and action == "join" and self._inside.get(member):
            self._twice.add(member)
        self._inside[member] = action == "join"
        cells = {
            "group_id": self.group, "member_id": member, "occurred_at": self._told(when), "action": action,
            "event_id": self._id("join", key or member_id or plain_name(who), when, action),
            "inviter_id": inviter_id, **more,
        }  # fmt: skip
        self.sink.row("join", number, cells)

    def covered(self, path: Path, export: Export, settings: Settings) -> tuple[date, date] | None:
        """The business days that the chat covers, first to last line, or as the settings or name say; also
        kept for the group itself: another chat of the source may cover others.
        """
        told = declared(path.name, export, CONTRACT["message"], settings)
        if told.covered_from and told.covered_to:
            days = (told.covered_from, told.covered_to)
        elif self._first is None or self._last is None:
            return None
        else:
            zone = ZoneInfo(export.time_zone or settings.project.time_zone)
            days = (business_day(self._first, zone, settings), business_day(self._last, zone, settings))
        return days

    def cover(self, number: int, days: tuple[date, date], kinds: tuple[EventKind, ...]) -> None:
        """Keep that the group was exported on these days, for each of the kinds."""
        for kind in kinds:
            self.sink.row(
                "coverage",
                number,
                {
                    "source": self.source, "event_kind": kind, "group_id": self.group,
                    "covered_from": days[0].isoformat(), "covered_to": days[1].isoformat(),
                },
            )  # fmt: skip

    def close(self) -> None:
        """Say what is doubtful about the people of the chat, in numbers."""
        if self._twice:
            self.sink.note(
                f"{len(self._twice)} of its names came in again without leaving: several people may have the "
                "same name and are counted as one. An aliases export tells them apart"
            )

    def see(self, when: datetime) -> None:
        """Something stands at this time in the export, be it an event or not."""
        if not is_likely(when.replace(tzinfo=UTC).timestamp()):
            return
        self._first = min(self._first or when, when)
        self._last = max(self._last or when, when)

    def _moment(self, when: datetime) -> Counter[str]:
        self.see(when)
        if when not in self._moments:
            self._moments[when] = Counter()
            if len(self._moments) > MOMENTS:
                self._moments.popitem(last=False)
        return self._moments[when]

    def _told(self, when: datetime) -> str:
        seen = self._moments[when]
        place = seen[""]
        seen[""] += 1
        return (when + timedelta(microseconds=min(place, 999_999))).isoformat(sep=" ")

    def _id(self, *parts: str | datetime) -> str:
        text = SEPARATOR.join((self.source, self.group, *map(str, parts)))
        return hmac.new(self.people.key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[
            :24
        ]


def business_day(when: datetime, zone: ZoneInfo, settings: Settings) -> date:
    """The business day of a naive time of a zone."""
    return when.replace(tzinfo=zone).astimezone(settings.zone).date()
