"""What the machine has: free disk, memory, and the libraries that are installed."""

from __future__ import annotations

import os
import re
import shutil
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

UNITS = {"MB": 10**6, "GB": 10**9, "MiB": 1 << 20, "GiB": 1 << 30}


def free_bytes(folder: Path) -> int:
    """Bytes free on the disk of a folder that exists."""
    return shutil.disk_usage(folder).free


def memory_bytes() -> int | None:
    """Bytes of memory, of the container where it has less; None where the system does not tell."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None
    try:
        told = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return total
    return min(total, int(told)) if told.isdigit() else total


def parsed_bytes(text: str) -> int | None:
    """Bytes of a limit as the settings write it, like 4GB; None where there is none."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s?(MB|GB|MiB|GiB)", text)
    return int(float(match[1]) * UNITS[match[2]]) if match else None


def library_faults(distribution: str = "groupfunnel") -> list[str]:
    """What is missing or of another version than `distribution` asks for, in words."""
    from packaging.requirements import Requirement

    try:
        wanted = requires(distribution) or []
    except PackageNotFoundError:
        return [f"{distribution} itself is not installed"]
    faults = []
    for text in wanted:
        one = Requirement(text)
        if one.marker is not None and not one.marker.evaluate({"extra": ""}):
            continue
        try:
            have = version(one.name)
        except PackageNotFoundError:
            faults.append(f"{one.name} is missing")
            continue
        if not one.specifier.contains(have, prereleases=True):
            faults.append(f"{one.name} {have} is installed, {one.specifier} is needed")
    return faults
