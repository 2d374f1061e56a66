# ruff: noqa: E501
"""Failure modes that show only in what is built from a file: gaps, weeks, inviters, small and mixed numbers."""

from __future__ import annotations

import pytest

from pipelines.checks.gate import run_gate
from pipelines.models import read_models
from pipelines.resources import shipped_path
from tests.load.built import build, table
from tests.load.inboxes import Warehouse

JOINS = "group_id,member_id,occurred_at,action\n"
MESSAGES = "group_id,member_id,occurred_at,message_id,kind,reply_to_message_id\n"
ORDERS = "order_id,member_id,ordered_at,amount,group_id,campaign_id\n"


def joins(*rows: str) -> str:
    return JOINS + "".join(f"{row}\n" for row in rows)


def test_08_weeks_nobody_exported_are_unknown_and_no_verdict_is_given(warehouse: Warehouse) -> None:
    people = [f"m{i:02}" for i in range(12)]
    warehouse.one(
        "joins_2026-01-05_2026-03-29.csv", joins(*(f"g,{who},2026-01-05 10:00,join" for who in people))
    )
    for first, last, days in (
        ("2026-01-05", "2026-02-01", ("2026-01-06", "2026-01-13", "2026-01-20", "2026-01-27")),
        # Three weeks are missing, and the group talked on after them.
        ("2026-02-23", "2026-03-29", ("2026-03-16", "2026-03-26")),
    ):
        lines = [f"g,{who},{day} 12:00,{who}-{day},text,\n" for day in days for who in people]
        warehouse.one(f"messages_{first}_{last}.csv", MESSAGES + "".join(lines))
    build(warehouse, "group_health.weekly", "group_health.states", "retention.cohorts", "activation.cohorts")
    told = dict(table(warehouse, "group_health.weekly", "week_start, participation_rate"))
    assert [told[f"2026-02-{day}"] for day in ("02", "09", "16")] == [None, None, None]
    # The week after the gap was exported and nobody wrote: a true zero.
    assert (told["2026-01-26"], told["2026-02-23"], told["2026-03-16"]) == (1, 0, 1)
    states = {
        week: (state, reason)
        for week, state, reason in table(warehouse, "group_health.states", "week_start, state, reason")
    }
    # Fourteen days without a message are no death as long as one of them was not exported.
    for week in ("2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23"):
        assert states[week] == ("unknown", "not covered")
    assert states["2026-03-02"][0] == "dead" and states["2026-03-23"][0] not in ("dead", "unknown")
    kept = dict(
        table(
            warehouse, "retention.cohorts", "week_index, retention_rate", "where cohort_week = '2026-01-05'"
        )
    )
    assert [kept[index] for index in range(12)] == [1, 1, 1, 1, None, None, None, 0, 0, 0, 1, 1]


def test_21_times_before_the_export_can_be_or_after_it_are_rejected(warehouse: Warehouse) -> None:
    for name, times, wrong in (
        ("joins_2026-03-02_2026-03-08.csv", ("1970-01-01 08:00", "1899-12-30", "2026-03-08 23:59", "2026-03-10 00:01", "2062-03-02 10:00"), [1, 2, 4, 5]),
        # A clock may run a day fast. Without declared days the moment of loading is the limit (1 June 2026).
        ("joins.csv", ("1970-01-01 00:00", "2026-05-30 10:00", "2026-06-03 10:00"), [1, 3]),
    ):  # fmt: skip
        result = warehouse.one(name, joins(*(f"g,{name[5:7]}{i},{at},join" for i, at in enumerate(times))))
        assert (result.rows_rejected, result.rows_kept) == (len(wrong), len(times) - len(wrong))
        rejected = warehouse.rows(
            "select row_number, column_name, reason from raw.rejects join raw.loads using (load_id) "
            "where file_name = ? order by 1", name,
        )  # fmt: skip
        reason = "is not a time between 2005 and the end of the export"
        assert rejected == [(row, "occurred_at", reason) for row in wrong]


@pytest.mark.parametrize(
    ("minutes", "outcome"), [(-60, "passed"), (4, "passed"), (5, "passed"), (6, "failed")]
)
def test_21_an_answer_before_its_question_is_flagged_after_five_minutes(
    warehouse: Warehouse, minutes: int, outcome: str
) -> None:
    asked = 10 * 60 + minutes
    warehouse.one(
        "messages.csv",
        MESSAGES
        + f"g,a,2026-03-02 {asked // 60:02}:{asked % 60:02},q,text,\ng,b,2026-03-02 10:00,r,text,q\n",
    )
    warehouse.one("joins.csv", joins("g,a,2026-03-01 10:00,join", "g,b,2026-03-01 10:00,join"))
    told = {check.name: check for check in run_gate(warehouse.connection, "loaded", warehouse.settings)}
    found = told["raw.messages.answers_follow_questions"]
    assert (found.outcome, found.severity) == (outcome, "warning")
    # However the clocks ran, the message stays and answers whom it answers.
    assert warehouse.rows("select count(*), count(reply_to_message_id) from raw.messages") == [(2, 1)]


