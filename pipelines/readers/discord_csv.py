"""DiscordChatExporter's CSV: messages without ids, types and replies; a join is a text.

The file's name is all that tells the server and the channel. Where there is a choice, the JSON tells more.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.contract import CONTRACT, EventKind
from pipelines.dates import declared
from pipelines.errors import InputRefused
from pipelines.people import People
from pipelines.readers.discord_posts import kind_of
from pipelines.readers.document import Document, Head, Sink
from pipelines.readers.spans import Span, cover, naive_utc, seconds_of, utc_text
from pipelines.readers.text import damaged, plain_text
from pipelines.settings import Export, Settings

PLATFORM = "discord"
KINDS: tuple[EventKind, ...] = ("message", "join", "coverage")
HEADERS = ["AuthorID", "Author", "Date", "Content", "Attachments", "Reactions"]
JOINED = "Joined the server."
NO_POSTS = ("Pinned a message.", "Started a thread.")
# "Server - Category - channel [123]", as the exporter names its files; the rest may be days or a part.
NAME = re.compile(r"(?P<guild>.+?) - (?:.+ - )?(?P<channel>.+?) \[\d+\].*")


def recognise(head: Head) -> str:
    """A CSV with exactly the exporter's header line."""
    line = head.start.decode("utf-8-sig", errors="ignore").split("\n", 1)[0].strip().replace('"', "")
    return "DiscordChatExporter's CSV (its header line)" if line.split(",") == HEADERS else ""


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """The channel by kinds, to be read within the block. Raises InputRefused when it is cut short, or when
    its dates are written in the way of the exporter's computer.
    """
    name = path.name.removesuffix(".gz").removesuffix(".csv")
    named = NAME.fullmatch(name)
    group, subject = (named["guild"], named["channel"]) if named else (name, None)
    with (
        tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder,
        Sink(Path(folder), "discord csv", "utf-8") as sink,
        plain_text(path) as plain,
    ):
        span, number = Span(), 0
        for number, row in enumerate(_rows(plain.path, path.name), start=1):
            if len(row) != len(HEADERS):
                sink.reject("message", number, f"has {len(row)} cells instead of {len(HEADERS)}")
                continue
            _row(sink, number, row, span, {"group_id": group, "subject": subject}, path.name)
        sink.holds("message", "join")
        days = span.days(settings)
        if declared(path.name, export, CONTRACT["message"], settings).covered_from is None:
            cover(sink, 1, group, days)
        yield sink.document(naive_utc(span.last), days)


def _rows(path: Path, file: str) -> Iterator[list[str]]:
    """The rows below the header. Raises InputRefused when the last one is cut."""
    last = b"\n"
    with path.open("rb") as handle:
        if handle.seek(0, 2):
            handle.seek(-1, 2)
            last = handle.read(1)
    if last != b"\n":
        raise damaged(file, "its last line has no end")
    with path.open(encoding="utf-8-sig", newline="") as text:
        rows = csv.reader(text, strict=True)
        try:
            next(rows, None)
            yield from rows
        except csv.Error as error:
            raise damaged(file, error) from error


def _row(
    sink: Sink, number: int, row: list[str], span: Span, cells: dict[str, str | None], file: str
) -> None:
    author, _, when, text, files, _ = row
    at = seconds_of(when)
    if at is None and re.search(r"\d", when) and not re.match(r"\d{4}-\d{2}-\d{2}", when):
        raise InputRefused(
            f"{file}: row {number:,} dates a message in the way of the computer that exported it: day and "
            "month cannot be told apart. Export it again as JSON, or with a newer DiscordChatExporter."
        )
    if at is not None:
        span.see(at)
    group = cells["group_id"]
    own = {
        "group_id": group,
        "member_id": author or None,
        "occurred_at": when if at is None else utc_text(at),
    }
    if text == JOINED and not files:
        sink.row("join", number, {**own, "action": "join"})
    elif text in NO_POSTS and not files:
        sink.ignore("note of Discord itself (a pin, a thread)")
    else:
        kind = kind_of(text, [one for one in files.split(",") if one])
        told = {"kind": kind, "text": text or None, "subject": cells["subject"]}
        sink.row("message", number, {**own, **told})
