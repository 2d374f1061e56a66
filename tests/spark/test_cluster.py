"""A real cluster: a standalone master, two workers, Spark Connect; a worker dies in the middle of a build."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipelines.spark.session import has_java
from tests.models.test_increments import with_ancestors
from tests.spark.cluster import cluster
from tests.spark.conftest import ROOT, differences

# They shuffle, number rows and recurse; with what they read, some forty models.
TABLES = ["retention.cohorts", "referral.tree"]


@pytest.mark.skipif(
    find_spec("pyspark") is None or not has_java(), reason="no PySpark or no Java: no cluster was started"
)
def test_a_worker_killed_in_the_middle_changes_nothing(loaded: Path, by_duckdb: Path, tmp_path: Path) -> None:
    models = with_ancestors(TABLES)
    tables = [name for name, model in models.items() if not model.is_view and model.schema != "staging"]
    built = tmp_path / "built.duckdb"
    shutil.copyfile(loaded, built)
    errors = tmp_path / "errors"
    with cluster(tmp_path) as spark, errors.open("wb") as told:
        words = [built, tmp_path / "lake", spark.remote, *TABLES]
        build = subprocess.Popen(
            [sys.executable, "-m", "tests.spark.build_remote", *words],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=told, text=True,
        )  # fmt: skip
        assert build.stdout is not None
        done: list[str] = []
        for line in build.stdout:
            done.append(line.strip())
            if len(done) * 2 > len(models) and spark.alive() == 2 and spark.tasks_of(0) > 0:
                before = len(done)
                spark.kill(0)
        assert build.wait() == 0, errors.read_text("utf-8")[-3000:]
        assert spark.alive() == 1
        assert len(done) - before > 10, "it was killed too late to matter"
        assert spark.tasks_of(1) > 0
    assert sorted(done) == sorted(models)
    assert differences(by_duckdb, built, tables) == {}
