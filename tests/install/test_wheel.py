"""The wheel alone, in a new environment and another folder, goes the whole way from exports to a report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.install

ROOT = Path(__file__).parents[2]


def _run(*arguments: str | Path, cwd: Path) -> str:
    # Without PYTHONPATH and the clone as folder, only what is installed can be imported.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(argument) for argument in arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source archive of the clone, and the wheel built from that archive."""
    folder = tmp_path_factory.mktemp("built")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder / "dist", cwd=ROOT)
    (archive,) = (folder / "dist").glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        # The filter is the way of newer Pythons only, and not of 3.11.0 to 3.11.3.
        packed.extractall(
            folder / "source", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {})
        )
    (source,) = (folder / "source").iterdir()
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist", cwd=source)
    (wheel,) = (folder / "dist").glob("*.whl")
    return archive, wheel


@pytest.fixture(scope="module")
def command(distributions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `groupfunnel` command of a new environment that holds the lock and the wheel, nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder / "env", with_pip=True)
    programs = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    pip = (programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock", cwd=folder)
    _run(*pip, "--no-deps", "--no-index", distributions[1], cwd=folder)
    return programs / "groupfunnel"


def test_wheel_and_archive_carry_what_a_run_needs(distributions: tuple[Path, Path]) -> None:
    archive, wheel = distributions
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {f"pipelines/{path.relative_to(ROOT).as_posix()}" for path in ROOT.glob("sql/*/*.sql")}
    shipped |= {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("pipelines/**/*")
        if path.is_file() and path.suffix in (".py", ".sql", ".toml", ".j2", ".css", ".js", ".svg")
    }
    assert shipped - names == set()
    assert "pipelines/groupfunnel.toml" in names
    assert not [name for name in names if not name.startswith(("pipelines/", "groupfunnel-"))]
    with tarfile.open(archive) as packed:
        sources = {name.split("/", 1)[1] for name in packed.getnames() if "/" in name}
    assert {"pyproject.toml", "LICENSE", "README.md", "groupfunnel.toml"} <= sources


def test_the_whole_way_from_another_folder(command: Path, tmp_path: Path) -> None:
    assert "my-groups" in _run(command, "init", "my-groups", cwd=tmp_path)
    home = tmp_path / "my-groups"
    _run(command, "sample", home / "inbox", "--scale", "0.05", "--weeks", "10", "--quiet", cwd=tmp_path)
    _run(command, "run", "--home", "my-groups", cwd=tmp_path)
    for name in ("data/warehouse.duckdb", "reports/index.html", "reports/latest/index.html"):
        assert (home / name).stat().st_size > 0
    assert "up to date" in _run(command, "run", cwd=home)

    # Else the sample would be called old as soon as it is.
    own = home / "groupfunnel.toml"
    own.write_text(
        own.read_text(encoding="utf-8").replace("stale_after_days = 10", "stale_after_days = 0"), "utf-8"
    )
    told = json.loads(_run(command, "status", "--json", "--home", "my-groups", cwd=tmp_path))
    assert {kind["kind"] for kind in told["kinds"]} >= {"join", "message", "order", "invite"}
    assert told["report_week"]
    ask = _run(command, "sql", "--csv", "select count(*) as weeks from acquisition.weekly", cwd=home)
    assert ask.splitlines()[0] == "weeks"
    assert int(ask.splitlines()[1]) >= 10
