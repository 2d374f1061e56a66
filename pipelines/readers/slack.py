"""A Slack export: the zip as Slack gives it, or single files of its unpacked folder.

A channel is a group. Direct conversations stay out.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import duckdb

from pipelines.contract import EventKind
from pipelines.dates import end_of, last_moment_of
from pipelines.errors import InputRefused
from pipelines.people import People
from pipelines.readers.archive import open_archive
from pipelines.readers.document import Document, Head, Sink, scalar
from pipelines.readers.json_stream import EACH, MAX_UNPACKED, json_bytes, walk
from pipelines.readers.slack_posts import entry_cells
from pipelines.readers.spans import Span, naive_utc, seconds_of, utc_text
from pipelines.settings import Export, Settings

PLATFORM = "slack"
KINDS: tuple[EventKind, ...] = ("message", "join", "groups", "members", "member_list")
OPENED = frozenset({()})
DAY_FILE = re.compile(r"(?P<root>(?:[^/]+/)?)(?P<channel>[^/]+)/\d{4}-\d{2}-\d{2}\.json")
# Lists of channels whose messages count, and of conversations whose messages do not.
CHANNELS, DIRECT = ("channels.json", "groups.json"), ("dms.json", "mpims.json")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAY = rf"(?:{'|'.join(MONTHS)}) \d{{1,2}} \d{{4}}"
# The name of the zip, and of the folder it is unpacked to.
OWN_FOLDER = re.compile(rf".* ?Slack export (?P<first>{DAY}) - (?P<last>{DAY})(?: ?\(\d+\))?")


@dataclass
class Workspace:
    """What is known of the channels while their messages are read.

    `ids` leads from names to ids of channels, `hidden` has the names of direct conversations, `closed` the
    moments at which channels were archived, `named` the first and last day in the name of the export.
    """

    ids: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    listed: list[dict[str, Any]] = field(default_factory=list)
    closed: dict[str, float] = field(default_factory=dict)
    named: tuple[date, date] | None = None
    span: Span = field(default_factory=Span)
    changed: float = 0
    rows: int = 0


def recognise(head: Head) -> str:
    """A zip of days of channels, or a JSON list of messages, people or channels as Slack writes them."""
    if head.members:
        names = {name.rsplit("/", 1)[-1] for name in head.members if name.count("/") <= 1}
        has_days = any(DAY_FILE.fullmatch(name) for name in head.members)
        is_slack = has_days and bool(names & {"users.json", *CHANNELS})
        return "a Slack export (its users, channels and days)" if is_slack else ""
    return _list_kind(head.start.decode("utf-8-sig", errors="ignore"))[1]


def _list_kind(text: str) -> tuple[str, str]:
    """(what a file of the unpacked folder lists, why); ('', '') where it is none."""
    text = text.lstrip()
    if not text.startswith("["):
        return "", ""
    if re.search(r'"type"\s*:\s*"message"', text) and re.search(r'"ts"\s*:\s*"\d{10}\.\d{6}"', text):
        return "messages", "a day of a channel of a Slack export (messages with ts)"
    if re.search(r'"profile"\s*:', text) and re.search(r'"team_id"\s*:', text):
        return "users", "the people of a Slack export"
    if re.search(r'"creator"\s*:', text) and re.search(r'"is_archived"\s*:', text):
        return "channels", "the channels of a Slack export"
    return "", ""


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """The export by kinds, to be read within the block. Raises InputRefused when it is cut short or
    broken.
    """
    with (
        tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder,
        Sink(Path(folder), "slack", "utf-8") as sink,
    ):
        space = Workspace(named=_named(path.name.removesuffix(".zip")) or _named(path.parent.name))
        with path.open("rb") as handle:
            is_zip = handle.read(4) == b"PK\x03\x04"
        covered = None
        if is_zip:
            covered = _zip(path, sink, space, settings)
        else:
            _file(path, sink, space)
        ends = None
        if is_zip or "groups" in sink.kinds:
            _member_lists(sink, space, export, settings)
            # The lists of channels are of the export's own last day, of which no entry may be left.
            ends = last_moment_of(space.named[1], settings) if space.named else None
        seen = naive_utc(max(space.span.last or 0, space.changed) or None)
        yield sink.document(max((at for at in (ends, seen) if at is not None), default=None), covered)


def _zip(path: Path, sink: Sink, space: Workspace, settings: Settings) -> tuple[date, date] | None:
    """The whole export; returns the days it covers."""
    with open_archive(path, MAX_UNPACKED) as archive:
        days = sorted(
            (found["channel"], name) for name in archive.names if (found := DAY_FILE.fullmatch(name))
        )
        root = DAY_FILE.fullmatch(days[0][1])["root"]  # type: ignore[index]
        for name in archive.names:
            plain = name.removeprefix(root)
            if plain in (*CHANNELS, *DIRECT, "users.json"):
                with archive.open(name) as stream:
                    listed = [value for _, value in _entries(stream, f"{path.name}, {plain}")]
                if plain == "users.json":
                    _users(sink, listed)
                else:
                    _channels(space, listed, is_direct=plain in DIRECT)
        for channel, name in days:
            if channel in space.hidden:
                sink.ignore("day of a direct conversation")
                continue
            with archive.open(name) as stream:
                _messages(sink, space, stream, f"{path.name}, {name}", channel)
    sink.holds("message", "join")
    _groups(sink, space)
    space.named = space.named or _named(root.rstrip("/"))
    if not space.named:
        return space.span.days(settings)
    asked = (space.named[0], space.named[1] - timedelta(days=1))
    seen = space.span.days(settings) or asked
    return min(asked[0], seen[0]), max(asked[1], seen[1])


def _file(path: Path, sink: Sink, space: Workspace) -> None:
    """One file of the unpacked folder; the lists of channels that lie beside it tell ids from names."""
    with json_bytes(path) as stream:
        what, _ = _list_kind(stream.read(1 << 16).decode("utf-8-sig", errors="ignore"))
    if what == "messages":
        for name in (*CHANNELS, *DIRECT):
            beside = path.parent.parent / name
            if beside.is_file():
                with json_bytes(beside) as stream:
                    listed = [value for _, value in _entries(stream, name)]
                _channels(space, listed, is_direct=name in DIRECT)
        if path.parent.name in space.hidden:
            sink.ignore("day of a direct conversation")
            return
        with json_bytes(path) as stream:
            _messages(sink, space, stream, path.name, path.parent.name)
        sink.holds("message", "join")
        return
    with json_bytes(path) as stream:
        listed = [value for _, value in _entries(stream, path.name)]
    if what == "users":
        _users(sink, listed)
    else:
        _channels(space, listed, is_direct=False)
        _groups(sink, space)


def _entries(stream: IO[bytes], file: str) -> Iterator[tuple[int, Any]]:
    """(number, value) of a JSON list. Raises InputRefused when it is none."""
    number = 0
    for place, value in walk(stream, file, OPENED):
        if place == (EACH,):
            number += 1
            yield number, value
        elif place != ():
            raise InputRefused(f"{file}: is no list, as every file of a Slack export. Export it again.")


def _users(sink: Sink, listed: list[Any]) -> None:
    for number, one in enumerate(listed, start=1):
        if not isinstance(one, dict) or not scalar(one.get("id")):
            sink.reject("members", number, "has no id")
            continue
        is_admin = any(one.get(key) is True for key in ("is_admin", "is_owner", "is_primary_owner"))
        is_bot = one.get("is_bot") is True or one["id"] == "USLACKBOT"
        role = "bot" if is_bot else "admin" if is_admin else "member"
        sink.row("members", number, {"member_id": str(one["id"]), "role": role})


def _channels(space: Workspace, listed: list[Any], *, is_direct: bool) -> None:
    for one in listed:
        if not isinstance(one, dict) or not scalar(one.get("id")):
            continue
        # A direct conversation of two has no name: its folder is called by its id.
        name = scalar(one.get("name")) or str(one["id"])
        if is_direct:
            space.hidden.add(name)
        else:
            space.ids[name] = str(one["id"])
            space.listed.append(one)


def _groups(sink: Sink, space: Workspace) -> None:
    """A row per channel; an archived one closed when it was archived, where that was seen."""
    for number, one in enumerate(space.listed, start=1):
        created = seconds_of(one.get("created"))
        closed = space.closed.get(str(one["id"])) if one.get("is_archived") is True else None
        cells = {
            "group_id": str(one["id"]),
            "group_name": scalar(one.get("name")),
            "created_at": None if not created else utc_text(created),
            "closed_at": None if closed is None else utc_text(closed),
        }
        sink.row("groups", number, cells)


def _member_lists(sink: Sink, space: Workspace, export: Export, settings: Settings) -> None:
    """Who is in each channel at the moment of the export; archived ones have nobody any more.

    A list of channels of which nobody says when it was taken tells nothing, and is left out.
    """
    if not (space.named or space.span.last or export.exported_at):
        return
    after = None
    if space.named and not export.exported_at:
        start = end_of(space.named[1] - timedelta(days=1), settings)
        after = None if start is None else f"{start.isoformat(sep=' ')}Z"
    number = 0
    for one in space.listed:
        members = one.get("members")
        if one.get("is_archived") is True or not isinstance(members, list):
            continue
        for member in members:
            number += 1
            if not isinstance(member, str) or not member:
                sink.reject("member_list", number, "has no id")
                continue
            cells = {"group_id": str(one["id"]), "member_id": member, "taken_after": after}
            sink.row("member_list", number, cells)


def _messages(sink: Sink, space: Workspace, stream: IO[bytes], file: str, channel: str) -> None:
    """The messages of a day of a channel, called by its id where that is known."""
    group = space.ids.get(channel, channel)
    for _, entry in _entries(stream, file):
        space.rows += 1
        at = seconds_of(entry.get("ts")) if isinstance(entry, dict) else None
        if at is None:
            sink.reject("message", space.rows, "has no time (ts)")
            continue
        space.span.see(at)
        edited = entry.get("edited")
        for later in (entry.get("latest_reply"), edited.get("ts") if isinstance(edited, dict) else None):
            space.changed = max(space.changed, seconds_of(later) or 0)
        if entry.get("subtype") in ("channel_archive", "group_archive"):
            space.closed[group] = at
        told = entry_cells(entry)
        if told.ignored:
            sink.ignore(told.ignored)
        elif told.wrong:
            sink.reject(told.kind, space.rows, told.wrong)
        else:
            sink.row(told.kind, space.rows, {"group_id": group, **told.cells})


def _named(name: str) -> tuple[date, date] | None:
    """The first and last day in the name of an export or of its folder; the last one is not over."""
    found = OWN_FOLDER.fullmatch(name)
    return (_day(found["first"]), _day(found["last"])) if found else None


def _day(text: str) -> date:
    month, day, year = text.split(" ")
    return datetime(int(year), MONTHS.index(month) + 1, int(day)).date()
