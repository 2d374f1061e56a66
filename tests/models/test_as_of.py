"""A report as of a past day is the report of exports that end on that day: nothing after it counts.

The same exports are loaded twice: cut off at the day, with what they could not know yet emptied, and whole
with `as_of`. Lists without dates (who is staff, products, planned campaigns) say what they say in both.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.load import load_all, take_inventory
from pipelines.models import build_models, read_models
from pipelines.raw import create_raw, write_settings
from pipelines.resources import shipped_path
from pipelines.sample import generate
from pipelines.settings import Settings
from pipelines.warehouse import open_warehouse, quote

# A Wednesday ten weeks before the end: the week before it is the report's, three days of the next are known.
DAY = date(2026, 9, 9)
MODELS = read_models(shipped_path("sql"))
TABLES = sorted(name for name, model in MODELS.items() if model.schema not in ("staging", "raw"))
# table: columns that may differ, and why.
EXCEPT = {"core.settings": {"as_of": "it is what the two are told apart by"}}
# When a row became known: a column of each kind that has one.
KNOWN_AT = {
    "joins": "occurred_at",
    "messages": "occurred_at",
    "orders": "ordered_at",
    "invites": "invited_at",
    "gifts": "issued_at",
    "groups": "created_at",
    "platform_stats": "day",
}
# What a row could not hold before its time: columns by the column that dates them.
FILLED_AT = {
    "messages": {"revoked_at": ["revoked_at"]},
    "orders": {"paid_at": ["paid_at"], "team_completed_at": ["team_completed_at"]},
    "invites": {"joined_at": ["joined_at"], "rewarded_at": ["rewarded_at", "reward_cost"]},
    "gifts": {"claimed_at": ["claimed_at"], "redeemed_at": ["redeemed_at"]},
    "groups": {"closed_at": ["closed_at"]},
    "members": {"tier_since": ["tier_since", "tier"], "opted_out_at": ["opted_out_at"]},
}
RANGE = re.compile(r"(\d{4}-\d\d-\d\d)_(\d{4}-\d\d-\d\d)")


def _cut(inbox: Path, out: Path) -> int:
    """Write the exports as they stood at the end of DAY; returns how many rows fell away."""
    out.mkdir()
    fallen = 0
    for path in sorted(p for p in inbox.iterdir() if ".csv" in p.suffixes):
        name, is_later = path.name.removesuffix(".gz"), False
        if found := RANGE.search(name):
            is_later = date.fromisoformat(found[2]) > DAY
            # Late lines about earlier days stay: as of a day is about what happened, not when it was told.
            first = f"late{found[1][5:]}_{DAY}" if found[1] > DAY.isoformat() else found[1]
            name = name.replace(found[0], f"{first}_{min(found[2], DAY.isoformat())}")
        rows, kind = _rows(path), re.split(r"_20|\.", path.name)[0]
        kept = [early for row in rows if (early := _as_known(row, kind, is_later))]
        fallen += len(rows) - len(kept)
        if kept:
            with (out / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, kept[0].keys())
                writer.writeheader()
                writer.writerows(kept)
    return fallen


def _rows(path: Path) -> list[dict[str, str]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    return list(csv.DictReader(text.splitlines()))


def _as_known(row: dict[str, str], kind: str, is_later: bool) -> dict[str, str] | None:
    """The row at the end of DAY; None when there was none yet."""
    known_at = KNOWN_AT.get(kind)
    if (known_at and _is_after(row[known_at])) or (row.get("kind") == "refund" and _is_after(row["paid_at"])):
        return None
    row = dict(row)
    for at, columns in FILLED_AT.get(kind, {}).items():
        if _is_after(row[at]):
            row.update(dict.fromkeys(columns, ""))
    if kind == "orders" and is_later and row["status"] == "refunded":
        row["status"] = "paid"
    if kind == "coverage" and _is_after(row["covered_from"]):
        row["covered_from"] = row["covered_to"] = ""
    if kind == "coverage" and _is_after(row["covered_to"]):
        row["covered_to"] = DAY.isoformat()
    return row


def _is_after(told: str) -> bool:
    return told[:10] > DAY.isoformat()


def _build(inbox: Path, as_of: date | None, path: Path) -> None:
    settings = Settings.model_validate({"project": {"as_of": as_of}})
    connection = open_warehouse(path)
    create_raw(connection)
    inventory = take_inventory(connection, inbox, settings)
    results = load_all(connection, inventory, settings, datetime.now(UTC), lambda *_: None)
    assert not any(r.rows_rejected for r in results)
    write_settings(connection, settings)
    build_models(connection, MODELS, lambda _: None)
    connection.close()


@dataclass(frozen=True)
class Pair:
    """A connection with both warehouses attached, as `cut` and `whole`."""

    connection: duckdb.DuckDBPyConnection
    fallen: int


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The exports cut off at DAY, and all of them as of DAY."""
    folder = tmp_path_factory.mktemp("as_of")
    generate(folder / "inbox", seed=5, scale=0.1)
    fallen = _cut(folder / "inbox", folder / "early")
    _build(folder / "early", None, folder / "cut.duckdb")
    _build(folder / "inbox", DAY, folder / "whole.duckdb")
    connection = duckdb.connect()
    for name in ("cut", "whole"):
        connection.execute(f"attach '{folder / name}.duckdb' as \"{name}\" (read_only)")
    yield Pair(connection, fallen)
    connection.close()


def _columns(pair: Pair, table: str) -> str:
    held = pair.connection.execute(f'describe "cut".{table}').fetchall()
    return ", ".join(
        f"round({quote(name)}, 9) as {quote(name)}" if type_ == "DOUBLE" else quote(name)
        for name, type_, *_ in held
        if name not in EXCEPT.get(table, {})
    )


def _only_in(pair: Pair, table: str, one: str, other: str) -> list[dict[str, object]]:
    columns = _columns(pair, table)
    found = pair.connection.execute(
        f'select {columns} from "{one}".{table} except all select {columns} from "{other}".{table} limit 3'
    )
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_the_day_cuts_something_off(pair: Pair) -> None:
    """The comparison is between two different inputs, and both have a report."""
    assert pair.fallen > 100
    query = 'select report_week, watermark_message_at from "{}".core.settings'
    weeks = [pair.connection.execute(query.format(name)).fetchone() for name in ("cut", "whole")]
    assert weeks[0] == weeks[1] == ("2026-W36", datetime(2026, 9, 9, 16))


@pytest.mark.parametrize("table", TABLES)
def test_as_of_is_the_same_as_files_that_end_there(pair: Pair, table: str) -> None:
    extra, missing = _only_in(pair, table, "whole", "cut"), _only_in(pair, table, "cut", "whole")
    assert not extra and not missing, f"only as of {DAY}: {extra}\nonly with files cut there: {missing}"
