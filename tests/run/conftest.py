# ruff: noqa: E501
"""A small community's exports and a home that was run once; every test works on a copy of it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warm import groupfunnel

FIRST_DAY = date(2026, 1, 5)
WEEKS = 6


@dataclass(frozen=True)
class Place:
    """A home with its inbox."""

    root: Path

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def warehouse(self) -> Path:
        return self.root / "data" / "warehouse.duckdb"

    def call(self, verb: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a verb here."""
        return groupfunnel(verb, *arguments, "--home", str(self.root), **options)

    def published(self) -> dict[str, str]:
        """Every file that is published, by its content."""
        files = [self.warehouse, *(p for p in (self.root / "reports").rglob("*") if ".next" not in p.parts)]
        return {
            p.relative_to(self.root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in files
            if p.is_file()
        }

    def tables(self) -> dict[str, list[tuple[object, ...]]]:
        """Ordered content of every published table, without what tells the story of the runs."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            names = connection.execute(
                "select schema_name, table_name from duckdb_tables() where (schema_name, table_name) not in "
                "(('raw', 'loads'), ('raw', 'order_versions'), ('raw', 'rejects'), ('quality', 'restatements'), ('quality', 'builds')) order by all"
            ).fetchall()
            told: dict[str, list[tuple[object, ...]]] = {}
            for schema, table in names:
                columns = "columns(lambda c: c not in ('load_id', 'row_number'))::varchar"
                told[f"{schema}.{table}"] = connection.execute(
                    f"select {columns} from {schema}.{table} order by all"
                ).fetchall()
        return told


def write_week(inbox: Path, week: int) -> None:
    """The exports of one week."""
    first = FIRST_DAY + timedelta(weeks=week)
    name = f"{first}_{first + timedelta(days=6)}.csv"
    days = [str(first + timedelta(days=i)) for i in range(7)]
    joins, messages, orders = [], [], []
    for i in range(6):
        member = f"m{week}_{i}"
        joins.append(f"{'gh'[i % 2]},{member},{days[i]} 09:00,qr")
        for old in range(week + 1):
            messages.append(f"{'gh'[i % 2]},m{old}_{i},{days[(i + old) % 7]} 12:0{i},w{week}-{old}-{i}")
        orders.append(f"o{week}-{i},{member if i else ''},{days[i]} 20:00,{10 + i}.50")
    for kind, header, rows in (
        ("joins", "group_id,member_id,occurred_at,scene", joins),
        ("messages", "group_id,member_id,occurred_at,message_id", messages),
        ("orders", "order_id,member_id,ordered_at,amount", orders),
    ):
        (inbox / f"{kind}_{name}").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, subprocess.CompletedProcess[str]]:
    """A home after its first run, not to be written to, and what the run said."""
    place = Place(tmp_path_factory.mktemp("first"))
    place.inbox.mkdir()
    for week in range(WEEKS):
        write_week(place.inbox, week)
    told = place.call("run")
    assert told.returncode == 0, told.stderr
    return place, told


@pytest.fixture
def place(first_run: tuple[Place, object], tmp_path: Path) -> Place:
    """A copy of the home after its first run."""
    shutil.copytree(first_run[0].root, tmp_path / "home")
    return Place(tmp_path / "home")


@pytest.fixture(scope="session")
def second_run(
    first_run: tuple[Place, object], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Place, subprocess.CompletedProcess[str]]:
    """A home after a second run with a week more, that nothing disturbed, and what the run said."""
    root = tmp_path_factory.mktemp("second") / "home"
    shutil.copytree(first_run[0].root, root)
    other = Place(root)
    write_week(other.inbox, WEEKS)
    told = other.call("run")
    assert told.returncode == 0, told.stderr
    return other, told
