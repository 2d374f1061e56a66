# ruff: noqa: E501
"""Failure modes of who is in a group and counts: exits unseen, joins unknown, staff, refusers, totals apart."""

from __future__ import annotations

from tests.load.built import build, table
from tests.load.inboxes import Warehouse

JOINS = "group_id,member_id,occurred_at,action\n"
MESSAGES = "group_id,member_id,occurred_at,message_id\n"
ORDERS = "order_id,member_id,ordered_at,amount\n"


def test_09_without_exits_nobody_is_said_to_stay(warehouse: Warehouse) -> None:
    days = "2026-01-05_2026-03-29"
    warehouse.one(f"joins_{days}.csv", JOINS + "g,a,2026-01-06 10:00,join\ng,b,2026-01-07 10:00,join\n")
    build(warehouse, "acquisition.weekly", "retention.survival", "acquisition.channels")
    weeks = table(warehouse, "acquisition.weekly", "week_start, members_at_end, exit_rate, reason")
    # Sizes are upper bounds, and say why there is no rate of exits.
    assert weeks[-1] == ("2026-03-23", 2, None, "exits_not_exported")
    assert set(table(warehouse, "acquisition.channels", "early_exit_rate")) == {(None,)}
    shares = warehouse.rows("select distinct stay_probability, reason from retention.survival")
    assert shares == [(None, "exits_not_exported")]


def test_10_exits_without_joins_and_talk_and_orders_before_a_join(warehouse: Warehouse) -> None:
    days = "2026-03-02_2026-03-29"
    warehouse.one(
        f"joins_{days}.csv",
        JOINS
        + "g,gone,2026-03-10 10:00,leave\ng,spoke,2026-03-12 10:00,join\ng,bought,2026-03-12 10:00,join\n",
    )
    warehouse.one(
        f"messages_{days}.csv", MESSAGES + "g,spoke,2026-03-04 10:00,1\ng,only,2026-03-05 10:00,2\n"
    )
    warehouse.one(f"orders_{days}.csv", ORDERS + "o1,bought,2026-03-03 10:00,10\n")
    build(warehouse, "core.stays", "core.members", "acquisition.weekly", "activation.cohorts")
    stays = table(warehouse, "core.stays", "member_id, joined_at, is_join_known")
    start = "2026-03-01 16:00:00"
    assert stays == [
        ("bought", "2026-03-12 02:00:00", True), ("gone", start, False), ("only", start, False),
        ("spoke", start, False),
    ]  # fmt: skip
    assert table(warehouse, "core.members", "member_id, was_customer") == [
        ("bought", True), ("gone", False), ("only", False), ("spoke", False),
    ]  # fmt: skip
    # Whose join is unknown was there before the first day, opened nothing and is in no cohort.
    weeks = table(
        warehouse, "acquisition.weekly", "week_start, members_at_start, opened, closed, members_at_end"
    )
    assert weeks[:2] == [("2026-03-02", 3, 0, 0, 3), ("2026-03-09", 3, 1, 1, 3)]
    cohorts = table(warehouse, "activation.cohorts", "cohort_week, cohort_size", "where cohort_size > 0")
    assert cohorts == [("2026-03-09", 1)]


def test_11_a_rejoin_within_a_day_is_the_same_stay(warehouse: Warehouse) -> None:
    warehouse.one(
        "joins_2026-03-02_2026-03-29.csv",
        JOINS
        + "g,a,2026-03-03 10:00,join\ng,a,2026-03-03 10:05,join\ng,a,2026-03-04 10:00,leave\ng,a,2026-03-05 09:59,join\n"
        "g,b,2026-03-03 10:00,join\ng,b,2026-03-04 10:00,leave\ng,b,2026-03-05 10:01,join\n",
    )
    build(warehouse, "core.stays")
    stays = table(warehouse, "core.stays", "member_id, joined_at, left_at")
    assert stays == [
        ("a", "2026-03-03 02:00:00", None), ("b", "2026-03-03 02:00:00", "2026-03-04 02:00:00"),
        ("b", "2026-03-05 02:01:00", None),
    ]  # fmt: skip


