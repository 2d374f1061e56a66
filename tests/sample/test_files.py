"""The files: names, headers, coverage, faults; read here with DuckDB alone."""

from __future__ import annotations

import csv
import gzip
import io
import re
from datetime import date, timedelta
from itertools import pairwise

import pytest

from pipelines.contract import CONTRACT, FILE_NAMES
from tests.sample.conftest import EVENT_TABLES, Sample

NAME = re.compile(r"([a-z]+)_(\d{4}-\d{2}-\d{2})_(\d{4}-\d{2}-\d{2})\.csv\.gz")
PHONE = re.compile(rb"(?<!\d)1[3-9]\d{9}(?!\d)|1[3-9]\d\*{4}\d{4}")


def test_less_than_five_megabytes(sample: Sample) -> None:
    assert sum(path.stat().st_size for path in sample.folder.iterdir()) < 5_000_000


def test_nothing_looks_like_a_phone(sample: Sample) -> None:
    for path in sample.folder.iterdir():
        raw = path.read_bytes()
        assert not PHONE.search(gzip.decompress(raw) if path.suffix == ".gz" else raw), path.name


def test_headers_are_canonical(sample: Sample) -> None:
    for path in sample.folder.glob("*.csv*"):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        encoding = "gb18030" if path.name == "groups.csv" else "utf-8"
        header = next(csv.reader(io.StringIO(raw.decode(encoding))))
        table = path.name.split("_20")[0].split(".")[0]
        kind = CONTRACT[FILE_NAMES[table]]
        assert set(header) <= set(kind.names), path.name
        assert {column.name for column in kind.required} <= set(header), path.name


@pytest.mark.parametrize("table", EVENT_TABLES)
def test_names_cover_every_day_once(sample: Sample, table: str) -> None:
    spans = sorted(
        (date.fromisoformat(match[2]), date.fromisoformat(match[3]))
        for path in sample.folder.iterdir()
        if (match := NAME.fullmatch(path.name)) and match[1] == table
    )
    assert spans[-1][1] == date(2026, 11, 15)
    assert spans[0][0] == date(2026, 2, 17) if table == "orders" else date(2026, 5, 18)
    for (_, before), (after, _) in pairwise(spans):
        assert after == before + timedelta(days=1)


def test_groups_are_gb18030_and_not_utf_8(sample: Sample) -> None:
    raw = (sample.folder / "groups.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert "群" in raw.decode("gb18030")


@pytest.mark.parametrize(
    ("table", "key"), [("joins", "event_id"), ("messages", "message_id"), ("invites", "invite_id")]
)
def test_repeats_are_the_same_rows_in_a_later_file(sample: Sample, table: str, key: str) -> None:
    faults = sample.truth["faults"][table]
    rows, ids = (
        sample.one(f"select count(*) from {table}"),
        sample.one(f"select count(distinct {key}) from {table}"),
    )
    assert rows == faults["rows_written"]
    assert rows - ids == faults["repeated_rows"]
    assert sample.one(f"select count(*) from (select distinct * exclude filename from {table})") == ids
    assert sample.one(f"select max(n) from (select count(*) as n from {table} group by {key}, filename)") == 1


def test_about_three_percent_come_twice_and_one_percent_late(sample: Sample) -> None:
    for table, rough in (("messages", 0.2), ("orders", 0.5)):
        faults = sample.truth["faults"][table]
        own = faults["rows_written"] - faults["repeated_rows"] - faults["reexported_rows"]
        assert faults["repeated_rows"] / own == pytest.approx(0.03, rel=rough)
        assert faults["late_rows"] / own == pytest.approx(0.01, rel=rough)


def test_late_messages_stand_in_the_next_file(sample: Sample) -> None:
    early = sample.one(
        """
        select count(*) from first_messages
        where occurred_at::date < regexp_extract(filename, '_(\\d{4}-\\d{2}-\\d{2})_', 1)::date
        """
    )
    assert early == sample.truth["faults"]["messages"]["late_rows"]


def test_reexported_orders_change_their_status(sample: Sample) -> None:
    changed = sample.column(
        "select order_id from orders group by order_id having count(distinct status) > 1 order by 1"
    )
    assert len(changed) == sample.truth["faults"]["reexported_with_changed_status"]
    silent = sample.column(
        """
        select distinct order_id from last_orders as o where status = 'refunded' and kind = 'sale'
            and not exists (select 1 from orders as r where r.refund_of_order_id = o.order_id) order by 1
        """
    )
    assert silent == sample.truth["lists"]["refunded_by_status_only"]


def test_every_line_of_an_order_stands_in_the_same_files(sample: Sample) -> None:
    assert (
        sample.one(
            """
        select max(n) from (select count(distinct lines) as n from (
            select order_id, filename, count(*) as lines from orders group by all) group by order_id)
        """
        )
        == 1
    )


def test_first_members_joined_before_the_first_day(sample: Sample) -> None:
    first = "2026-05-18"
    assert sample.one(
        f"select bool_and((occurred_at < '{first}') = (scene = 'unknown')) from joins where scene <> ''"
    )
    assert sample.one(f"select count(*) from joins where action <> 'join' and occurred_at < '{first}'") == 0


def test_uncovered_days_have_no_messages(sample: Sample) -> None:
    lists = sample.truth["lists"]
    covered = {
        group: sample.column(
            f"select occurred_at::date::varchar from first_messages where group_id = '{group}' group by 1"
        )
        for group in lists["unknown_groups"] + lists["groups_with_a_gap_week"]
    }
    assert covered[lists["never_archived_groups"][0]] == []
    for group in set(lists["unknown_groups"]) - set(lists["never_archived_groups"]):
        assert max(covered[group]) <= "2026-11-08"
    for group in lists["groups_with_a_gap_week"]:
        assert not [day for day in covered[group] if "2026-08-03" <= day <= "2026-08-09"]
    assert sample.one("select count(*) from coverage where event_kind = 'message'") == 3 + 4


def test_refusers_are_in_groups_and_never_write(sample: Sample) -> None:
    refusers = sample.column("select member_id from members where archive_consent = 'no' order by 1")
    assert refusers == sample.truth["lists"]["refusers"]
    assert (
        sample.one(
            "select count(*) from messages join members using (member_id) where archive_consent = 'no'"
        )
        == 0
    )
    assert sample.one(
        "select count(distinct member_id) from joins join members using (member_id) "
        "where archive_consent = 'no'"
    ) == len(refusers)


def test_one_platform_total_is_two_percent_apart(sample: Sample) -> None:
    apart = sample.files.execute(
        """
        select day, value::double / n from platform_stats
        join (select occurred_at::date::varchar as day, count(*) as n
            from first_messages group by 1) using (day)
        where metric = 'messages' and value::bigint <> n
        """
    ).fetchall()
    assert [day for day, _ in apart] == [sample.truth["faults"]["platform_messages_apart_on"]]
    assert apart[0][1] == pytest.approx(1.02, abs=0.002)


def test_money_has_two_places(sample: Sample) -> None:
    for column in ("amount", "discount_amount", "cost_amount", "bonus_amount"):
        assert (
            sample.one(
                f"select count(*) from orders where {column} <> '' "
                f"and {column} not similar to '-?\\d+\\.\\d\\d'"
            )
            == 0
        )
    assert (
        sample.one("select count(*) from orders where (kind = 'refund') <> (amount::decimal(18, 2) < 0)") == 0
    )
