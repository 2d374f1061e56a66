"""Building only the touched weeks on Spark gives the tables of a build from nothing on DuckDB."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipelines.increments import Increments, since
from pipelines.models import build_models
from pipelines.spark.build import SparkBuild, build_on_spark
from pipelines.spark.lake import Lake
from pipelines.state import basis_of, remember
from pipelines.warehouse import open_warehouse
from tests.models.test_increments import SETTINGS, Watched, load_inbox, split_loads, with_ancestors
from tests.spark.conftest import differences

# By day, by week, and by an expression of the day; what reads another by day, and reaches days further.
BY_DAYS = ["core.message_days", "core.group_hours", "group_health.responses", "group_health.talk_days"]
MODELS = with_ancestors(BY_DAYS)
TABLES = [name for name, model in MODELS.items() if not model.is_view and model.schema != "staging"]
# So many loads are put on the first build, one after another; what comes before is loaded at once.
LATER = 2


def _build(session: Any, lake: Lake, work: Path, published: Path) -> set[str]:
    """Build on what was published, as a run does, and publish; returns the models built by week."""
    connection = open_warehouse(work)
    renewed: set[str] = set()
    with since(connection, MODELS, published, basis_of(SETTINGS)) as increments:
        watched: Increments | None = None
        if increments is not None:
            watched = Watched(increments.models)
            watched.renewed = renewed
        build_on_spark(SparkBuild(session, lake, connection), MODELS, lambda _: None, watched)
    remember(connection, SETTINGS)
    connection.execute("checkpoint")
    connection.close()
    work.replace(published)
    return renewed


@pytest.mark.parametrize("seed", [1])
def test_touched_weeks_give_the_tables_of_a_build_from_nothing(
    seed: int, session: Any, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    lake, published = Lake(str(tmp_path / "lake")), tmp_path / "published.duckdb"
    work, loaded = tmp_path / "work.duckdb", tmp_path / "loaded.duckdb"
    loads = list(split_loads(tmp_path, chance))
    batches = [loads[:-LATER], *([load] for load in loads[-LATER:])]
    renewed: list[set[str]] = []
    for batch in batches:
        if published.exists():
            shutil.copyfile(published, work)
        connection = open_warehouse(work)
        for inbox in batch:
            load_inbox(connection, inbox)
        connection.execute("checkpoint")
        connection.close()
        shutil.copyfile(work, loaded)
        renewed.append(_build(session, lake, work, published))
        connection = open_warehouse(loaded)
        build_models(connection, MODELS, lambda _: None)
        connection.close()
        assert differences(loaded, published, TABLES) == {}
    assert renewed[0] == set()
    assert set.union(*renewed) == set(BY_DAYS)
    # Another lake, or one that was built for another warehouse, does not hold the tables of the build before.
    shutil.copyfile(published, work)
    (lake.folder / "built.txt").write_text("of somebody else", encoding="utf-8")
    assert _build(session, lake, work, published) == set()