@pytest.mark.parametrize(
    ("days", "at", "week", "label"),
    [
        ("2025-12-22_2026-01-11", "2025-12-28 23:59", "2025-12-22", "2025-W52"),
        # The first week of 2026 begins in 2025, and in Shanghai eight hours before UTC.
        ("2025-12-22_2026-01-11", "2025-12-29 00:00", "2025-12-29", "2026-W01"),
        ("2025-12-22_2026-01-11", "2026-01-01 00:30", "2025-12-29", "2026-W01"),
        ("2025-12-22_2026-01-11", "2026-01-04 23:59", "2025-12-29", "2026-W01"),
        ("2025-12-22_2026-01-11", "2026-01-05 00:00", "2026-01-05", "2026-W02"),
        ("2020-12-21_2021-01-10", "2020-12-27 23:59", "2020-12-21", "2020-W52"),
        ("2020-12-21_2021-01-10", "2021-01-01 12:00", "2020-12-28", "2020-W53"),
        ("2020-12-21_2021-01-10", "2021-01-03 23:59", "2020-12-28", "2020-W53"),
        ("2020-12-21_2021-01-10", "2021-01-04 00:00", "2021-01-04", "2021-W01"),
    ],
)
def test_23_a_join_is_of_its_iso_week_in_the_business_zone(
    warehouse: Warehouse, days: str, at: str, week: str, label: str
) -> None:
    warehouse.one(f"joins_{days}.csv", joins(f"g,m,{at},join"))
    build(warehouse, "acquisition.weekly", "core.weeks")
    rows = table(warehouse, "acquisition.weekly", "week_start, new_members")
    assert [(start, count) for start, count in rows if count] == [(week, 1)]
    labels = dict(table(warehouse, "core.weeks", "week_start, week_label"))
    assert labels[week] == label


def test_34_self_invites_circles_two_inviters_and_one_who_came_later(warehouse: Warehouse) -> None:
    warehouse.one(
        "joins_2026-03-02_2026-03-29.csv",
        "group_id,member_id,occurred_at,inviter_id\n"
        "g,root,2026-03-02 10:00,\ng,other,2026-03-02 11:00,\ng,guest,2026-03-04 10:00,\n"
        # By somebody who came only later, by themselves, and two who name each other.
        "g,early,2026-03-06 10:00,late\ng,late,2026-03-20 10:00,\ng,alone,2026-03-12 10:00,alone\n"
        "g,b,2026-03-10 10:00,a\ng,a,2026-03-11 10:00,b\n",
    )
    # Who is named was seen before, in the shop.
    warehouse.one("orders_2026-03-02_2026-03-29.csv", ORDERS + "o1,a,2026-03-03 10:00,10,,\n")
    warehouse.one(
        "invites_2026-03-02_2026-03-29.csv",
        "invite_id,group_id,inviter_id,invitee_id,invited_at\n"
        "second,g,other,guest,2026-03-03 12:00\nfirst,g,root,guest,2026-03-03 11:00\n"
        "self,g,root,root,2026-03-09 10:00\nnobody,g,root,,2026-03-09 11:00\n",
    )
    build(warehouse, "core.invites", "referral.tree", "acquisition.weekly")
    assert table(warehouse, "core.invites", "inviter_id, invitee_id, outcome") == [
        ("a", "b", "joined"), ("alone", "alone", "self"), ("b", "a", "joined"), ("late", "early", "late_inviter"),
        ("other", "guest", "later_invite"), ("root", "guest", "joined"), ("root", "root", "self"),
        ("root", None, "unknown_invitee"),
    ]  # fmt: skip
    # The circle is cut where it began: everybody has one root, and no root an inviter.
    tree = table(warehouse, "referral.tree", "member_id, inviter_id, root_member_id, generation")
    assert [row for row in tree if row[1] is not None] == [("a", "b", "b", 1), ("guest", "root", "root", 1)]
    assert [row for row in tree if row[1] is None] == [
        (who, None, who, 0) for who in ("alone", "b", "early", "late", "other", "root")
    ]
    # Whoever has no valid inviter came by themselves, and is a new member all the same.
    assert sum(row[0] for row in table(warehouse, "acquisition.weekly", "new_members")) == 8


