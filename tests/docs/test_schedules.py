"""The schedules of docs/schedules do what they say: their steps are run, as far as this machine can."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipelines.sample import generate

ROOT = Path(__file__).parents[2]
SCHEDULES = ROOT / "docs" / "schedules"
GITHUB = (SCHEDULES / "github-actions.yml", ROOT / ".github" / "workflows" / "weekly-report.yml")
BIN = Path(sys.executable).parent


def read(path: Path) -> dict[str, Any]:
    """A YAML file; what is wrong with it is told by its reader."""
    found: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a repository with exports has it; the steps find the command at ~/.local/bin."""
    home = tmp_path_factory.mktemp("scheduled")
    generate(home / "my-groups" / "inbox", seed=5, scale=0.05, weeks=8)
    # The days of the sample are fixed: else the steps would end with 6 from some day on.
    told = (ROOT / "groupfunnel.toml").read_text(encoding="utf-8")
    told = told.replace("stale_after_days = 10 ", "stale_after_days = 0 ")
    (home / "my-groups" / "groupfunnel.toml").write_text(told, encoding="utf-8")
    (home / ".local" / "bin").mkdir(parents=True)
    (home / ".local" / "bin" / "groupfunnel").symlink_to(BIN / "groupfunnel")
    (home / "my-groups" / ".venv").mkdir()
    (home / "my-groups" / ".venv" / "bin").symlink_to(BIN)
    return home / "my-groups"


def run(
    project: Path, script: str, shell: str = "bash", **variables: str
) -> subprocess.CompletedProcess[str]:
    """A step as a scheduler runs it: in the folder, with next to nothing in the environment."""
    environ = {
        "HOME": str(project.parent),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "GROUPFUNNEL_KEY_FILE": os.environ["GROUPFUNNEL_KEY_FILE"],
        **variables,
    }
    options = ["-e"] if shell == "bash" else []
    return subprocess.run(
        [shell, *options, "-c", script],
        cwd=project, env=environ, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.stem)
def test_github_builds_weekly_and_publishes_only_when_told(path: Path) -> None:
    told = read(path)
    assert set(told[True if True in told else "on"]) == {"schedule", "workflow_dispatch"}
    assert told["permissions"] == {"contents": "read"}
    steps = told["jobs"]["report"]["steps"]
    uploads = {step["uses"].split("@")[0]: step for step in steps if "upload" in step.get("uses", "")}
    assert "GROUPFUNNEL_PAGES" in uploads["actions/upload-pages-artifact"]["if"]
    assert "GROUPFUNNEL_PAGES" in told["jobs"]["pages"]["if"]
    # What failed is uploaded by nobody: these steps run when all before them went well.
    assert "if" not in uploads["actions/upload-artifact"]


def test_the_steps_of_each_schedule_build_a_report_and_fail_where_it_is_refused(project: Path) -> None:
    gitlab = "\n".join(read(SCHEDULES / "gitlab-ci.yml")["report"]["script"])
    scripts = {"gitlab": gitlab}
    for path in GITHUB:
        steps = read(path)["jobs"]["report"]["steps"]
        scripts[path.stem] = next(step["run"] for step in steps if "groupfunnel run" in step.get("run", ""))
    cron = (SCHEDULES / "crontab").read_text(encoding="utf-8").splitlines()[-1]
    assert cron.startswith("0 9 * * 1  ")
    scripts["cron"] = cron.split("  ", 1)[1]
    service = (SCHEDULES / "groupfunnel.service").read_text(encoding="utf-8")
    start = next(line for line in service.splitlines() if line.startswith("ExecStart="))
    scripts["systemd"] = start.removeprefix("ExecStart=").replace("%h", str(project.parent))
    variables = {"INBOX": "inbox", "SETTINGS": "groupfunnel.toml"}
    for name, script in scripts.items():
        done = run(
            project, script, "sh" if name == "cron" else "bash", **with_path(project, name), **variables
        )
        assert done.returncode == 0, (name, done.stdout, done.stderr)
        assert (project / "reports" / "latest" / "index.html").exists(), name
    before = (project / "reports" / "latest" / "index.html").read_bytes()
    broken = project / "inbox" / "orders_2030-01-01_2030-01-07.csv"
    broken.write_text("this,is,no,export\n1,2,3,4\n", encoding="utf-8")
    try:
        for name, script in scripts.items():
            done = run(
                project, script, "sh" if name == "cron" else "bash", **with_path(project, name), **variables
            )
            assert done.returncode == 3, (name, done.stdout, done.stderr)
            assert broken.name in done.stdout + done.stderr, name
    finally:
        broken.unlink()
    assert (project / "reports" / "latest" / "index.html").read_bytes() == before


def with_path(project: Path, name: str) -> dict[str, str]:
    """Where the hosted runners have the command on their PATH; cron and systemd have not."""
    return {} if name in ("cron", "systemd") else {"PATH": f"{project.parent}/.local/bin:/usr/bin:/bin"}


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if not (verify := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze is not installed: the units were not looked at by systemd")
    (tmp_path / ".local" / "bin").mkdir(parents=True)
    shutil.copy("/bin/true", tmp_path / ".local" / "bin" / "groupfunnel")
    for unit in ("groupfunnel.service", "groupfunnel.timer"):
        text = (SCHEDULES / unit).read_text(encoding="utf-8").replace("%h", str(tmp_path))
        (tmp_path / unit).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [verify, "verify", "--man=no", tmp_path / "groupfunnel.timer", tmp_path / "groupfunnel.service"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "groupfunnel" in line]
    assert (done.returncode, told) == (0, []), done.stderr
    calendar = next(
        line.removeprefix("OnCalendar=")
        for line in (SCHEDULES / "groupfunnel.timer").read_text(encoding="utf-8").splitlines()
        if line.startswith("OnCalendar=")
    )
    assert subprocess.run([verify, "calendar", calendar], capture_output=True, check=False).returncode == 0
