"""A message of Discord as canonical columns, whether it was exported as JSON or as CSV."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pipelines.readers.document import scalar

REPLIES = ("Reply", "19")
URL = re.compile(r"\s*<?https?://\S+>?\s*")
EXTENSIONS = {
    "image": (".png", ".jpg", ".jpeg", ".gif", ".webp", ".heic", ".avif", ".bmp"),
    "video": (".mp4", ".mov", ".webm", ".mkv", ".avi"),
}
# What Discord calls a recorded voice message.
VOICE = "voice-message.ogg"


def message_cells(message: Mapping[str, Any], channel: Mapping[str, Any]) -> dict[str, str | None]:
    """Canonical cells of a message of a channel, without its group, author and time.

    What somebody passed on counts as what they posted, and as no answer.
    """
    passed_on = message.get("forwardedMessage")
    told = passed_on if isinstance(passed_on, dict) and not message.get("content") else message
    text = str(told.get("content") or "")
    reference = message.get("reference") if str(message.get("type")) in REPLIES else None
    answered = reference.get("messageId") if isinstance(reference, dict) else None
    ids = [scalar(one.get("id")) for one in objects(message.get("mentions"))]
    name = channel.get("name")
    return {
        "message_id": scalar(message.get("id")),
        "role": written_by(message["author"]),
        "kind": kind_of(
            text,
            [str(one.get("fileName") or one.get("url") or "") for one in objects(told.get("attachments"))],
            has_stickers=bool(told.get("stickers")),
            has_embeds=bool(told.get("embeds")),
        ),
        "text": text or None,
        "subject": scalar(name),
        "reply_to_message_id": scalar(answered),
        # A thread has the id of the message it was opened on.
        "thread_id": scalar(channel.get("id")) if str(channel.get("type")).endswith("Thread") else None,
        "mentions": " ".join(dict.fromkeys(one for one in ids if one)) or None,
    }


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; what is none of either is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def written_by(author: Mapping[str, Any]) -> str | None:
    """Role of an author as far as Discord tells: bot, or None."""
    return "bot" if author.get("isBot") is True else None


def kind_of(text: str, files: list[str], *, has_stickers: bool = False, has_embeds: bool = False) -> str:
    """What was posted, by the names of its files and its text."""
    for name in files:
        plain = name.split("?", 1)[0].lower()
        if plain.endswith(VOICE):
            return "voice"
        for kind, endings in EXTENSIONS.items():
            if plain.endswith(endings):
                return kind
    if files:
        return "file"
    if has_stickers:
        return "sticker"
    if URL.fullmatch(text) or (has_embeds and not text):
        return "link"
    return "text"
