"""The errors a user can meet, each with the exit code of the command it ends."""

from __future__ import annotations

import re

EXIT_OK, EXIT_OTHER, EXIT_USAGE, EXIT_REFUSED, EXIT_LOCKED = 0, 1, 2, 3, 4
# Told by status and doctor alone: nothing went wrong while they looked.
EXIT_STALE, EXIT_ATTENTION = 6, 7


def without_values(error: object) -> str:
    """The first line of a message without what may be somebody's: quoted parts, numbers, addresses, and words
    of other scripts than the code's.
    """
    first = (str(error).strip().splitlines() or [""])[0]
    # From the first quotation mark to the last: a name may hold one itself.
    first = re.sub(r"([\"'`])(.*)[\"'`]", r"\1•••\1", first)
    first = re.sub(r"([\"'`])(?!•••\1).*$", r"\1•••", first) if "•••" not in first else first
    first = re.sub(r"\S+@\S+|[+]?[0-9][0-9 ()-]{5,}[0-9]|[0-9]{5,}", "•••", first)
    # Cut last: a quotation cut in two has no end to be known by.
    return re.sub(r"[^\x00-\x7f•]+", "•••", first)[:200]


class GroupfunnelError(Exception):
    """Something the user can mend. The message says what happened and what to do next."""

    exit_code = EXIT_OTHER


class SettingsError(GroupfunnelError):
    """The settings file or the command line is wrong (exit code 2)."""

    exit_code = EXIT_USAGE


class InputRefused(GroupfunnelError):
    """An input file or a critical check was refused; nothing was published (exit code 3)."""

    exit_code = EXIT_REFUSED


class LockHeld(GroupfunnelError):
    """Another run is at work in the same home (exit code 4)."""

    exit_code = EXIT_LOCKED


class ModelError(GroupfunnelError):
    """An SQL model cannot be run: unknown name, cycle, broken grain, SQL error (exit code 1)."""
