"""Names that strangers chose, made safe to print: no control character reaches a terminal or a log."""

from __future__ import annotations

import re

# Controls of terminals and halves of characters, without those of lines and tabs.
_CONTROLS = "\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
_BREAKS = "\t\r\n\u2028\u2029"
# Marks that turn the direction of writing; WhatsApp puts them around the phone numbers of its file names.
_TURNS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"


def printable(text: str, *, is_one_line: bool = False) -> str:
    """A text whose odd characters are written out, as \\x1b or \\u202e; `is_one_line`: line breaks too."""
    return re.sub(f"[{_CONTROLS}{_TURNS}{_BREAKS if is_one_line else ''}]", _escaped, text)


def without_controls(name: str) -> str:
    """The name of a file with controls and breaks of lines written out, and its direction as it is."""
    return re.sub(f"[{_CONTROLS}{_BREAKS}]", _escaped, name)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
