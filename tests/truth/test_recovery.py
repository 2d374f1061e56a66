"""What the generator counted in its own tables comes out of the exports, for each planted sample.

truth.json is counted by the generator from its own tables; nothing here goes through the same SQL twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pytest

R = "(select report_at from core.settings)"


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0]


def test_report_is_of_the_last_week(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    assert one(warehouse, "select report_week from core.settings") == list(truth["weeks"])[-1]
    assert one(warehouse, "select report_at from core.settings") == datetime(2026, 11, 15, 16)


def test_people(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    people = truth["people"]
    present = f"joined_at < {R} and (left_at is null or left_at >= {R})"
    assert one(warehouse, f"select count(*) from core.stays where {present}") == people["seats_at_end"]
    assert (
        one(warehouse, f"select count(*) from core.community_stays where {present}")
        == people["unique_members_at_end"]
    )
    known = "is_counted and first_joined_at is not null"
    assert (
        one(warehouse, f"select count(*) from core.members where {known} and is_join_known")
        == people["people_joined_later"]
    )
    assert (
        one(warehouse, f"select count(*) from core.members where {known} and not is_join_known")
        == people["people_on_day_0"]
    )


def test_every_week(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    rows = warehouse.execute(
        """
        select week_label, new_members, lost_members, members_at_end, gmv, paid_orders
        from core.weeks
        join acquisition.weekly using (week_start)
        join revenue.weekly using (week_start)
        """
    ).fetchall()
    found = {row[0]: row[1:] for row in rows}
    for label, week in truth["weeks"].items():
        expected = (
            week["new_members"],
            week["members_lost"],
            week["unique_members_at_end"],
            week["gmv"],
            week["paid_orders"],
        )
        assert tuple(map(float, found[label])) == pytest.approx(tuple(map(float, expected))), label


def test_exits(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    exits = truth["exits"]
    kinds = dict(warehouse.execute("select exit_kind, count(*) from core.stays group by all").fetchall())
    assert kinds["kick"] == exits["kicks"]
    assert kinds["moved"] == exits["moved_with_a_leave_row"]
    assert kinds["dissolved"] == exits["seats_dissolved"] + (
        exits["seats_moved_by_a_merge"] - exits["moved_with_a_leave_row"]
    )
    # An exit undone within 24 hours is none.
    assert kinds["leave"] + kinds["kick"] == exits["group_exits"] - exits["rejoins_within_24h"]


def test_orders(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    orders = truth["orders"]
    first_week = "date '2026-05-18'"
    assert (
        one(warehouse, f"select count(*) from core.orders where is_paid and paid_day < {first_week}")
        == orders["paid_orders_before_the_first_week"]
    )
    paid = f"from core.orders where is_paid and paid_day >= {first_week}"
    assert one(warehouse, f"select count(*) {paid}") == orders["paid_orders"]
    assert (
        one(warehouse, f"select count(*) {paid} and buyer_kind = 'unknown'")
        == orders["paid_orders_of_unknown_buyers"]
    )
    gmv = one(
        warehouse,
        "select sum(amount) from core.order_lines "
        f"where is_revenue and not is_refund and effective_day >= {first_week}",
    )
    assert float(gmv) == pytest.approx(float(orders["gmv"]), abs=0.005)


def test_cohorts(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    cohorts = truth["cohorts"]
    for window, complete in (("activated_24h", "24h"), ("activated_7d", "7d")):
        rate = one(
            warehouse,
            f"select sum({window}_members) / sum(cohort_size) from activation.cohorts "
            f"where is_complete_{complete}",
        )
        assert rate == pytest.approx(cohorts[window], abs=5e-4), window
    rate = one(
        warehouse,
        "select sum(first_order_30d_members) / sum(cohort_size) from activation.cohorts "
        "where is_order_complete_30d",
    )
    assert rate == pytest.approx(cohorts["first_order_30d"], abs=5e-3)


def test_retention_curve(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    for name, column in (("active", "active_members"), ("posting", "posting_members")):
        curve = [
            row[0]
            for row in warehouse.execute(
                f"select sum({column}) / sum(cohort_size) from retention.cohorts "
                "where is_complete and week_index between 1 and 12 group by week_index order by week_index"
            ).fetchall()
        ]
        assert curve == pytest.approx(truth[f"retention_{name}_week_1_to_12"], abs=5e-4), name


def test_products(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    rows = warehouse.execute(
        "select period, products, top_2pct_share, top_20pct_share, product_share_for_80pct "
        "from revenue.concentration"
    ).fetchall()
    for period, *found in rows:
        expected = truth["products"]["all" if period == "all" else "last_90_days"]
        assert found[0] == expected["products"]
        # The generator counts its own weeks; the warehouse also has the orders of before.
        assert found[1] == pytest.approx(expected["top_2pct_share"], abs=0.01)
        assert found[2] == pytest.approx(expected["top_20pct_share"], abs=0.01)


def test_lurkers_and_silent_buyers(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    pooled = one(
        warehouse, "select value from scorecard.weekly where metric = 'lurker_rate' order by week_start desc"
    )
    assert pooled == pytest.approx(truth["lurkers_30d"]["all"], abs=0.01)


def test_trees(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    lists, referral = truth["lists"], truth["referral"]
    assert one(warehouse, "select sum(tree_size) from referral.tree where generation = 0") == one(
        warehouse, "select count(*) from referral.tree"
    )
    deepest = one(warehouse, "select max(generation) from referral.tree")
    assert deepest == max(map(int, referral["generations"])) == len(lists["chain"]) - 1
    chain = [
        one(warehouse, f"select inviter_id from referral.tree where member_id = '{member}'")
        for member in lists["chain"][1:]
    ]
    assert chain == lists["chain"][:-1]
    selfish = {
        row[0]
        for row in warehouse.execute("select inviter_id from core.invites where outcome = 'self'").fetchall()
    }
    assert selfish == set(lists["self_inviters"])


def test_group_states(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    states = dict(warehouse.execute("select group_id, state from group_health.groups").fetchall())
    lists = truth["lists"]

    def having(*wanted: str) -> list[str]:
        return sorted(group for group, state in states.items() if state in wanted)

    assert having("dead") == sorted(lists["dead_groups"])
    assert having("dying") == sorted(lists["dying_groups"])
    assert having("quiet_seller") == sorted(lists["quiet_sellers"] + lists["quiet_but_buying"])
    assert having("unknown") == sorted(lists["unknown_groups"])
    for group, expected in truth["group_states"].items():
        assert states[group] in expected["state"].split(" or "), group


def test_group_counts(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    # The generator counts a member of today who bought in the 30 days, the warehouse who was one then.
    any_buyer = dict(
        warehouse.execute(
            f"""
            select stays.group_id, count(distinct orders.member_id)
            from core.orders as orders
            join core.stays as stays on orders.member_id = stays.member_id
            where is_paid and paid_at < {R} and paid_at >= {R} - interval 30 day
                and joined_at < {R} and (left_at is null or left_at >= {R})
            group by all
            """
        ).fetchall()
    )
    rows = warehouse.execute(
        "select group_id, members, posters_7d, buyers_30d from group_health.groups"
    ).fetchall()
    for group, members, posters, buyers in rows:
        expected = truth["group_states"][group]
        assert members == expected["members"], group
        if group not in truth["lists"]["unknown_groups"]:
            assert posters == expected["posters_7d"], group
        assert any_buyer.get(group, 0) == expected["buyers_30d"], group
        assert buyers <= expected["buyers_30d"] <= buyers + 2, group


def test_refusers_are_no_lurkers(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    refusers = {
        row[0] for row in warehouse.execute("select member_id from core.roles where is_refuser").fetchall()
    }
    assert refusers == set(truth["lists"]["refusers"])
    assert (
        one(
            warehouse,
            "select count(*) from core.message_days join core.roles using (member_id) where is_refuser",
        )
        == 0
    )


def test_faults_are_counted(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    rows = warehouse.execute(
        "select event_kind, sum(rows_read), sum(rows_duplicate), sum(rows_rejected) from raw.loads "
        "group by all"
    ).fetchall()
    for kind, read, duplicate, rejected in rows:
        table = kind + "s"
        if table in truth["faults"]:
            faults = truth["faults"][table]
            assert read == faults["rows_written"], kind
            assert rejected == 0
            if kind != "order":  # a re-exported order with a new state is no duplicate
                assert duplicate == faults["repeated_rows"], kind
    assert one(warehouse, "select encoding from raw.loads where file_name = 'groups.csv'") == "gb18030"
    day = truth["faults"]["platform_messages_apart_on"]
    own, platform = warehouse.execute(
        "select own_value, platform_value from quality.reconciliation "
        f"where metric = 'messages' and day = date '{day}' and group_id is null"
    ).fetchone() or (None, None)
    assert (own, platform) == (
        truth["faults"]["own_messages_that_day"],
        truth["faults"]["platform_messages_that_day"],
    )
