"""The errors a user can meet, each with the exit code of the command it ends."""

from __future__ import annotations

EXIT_OK, EXIT_OTHER, EXIT_USAGE, EXIT_REFUSED, EXIT_LOCKED = 0, 1, 2, 3, 4


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
