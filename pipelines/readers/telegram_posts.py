"""A message of Telegram's result.json as canonical columns."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from pipelines.readers.document import scalar

MEDIA = {
    "sticker": "sticker",
    "voice_message": "voice",
    "video_message": "video",
    "video_file": "video",
    "animation": "image",
    "audio_file": "file",
}
# What else a message can hold, by the key that says so.
KEYS = (
    ("poll", "poll"),
    ("photo", "image"),
    ("file", "file"),
    ("location_information", "note"),
    ("contact_information", "note"),
    ("game_title", "mini_program"),
    ("invoice_information", "mini_program"),
)
LINKS = ("link", "text_link")


def message_cells(message: Mapping[str, Any], topics: Set[int]) -> dict[str, str | None]:
    """Canonical cells of a message, without its group and time; `topics` are ids of the chat's topics.

    In a chat with topics a message points at the topic it was written in as if it answered it.
    """
    sender = str(message["from_id"])
    text = text_of(message.get("text"))
    answered = message.get("reply_to_message_id")
    # An answer to a message of another chat is none within this one.
    if answered is not None and message.get("reply_to_peer_id") is not None:
        answered = None
    is_topic = isinstance(answered, int) and answered in topics
    return {
        "member_id": sender,
        # Groups and channels that write are admins who do not want to be named.
        "role": None if sender.startswith("user") else "admin",
        "message_id": str(message["id"]),
        "kind": _kind(message, text),
        "text": text or None,
        "reply_to_message_id": None if is_topic else scalar(answered),
        "thread_id": str(answered) if is_topic else None,
        "mentions": _mentions(message.get("text_entities") or message.get("text")),
    }


def text_of(text: Any) -> str:
    """The text of a message: a string, or a list of strings and of objects with a text."""
    if isinstance(text, str):
        return text
    if not isinstance(text, list):
        return ""
    parts = (part.get("text") if isinstance(part, dict) else part for part in text)
    return "".join(part for part in parts if isinstance(part, str))


def _kind(message: Mapping[str, Any], text: str) -> str:
    media = message.get("media_type")
    if media is not None:
        return MEDIA.get(str(media), "file")
    for key, kind in KEYS:
        if key in message:
            return kind
    entities = message.get("text_entities")
    if isinstance(entities, list) and text.strip():
        said = [e for e in entities if isinstance(e, dict) and str(e.get("text") or "").strip()]
        if said and all(e.get("type") in LINKS for e in said):
            return "link"
    return "text"


def _mentions(entities: Any) -> str | None:
    """Ids of the accounts a text names; those that are only named by @username have none here."""
    if not isinstance(entities, list):
        return None
    ids = [
        f"user{e['user_id']}"
        for e in entities
        if isinstance(e, dict) and e.get("type") == "mention_name" and e.get("user_id")
    ]
    return " ".join(dict.fromkeys(ids)) or None
