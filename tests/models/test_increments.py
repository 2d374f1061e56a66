"""Building only the days that a load touched gives the tables of a build from nothing.

Random exports of one small community are split into loads in random ways: weeks in any order, rows that come
late, corrections of rows that were loaded before, days that were exported only now, people whose role or
other id is told later. After each load the tables are built on those of the build before, as a run does;
after some loads, the last among them, from nothing as well. Both must be the same, row by row.
"""

from __future__ import annotations

import csv
import io
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.increments import Increments, Renewal, reach_of, since
from pipelines.load import load_all, take_inventory
from pipelines.model_files import Model, narrowed
from pipelines.model_tables import is_day_in_grain
from pipelines.models import build_models, read_models
from pipelines.raw import create_raw, write_settings
from pipelines.resources import shipped_path
from pipelines.settings import Settings
from pipelines.state import basis_of, remember
from pipelines.warehouse import open_warehouse

# Two whole months, and what follows.
FIRST, DAYS, SPAN = date(2026, 6, 1), 70, 14
SETTINGS = Settings()
ALL = read_models(shipped_path("sql"))
BY_DAYS = [name for name, model in ALL.items() if model.reach is not None]
MESSAGE_COLUMNS = (
    "message_id", "group_id", "member_id", "occurred_at", "kind", "text_length", "is_question", "topic",
    "reply_to_message_id", "thread_id", "revoked_at", "mentions",
)  # fmt: skip


KINDS = ("text",) * 6 + ("image", "checkin", "red_packet", "system", "mini_program")


def with_ancestors(names: list[str]) -> dict[str, Model]:
    wanted: dict[str, Model] = {}
    queue = list(names)
    while queue:
        name = queue.pop()
        if name in ALL and name not in wanted:
            wanted[name] = ALL[name]
            queue += [read for read, _ in ALL[name].reads]
    return wanted


MODELS = with_ancestors(BY_DAYS)


def _messages(chance: random.Random) -> list[dict[str, str]]:
    rows = []
    for number in range(chance.randrange(150, 250)):
        at = datetime.combine(FIRST, datetime.min.time()) + timedelta(
            minutes=chance.randrange(DAYS * 24 * 60), seconds=chance.choice((0, 0, 30))
        )
        group = f"g{chance.randrange(3)}"
        rows.append({
            "message_id": f"m{number}", "group_id": group, "member_id": f"p{chance.randrange(9)}",
            "occurred_at": at.isoformat(sep=" "),
            "kind": chance.choice(KINDS),
            "text_length": str(chance.randrange(40)), "is_question": chance.choice(["true", "false", ""]),
            "topic": chance.choice(["", "", "promo", "content", "notice", "ad"]),
            "reply_to_message_id": f"m{chance.randrange(number)}" if number and chance.random() < 0.2 else "",
            "thread_id": f"t{group}{chance.randrange(12)}" if chance.random() < 0.2 else "",
            "revoked_at": "", "mentions": chance.choice(["", "", "p1"]),
        })  # fmt: skip
    return rows


def _corrected(row: dict[str, str], chance: random.Random) -> dict[str, str]:
    """The same message as a later export tells it."""
    at = datetime.fromisoformat(row["occurred_at"])
    change = chance.choice(("time", "kind", "author", "revoked", "question"))
    moved = min(
        max(at + timedelta(hours=chance.randrange(-60, 60)), datetime(2026, 6, 1)), datetime(2026, 8, 9)
    )
    new = {
        "time": {"occurred_at": moved.isoformat(sep=" ")},
        "kind": {"kind": "text" if row["kind"] != "text" else "system"},
        "author": {"member_id": f"p{chance.randrange(9)}"},
        "revoked": {"revoked_at": (at + timedelta(minutes=5)).isoformat(sep=" ")},
        "question": {"is_question": "false" if row["is_question"] == "true" else "true"},
    }
    return row | new[change]


