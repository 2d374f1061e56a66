"""The truth: inside the bands the plan allows, and equal to what the files show."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipelines.sample import generate
from tests.sample.conftest import Sample

# mean and standard deviation over seeds, as planned for 26 weeks, 40 groups and about 5,900 people
BANDS = {
    "people.people": (5860, 290),
    "people.unique_members_at_end": (4230, 150),
    "people.seats_per_person_ever": (1.12, 0.01),
    "cohorts.early_exit_7d_without_farmed": (0.126, 0.007),
    "cohorts.early_exit_7d_invited_without_farmed": (0.197, 0.02),
    "cohorts.activated_7d": (0.274, 0.010),
    "cohorts.first_order_30d": (0.230, 0.007),
    "cohorts.in_a_group_30d_after_joining_without_flash_and_farmed": (0.84, 0.01),
    "activity.messages_by_members": (36_900, 3_700),
    "orders.repurchase_90d": (0.53, 0.03),
    "participation_7d.all": (0.074, 0.004),
    "lurkers_30d.all": (0.826, 0.010),
    "buyers_30d.all": (0.114, 0.005),
    "silent_buyers_30d.all": (0.765, 0.02),
    "referral.joined_without_farmed": (527, 55),
    "referral.largest_direct_without_farmers": (17, 3),
}


def at(truth: dict[str, Any], path: str) -> Any:
    for name in path.split("."):
        truth = truth[name]
    return truth


@pytest.mark.parametrize("path", BANDS)
def test_inside_the_band(sample: Sample, path: str) -> None:
    mean, deviation = BANDS[path]
    assert abs(at(sample.truth, path) - mean) <= 4 * deviation


def states(truth: dict[str, Any], state: str) -> list[str]:
    return [group for group, facts in truth["group_states"].items() if facts["state"] == state]


@pytest.mark.parametrize("seed", [7, 1, 23])
def test_planted_groups_are_in_their_states(sample: Sample, tmp_path: Path, seed: int) -> None:
    truth = sample.truth if seed == 7 else generate(tmp_path, seed=seed)
    lists = truth["lists"]
    assert states(truth, "dead") == lists["dead_groups"]
    assert len(lists["dead_groups"]) == 4
    assert states(truth, "dying") == lists["dying_groups"]
    assert states(truth, "quiet_seller") == sorted(lists["quiet_sellers"] + lists["quiet_but_buying"])
    assert states(truth, "unknown") == lists["unknown_groups"]
    assert len(lists["over_capacity"]) == 2
    assert max(facts["members"] for facts in truth["group_states"].values()) <= 500


def test_dead_groups_are_silent_in_the_files_and_staff_keep_posting(sample: Sample) -> None:
    for group in sample.truth["lists"]["dead_groups"]:
        assert (
            sample.one(
                f"select count(*) from messages where group_id = '{group}' and role in ('member', 'kol') "
                "and occurred_at >= '2026-11-02'"
            )
            == 0
        )
        assert (
            sample.one(f"select count(*) from orders where group_id = '{group}' and paid_at >= '2026-11-02'")
            == 0
        )
        assert (
            sample.one(
                f"select count(*) from messages where group_id = '{group}' and role = 'staff' "
                "and occurred_at >= '2026-11-02'"
            )
            > 10
        )
    for group in sample.truth["lists"]["quiet_but_buying"]:
        assert (
            sample.one(
                f"select count(*) from messages where group_id = '{group}' and role = 'member' "
                "and occurred_at >= '2026-11-02'"
            )
            == 0
        )
        assert sample.truth["group_states"][group]["paid_orders_14d"] > 0


def test_people_and_money_equal_the_files(sample: Sample) -> None:
    truth = sample.truth
    known = """(select member_id, min(occurred_at) as t, min_by(scene, occurred_at) as scene from joins
        where action = 'join' and role in ('member', 'kol') group by 1)"""
    assert sample.one(f"select count(*) from {known}") == truth["people"]["people"]
    assert (
        sample.one(f"select count(*) from {known} where t >= '2026-05-18'")
        == truth["people"]["people_joined_later"]
    )
    assert sample.one("select count(*) from first_messages") == truth["activity"]["messages"]
    gmv = sample.one(
        """
        select sum(amount::decimal(18, 2))
            - coalesce(sum(bonus_amount::decimal(18, 2)) filter (where kind = 'balance_spend'), 0)
        from last_orders where paid_at >= '2026-05-18' and status not in ('cancelled', 'unpaid')
            and kind not in ('refund', 'recharge')
        """
    )
    assert gmv == Decimal(truth["orders"]["gmv"])
    refunds = sample.one(
        "select sum(amount::decimal(18, 2)) from last_orders "
        "where kind = 'refund' and paid_at >= '2026-05-18'"
    )
    assert refunds == Decimal(truth["orders"]["refunds_by_row"])
    assert sum(Decimal(week["gmv"]) for week in truth["weeks"].values()) == gmv


def test_only_the_true_leave(sample: Sample) -> None:
    leaves = sample.one(
        "select count(*) from first_joins where action in ('leave', 'kick') and role in ('member', 'kol')"
    )
    exits = sample.truth["exits"]
    assert leaves == exits["group_exits"] + exits["moved_with_a_leave_row"]
    assert (exits["rejoins_within_24h"], exits["rejoins_later"], exits["seats_moved_by_a_merge"]) == (
        12,
        30,
        60,
    )


def test_levers_lift_in_the_planted_order_and_the_null_is_null(sample: Sample) -> None:
    levers = {name: facts["measured"] for name, facts in sample.truth["levers"].items()}
    assert levers["red_packet"] == pytest.approx(2.6, rel=0.15)
    assert levers["kol"] == pytest.approx(1.8, rel=0.2)
    assert levers["video"] == pytest.approx(1.5, rel=0.2)
    for null in ("notice", "link", "image"):
        assert levers[null] == pytest.approx(1.0, abs=0.15)
    assert sample.truth["flash_sale_slope_of_log_rate"] == pytest.approx(-0.163, abs=0.04)


def test_the_chain_and_the_farmers_stand_in_the_files(sample: Sample) -> None:
    chain = sample.truth["lists"]["chain"]
    assert len(chain) == 6
    for inviter, invitee in pairwise(chain):
        assert (
            sample.one(
                f"select count(*) from first_invites where inviter_id = '{inviter}' "
                f"and invitee_id = '{invitee}'"
            )
            == 1
        )
    for farmer in sample.truth["lists"]["farmers"]:
        brought, gone = sample.files.execute(
            """
            select count(*), count(*) filter (
                where l.occurred_at::timestamp <= i.rewarded_at::timestamp + interval 48 hours)
            from first_invites as i
            left join first_joins as l on l.member_id = i.invitee_id and l.action in ('leave', 'kick')
            where i.inviter_id = $1 and i.rewarded_at <> '' and i.campaign_id <> ''
            """,
            [farmer],
        ).fetchall()[0]
        assert 12 <= gone <= 25 and gone >= 0.8 * brought


def test_stored_value_never_falls_below_zero(sample: Sample) -> None:
    assert Decimal(sample.truth["orders"]["open_balance_lowest"]) >= 0
    assert (
        sample.one(
            """
        select min(balance) from (
            select sum(case kind when 'recharge' then amount::decimal(18, 2) + bonus_amount::decimal(18, 2)
                else -amount::decimal(18, 2) end) over (partition by coalesce(a.member_id, o.member_id)
                order by paid_at) as balance
            from last_orders as o left join aliases as a on a.alias_id = o.member_id
            where kind in ('recharge', 'balance_spend'))
        """
        )
        >= 0
    )


def test_seven_complaints_in_a_day_in_two_groups(sample: Sample) -> None:
    bursts = sample.column(
        """
        select group_id from first_messages where topic = 'complaint' and product_id = 'p006'
        group by group_id having count(distinct member_id) >= 7
            and max(occurred_at)::timestamp - min(occurred_at)::timestamp < interval 24 hours order by 1
        """
    )
    assert bursts == sample.truth["lists"]["complaint_groups"]
