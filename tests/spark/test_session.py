"""A session says what keeps it from opening, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipelines.spark.session import has_java
from tests.spark.conftest import ROOT

OPEN = """
import sys
from pathlib import Path
from pipelines.errors import GroupfunnelError
from pipelines.spark.options import SparkOptions
from pipelines.spark.session import spark_session

try:
    with spark_session(SparkOptions(master="local[1]"), Path(sys.argv[1]), is_small=True) as session:
        print(session.sql("select 1 as one").collect())
        print("still heard", file=sys.stderr)
except GroupfunnelError as error:
    sys.exit(str(error))
"""
pytestmark = pytest.mark.skipif(
    find_spec("pyspark") is None or not has_java(), reason="no PySpark or no Java: no session was opened"
)


def _open(folder: Path, **told: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", OPEN, str(folder / "scratch")]
    return subprocess.run(words, cwd=ROOT, env=os.environ | told, capture_output=True, text=True, timeout=120)


def test_java_says_nothing_where_all_is_well(tmp_path: Path) -> None:
    told = _open(tmp_path)
    assert (told.returncode, told.stdout, told.stderr) == (0, "[Row(one=1)]\n", "still heard\n")
    assert not (tmp_path / "scratch").exists()


def test_java_that_does_not_start_is_quoted(tmp_path: Path) -> None:
    told = _open(tmp_path, JAVA_TOOL_OPTIONS="-XX:NoSuchOption")
    assert told.returncode == 1
    assert "Spark at local[1] cannot be used" in told.stderr
    assert "Unrecognized VM option 'NoSuchOption'" in told.stderr
    assert "docs/spark.md" in told.stderr and "Traceback" not in told.stderr