def _file(inbox: Path, name: str, rows: list[dict[str, str]]) -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (inbox / name).write_text(out.getvalue(), encoding="utf-8")


def _moves(chance: random.Random) -> list[dict[str, str]]:
    """Joins on the first day, and some people who leave and come back."""
    rows = [
        {"group_id": f"g{g}", "member_id": f"p{m}", "occurred_at": f"{FIRST} 0{m}:00:00", "action": "join"}
        for g in range(3) for m in range(7)
    ]  # fmt: skip
    for _ in range(12):
        at = datetime.combine(FIRST, datetime.min.time()) + timedelta(hours=chance.randrange(30, DAYS * 24))
        who = {"group_id": f"g{chance.randrange(3)}", "member_id": f"p{chance.randrange(9)}"}
        rows.append(who | {"occurred_at": at.isoformat(sep=" "), "action": chance.choice(("leave", "join"))})
    return rows


def _orders(chance: random.Random) -> list[dict[str, str]]:
    """Orders, most of them paid, some in no group, and refunds."""
    rows = []
    for number in range(25):
        at = datetime.combine(FIRST, datetime.min.time()) + timedelta(hours=chance.randrange(DAYS * 24))
        is_refund = number > 5 and chance.random() < 0.2
        rows.append({
            "order_id": f"o{number}", "member_id": f"p{chance.randrange(9)}",
            "group_id": chance.choice(("g0", "g1", "")), "ordered_at": at.isoformat(sep=" "),
            "paid_at": at.isoformat(sep=" ") if chance.random() < 0.9 else "",
            "amount": "-3.50" if is_refund else f"{chance.randrange(90)}.25",
            "kind": "refund" if is_refund else "sale",
            "refund_of_order_id": f"o{chance.randrange(5)}" if is_refund else "",
        })  # fmt: skip
    return rows


