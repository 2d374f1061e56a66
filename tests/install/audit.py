"""Looks locked dependencies up in a list of known flaws, and tells flaws from what could not be looked up.

`make audit`: pip-audit ends with 1 for both, and with 0 when it could look up nothing at all.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = tuple(ROOT / f"requirements{kind}.lock" for kind in ("", "-dev", "-spark"))
AUDIT = "pip-audit@2.10.1"
SOUND, FLAWED, UNASKED = 0, 1, 3


@dataclass(frozen=True)
class Looked:
    """What came of one lock: packages looked up, a line for each flaw, and for what could not be asked."""

    packages: int
    flaws: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()


def look_up(lock: Path, osv: str = "") -> Looked:
    """Ask the package index about each pin of `lock`, or a server at `osv` that answers as OSV does."""
    words = [Path(sys.executable).with_name("uv"), "tool", "run", AUDIT, "--disable-pip", "--require-hashes"]
    service = ["-s", "osv", "--osv-url", osv] if osv else []
    told = subprocess.run(
        [*words, *service, "-r", lock, "--progress-spinner", "off", "--format", "json"],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        return read_answer(told.stdout)
    except (ValueError, KeyError, TypeError):
        return Looked(0, unasked=(_reason(told.stderr),))


def read_answer(answer: str) -> Looked:
    """pip-audit's JSON. Raises ValueError, KeyError or TypeError where it is none."""
    packages, flaws, unasked = 0, [], []
    for one in json.loads(answer)["dependencies"]:
        if "skip_reason" in one:
            unasked.append(str(one["skip_reason"]))
            continue
        packages += 1
        for flaw in one["vulns"]:
            names = ", ".join(dict.fromkeys([flaw["id"], *flaw.get("aliases", [])]))
            fixed = f"fixed in {', '.join(flaw['fix_versions'])}" if flaw["fix_versions"] else "not fixed yet"
            flaws.append(f"{one['name']} {one['version']}: {names}, {fixed}")
    return Looked(packages, tuple(flaws), tuple(unasked))


def _reason(errors: str) -> str:
    """The last line that says something; a traceback may end with the bare name of an error."""
    lines = errors.strip().splitlines() or ["pip-audit said nothing"]
    said = [line for line in lines if ": " in line and not line.startswith(" ")]
    return (said or lines)[-1][:300]


def main(arguments: Sequence[str] | None = None) -> int:
    """Look all locks up and print what came of it: 1 where one has a flaw, 3 where one could not be asked."""
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("--osv", default="", metavar="URL", help="ask an OSV server instead of the index")
    parser.add_argument("locks", nargs="*", type=Path, default=LOCKS)
    asked = parser.parse_args(arguments)
    answers = []
    for lock in asked.locks:
        answers.append(told := look_up(lock, asked.osv))
        flaws = f", known flaws: {len(told.flaws) or 'none'}" if told.packages else ""
        print(f"{lock.name}: {told.packages} packages looked up{flaws}")
        for flaw in told.flaws:
            print(f"    {flaw}")
        if told.unasked:
            more = f" (and {len(told.unasked) - 1} more)" if len(told.unasked) > 1 else ""
            print(f"    could not be asked: {told.unasked[0]}{more}", flush=True)
    if any(one.flaws for one in answers):
        print("Flaws are known: make lock UPGRADE=--upgrade, then make test.", file=sys.stderr)
        return FLAWED
    if any(one.unasked or not one.packages for one in answers):
        print(
            "Nobody knows whether there are flaws: ask again where the index can be reached.", file=sys.stderr
        )
        return UNASKED
    return SOUND


if __name__ == "__main__":
    sys.exit(main())
