"""A clock that was wrong for one message: the message is rejected, and no day is covered because of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.fuzz.seeds import seeds
from tests.load.fuzz.test_found import Edit, text, value
from tests.load.inboxes import Warehouse, write

WRONG: dict[str, tuple[str, Edit]] = {
    "telegram, long ago": ("telegram", value("messages", 3, "date_unixtime", to="5")),
    "telegram, to come": ("telegram", value("messages", 3, "date_unixtime", to="4102444799")),
    "discord, long ago": ("discord", value("messages", 1, "timestamp", to="1971-03-02T10:00:00+00:00")),
    "discord, to come": ("discord", value("messages", 1, "timestamp", to="2090-03-02T10:00:00+00:00")),
    "whatsapp, to come": ("whatsapp", text("15/03/2026, 09:03", "15/03/2096, 09:03")),
    "qq, long ago": ("qq", text("2026-03-01 9:06:00", "1986-03-01 9:06:00")),
    "wechat, to come": ("chatlog", text("2026-03-01 09:00:05", "2126-03-01 09:00:05")),
    "irc, to come": ("irc", text("Day changed Mon Mar 02 2026", "Day changed Sat Mar 02 2126")),
}


@pytest.mark.parametrize("case", list(WRONG))
def test_21_a_wrong_clock_covers_no_day(
    case: str, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUPFUNNEL_KEY_FILE", str(tmp_path / "key"))
    name, edit = WRONG[case]
    write(warehouse.inbox, seeds()[name].place, edit(seeds()[name].content))
    warehouse.load()
    reasons = [reason for _, column, reason in warehouse.rejects() if column == "occurred_at"]
    assert reasons and all("is not a time between 2005" in reason for reason in reasons)
    for table in ("loads", "coverage"):
        ((first, last),) = warehouse.rows(
            f"select min(covered_from)::varchar, max(covered_to)::varchar from raw.{table}"
        )
        assert "2026-02-28" <= first <= last <= "2026-04-01"