def test_35_a_reward_counts_once_per_invitee_whoever_joins_and_leaves_again(warehouse: Warehouse) -> None:
    warehouse.one(
        "joins_2026-03-02_2026-04-05.csv",
        joins(
            "g,farmer,2026-03-02 10:00,join", "g,friend,2026-03-02 10:00,join",
            # In and out for the reward, three times; one who stays.
            "g,puppet,2026-03-04 10:00,join", "g,puppet,2026-03-04 20:00,leave",
            "g,puppet,2026-03-10 10:00,join", "g,puppet,2026-03-10 20:00,leave",
            "g,puppet,2026-03-17 10:00,join", "g,puppet,2026-03-17 20:00,leave",
            "g,true,2026-03-04 10:00,join",
        ),
    )  # fmt: skip
    paid = "".join(
        f"p{i},g,farmer,puppet,2026-03-{day} 09:00,2026-03-{day} 10:00,5,2026-03-{day} 11:00\n"
        for i, day in enumerate(("04", "10", "17"))
    )
    warehouse.one(
        "invites_2026-03-02_2026-04-05.csv",
        "invite_id,group_id,inviter_id,invitee_id,invited_at,joined_at,reward_cost,rewarded_at\n"
        + paid
        + "t,g,friend,true,2026-03-04 09:00,2026-03-04 10:00,5,2026-03-04 11:00\n",
    )
    build(warehouse, "referral.abuse", "referral.inviters", "acquisition.weekly")
    assert table(
        warehouse, "referral.abuse", "inviter_id, rewarded, left_within_48h, paid_twice, abused, reward_cost::double, abused_cost::double"
    ) == [("farmer", 3, 1, 2, 3, 15, 15), ("friend", 1, 0, 0, 0, 5, None)]  # fmt: skip
    # One person brought, however often; nobody is a new member twice.
    assert table(warehouse, "referral.inviters", "inviter_id, joined") == [("farmer", 1), ("friend", 1)]
    assert sum(row[0] for row in table(warehouse, "acquisition.weekly", "new_members")) == 4


def test_37_a_group_of_one_and_weeks_of_nothing_give_no_division_by_zero(warehouse: Warehouse) -> None:
    days = "2026-03-02_2026-03-15"
    warehouse.one(f"joins_{days}.csv", joins("one,m,2026-03-04 10:00,join"))
    warehouse.one(f"messages_{days}.csv", MESSAGES)
    warehouse.one(f"orders_{days}.csv", ORDERS + "o1,stranger,2026-03-04 10:00,10,,\n")
    warehouse.one("groups_2026-03-15.csv", "group_id,group_name\none,One\nnobody,Nobody\n")
    models = read_models(shipped_path("sql"))
    build(warehouse, *models)
    told = {
        group: rest
        for group, *rest in table(
            warehouse, "group_health.groups", "group_id, members, participation_7d, state, top3_share, conversion_30d"
        )
    }  # fmt: skip
    assert told == {"one": [1, 0, "new", None, None], "nobody": [0, None, "new", None, None]}
    weeks = table(
        warehouse,
        "revenue.weekly",
        "week_start, paid_orders, buyers, net_revenue::double, average_order_value::double",
    )
    assert weeks == [("2026-03-02", 1, 1, 10, 10), ("2026-03-09", 0, 0, 0, None)]
    first, _ = table(
        warehouse,
        "acquisition.weekly",
        "week_start, members_at_start, new_members, exit_rate, net_growth_rate",
    )
    assert first == ("2026-03-02", 0, 1, None, None)
    # No number of any table is one that no page could print.
    doubles = warehouse.rows(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() "
        "where data_type = 'DOUBLE' and schema_name || '.' || table_name in (select unnest(?))", list(models),
    )  # fmt: skip
    assert len(doubles) > 300
    for name, column in doubles:
        assert warehouse.rows(f'select 1 from {name} where not isfinite("{column}")') == [], (name, column)


@pytest.mark.parametrize(("members", "state"), [(9, "new"), (10, "dead")])
def test_38_few_people_get_an_interval_and_no_verdict(warehouse: Warehouse, members: int, state: str) -> None:
    people = [f"m{i:02}" for i in range(members)]
    warehouse.one(
        "joins_2026-01-05_2026-03-29.csv", joins(*(f"g,{who},2026-01-06 10:00,join" for who in people))
    )
    said = "".join(f"g,{who},2026-01-07 10:00,{who},text,\n" for who in people[:3])
    warehouse.one("messages_2026-01-05_2026-03-29.csv", MESSAGES + said)
    build(warehouse, "activation.cohorts", "group_health.groups")
    assert table(warehouse, "group_health.groups", "members, state") == [(members, state)]
    ((k, n, low, high),) = table(
        warehouse,
        "activation.cohorts",
        "activated_7d_members, cohort_size, activated_7d_low, activated_7d_high",
        "where cohort_week = '2026-01-05'",
    )
    assert (k, n) == (3, members)
    # The interval solves |p - k/n| = z * sqrt(p (1 - p) / n), and is far wider than any difference.
    for bound in (low, high):
        assert abs(bound - k / n) == pytest.approx(1.959963984540054 * (bound * (1 - bound) / n) ** 0.5)
    assert low < k / n < high and high - low > 0.4


