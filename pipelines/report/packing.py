"""Rows of a table as a small script: what they share is said once."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence

FIRST, LAST = 0xE000, 0xF8FF  # characters of no script: each stands for one piece of markup
LEAST = 3  # a piece that saves fewer characters in all is left as it is
_PARTS = re.compile(r'((?:data-\w+|href)="[^"]*"|(?<=>)[^<]+)')
_TAKEN = re.compile(f"[{chr(FIRST)}-{chr(LAST)}]")


def packed(rows: Sequence[str], name: str) -> str:
    """Return a script that sets `window.name` to the pieces rows share and to the rows that name them.

    A row is unpacked by putting piece number c - 0xE000 for every character c of the private use area; such
    characters of the rows themselves are written as references of HTML, which a browser reads as before.
    """
    plain = [_TAKEN.sub(lambda found: f"&#{ord(found.group())};", row) for row in rows]
    counts = Counter(part for row in plain for part in _PARTS.split(row) if len(part) > 1)
    saved = {part: (count - 1) * (len(part) - 1) - 3 for part, count in counts.items()}
    best = sorted((part for part in saved if saved[part] >= LEAST), key=lambda part: (-saved[part], part))
    pieces = best[: LAST - FIRST + 1]
    signs = {part: chr(FIRST + at) for at, part in enumerate(pieces)}
    short = ["".join(signs.get(part, part) for part in _PARTS.split(row)) for row in plain]
    content = json.dumps({"pieces": pieces, "rows": short}, ensure_ascii=False, indent=0)
    return f"window.{name} = {content};\n"


def unpacked(script: str) -> list[str]:
    """Return the rows of a script that `packed` wrote, as the page's own script does."""
    content = json.loads(script[script.index("{") : script.rindex("}") + 1])
    pieces = content["pieces"]
    return [_TAKEN.sub(lambda found: pieces[ord(found.group()) - FIRST], row) for row in content["rows"]]