def test_13_orders_that_match_nobody_are_told_apart(warehouse: Warehouse) -> None:
    days = "2026-03-02_2026-03-08"
    warehouse.one(f"joins_{days}.csv", JOINS + "g,wm1,2026-03-02 10:00,join\n")
    warehouse.one(
        f"orders_{days}.csv",
        ORDERS + "o1,13800138000,2026-03-03 10:00,10\no2,13900139000,2026-03-03 10:00,10\n"
        "o3,139****9000,2026-03-03 10:00,10\no4,wm1,2026-03-04 10:00,10\n",
    )
    warehouse.one("aliases.csv", "alias_id,member_id\n138 0013 8000,wm1\n")
    build(warehouse, "revenue.weekly")
    (week,) = table(
        warehouse,
        "revenue.weekly",
        "paid_orders, unmatched_share, non_member_revenue::double, unknown_revenue::double",
    )
    # A masked number is an unknown buyer; a number that nobody in a group has, a known one outside.
    assert week == (4, 0.25, 10, 10)


def test_33_unknown_staff_are_listed_for_review(warehouse: Warehouse) -> None:
    days = "2026-03-02_2026-03-29"
    people = [f"m{i}" for i in range(5)]
    everybody = [*people, "boss", "helper"]
    warehouse.one(
        f"joins_{days}.csv", JOINS + "".join(f"g,{who},2026-03-02 10:00,join\n" for who in everybody)
    )
    lines = [f"g,{who},2026-03-{day:02} 12:00,{who}{day}\n" for who in people for day in (3, 10, 17)]
    for who in ("boss", "helper"):
        lines += [
            f"g,{who},2026-03-{day:02} {hour:02}:00,{who}{day}-{hour}\n"
            for day in range(2, 30)
            for hour in range(9, 12)
        ]
    warehouse.one(f"messages_{days}.csv", MESSAGES + "".join(lines))
    # One of the two is known as staff: in no number of members, and not asked about again.
    warehouse.one("members_2026-03-29.csv", "member_id,role\nboss,staff\n")
    build(warehouse, "quality.unknown_staff", "group_health.groups")
    assert table(warehouse, "quality.unknown_staff", "group_id, member_id, messages") == [("g", "helper", 84)]
    assert table(warehouse, "group_health.groups", "members") == [(6,)]


def test_47_totals_of_the_platform_stand_beside_our_own_with_the_difference(warehouse: Warehouse) -> None:
    days = "2026-03-02_2026-03-08"
    warehouse.one(f"joins_{days}.csv", JOINS + "g,a,2026-03-02 10:00,join\ng,b,2026-03-02 11:00,join\n")
    warehouse.one(
        f"messages_{days}.csv", MESSAGES + "".join(f"g,a,2026-03-03 {10 + i}:00,{i}\n" for i in range(9))
    )
    warehouse.one(
        "platform_stats_2026-03-08.csv",
        "day,group_id,metric,value\n2026-03-03,,messages,10\n2026-03-03,,members,2\n2026-03-20,,messages,5\n",
    )
    build(warehouse, "quality.reconciliation")
    told = warehouse.rows(
        "select day::varchar, metric, own_value, platform_value, difference, difference_rate "
        "from quality.reconciliation where platform_value is not null order by all"
    )
    assert told == [
        ("2026-03-03", "members", 2, 2, 0, 0), ("2026-03-03", "messages", 9, 10, -1, -0.1),
        # A day that our exports do not cover is compared with nothing.
        ("2026-03-20", "messages", None, 5, None, None),
    ]  # fmt: skip


def test_53_who_refuses_archiving_counts_in_sizes_and_in_no_message_metric(warehouse: Warehouse) -> None:
    days = "2026-03-02_2026-04-12"
    warehouse.one(
        f"joins_{days}.csv", JOINS + "".join(f"g,{who},2026-03-02 10:00,join\n" for who in ("a", "b", "no"))
    )
    warehouse.one(f"messages_{days}.csv", MESSAGES + "g,a,2026-04-08 10:00,1\ng,no,2026-03-03 10:00,2\n")
    warehouse.one("members_2026-04-12.csv", "member_id,archive_consent\na,yes\nno,no\n")
    build(warehouse, "group_health.groups", "group_health.snapshots", "activation.cohorts")
    (group,) = table(
        warehouse,
        "group_health.groups",
        "members, archived_members, posters_7d, participation_7d, lurker_rate",
    )
    assert group == (3, 2, 1, 0.5, 0.5)
    (cohort,) = table(
        warehouse,
        "activation.cohorts",
        "cohort_size, archived_members, spoken_7d_share",
        "where cohort_size > 0",
    )
    assert cohort == (3, 2, 0)
