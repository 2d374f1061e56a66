"""What the tests of chats share: loading one document, and people who exist nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.load import LoadResult
from pipelines.people import People
from tests.load.inboxes import Warehouse, settings_of, write


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> People:
    """Pseudonyms with a key of the test's own."""
    path = tmp_path / "key"
    path.write_text("00" * 32, encoding="ascii")
    monkeypatch.setenv("GROUPFUNNEL_KEY_FILE", str(path))
    return People(path)


def with_settings(tmp_path: Path, toml: str) -> Warehouse:
    """A warehouse with settings."""
    tmp_path.mkdir(parents=True, exist_ok=True)
    return Warehouse(tmp_path / "home", settings_of(tmp_path, toml))


def loaded(warehouse: Warehouse, name: str, content: str | bytes) -> dict[str, LoadResult]:
    """Write and load one document: its results by kind, each adding up, as the ledger says too."""
    write(warehouse.inbox, name, content)
    results = {result.event_kind: result for result in warehouse.load() if result.name == name}
    for kind, result in results.items():
        assert result.rows_read == result.rows_kept + result.rows_duplicate + result.rows_rejected
        told = warehouse.rows(
            "select rows_read, rows_kept, rows_duplicate, rows_rejected from raw.loads "
            "where file_name = ? and event_kind = ? order by load_id desc limit 1",
            name,
            kind,
        )
        assert told == [(result.rows_read, result.rows_kept, result.rows_duplicate, result.rows_rejected)]
    return results


def messages(warehouse: Warehouse) -> list[tuple[str, str, int | None, str]]:
    """(group, kind, length, local time to the second) of all messages, in their order."""
    return warehouse.rows(
        """
        select group_id, kind, text_length,
            strftime(timezone('Asia/Shanghai', timezone('UTC', occurred_at)), '%Y-%m-%d %H:%M:%S')
        from raw.messages order by occurred_at, group_id
        """
    )


def changes(
    warehouse: Warehouse, people: People, scope: str, *names: str
) -> list[tuple[str, str, str | None]]:
    """(action, who, by whom) of all joins and exits, in their order, people by their names."""
    known = {people.pseudonym(scope, name): name for name in names}
    rows = warehouse.rows(
        "select action, member_id, inviter_id from raw.joins order by occurred_at, event_key"
    )
    return [(action, known.get(who, who), by and known.get(by, by)) for action, who, by in rows]


def everything(warehouse: Warehouse) -> str:
    """All that the warehouse holds, as one text: what must never be in it can be looked for."""
    tables = warehouse.rows("select table_name from duckdb_tables() where schema_name = 'raw'")
    return "\n".join(str(warehouse.rows(f"select * from raw.{table}")) for (table,) in tables)
