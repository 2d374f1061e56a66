"""An entry of a Slack channel as canonical columns: a message, a change of one, a join, a leave."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.contract import EventKind
from pipelines.readers.document import scalar
from pipelines.readers.spans import seconds_of, utc_text

ACTIONS = {
    "channel_join": "join", "group_join": "join", "channel_leave": "leave", "group_leave": "leave",
}  # fmt: skip
POSTS = (
    None, "", "bot_message", "me_message", "thread_broadcast", "reply_broadcast", "file_share",
    "file_comment", "slackbot_response",
)  # fmt: skip
BOT_POSTS = ("bot_message", "slackbot_response")
# What stands in the place of a deleted message that has answers; who wrote it is not told.
DELETED = "tombstone"
MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
LINK = re.compile(r"\s*<https?://[^>]+>\s*")
MARKUP = re.compile(r"<([^|>]*)(?:\|([^>]*))?>")
MEDIA = {"image": "image", "video": "video", "audio": "voice"}


@dataclass(frozen=True)
class Told:
    """What an entry is: canonical cells of a kind, or why it is wrong, or what it is that is no event."""

    kind: EventKind = "message"
    cells: Mapping[str, str | None] = field(default_factory=dict)
    wrong: str = ""
    ignored: str = ""


def entry_cells(entry: Mapping[str, Any]) -> Told:
    """The canonical cells of an entry that has a time, without its group."""
    subtype = entry.get("subtype")
    if subtype is not None and not isinstance(subtype, str):
        return Told(wrong="has a subtype that is none")
    if subtype in ACTIONS:
        return _join(entry, ACTIONS[str(subtype)])
    if subtype == "message_changed" and isinstance(entry.get("message"), dict):
        # Exports for audits tell changes and deletions as entries of their own.
        return entry_cells({**entry["message"], "ts": entry["message"].get("ts") or entry["ts"]})
    if subtype == "message_deleted" and isinstance(entry.get("previous_message"), dict):
        before = entry["previous_message"]
        told = entry_cells({**before, "ts": entry.get("deleted_ts") or before.get("ts")})
        at = seconds_of(entry["ts"])
        if told.kind != "message" or told.wrong or told.ignored or at is None:
            return told
        return Told(cells={**told.cells, "revoked_at": utc_text(at)})
    if subtype == DELETED:
        told = _post({**entry, "user": entry.get("user") or "USLACKBOT", "text": ""})
        return Told(cells={**told.cells, "role": "bot", "revoked_at": told.cells.get("occurred_at")})
    if subtype not in POSTS:
        named = re.fullmatch(r"[a-z_]{1,40}", str(subtype))
        return Told(ignored=f"entry of Slack itself ({subtype if named else 'other'})")
    return _post(entry)


def _join(entry: Mapping[str, Any], action: str) -> Told:
    who, inviter = scalar(entry.get("user")), scalar(entry.get("inviter"))
    if not who:
        return Told(kind="join", wrong="has nobody who came or went")
    return Told(
        "join",
        {
            "member_id": who,
            "occurred_at": _when(entry),
            "event_id": f"{scalar(entry.get('ts'))}.{who}",
            "action": action,
            "scene": "direct" if inviter and action == "join" else None,
            "inviter_id": inviter if action == "join" else None,
        },
    )


def _post(entry: Mapping[str, Any]) -> Told:
    bot = scalar(entry.get("bot_id"))
    who = scalar(entry.get("user")) or bot or ("bot" if entry.get("subtype") == "bot_message" else None)
    if not who:
        return Told(wrong="has no author")
    is_bot = bool(bot) or entry.get("subtype") in BOT_POSTS or who == "USLACKBOT"
    text = str(entry.get("text") or "")
    thread = entry.get("thread_ts")
    return Told(
        cells={
            "member_id": who,
            "occurred_at": _when(entry),
            "message_id": scalar(entry.get("ts")),
            "role": "bot" if is_bot else None,
            "kind": _kind(entry, text),
            "text": plain(text) or None,
            "thread_id": scalar(thread),
            "mentions": " ".join(dict.fromkeys(MENTION.findall(text))) or None,
        }
    )


def _when(entry: Mapping[str, Any]) -> str | None:
    at = seconds_of(entry.get("ts"))
    return None if at is None else utc_text(at)


def _kind(entry: Mapping[str, Any], text: str) -> str:
    files = entry.get("files") or ([entry["file"]] if isinstance(entry.get("file"), dict) else [])
    if isinstance(files, list) and files:
        kind = str(files[0].get("mimetype") or "").split("/")[0] if isinstance(files[0], dict) else ""
        return MEDIA.get(kind, "file")
    return "link" if LINK.fullmatch(text) else "text"


def plain(text: str) -> str:
    """A text as it is read: links by their label, people and channels by a sign, without entities."""
    shown = MARKUP.sub(_shown, text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _shown(match: re.Match[str]) -> str:
    target, label = match[1], match[2]
    return label or (target[:1] if target[:1] in ("@", "#", "!") else target)
