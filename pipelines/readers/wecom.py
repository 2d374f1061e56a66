"""What the exports of WeCom have in common: times in s or ms, who is staff, and texts of ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

# Ten digits are seconds and thirteen milliseconds until the year 2286.
SMALLEST, LARGEST = 10**9, 10**10
EXTERNAL = ("wm", "wo")
ROBOT = "wb"
# join_scene of a group detail: by a member's invitation, by its link, by QR code.
SCENES = {"1": "direct", "2": "link", "3": "qr"}


def instant(value: Any, unit: Literal["s", "ms"]) -> str | None:
    """A time in the unit that the export declares, as text with its offset; None where it is empty or 0.

    Raises ValueError, with words for raw.rejects, where it is no such number: a file that mixes seconds and
    milliseconds is not guessed at.
    """
    if value in (None, "", 0, "0"):
        return None
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("is no number of seconds or milliseconds") from None
    factor = 1 if unit == "s" else 1000
    if not SMALLEST * factor <= number < LARGEST * factor:
        other = "milliseconds" if unit == "s" else "seconds"
        is_other = SMALLEST * (1001 - factor) <= number < LARGEST * (1001 - factor)
        raise ValueError(
            f"is in {other}, which this export never is: units are mixed"
            if is_other
            else f"is no time in {'seconds' if unit == 's' else 'milliseconds'} since 1970"
        )
    return datetime.fromtimestamp(number / factor, UTC).isoformat(sep=" ")


def text_of(value: Any) -> str | None:
    """An id or word as text; None where it is empty or no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def role_of(member_id: str) -> str | None:
    """What an id of the archive tells: staff, bot, or None for somebody from outside."""
    if member_id.startswith(EXTERNAL):
        return None
    return "bot" if member_id.startswith(ROBOT) else "staff"
