# ruff: noqa: E501
"""Names, phones and texts reach no table, page, message or log; forgetting and keeping less reach every byte."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.crash import keep_traceback
from pipelines.errors import without_values
from pipelines.people import People, key_file
from tests.run.conftest import Place

NAMES = ("Xyzzyname", "赵钱孙李")
PHONES = ("13977778888", "139 7777 8888", "139-7777-8888")
TEXTS = ("Plughtext", "沉默是金玉良言")
MARKS = (*NAMES, *PHONES, *TEXTS, "Grueaddress", "xyzzy@example.org")


def _strings(warehouse: Path) -> list[str]:
    """Every text in every table: the file packs its strings, so that its bytes alone prove nothing."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() join duckdb_tables() using (schema_name, table_name) "
            "where data_type like 'VARCHAR%'"
        ).fetchall()
        return [
            str(text)
            for schema, table, column in found
            for (text,) in connection.execute(
                f'select distinct "{column}" from "{schema}"."{table}"'
            ).fetchall()
        ]


def _leaks(*texts: str | bytes) -> list[str]:
    return [
        mark
        for mark in MARKS
        for text in texts
        if (
            mark in text if isinstance(text, str) else mark.encode() in text or mark.encode("gb18030") in text
        )
    ]


def _write_marked(inbox: Path) -> None:
    days = "2026-01-05_2026-02-15"
    (inbox / f"joins_zz_{days}.csv").write_text(
        "group_id,member_id,occurred_at,nickname,inviter_id\n"
        + "".join(f"g,n{i},2026-01-06 10:00,Xyzzyname {i},13977778888\n" for i in range(40))
        + "g,139 7777 8888,2026-01-06 11:00,赵钱孙李,m0_1\n"
        + "g,n41,Xyzzyname,赵钱孙李,\n"
        + "g,n42,2026-01-06 11:00,Xyzzyname, with a comma,13977778888\n"
        + 'g,n43,2026-01-06 11:00,"Xyzzyname 13977778888\n',
        encoding="utf-8",
    )
    (inbox / f"messages_zz_{days}.csv").write_bytes(
        (
            "group_id,member_id,occurred_at,message_id,text,mentions,kind\n"
            + "".join(
                f"g,n{i},2026-01-07 10:00,z{i},Plughtext 沉默是金玉良言 {i},13977778888;n1,text\n"
                for i in range(40)
            )
            + "g,n1,2026-01-07 10:00,y1,Plughtext,,Plughtext\ng,n1,13977778888,y2,沉默是金玉良言,赵钱孙李,text\n"
        ).encode("gb18030")
    )
    (inbox / f"orders_zz_{days}.csv").write_text(
        "order_id,member_id,ordered_at,amount,收货人,收货人手机号,详细收货地址,买家留言\n"
        + "".join(
            f"zo{i},xyzzy@example.org,2026-01-08 10:00,5,赵钱孙李,13977778888,Grueaddress,Plughtext\n"
            for i in range(30)
        )
        + "zo98,139-7777-8888,2026-01-08 10:00,Grueaddress,Xyzzyname,13977778888,Grueaddress,\n"
        + "13977778888,,赵钱孙李,1,,,,\n",
        encoding="utf-8",
    )


def test_31_and_32_names_phones_and_texts_reach_nothing(place: Place) -> None:
    _write_marked(place.inbox)
    told = place.call("run")
    assert told.returncode == 0, told.stderr
    said = [told.stdout, told.stderr]
    # The exports end long before today: status calls the report old.
    for code, *arguments in (
        (0, "inspect"), (0, "inspect", "--json"), (6, "status"), (6, "status", "--json"), (0, "doctor"), (0, "check"),
        (0, "sql", "from raw.rejects"),
    ):  # fmt: skip
        answer = place.call(arguments[0], *arguments[1:])
        assert answer.returncode == code, answer.stderr
        said += [answer.stdout, answer.stderr]
    # Refused files: a header is missing, a file has no header at all, one is cut short.
    for name, content in (
        ("joins_bad.csv", b"group,who,when\ng,Xyzzyname,2026-01-06 10:00\n"),
        ("joins_bare.csv", "赵钱孙李,13977778888,2026-01-06 10:00\n".encode()),
        ("messages_cut.csv.gz", b"\x1f\x8b\x08\x00\x00\x00Plughtext"),
    ):
        (place.inbox / name).write_bytes(content)
        answer = place.call("load")
        assert answer.returncode == 3, answer.stderr
        said += [answer.stdout, answer.stderr, place.call("inspect", str(place.inbox / name)).stdout]
        (place.inbox / name).unlink()
    assert _leaks(*said) == []
    files = [p for p in place.root.rglob("*") if p.is_file() and place.inbox not in p.parents]
    assert len(files) > 10
    assert _leaks(*(p.read_bytes() for p in files)) == []
    texts = _strings(place.warehouse)
    assert len(texts) > 500 and _leaks(*texts) == []
    people = People(key_file())
    pseudonym = people.keyed("+8613977778888")
    assert pseudonym in texts and people.find(pseudonym) == ("", "+8613977778888")
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        assert connection.execute("select count(*) from raw.rejects").fetchone() == (7,)


