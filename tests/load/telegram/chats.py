"""Exports of invented Telegram chats, as Telegram Desktop writes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

START = int(datetime(2026, 3, 2, 2, tzinfo=UTC).timestamp())
# The clock of the computer that exported: the text dates are in its zone, which nobody says.
EXPORTER = timezone(timedelta(hours=-5))
HOUR = 3600


def _dates(at: int) -> dict[str, str]:
    local = datetime.fromtimestamp(at, EXPORTER).replace(tzinfo=None)
    return {"date": local.isoformat(), "date_unixtime": str(at)}


def post(number: int, sender: int, text: Any = "hello", at: int = 0, **more: Any) -> dict[str, Any]:
    """A message by account `sender`, called Person <sender>, `at` hours after the start."""
    return {
        "id": number,
        "type": "message",
        **_dates(START + at * HOUR),
        "from": f"Person {sender}",
        "from_id": f"user{sender}",
        "text": text,
        **more,
    }


def service(number: int, actor: int, action: str, at: int = 0, **more: Any) -> dict[str, Any]:
    """A service message."""
    return {
        "id": number,
        "type": "service",
        **_dates(START + at * HOUR),
        "actor": f"Person {actor}",
        "actor_id": f"user{actor}",
        "action": action,
        "text": "",
        **more,
    }


def chat(
    *messages: Any, number: int = 77, name: str = "Cats", kind: str = "private_supergroup"
) -> dict[str, Any]:
    """A chat with its messages."""
    return {"name": name, "type": kind, "id": number, "messages": list(messages)}


def text_of(document: Any) -> str:
    """The document as text."""
    return json.dumps(document, indent=1, ensure_ascii=False)
