"""The nearest valid name to a wrong one, for error messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the nearest known name, else a list of the first twelve."""
    names = list(known)
    match = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    return f"; did you mean {match[0]}?" if match else f"; known: {', '.join(sorted(names)[:12])}"
