"""Every supported Python that this machine has, with the oldest, the locked and the newest dependencies.

`make versions`: each combination gets an environment of its own, builds the report of data/sample and runs
tests that together touch every dependency. A Python that is missing is named, and does not pass for tried.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
MINORS = (11, 12, 13, 14)
SETS = ("lowest", "locked", "newest")
# Readers of sheets and JSON, the gates, models, macros, curves and pages: each dependency is used by some.
TESTS = (
    "tests/load/test_tables.py", "tests/load/test_json_stream.py", "tests/checks/test_gates.py",
    "tests/checks/test_quiet.py", "tests/explore/test_funnel_cases.py", "tests/value",
    "tests/report/test_site.py", "tests/report/test_share.py", "tests/sql",
)  # fmt: skip
TOOLS = ("pytest", "pytest-timeout", "pytest-xdist", "hypothesis", "statsmodels")
TOLD = ("duckdb", "great-expectations", "pandas", "plotly", "scipy", "sqlalchemy", "sqlglot")


@dataclass(frozen=True)
class Tried:
    """One combination: its Python, which dependencies, what came of it, their versions, and the seconds."""

    python: str
    chosen: str
    outcome: str
    versions: str
    seconds: float


def interpreters() -> dict[str, Path | None]:
    """Supported versions, 3.11 first, each with an interpreter of this machine, or None."""
    return {f"3.{minor}": next(_found(f"3.{minor}"), None) for minor in MINORS}


def _found(version: str) -> Iterator[Path]:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = shutil.which(f"python{version}")
    for path in [*([Path(named)] if named else []), *sorted(pyenv.glob(f"{version}.*/bin/python"))]:
        told = subprocess.run(
            [path, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
        )
        if told.stdout.strip() == version:
            yield path


def attempt(version: str, python: Path, chosen: str, folder: Path, *, is_quick: bool) -> Tried:
    """Install and try one combination in `folder`; `is_quick` leaves the tests out."""
    started = time.perf_counter()
    environment = folder / f"{version}-{chosen}"
    own = environment / "bin" / "python"
    steps: list[tuple[str, list[str | Path]]] = [
        ("environment", [_uv(), "venv", "--quiet", "--no-config", "--python", python, environment]),
        *_installing(version, chosen, own, folder, is_quick=is_quick),
        ("report of the sample", [own, "-m", "pipelines.cli", "run", "--quiet", "--inbox", "data/sample",
                                  "--home", folder / f"home-{version}-{chosen}"]),
    ]  # fmt: skip
    if not is_quick:
        words: list[str | Path] = ["-q", "-n", "2", "-p", "no:cacheprovider", *TESTS]
        steps.append(("tests", [own, "-m", "pytest", *words]))
    outcome = "passed"
    for name, words in steps:
        told = subprocess.run(words, cwd=ROOT, env=_environment(), capture_output=True, text=True)
        if told.returncode:
            print((told.stdout + told.stderr)[-3000:], file=sys.stderr)
            outcome = f"failed: {name}"
            break
    return Tried(version, chosen, outcome, _versions(own), time.perf_counter() - started)


def _installing(
    version: str, chosen: str, own: Path, folder: Path, *, is_quick: bool
) -> list[tuple[str, list[str | Path]]]:
    """The steps that choose the dependencies and install them."""
    lock = ROOT / "requirements.lock"
    steps: list[tuple[str, list[str | Path]]] = []
    if chosen != "locked":
        lock = folder / f"{version}-{chosen}.txt"
        resolution = {"lowest": "lowest-direct", "newest": "highest"}[chosen]
        words: list[str | Path] = [
            "--quiet",
            "--no-config",
            "--resolution",
            resolution,
            "--python",
            own,
            "-o",
            lock,
        ]
        steps.append(("choosing versions", [_uv(), "pip", "compile", *words, "pyproject.toml"]))
    install: list[str | Path] = [_uv(), "pip", "install", "--quiet", "--no-config", "--python", own]
    steps.append(("installing", [*install, "-r", lock]))
    if not is_quick:
        steps.append(("installing the tests' tools", [*install, "-c", lock, *TOOLS]))
    return steps


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}


def _uv() -> Path:
    return Path(sys.executable).with_name("uv")


def _versions(own: Path) -> str:
    code = (
        "import sys, importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]), sep=', ')"
    )
    return subprocess.run([own, "-c", code, *TOLD], capture_output=True, text=True).stdout.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    """Try what was asked, print a table, and return 1 where something failed or nothing was tried."""
    parser = argparse.ArgumentParser(prog="make versions", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SETS, default=SETS, help="which dependencies")
    parser.add_argument("--python", nargs="+", default=None, metavar="3.12", help="which Pythons")
    parser.add_argument("--quick", action="store_true", help="the report of the sample, without the tests")
    asked = parser.parse_args(arguments)
    if find_spec("uv") is None:
        parser.error("uv is missing: make .venv/.installed-dev")
    tried: list[Tried] = []
    for version, python in interpreters().items():
        if asked.python and version not in asked.python:
            continue
        if python is None:
            print(f"Python {version} is not on this machine: not tried", flush=True)
            continue
        with tempfile.TemporaryDirectory() as name:
            for chosen in asked.only:
                one = attempt(version, python, chosen, Path(name), is_quick=asked.quick)
                tried.append(one)
                print(f"Python {version}, {chosen}: {one.outcome}, {one.seconds:.0f} s", flush=True)
                print(f"    {one.versions}", flush=True)
    return 0 if tried and all(one.outcome == "passed" for one in tried) else 1


if __name__ == "__main__":
    sys.exit(main())
