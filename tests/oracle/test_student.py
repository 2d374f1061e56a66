"""The quantile of Student's t behind the interval of fatigue against scipy, for every number of groups."""

from __future__ import annotations

import duckdb
import pytest
from scipy import stats

from pipelines.models import read_models
from pipelines.resources import shipped_path

MOST_GROUPS = 500


def test_the_quantile_of_fatigue_intervals_is_that_of_student() -> None:
    model = read_models(shipped_path("sql"))["group_health.fatigue_intervals"]
    connection = duckdb.connect()
    connection.execute("create schema group_health")
    connection.execute(
        "create table group_health.fatigue_slopes as "
        "select cast(null as date) as week_start, cast(n as varchar) as campaign_type, 'without' as scope, "
        f"g as group_id, 3 as waves, cast(g as double) as slope from range(2, {MOST_GROUPS} + 1) numbers(n), "
        "lateral range(0, n) groups(g) "
        "union all "
        f"select null, cast(n as varchar), 'all', null, 3, -0.1 from range(2, {MOST_GROUPS} + 1) numbers(n)"
    )
    told = dict(
        connection.execute(f"select cast(campaign_type as int), quantile from ({model.sql})").fetchall()
    )
    assert sorted(told) == list(range(3, MOST_GROUPS + 1))
    for groups, quantile in told.items():
        assert quantile == pytest.approx(stats.t.ppf(0.975, groups - 1), rel=1e-3), groups
    assert told[3] == pytest.approx(stats.t.ppf(0.975, 2), rel=1e-12)
