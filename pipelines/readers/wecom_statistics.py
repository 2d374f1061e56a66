"""WeCom group statistics (客户群统计): the platform's own totals, by day or by owner, to compare with ours.

Totals run to the end of a day (截至当天); the models take the difference of two days. By owner they hold for
the last day asked for, and only totals are taken: new groups and members are those of the whole span.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contract import EventKind
from pipelines.dates import RANGE, stamp_of
from pipelines.errors import InputRefused
from pipelines.people import People
from pipelines.readers.document import Document, Head, Sink
from pipelines.readers.json_items import json_items, starts_like_json
from pipelines.readers.text import damaged, plain_text
from pipelines.readers.wecom import instant, text_of
from pipelines.settings import Export, Settings

PLATFORM = "wecom_statistics"
KINDS: tuple[EventKind, ...] = ("platform_stats",)
# Running totals; a name that ends in _total is one of which the models take differences.
TOTALS = {
    "chat_total": "groups", "chat_has_msg": "groups_with_messages_total", "member_total": "seats",
    "member_has_msg": "speakers_total", "msg_total": "messages_total",
}  # fmt: skip
DAILY = {"new_chat_cnt": "new_groups", "new_member_cnt": "new_seats"}


def recognise(head: Head) -> str:
    """JSON with chat_total and msg_total, by stat_time or by owner."""
    text = starts_like_json(head.start)
    if '"chat_total"' in text and '"msg_total"' in text and ('"stat_time"' in text or '"owner"' in text):
        return "WeCom group statistics: chat_total and msg_total"
    return ""


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """Totals per day of all groups. Raises InputRefused on totals by owner of which nothing tells the day,
    or that are not those of all owners.
    """
    with (
        plain_text(path) as plain,
        tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder,
        Sink(Path(folder), "json", plain.encoding) as sink,
    ):
        sink.holds("platform_stats")
        sums: dict[str, int] = {}
        owners = number = 0
        declared: int | None = None
        last_day: date | None = None
        for answer in json_items(plain, path.name):
            if answer.get("total") is not None:
                declared = _count(answer["total"], path.name)
            last_day = _day(answer.get("day_end_time"), settings) or last_day
            for item in _items(answer, path.name):
                number += 1
                if "stat_time" in item:
                    _write_day(sink, number, item, settings)
                    continue
                owners += 1
                for name, value in _numbers(item, TOTALS).items():
                    sums[name] = sums.get(name, 0) + value
        if owners:
            if declared is not None and declared != owners:
                raise InputRefused(
                    f"{path.name}: says that it has {declared:,} owners and has {owners:,}. Export all "
                    "pages into one file; nothing of it was loaded."
                )
            day = last_day or _named_day(path, export, settings)
            for name, value in sums.items():
                cells = {"day": day.isoformat(), "metric": name, "value": str(value)}
                sink.row("platform_stats", number, cells)
        yield sink.document()


def _items(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    items = answer.get("items", [answer])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise damaged(name, "items is no list of objects")
    return items


def _count(value: Any, name: str) -> int:
    """How many owners an answer says there are. Raises InputRefused where that is no number."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise damaged(name, "total is no number") from error


def _write_day(sink: Sink, number: int, item: dict[str, Any], settings: Settings) -> None:
    day = _day(item.get("stat_time"), settings)
    if day is None:
        sink.reject("platform_stats", number, "stat_time is no time in seconds")
        return
    for name, value in _numbers(item, TOTALS | DAILY).items():
        cells = {"day": day.isoformat(), "metric": name, "value": str(value)}
        sink.row("platform_stats", number, cells)


def _numbers(item: dict[str, Any], names: dict[str, str]) -> dict[str, int]:
    data = item.get("data")
    told = data if isinstance(data, dict) else item
    return {
        metric: told[name]
        for name, metric in names.items()
        if isinstance(told.get(name), int) and not isinstance(told[name], bool)
    }


def _day(value: Any, settings: Settings) -> date | None:
    try:
        at = instant(text_of(value), "s")
    except ValueError:
        return None
    return datetime.fromisoformat(at).astimezone(settings.zone).date() if at else None


def _named_day(path: Path, export: Export, settings: Settings) -> date:
    """The last day that the settings or the file's name give."""
    if export.covered_to is not None:
        return export.covered_to
    if match := RANGE.search(path.name):
        return date.fromisoformat(match.group(2))
    at = stamp_of(path.name, settings)[1]
    if at is None:
        raise InputRefused(
            f"{path.name}: totals by owner, and nothing says of which day. Put the last day asked for into "
            "its name, like statistics_2026-03-01_2026-03-08.json."
        )
    return at.replace(tzinfo=UTC).astimezone(settings.zone).date()
