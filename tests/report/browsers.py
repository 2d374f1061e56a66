"""Find an installed browser."""

from __future__ import annotations

import shutil

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "msedge",
    "chrome",
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def find_browser() -> str | None:
    """Return the path of the first Chromium, Chrome or Edge on the search path, None when there is none."""
    return next((path for name in NAMES if (path := shutil.which(name)) is not None), None)
