"""What a fresh clone is set up from: locks of the declared dependencies, and settings that are valid."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from pipelines.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-spark.lock")


def _locked(name: str) -> dict[str, set[str]]:
    text = (ROOT / name).read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, flags=re.MULTILINE):
        found.setdefault(package.lower().replace("_", "-"), set()).add(version)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|^--|^-[a-z]|@ ", text, flags=re.MULTILINE)
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[A-Za-z0-9._-]+==\S+", entry), entry.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


def test_locks_hold_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    extras = project["project"]["optional-dependencies"]
    run, dev, spark = (_locked(name) for name in LOCKS)
    of_spark = [*project["project"]["dependencies"], *extras["spark"]]
    for names, lock in ((declared, run), (declared + extras["dev"], dev), (of_spark, spark)):
        for requirement in names:
            match = re.match(r"[A-Za-z0-9._-]+", requirement)
            assert match is not None
            assert match.group().lower() in lock, f"{requirement}: run `make lock` and commit the files"
    for package, versions in run.items():
        assert dev[package] == versions, f"{package} differs between the two locks: run `make lock`"


def test_45_versions_are_pinned_and_ci_runs_on_the_oldest_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (duck,) = [one for one in project["dependencies"] if re.match(r"duckdb\b(?!-)", one)]
    low, high = re.fullmatch(r"duckdb>=(\d+)\.\d+,<(\d+)", duck).groups()  # type: ignore[union-attr]
    # One major version: its files and its SQL.
    assert int(high) == int(low) + 1
    for name in LOCKS:
        (locked,) = _locked(name)["duckdb"]
        assert locked.split(".")[0] == low
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    pythons = re.findall(r'"(3\.\d+)"', workflow)
    assert project["requires-python"] == f">={pythons[0]}" and len(pythons) >= 2


def test_make_alone_prints_help() -> None:
    done = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, encoding="utf-8", check=True)
    for target in ("report", "test", "lint", "lock", "sample", "clean"):
        assert f"make {target} " in done.stdout


def test_the_settings_file_shows_exactly_the_defaults() -> None:
    shown = tomllib.loads((ROOT / "groupfunnel.toml").read_text(encoding="utf-8"))
    defaults = Settings().model_dump(mode="json", exclude={"exports", "health", "funnels", "retentions"})
    defaults["project"]["as_of"] = ""
    assert shown == defaults


@pytest.mark.parametrize("path", sorted((ROOT / "docs/examples").glob("*.toml")), ids=lambda path: path.name)
def test_examples_are_valid_settings(path: Path) -> None:
    assert load_settings(path).exports
