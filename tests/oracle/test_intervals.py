"""Every Wilson interval of the warehouse against statsmodels; no `_low` column is left out of the list."""

from __future__ import annotations

import math

import pytest
from statsmodels.stats.proportion import proportion_confint

from tests.oracle.conftest import Built

# (table, column without _low) -> numerator, denominator
WILSON = {
    ("acquisition.channels", "early_exit"): ("early_exit_members", "new_members"),
    ("activation.scope_cohorts", "activated_7d"): ("activated_7d_members", "cohort_size"),
    ("activation.cohorts", "activated_7d"): ("activated_7d_members", "cohort_size"),
    ("activation.cohorts_by_group", "activated_7d"): ("activated_7d_members", "cohort_size"),
    ("group_health.sizes", "participation"): ("posters", "archived_members"),
    ("group_health.sizes", "lurker"): ("lurkers", "settled_members"),
    ("group_health.sizes", "conversion"): ("buyers", "buying_members"),
    ("referral.quality", "survival_7d"): ("survived_7d_members", "members"),
    ("referral.quality", "activated_7d"): ("activated_7d_members", "members"),
    ("referral.quality", "activated_30d"): ("activated_30d_members", "members"),
    ("referral.quality", "buyer_30d"): ("buyer_30d_members", "members"),
}
# Limits of another kind, with what they are.
OTHER = {
    ("activation.levers", "lift"): "jackknife over groups",
    ("group_health.fatigue", "slope"): "jackknife over groups",
    ("group_health.fatigue_intervals", "slope"): "the same, at the report and at each action week",
    ("scorecard.weekly", "expected"): "individuals and moving range",
}


def _pairs(built: Built) -> set[tuple[str, str]]:
    rows = built.connection.execute(
        """
        select table_schema || '.' || table_name, regexp_replace(column_name, '_low$', '')
        from information_schema.columns
        where column_name like '%\\_low' escape '\\' and table_schema not in ('raw', 'staging')
        """
    ).fetchall()
    return {(table, stem) for table, stem in rows}


def test_every_interval_is_known(sample: Built) -> None:
    assert _pairs(sample) == set(WILSON) | set(OTHER)


@pytest.mark.parametrize("pair", WILSON, ids=".".join)
def test_wilson(sample: Built, pair: tuple[str, str]) -> None:
    table, stem = pair
    numerator, denominator = WILSON[pair]
    rows = sample.connection.execute(
        f"""
        select {numerator}, {denominator}, {stem}_low, {stem}_high from {table}
        where {stem}_low is not null
        """
    ).fetchall()
    assert rows, f"{table} has no interval to compare"
    for k, n, low, high in rows:
        expected = proportion_confint(int(k), int(n), method="wilson")
        assert math.isclose(low, expected[0], rel_tol=1e-9, abs_tol=1e-9), (k, n)
        assert math.isclose(high, expected[1], rel_tol=1e-9, abs_tol=1e-9), (k, n)


@pytest.mark.parametrize("pair", WILSON, ids=".".join)
def test_no_interval_without_a_rate(sample: Built, pair: tuple[str, str]) -> None:
    table, stem = pair
    numerator, denominator = WILSON[pair]
    odd = sample.connection.execute(
        f"""
        select count(*) from {table}
        where ({stem}_low is null) != ({stem}_high is null)
            or ({stem}_low is null) != ({numerator} is null or coalesce({denominator}, 0) = 0)
        """
    ).fetchone()
    assert odd == (0,)
