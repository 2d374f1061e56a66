"""What WhatsApp writes into a chat by itself: who came, who went, and what was left out of the export.

The words stand, per meaning and language, in whatsapp_words.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Any

from pipelines.readers.chat import split_names

QUOTED = "[\"“”„«»'‘’「」《》]"
MEANING = {
    "link": ("join", "link"), "request": ("join", "request"), "add": ("join", "direct"),
    "added": ("join", "direct"), "leave": ("leave", None), "kick": ("kick", None),
    "kicked": ("kick", None), "create": ("create", None), "number": ("number", None),
}  # fmt: skip
EXTENSIONS = {
    "image": "jpg jpeg png heic gif", "sticker": "webp", "video": "mp4 3gp mov",
    "voice": "opus m4a mp3 aac ogg amr",
}  # fmt: skip
KIND_OF = {extension: kind for kind, many in EXTENSIONS.items() for extension in many.split()}
PLACEHOLDER_CHARACTERS = 60
# 和 is also a character of names: between two names, both of them have two or more.
AND = re.compile(r"\s*、\s*|, and |, | and | e | y | und | 和 |(?<=[^\s、]{2})和(?=[^\s、]{2})")


@dataclass(frozen=True)
class Change:
    """What a line of the app says: join, leave, kick, create, number ('' for neither), who and by whom."""

    action: str
    who: str = ""
    by: str | None = None
    scene: str | None = None


def _any(patterns: Iterable[str], flags: int = 0) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), flags)


def _read() -> dict[str, Any]:
    return tomllib.loads(
        resources.files("pipelines.readers").joinpath("whatsapp_words.toml").read_text("utf-8")
    )


def _said(data: dict[str, Any]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    made = []
    for entry in data["said"]:
        for pattern in entry["patterns"]:
            text = pattern.replace("{Q}", QUOTED).replace("{W}", "(?P<who>.+?)").replace("{B}", "(?P<by>.+?)")
            made.append((entry["what"], re.compile(text + "[.。]?", re.IGNORECASE | re.DOTALL)))
    return tuple(made)


def _placeholders(data: dict[str, Any]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    omitted = data["media_words"]["omitted"]
    made = []
    for entry in data["media"]:
        noun = "|".join(entry["nouns"])
        pattern = rf"<?(?:(?:{noun}).{{0,8}}{omitted}|{omitted}\s?(?:{noun}))>?"
        made.append((entry["kind"], re.compile(pattern, re.IGNORECASE)))
    return tuple(made)


_WORDS = _read()
_SAID = _said(_WORDS)
_PLACEHOLDERS = _placeholders(_WORDS)
_NO_EVENT = _any(_WORDS["no_event"]["patterns"], re.IGNORECASE | re.DOTALL)
_AFTER, _BEFORE = ("|".join(_WORDS["media_words"][f"attached_{side}"]) for side in ("after", "before"))
_ATTACHED = _any((
    rf"(?P<android>\S[^<>\n]*\.\w{{2,5}}) \((?:{_AFTER})\)",
    rf"<(?:{_BEFORE})\s?[:：]\s?(?P<ios>[^<>\n]+\.\w{{2,5}})>",
))  # fmt: skip
_POLL = re.compile(rf"(?:{'|'.join(_WORDS['media_words']['poll'])})\s?[:：]\s")
DELETED = _any(_WORDS["deleted"]["patterns"], re.IGNORECASE)
EDITED = re.compile(rf"\s*<(?:{'|'.join(_WORDS['edited']['patterns'])})[.。]?>$", re.IGNORECASE)
OWNER = frozenset(_WORDS["owner"]["words"])


def change_of(line: str) -> Change | None:
    """What a line of the app means; action '' where it is no join or exit, None where it is not known."""
    if _NO_EVENT.fullmatch(line):
        return Change("")
    for what, pattern in _SAID:
        if found := pattern.fullmatch(line):
            parts = found.groupdict()
            action, scene = MEANING[what]
            return Change(action, parts["who"].strip(), (parts.get("by") or "").strip() or None, scene)
    return None


def kind_of(text: str) -> str:
    """The kind of a message by its text: what stands where media were left out or attached, polls, text."""
    first = text.split("\n", 1)[0].strip()
    if first.endswith((")", ">")) and (found := _ATTACHED.fullmatch(first)):
        name = found["android"] or found["ios"]
        return KIND_OF.get(name.rsplit(".", 1)[-1].lower(), "file")
    if len(first) < PLACEHOLDER_CHARACTERS:
        for kind, pattern in _PLACEHOLDERS:
            if pattern.fullmatch(first):
                return kind
    return "poll" if _POLL.match(text) else "text"


def names_of(listed: str, known: Container[str]) -> list[str]:
    """The names in a list as the app writes one ('Ann, Bo and Cy'); a known name with a comma stays whole."""
    return split_names(listed, known, AND)