@pytest.mark.parametrize(
    "message",
    [
        "Conversion Error: Could not convert string 'Xyzzyname' to INT64",
        "Conversion Error: Could not convert string 'Xyzzy'name' to INT64",
        'Invalid Input Error: "Plughtext"',
        "no such person: 赵钱孙李",
        "call 139-7777-8888 or +86 13977778888 or xyzzy@example.org",
        "CSV Error on Line: 2\nOriginal Line: Xyzzyname,13977778888",
        "Could not cast 'Xyzzyname",
    ],
)
def test_32_an_error_nobody_foresaw_tells_no_value(message: str, tmp_path: Path) -> None:
    def fails() -> None:
        try:
            raise KeyError(NAMES[0])
        except KeyError:
            raise ValueError(message) from None

    with pytest.raises(ValueError) as caught:
        fails()
    line = keep_traceback(caught.value, tmp_path)
    (log,) = (tmp_path / "data" / "logs").iterdir()
    assert _leaks(without_values(message), line, log.read_text(encoding="utf-8")) == []
    assert "ValueError" in line and "fails" in log.read_text(encoding="utf-8")


def test_forget_reaches_warehouse_pages_and_names(place: Place) -> None:
    # Nobody else is like m0_1: pages of the week before name them as an inviter.
    (place.inbox / "joins_v_2026-01-05_2026-02-15.csv").write_text(
        "group_id,member_id,occurred_at,inviter_id\n"
        + "".join(f"g,v{i},2026-01-2{i} 10:00,13966665555\n" for i in range(6))
        + "g,13966665555,2026-01-06 10:00,\n",
        encoding="utf-8",
    )
    assert place.call("run").returncode == 0
    pseudonym = People(key_file()).keyed("+8613966665555")
    old = place.root / "reports" / "2025-W01"
    old.mkdir()
    (old / "index.html").write_text(f"<td>{pseudonym}</td>", encoding="utf-8")
    assert pseudonym in _strings(place.warehouse)
    before = place.published()
    told = place.call("forget", "+86 139 6666 5555", "--dry-run")
    assert told.returncode == 0 and "dry run" in told.stdout and place.published() == before
    told = place.call("forget", "+86 139 6666 5555")
    assert told.returncode == 0, told.stderr
    assert "joins_v_2026-01-05_2026-02-15.csv: still holds 7 rows" in told.stderr
    assert "6666" not in told.stdout + told.stderr
    texts = _strings(place.warehouse)
    assert not [text for text in texts if pseudonym in text]
    files = [p for p in place.root.rglob("*") if p.is_file() and place.inbox not in p.parents]
    assert not [p for p in files if pseudonym.encode() in p.read_bytes()]
    assert (old / "index.html").read_text(encoding="utf-8") == "<td>•••</td>"
    assert People(key_file()).find(pseudonym) is None
    again = place.call("run", "--full")
    assert again.returncode == 0, again.stderr
    assert not [text for text in _strings(place.warehouse) if pseudonym in text]
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        rejected = "select row_number, raw_row from raw.rejects where reason = 'forgotten'"
        assert connection.execute(rejected).fetchall() == [(7, None)]
        assert connection.execute(
            "select count(*) from raw.joins where member_id like 'v%' and inviter_id is null"
        ).fetchone() == (6,)


def test_old_events_and_texts_go_and_those_days_are_not_covered(place: Place) -> None:
    settings = place.root / "groupfunnel.toml"
    (place.inbox / "messages_t_2026-01-05_2026-02-15.csv").write_text(
        "group_id,member_id,occurred_at,text\ng,m0_1,2026-02-10 10:00,Plughtext\n", encoding="utf-8"
    )
    settings.write_text("[privacy]\nkeep_text = true\n", encoding="utf-8")
    assert place.call("run").returncode == 0
    assert _leaks(*_strings(place.warehouse)) == ["Plughtext"]
    pages = [p.read_bytes() for p in (place.root / "reports").rglob("*") if p.is_file()]
    assert _leaks(*pages) == []
    settings.write_text("[privacy]\nretention_days = 14\n", encoding="utf-8")
    told = place.call("run")
    assert told.returncode == 0, told.stderr
    assert "rows before 2026-02-01" in told.stdout
    assert _leaks(*_strings(place.warehouse), place.warehouse.read_bytes()) == []
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        for table in ("joins", "messages", "orders"):
            assert connection.execute(
                f"select min(day) >= date '2026-02-01' from raw.{table}"
            ).fetchone() == (True,), table
        covered = "select min(day), max(day) from core.coverage where is_covered and group_id is null"
        assert [str(day) for day in connection.execute(covered).fetchone() or ()] == [
            "2026-02-01",
            "2026-02-15",
        ]
        assert connection.execute("select cast(kept_from as varchar) from raw.retention").fetchone() == (
            "2026-02-01",
        )