def test_39_a_total_that_falls_while_every_group_rises_shows_both(warehouse: Warehouse) -> None:
    # Two weeks of new members: the lively group grows from 1 in 2 to 6 in 10, the quiet one from 0 in 2 to 1 in 10;
    # so many more join the quiet one that all together fall from 8 in 20 to 9 in 50.
    weeks = {
        "2026-03-02": {"lively": (16, 8), "quiet": (4, 0)},
        "2026-03-09": {"lively": (10, 6), "quiet": (40, 3)},
    }
    came, said = [], []
    for week, groups in weeks.items():
        for group, (size, active) in groups.items():
            for i in range(size):
                who = f"{group}-{week}-{i}"
                came.append(f"{group},{who},{week} 10:00,join")
                if i < active:
                    said.append(f"{group},{who},{week} 12:00,{who},text,\n")
    warehouse.one("joins_2026-03-02_2026-03-29.csv", joins(*came))
    warehouse.one("messages_2026-03-02_2026-03-29.csv", MESSAGES + "".join(said))
    build(warehouse, "activation.cohorts", "activation.cohorts_by_group", "group_health.sizes")
    rate = "cohort_week, cohort_size, activated_7d_members, activated_7d_rate"
    totals = table(warehouse, "activation.cohorts", rate, "where cohort_size > 0")
    assert [row[1:] for row in totals] == [(20, 8, 0.4), (50, 9, 0.18)]
    groups = table(warehouse, "activation.cohorts_by_group", "group_id, " + rate, "where cohort_size > 0")
    assert [(row[0], row[-1]) for row in groups] == [
        ("lively", 0.5), ("lively", 0.6), ("quiet", 0.0), ("quiet", 0.075),
    ]  # fmt: skip
    # The parts are parts of the total: members and active ones add up week by week.
    for week, size, active, _ in totals:
        parts = [row for row in groups if row[1] == week]
        assert (sum(row[2] for row in parts), sum(row[3] for row in parts)) == (size, active)
    # And by size of group, each with its own base.
    assert table(warehouse, "group_health.sizes", "size_bucket, groups, members", "where groups > 0") == [
        ("<50", 2, 70)
    ]


def test_41_an_order_is_of_one_campaign_and_the_campaigns_add_up(warehouse: Warehouse) -> None:
    warehouse.one(
        "joins_2026-03-02_2026-03-29.csv", joins("g,m,2026-03-02 10:00,join", "g,n,2026-03-02 10:00,join")
    )
    # Two campaigns at the same time, two waves of one that overlap, and lines of one order that name both.
    warehouse.one(
        "campaigns_2026-03-29.csv",
        "campaign_id,campaign_name,wave_number,starts_at,ends_at\n"
        "c,C,1,2026-03-03 00:00,2026-03-12 00:00\nc,C,2,2026-03-10 00:00,2026-03-20 00:00\n"
        "d,D,1,2026-03-03 00:00,2026-03-20 00:00\n",
    )
    warehouse.one(
        "orders_2026-03-02_2026-03-29.csv",
        ORDERS + "o1,m,2026-03-04 10:00,10,g,c\no2,m,2026-03-11 10:00,20,g,c\no3,n,2026-03-11 11:00,40,g,d\n"
        "o4,n,2026-03-15 10:00,80,g,c\no4,n,2026-03-15 10:00,160,g,d\no5,n,2026-03-15 10:00,320,g,\n",
    )
    build(warehouse, "revenue.campaigns", "revenue.weekly", "core.orders")
    orders, net = 0, 0.0
    for campaign, _, count, money in table(
        warehouse, "revenue.campaigns", "campaign_id, wave_number, orders, attributed_net::double"
    ):
        orders, net = orders + count, net + money
        assert money <= {"c": 270, "d": 280, None: 320}[campaign]
    assert (orders, net) == (5, 630)
    assert warehouse.rows("select sum(net_revenue)::double, sum(paid_orders) from revenue.weekly") == [
        (630, 5)
    ]
    checks = run_gate(warehouse.connection, "built", warehouse.settings)
    told = {check.name: check.outcome for check in checks}
    assert told["revenue.campaigns.orders_counted_once"] == "passed"
