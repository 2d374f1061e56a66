"""Many mutated files of every format, and a table of what became of them: `make fuzz EXAMPLES=10000`.

A file that breaks a promise is kept in the folder `--keep` under its format and number, and told with the
place in the code; the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.load.fuzz.mutations import mutated
from tests.load.fuzz.rig import LOADED, NO_EXPORT, Rig
from tests.load.fuzz.seeds import Seed, seeds


@dataclass
class Told:
    """What became of the examples of one format."""

    outcomes: Counter[str] = field(default_factory=Counter)
    broken: dict[str, tuple[int, bytes, str]] = field(default_factory=dict)
    seconds: float = 0
    whole: int = 0

    def fails(self, place: str, content: bytes, story: str) -> None:
        """Count a promise that was broken; the shortest content that shows it is kept."""
        count, shortest, told = self.broken.get(place, (0, content, story))
        if len(content) < len(shortest):
            shortest, told = content, story
        self.broken[place] = (count + 1, shortest, told)


def run(one: Seed, examples: int, number: int, share: int, folder: Path) -> Told:
    """Load one in `share` of `examples` mutations of a seed, take the rest apart; `number` makes others."""
    told, rig = Told(), Rig(folder / one.name, one, share)

    @seed(number)
    @settings(
        max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(content=mutated(one))
    def load(content: bytes) -> None:
        try:
            told.outcomes[rig.check(content)] += 1
        except Exception as error:
            told.fails(_place(error), content, traceback.format_exc())

    begun = time.perf_counter()
    load()
    told.whole = rig.whole
    told.seconds = time.perf_counter() - begun
    rig.connection.close()
    return told


def _place(error: Exception) -> str:
    """Where in the code an error came from, and what it says: errors of one place are one."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "pipelines" in frame.filename]
    at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "rig"
    return f"{type(error).__name__} at {at}: {str(error).splitlines()[0][:160] if str(error) else ''}"


def main() -> int:
    """Run, and print a line per format and its refusals by kind."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=1000, help="mutated files per format")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other files")
    parser.add_argument("--share", type=int, default=1, help="load one of so many, take the others apart")
    parser.add_argument("--only", nargs="*", default=[], help="names of formats; all without it")
    parser.add_argument("--keep", type=Path, help="folder for files that break a promise")
    told = parser.parse_args()
    if unknown := set(told.only) - seeds().keys():
        parser.error(f"no format {', '.join(sorted(unknown))}; there are {', '.join(seeds())}")
    is_broken = False
    titles = ("examples", "whole", "loaded", "refused", "no export", "broken", "s")
    print(f"{'format':<24}" + "".join(f"{title:>10}" for title in titles))
    kinds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="groupfunnel-fuzz-") as folder:
        for name in told.only or seeds():
            got = run(seeds()[name], told.examples, told.seed, told.share, Path(folder))
            kinds.update(got.outcomes)
            _print(name, got)
            is_broken = is_broken or bool(got.broken)
            _keep(name, got, told.keep)
    print()
    _print_kinds("refusals of all formats", kinds, most=1000)
    return int(is_broken)


def _print(name: str, told: Told) -> None:
    loaded, nothing = told.outcomes[LOADED], told.outcomes[NO_EXPORT]
    broken = sum(count for count, _, _ in told.broken.values())
    every = told.outcomes.total() + broken
    refused = told.outcomes.total() - loaded - nothing
    numbers = (every, told.whole, loaded, refused, nothing, broken)
    cells = "".join(f"{number:>10,}" for number in numbers)
    print(f"{name:<24}{cells}{told.seconds:>10.1f}", flush=True)
    _print_kinds("", told.outcomes, most=6)
    for place, (count, content, _) in told.broken.items():
        print(f"    BROKEN {count:,} x {place} ({len(content):,} bytes)", flush=True)


def _print_kinds(title: str, outcomes: Counter[str], most: int) -> None:
    if title:
        print(title)
    kinds = Counter({kind: count for kind, count in outcomes.items() if kind not in (LOADED, NO_EXPORT)})
    for kind, count in kinds.most_common(most):
        print(f"{count:>12,}  {kind}")
    if rest := kinds.total() - sum(count for _, count in kinds.most_common(most)):
        print(f"{rest:>12,}  of {len(kinds) - most:,} other kinds")


def _keep(name: str, told: Told, folder: Path | None) -> None:
    for number, (_, content, story) in enumerate(told.broken.values() if folder else ()):
        assert folder is not None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}-{number}.bin").write_bytes(content)
        (folder / f"{name}-{number}.txt").write_text(story, encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
