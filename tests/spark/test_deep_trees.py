"""Trees of invites as deep as they come: 200 generations, on both engines."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.load import load_all, take_inventory
from pipelines.models import build_models
from pipelines.raw import create_raw, write_settings
from pipelines.settings import Settings
from pipelines.spark.build import SparkBuild, build_on_spark
from pipelines.spark.lake import Lake
from pipelines.warehouse import open_warehouse
from tests.models.test_increments import with_ancestors
from tests.spark.conftest import differences

DEPTH = 200
TABLES = ["referral.edges", "referral.ancestors", "referral.tree"]


def _export(inbox: Path) -> None:
    """One chain: each person is brought by the one before, an hour later."""
    at = [datetime(2026, 3, 2, 8) + timedelta(hours=number) for number in range(DEPTH + 1)]
    joins = ["group_id,member_id,occurred_at,action"]
    joins += [f"g,p{number},{when},join" for number, when in enumerate(at)]
    invites = ["invite_id,group_id,inviter_id,invitee_id,invited_at,joined_at"]
    invites += [
        f"i{number},g,p{number - 1},p{number},{at[number] - timedelta(minutes=5)},{at[number]}"
        for number in range(1, DEPTH + 1)
    ]
    inbox.mkdir()
    (inbox / "joins_2026-03-02_2026-03-15.csv").write_text("\n".join(joins) + "\n", encoding="utf-8")
    (inbox / "invites_2026-03-02_2026-03-15.csv").write_text("\n".join(invites) + "\n", encoding="utf-8")


def test_a_chain_of_200_invites_is_followed_to_its_root(session: Any, tmp_path: Path) -> None:
    _export(tmp_path / "inbox")
    models = with_ancestors(TABLES)
    by_duckdb, by_spark = tmp_path / "duckdb.duckdb", tmp_path / "spark.duckdb"
    connection = open_warehouse(by_duckdb)
    create_raw(connection)
    files = take_inventory(connection, tmp_path / "inbox", Settings())
    load_all(connection, files, Settings(), datetime(2026, 6, 1, tzinfo=UTC), lambda *_: None)
    write_settings(connection, Settings())
    connection.execute("checkpoint")
    connection.close()
    shutil.copyfile(by_duckdb, by_spark)
    connection = open_warehouse(by_duckdb)
    build_models(connection, models, lambda _: None)
    connection.close()
    connection = open_warehouse(by_spark)
    build_on_spark(SparkBuild(session, Lake(str(tmp_path / "lake")), connection), models, lambda _: None)
    deepest = connection.execute("select max(generations), count(*) from referral.ancestors").fetchone()
    connection.close()
    assert deepest == (DEPTH, DEPTH * (DEPTH + 1) // 2)
    assert differences(by_duckdb, by_spark, TABLES) == {}
