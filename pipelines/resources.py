"""Where the files that travel with the code stand: in the wheel beside the package, in a clone above it."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def shipped_path(name: str) -> Path:
    """Path of `sql` or `groupfunnel.toml`, from the wheel or from the clone.

    Raises FileNotFoundError when the installation is incomplete.
    """
    for folder in (PACKAGE, PACKAGE.parent):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"{name} is missing from this installation of groupfunnel; install it again.")
