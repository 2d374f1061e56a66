"""Estimates lie within four standard errors of what was planted, for each planted sample.

The standard error is the one of the estimate: from the interval beside it, the binomial, or the spread over
inviters. An estimate further off than that is biased, whatever the seed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import duckdb
import pytest

Z = 1.959963984540054
Connection = duckdb.DuckDBPyConnection
Truth = dict[str, Any]


def rows(connection: Connection, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return connection.execute(sql, list(values)).fetchall()


def close(estimate: float, planted: float, error: float, what: str = "") -> None:
    assert 0 < error < math.inf, what
    assert abs(estimate - planted) <= 4 * error, (
        f"{what}: {estimate:.4f} is {abs(estimate - planted) / error:.1f} standard errors from {planted:.4f}"
    )


def close_share(k: float, n: float, planted: float, what: str = "") -> None:
    """A share of n against the planted chance of each."""
    close(k / n, planted, math.sqrt(planted * (1 - planted) / n), what)


def student(degrees: int) -> float:
    """97.5 % quantile of Student's t (Cornish–Fisher: right to 0.002 from 10 degrees on)."""
    z, v = Z, degrees
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )


# Levers


def lift(connection: Connection, lever: str) -> tuple[float, float, float]:
    """Lift of a lever, low and high; the lever kol is any post of one, the others are those of staff."""
    name, role = ("all", "kol") if lever == "kol" else (lever, "staff")
    found = rows(
        connection,
        "select lift, lift_low, lift_high from activation.levers "
        "where lever = ? and author_role = ? and group_type = 'all' and is_reliable",
        name,
        role,
    )
    return found[0]


LEVERS = ("red_packet", "kol", "video", "checkin", "mini_program", "product", "image", "link", "notice")


@pytest.mark.parametrize("lever", LEVERS)
def test_lever(warehouse: Connection, truth: Truth, lever: str) -> None:
    found, _, high = lift(warehouse, lever)
    close(found, truth["levers"][lever]["planted"], (high - found) / Z, lever)


def test_strong_levers_are_found_and_the_null_is_null(warehouse: Connection, truth: Truth) -> None:
    for lever in ("red_packet", "kol"):
        assert lift(warehouse, lever)[1] > 1, lever
    assert truth["planted"]["lifts"]["notice"] == 1
    _, low, high = lift(warehouse, "notice")
    assert low <= 1 <= high


# Invitations


def honest_invites(connection: Connection, truth: Truth) -> list[tuple[str | None, str, int, int]]:
    """Campaign (None in ordinary weeks), inviter, sent, joined: without farmers, chain and planted faults."""
    planted = truth["lists"]["farmers"] + truth["lists"]["chain"]
    return rows(
        connection,
        """
        select invites.campaign_id, invites.inviter_id, count(*), count(*) filter (outcome = 'joined')
        from core.invites as invites
        join core.members as members on invites.inviter_id = members.member_id
        where is_counted and is_mature and not list_contains(?, invites.inviter_id)
            and outcome in ('joined', 'expired', 'unknown_invitee')
            and invite_id is not null
        group by all order by all
        """,
        planted,
    )


def per_inviter(mean_of: int = 40) -> tuple[float, float]:
    """Mean and variance of the invitations of one inviter: Pareto(1.6) + 0.3, rounded, at most 40."""
    at_least = [1.0] + [(n - 0.8) ** -1.6 for n in range(2, mean_of + 1)]
    mean = sum(at_least)
    square = sum((2 * n - 1) * p for n, p in enumerate(at_least, start=1))
    return mean, square - mean * mean


def test_acceptance(warehouse: Connection, truth: Truth) -> None:
    invites = honest_invites(warehouse, truth)
    campaign = truth["planted"]["acceptance_campaign"]
    for wave in truth["fission_waves"]:
        mine = [row for row in invites if row[0] == wave]
        close_share(sum(r[3] for r in mine), sum(r[2] for r in mine), campaign, wave)
    ordinary = [row for row in invites if row[0] is None]
    close_share(
        sum(r[3] for r in ordinary),
        sum(r[2] for r in ordinary),
        truth["planted"]["acceptance_ordinary_week"],
        "ordinary weeks",
    )


def test_fission_multiple(warehouse: Connection, truth: Truth) -> None:
    """Joined per inviter of the waves against the product of what was planted."""
    waves = [row for row in honest_invites(warehouse, truth) if row[0] in truth["fission_waves"]]
    p = truth["planted"]["acceptance_campaign"]
    mean, variance = per_inviter()
    error = math.sqrt((mean * p * (1 - p) + variance * p * p) / len(waves))
    close(sum(r[3] for r in waves) / len(waves), mean * p, error)


def test_k_factor(warehouse: Connection, truth: Truth) -> None:
    """K of each wave, the farmed joins taken off; every active member is one draw of joined invitees."""
    invites = honest_invites(warehouse, truth)
    for wave, expected in truth["fission_waves"].items():
        ((joined, active),) = rows(
            warehouse,
            "select numerator, denominator from scorecard.catalogue "
            "where measure = 'campaign_k_factor' and subject = ?",
            wave,
        )
        planted = truth["lists"]["farmers"] + truth["lists"]["chain"]
        ((farmed,),) = rows(
            warehouse,
            "select count(*) from core.invites where campaign_id = ? and outcome = 'joined' "
            "and list_contains(?, inviter_id)",
            wave,
            planted,
        )
        each = [row[3] for row in invites if row[0] == wave]
        assert joined - farmed == sum(each), wave
        error = math.sqrt(sum(n * n for n in each)) / active
        close((joined - farmed) / active, expected["k_factor"], error, wave)


# Members


