"""A Slack community without orders: its own headers, bots and admins, unknown joins, a partial export."""

from __future__ import annotations

from datetime import date

import pytest

from .homes import BuiltHome

pytestmark = pytest.mark.real_data

FIRST, LAST = date(2020, 7, 2), date(2020, 11, 27)


def test_every_row_is_kept(slack: BuiltHome) -> None:
    assert dict(slack.rows("select event_kind, rows_kept from raw.loads where rows_read = rows_kept")) == {
        "join": 264,
        "message": 4_402,
        "invite": 78,
        "groups": 64,
        "platform_stats": 147 * 4,  # four of the six columns of each day are counts we make as well
    }
    assert slack.one("select count(*) from raw.rejects") == 0


def test_joins_as_exported(slack: BuiltHome) -> None:
    assert slack.row(
        "select count(distinct member_id), count(distinct group_id), count(inviter_id) "
        "from raw.joins where action = 'join'"
    ) == (139, 27, 78)
    assert slack.one("select count(*) from core.groups") == 64
    assert slack.one("select count(distinct group_id) from raw.messages") == 25


def test_bots_and_admins_are_out_of_member_metrics(slack: BuiltHome) -> None:
    assert dict(slack.rows("select role, count(*) from raw.messages group by role")) == {
        "bot": 2_976,
        "admin": 138,
        "member": 1_288,
    }
    assert slack.one("select bool_and(is_counted) from core.members where role = 'member'")
    assert slack.rows("select distinct role from core.members where not is_counted order by all") == [
        ("admin",),
        ("bot",),
    ]
    assert slack.one("select count(*) from core.messages where is_meaningful") == 1_288
    assert slack.one("select sum(messages) from core.member_weeks") == 1_288
    others = "select count(*) from core.stays join core.members using (member_id) where not is_counted"
    assert slack.one(others) == 0


def test_who_wrote_before_the_first_recorded_join_was_there_already(slack: BuiltHome) -> None:
    known, unknown = slack.row(
        "select count(*) filter (is_join_known), count(*) filter (not is_join_known) "
        "from core.members where is_counted"
    )
    assert unknown > known > 0
    assert slack.one("select sum(cohort_size) from activation.cohorts") == known
    assert slack.one("select count(cohort_week) from core.members where not is_join_known") == 0


def test_coverage(slack: BuiltHome) -> None:
    for kind in ("join", "message", "invite"):
        assert slack.row(
            "select min(day), max(day), count(*) from core.coverage "
            f"where event_kind = '{kind}' and group_id is null and is_covered"
        ) == (FIRST, LAST, 149)
    assert slack.one("select count(*) from core.coverage where event_kind = 'order' and is_covered") == 0
    assert slack.one("select report_week from core.settings") == "2020-W47"


def test_invites_were_all_accepted_so_acceptance_is_unknown(slack: BuiltHome) -> None:
    assert slack.row(
        "select count(*), bool_and(accepted_only) from raw.invites join raw.loads using (load_id)"
    ) == (78, True)
    of_admins = slack.one(
        "select count(*) from raw.invites join core.members on invites.inviter_id = members.member_id "
        "where members.role = 'admin'"
    )
    assert of_admins == 44
    assert slack.row(
        "select count(acceptance_rate), bool_or(reason = 'only_successes_exported') from referral.weekly"
    ) == (0, True)
    assert slack.one("select count(k_factor) from referral.weekly") > 0


def test_no_orders_is_a_reason_and_not_a_zero(slack: BuiltHome) -> None:
    reasons = slack.rows(
        "select metric, value, reason from scorecard.weekly "
        "where metric in ('gmv', 'net_revenue', 'buyers', 'first_order_7d_rate', 'spend_per_buyer')"
    )
    assert len(reasons) >= 5
    assert {(value, reason) for _, value, reason in reasons} == {(None, "no_order_export")}
    page = slack.page("revenue.html")
    assert "No order export" in page
    assert "没有订单" in page or "缺少订单" in page


def test_nobody_is_said_to_stay_for_ever_where_leaves_are_not_exported(slack: BuiltHome) -> None:
    assert slack.one("select count(exit_rate) from acquisition.weekly") == 0
    assert slack.rows(
        "select distinct value, reason from scorecard.weekly where metric in ('exit_rate', 'stay_30d_rate') "
        "and week_start = (select max(week_start) from scorecard.weekly)"
    ) == [(None, "exits_not_exported")]
    assert (
        slack.one("select count(value) from scorecard.weekly where metric in ('exit_rate', 'stay_30d_rate')")
        == 0
    )


def test_reconciliation_shows_the_partial_export(slack: BuiltHome) -> None:
    days = dict(
        slack.rows("select metric, count(platform_value) from quality.reconciliation group by metric")
    )
    assert days == dict.fromkeys(("members", "active_members", "posters", "messages"), 147)
    for metric, share in (("members", 0.25), ("posters", 0.40), ("active_members", 0.10)):
        own, platform = slack.row(
            "select sum(own_value), sum(platform_value) from quality.reconciliation "
            f"where metric = '{metric}' and own_value is not null"
        )
        assert 0 < own < share * platform, metric
    # A day the export does not cover is unknown, not zero.
    assert slack.rows(
        "select distinct own_value from quality.reconciliation where day = date '2020-07-01'"
    ) == [(None,)]
    assert "Against the platform" in slack.page("quality.html")