def split_loads(folder: Path, chance: random.Random) -> Iterator[Path]:
    """Folders to load one after another, each with one or more exports."""
    events = {"messages": _messages(chance), "joins": _moves(chance), "orders": _orders(chance)}
    by_span: dict[tuple[str, int], list[dict[str, str]]] = {}
    late: dict[str, list[dict[str, str]]] = {}
    for kind, rows in events.items():
        for row in rows:
            at = datetime.fromisoformat(row.get("occurred_at") or row["ordered_at"])
            if chance.random() < 0.08:
                late.setdefault(kind, []).append(row)
            else:
                by_span.setdefault((kind, (at.date() - FIRST).days // SPAN), []).append(row)
    spans: dict[int, list[tuple[str, list[dict[str, str]]]]] = {}
    for (kind, span), rows in by_span.items():
        first = FIRST + timedelta(days=SPAN * span)
        name = f"{kind}_{first}_{first + timedelta(days=SPAN - 1)}.csv"
        spans.setdefault(span, []).append((name, rows))
    parts = list(spans.values())
    every = [row for (kind, _), rows in by_span.items() if kind == "messages" for row in rows]
    corrections = [_corrected(row, chance) for row in chance.sample(every, 12)]
    messages = late.pop("messages", [])
    for number, rows in enumerate((messages[::2], messages[1::2], corrections[::2], corrections[1::2])):
        if rows:
            parts.append([(f"messages_z{number}.csv", rows)])
    parts += [[(f"{kind}_z.csv", rows)] for kind, rows in late.items()]
    roles = [{"member_id": f"p{m}", "role": role} for m, role in ((1, "staff"), (2, "kol"), (3, "bot"))]
    if chance.random() < 0.5:
        parts.append([("members.csv", roles)])
    if chance.random() < 0.4:
        parts.append([("aliases.csv", [{"alias_id": "p8", "member_id": "p7"}])])
    if chance.random() < 0.5:
        chance.shuffle(parts)
    else:
        # As a weekly run has it: the weeks in their order, and what is late at the end.
        parts.sort(key=lambda part: ("z" in part[0][0], part[0][0].partition("_")[2]))
    number = 0
    while parts:
        inbox = folder / f"load{number}"
        inbox.mkdir()
        for part in [parts.pop(0) for _ in range(min(len(parts), chance.choice((1, 1, 1, 2))))]:
            for name, rows in part:
                _file(inbox, name, rows)
        yield inbox
        number += 1


def load_inbox(connection: duckdb.DuckDBPyConnection, inbox: Path) -> None:
    create_raw(connection)
    files = take_inventory(connection, inbox, SETTINGS)
    load_all(connection, files, SETTINGS, datetime(2026, 9, 1, tzinfo=UTC), lambda *_: None)
    write_settings(connection, SETTINGS)


class Watched(Increments):
    """Increments that remember which models they let be renewed by day."""

    renewed: set[str]

    def renewal(self, connection: duckdb.DuckDBPyConnection, model: Model) -> Renewal | None:
        """As without watching."""
        found = super().renewal(connection, model)
        if found is not None:
            self.renewed.add(model.name)
        return found


def _build(work: Path, published: Path) -> set[str]:
    """Build on what was published, as a run does, and publish; returns the models built by day."""
    connection = open_warehouse(work)
    renewed: set[str] = set()
    with since(connection, MODELS, published, basis_of(SETTINGS)) as increments:
        watched = None
        if increments is not None:
            watched = Watched(increments.models)
            watched.renewed = renewed
        build_models(connection, MODELS, lambda _: None, watched)
    remember(connection, SETTINGS)
    connection.execute("checkpoint")
    connection.close()
    work.replace(published)
    return renewed


def _differences(one: Path, other: Path) -> dict[str, int]:
    """Tables whose rows are not the same, with how many are not."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        for name, model in MODELS.items():
            if not model.is_view:
                a, b = f"from one.{name}", f"from other.{name}"
                rows = connection.execute(
                    f"select count(*) from (({a} except all {b}) union all ({b} except all {a}))"
                ).fetchone()
                if rows != (0,):
                    found[name] = rows[0] if rows else -1
    return found


@pytest.mark.parametrize("seed", range(4))
def test_builds_by_day_give_the_tables_of_a_build_from_nothing(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    published, raw = tmp_path / "published.duckdb", tmp_path / "loaded.duckdb"
    renewed: set[str] = set()
    loads = list(split_loads(tmp_path, chance))
    for inbox in loads:
        work = tmp_path / "work.duckdb"
        if published.exists():
            shutil.copyfile(published, work)
        connection = open_warehouse(work)
        load_inbox(connection, inbox)
        connection.close()
        shutil.copyfile(work, raw)
        renewed |= _build(work, published)
        if chance.random() < 0.4 or inbox == loads[-1]:
            # Nothing was published under that name: everything is built whole.
            whole = tmp_path / "whole.duckdb"
            assert not _build(raw, whole)
            assert _differences(published, whole) == {}, inbox.name
            whole.unlink()
    assert renewed == set(BY_DAYS)


def test_every_model_built_by_day_names_its_reach_and_reads_its_days_once() -> None:
    assert BY_DAYS
    for name in BY_DAYS:
        model = ALL[name]
        first, last = reach_of(model)
        assert first <= 0 <= last
        by_day = {read for read, _ in model.reads if read in ALL and ALL[read].partition is not None}
        assert by_day, name
        told = narrowed(model.sql, dict.fromkeys(by_day, "false"))
        for read in by_day:
            assert model.sql.count(f"from {read}") == told.count(f"from {read} where false") == 1, (
                name,
                read,
            )


def test_a_key_that_tells_no_day_is_counted_over_all_days() -> None:
    """A message that moves to another day would leave its key twice, if its old day were not built again."""
    assert [name for name in BY_DAYS if not is_day_in_grain(ALL[name])] == ["group_health.responses"]