@pytest.mark.parametrize("scene", ["direct", "qr", "link"])
def test_early_exit_by_scene(warehouse: Connection, truth: Truth, scene: str) -> None:
    ((left, members),) = rows(
        warehouse,
        "select sum(early_exit_members), sum(new_members) from acquisition.channels "
        "where is_exit_complete_7d and scene = ? and channel <> 'fission' and channel <> 'partner:B'",
        scene,
    )
    close_share(left, members, truth["planted"]["early_exit_7d"][scene], scene)


def test_early_exit_of_the_bad_partner(warehouse: Connection, truth: Truth) -> None:
    ((left, members, untargeted, archived),) = rows(
        warehouse,
        "select sum(early_exit_members), sum(new_members), "
        "sum(untargeted_members) filter (is_complete_30d), sum(archived_members) filter (is_complete_30d) "
        "from acquisition.channels where is_exit_complete_7d and channel = 'partner:B'",
    )
    close_share(left, members, truth["planted"]["early_exit_7d"]["partner:B"])
    close_share(untargeted, archived, truth["cohorts"]["untargeted_partner_B"])


def test_invited_and_not_invited(warehouse: Connection, truth: Truth) -> None:
    """Counted by the generator too, farmed accounts included: equal to its four digits."""
    for source in ("invited", "not_invited"):
        ((members, stayed),) = rows(
            warehouse,
            "select sum(members), sum(survived_7d_members) from referral.quality "
            "where source = ? and is_join_complete_7d",
            source,
        )
        assert 1 - stayed / members == pytest.approx(truth["cohorts"][f"early_exit_7d_{source}"], abs=5e-5)
        ((members, buyers),) = rows(
            warehouse,
            "select sum(members), sum(buyer_30d_members) from referral.quality "
            "where source = ? and is_order_complete_30d",
            source,
        )
        assert buyers / members == pytest.approx(truth["cohorts"][f"first_order_30d_{source}"], abs=5e-5)


def test_lurkers_by_type(warehouse: Connection, truth: Truth) -> None:
    found = rows(
        warehouse,
        "select group_type, sum(lurkers), sum(settled_members) from group_health.snapshots "
        "join core.groups using (group_id) where is_report and lurker_rate is not null "
        "group by rollup (group_type)",
    )
    assert {row[0] for row in found} == {None, "selling", "interest", "vip", "seed", "leader"}
    for group_type, lurkers, settled in found:
        expected = truth["lurkers_30d"][group_type or "all"]
        assert lurkers / settled == pytest.approx(expected, abs=5e-5), group_type


def test_participation_by_type(warehouse: Connection, truth: Truth) -> None:
    for group_type, posters, archived in rows(
        warehouse,
        "select group_type, sum(posters_7d), sum(archived_members) from group_health.groups "
        "where participation_7d is not null group by rollup (group_type)",
    ):
        close_share(posters, archived, truth["participation_7d"][group_type or "all"], group_type or "all")


# Money


def test_repurchase(warehouse: Connection, truth: Truth) -> None:
    ((again, mature),) = rows(
        warehouse,
        "select repurchased_90d_buyers, mature_buyers from revenue.repurchase "
        "where cohort_month is null and category = 'all'",
    )
    close_share(again, mature, truth["orders"]["repurchase_90d"])


def test_preorders_on_time(warehouse: Connection, truth: Truth) -> None:
    ((on_time, due),) = rows(
        warehouse,
        "select sum(balances_paid_on_time), sum(balances_due) from revenue.preorders where is_complete",
    )
    close_share(on_time, due, truth["planted"]["preorder_balance_on_time"])


@pytest.mark.parametrize("share", [0.02, 0.2])
def test_concentration(warehouse: Connection, truth: Truth, share: float) -> None:
    """Zipf(1) times a price of each product's own: the share of the best, by the spread over products."""
    assert truth["planted"]["zipf"] == 1
    column = f"top_{share:.0%}_share".replace("%", "pct")
    ((products, found),) = rows(
        warehouse, f"select products, {column} from revenue.concentration where period = 'all'"
    )
    weights = [1 / rank for rank in range(1, products + 1)]
    best = sum(weights[: math.ceil(products * share)]) / sum(weights)
    sold = rows(
        warehouse,
        "select net_revenue::double, rank from revenue.products where product_id is not null and rank >= 1",
    )
    total = sum(net for net, _ in sold)
    # standard error of a ratio, products drawn with their prices
    apart = sum((net * ((rank <= math.ceil(products * share)) - found)) ** 2 for net, rank in sold)
    close(found, best, math.sqrt(apart * products / (products - 1)) / total, f"best {share:.0%}")


# Groups


def test_fatigue(warehouse: Connection, truth: Truth) -> None:
    found = {
        row[0]: row[1:]
        for row in rows(
            warehouse,
            "select campaign_type, slope, slope_high, groups, waves, is_fatigued from group_health.fatigue "
            "where group_id is null",
        )
    }
    slope, high, groups, waves, is_fatigued = found["flash_sale"]
    assert waves == len(truth["planted"]["flash_sale_participation"])
    error = (high - slope) / student(groups - 1)
    close(slope, truth["planted"]["flash_sale_slope_of_log_rate"], error, "flash sales")
    assert is_fatigued
    slope, high, groups, _, _ = found["fission"]
    shares = truth["planted"]["fission_participation"]
    error = (high - slope) / student(groups - 1)
    close(slope, log_slope(shares), error, "fission")


def log_slope(shares: Sequence[float]) -> float:
    """Least-squares slope of the log of equally spaced shares."""
    middle = (len(shares) - 1) / 2
    above = sum((i - middle) * math.log(share) for i, share in enumerate(shares))
    return above / sum((i - middle) ** 2 for i in range(len(shares)))
