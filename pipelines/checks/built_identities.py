"""Gate 2: numbers that are told in two places agree, and what came in and went out explains the sizes."""

from __future__ import annotations

from pipelines.checks.model import Check, rows

_FLOW_ADVICE = "Open the model: a stay that opened or closed in the week is missing, or is counted twice."
_COHORT_ADVICE = "Open both models: one of them leaves members out of the cohort, or counts them twice."


def identity_checks() -> tuple[Check, ...]:
    """Flows balance; cohort sizes and the scorecard's figures are the same wherever they stand."""
    return (
        *(_balance(twin, key) for twin, key in (("", "week_start"), ("_by_group", "week_start, group_id"))),
        _EXITS,
        _CHANNELS,
        _TRANSITIONS,
        *(_continuity(twin, part) for twin, part in (("", "1"), ("_by_group", "group_id"))),
        *(_cohorts(*one) for one in _COHORTS),
        *(_scorecard(*one) for one in _SCORECARD),
    )


def _balance(twin: str, key: str) -> Check:
    table = f"acquisition.weekly{twin}"
    return rows(
        f"{table}.flows_balance", table,
        f"""
select {key}, members_at_start, opened, closed, net_members, members_at_end
from {table}
where members_at_end <> members_at_start + opened - closed or net_members <> opened - closed
order by {key}, members_at_start, opened, closed, net_members, members_at_end
""",
        f"In {table} members at the end are those at the start plus stays opened minus stays closed.",
        _FLOW_ADVICE, needs=("join",),
    )  # fmt: skip


_EXITS = rows(
    "acquisition.weekly_by_group.exits_have_a_kind", "acquisition.weekly_by_group",
    """
select week_start, group_id, closed, leaves, kicks, dissolved, moved
from acquisition.weekly_by_group
where closed <> leaves + kicks + dissolved + moved
order by week_start, group_id, closed, leaves, kicks, dissolved, moved
""",
    "Every stay that closed in a group is a leave, a kick, a dissolved group or a move.",
    _FLOW_ADVICE, needs=("join",),
)  # fmt: skip


_TRANSITIONS = rows(
    "retention.transitions.months_connect", "retention.transitions",
    """
with arrived as (
    select month_start, to_state as state, sum(members) as members
    from retention.transitions
    group by month_start, to_state
),
departed as (
    select month_start, from_state as state, sum(members) as members
    from retention.transitions
    where from_state <> 'none'
    group by month_start, from_state
),
steps as (
    select month_start, max(month_start) over (order by month_start rows between 1 preceding and 1 preceding)
        as month_before
    from arrived
    group by month_start
)
select steps.month_start, departed.state, arrived.members as arrived, departed.members as departed
from steps
join departed on departed.month_start = steps.month_start
join arrived on arrived.month_start = steps.month_before and arrived.state = departed.state
where cast(steps.month_start as timestamp) <= cast(steps.month_before as timestamp) + interval '31' day
    and arrived.members <> departed.members
order by steps.month_start, departed.state, arrived, departed
""",
    "Members who were in a state at the end of a month are those who go on from it in the next.",
    "Open retention.transitions: a member has no state in one of the months, or two.",
    needs=("join", "message"),
)  # fmt: skip


_CHANNELS = rows(
    "acquisition.channels.channels_make_the_week", "acquisition.channels",
    """
with summed as (
    select cohort_week, sum(new_members) as told, sum(share) as shares
    from acquisition.channels
    group by cohort_week
)
select summed.cohort_week, summed.told, weekly.new_members, summed.shares
from acquisition.weekly as weekly
full join summed on weekly.week_start = summed.cohort_week
where coalesce(summed.told, 0) <> coalesce(weekly.new_members, 0) or abs(summed.shares - 1) > 0.000000001
order by summed.cohort_week, summed.told, weekly.new_members, summed.shares
""",
    "The new members of all channels of a week, the unknown one too, are the new members of the week.",
    "Open acquisition.channels: a member has two channels there, or none.", needs=("join",),
)  # fmt: skip


def _continuity(twin: str, part: str) -> Check:
    table = f"acquisition.weekly{twin}"
    key = "week_start, group_id" if twin else "week_start"
    return rows(
        f"{table}.weeks_connect", table,
        f"""
with ordered as (
    select
        {key},
        members_at_start,
        lag(members_at_end) over (partition by {part} order by week_start) as end_before,
        lag(week_start) over (partition by {part} order by week_start) as week_before
    from {table}
)
select {key}, members_at_start, end_before
from ordered
where cast(week_before as timestamp) + interval '7' day = cast(week_start as timestamp)
    and members_at_start <> end_before
order by {key}, members_at_start, end_before
""",
        f"In {table} a week starts with as many members as the week before ended with.",
        _FLOW_ADVICE, needs=("join",),
    )  # fmt: skip


# table, its cohort week, its size of the cohort, which of its rows
_COHORTS = (
    ("acquisition.weekly", "week_start", "new_members", "true"),
    ("activation.cohorts", "cohort_week", "cohort_size", "true"),
    ("retention.cohorts", "cohort_week", "cohort_size", "week_index = 0"),
    ("scorecard.aarrr", "cohort_week", "members", "stage = 'acquired'"),
)


def _cohorts(table: str, week: str, size: str, which: str) -> Check:
    return rows(
        f"{table}.cohort_size_agrees", table,
        f"""
with told as (
    select {week} as cohort_week, {size} as told
    from {table}
    where {which}
),
counted as (
    select cohort_week, count(*) as members
    from core.members
    where is_join_known and is_counted and cohort_week is not null
    group by cohort_week
)
select told.cohort_week, told.told, coalesce(counted.members, 0) as counted
from told
left join counted on counted.cohort_week = told.cohort_week
where told.told <> coalesce(counted.members, 0)
order by told.cohort_week, told.told, counted
""",
        f"In every cohort week {table} counts the members whom core.members has in it.",
        _COHORT_ADVICE, needs=("join",),
    )  # fmt: skip


_SCORECARD: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("new_members", "acquisition.weekly", "new_members", ("join",)),
    ("net_members", "acquisition.weekly", "net_members", ("join",)),
    ("gmv", "revenue.weekly", "gmv", ("order",)),
    ("net_revenue", "revenue.weekly", "net_revenue", ("order",)),
    ("buyers", "revenue.weekly", "buyers", ("order",)),
)


def _scorecard(metric: str, table: str, column: str, needs: tuple[str, ...]) -> Check:
    return rows(
        f"scorecard.weekly.{metric}_agrees", "scorecard.weekly",
        f"""
select scorecard.week_start, scorecard.metric, scorecard.value, cast(stage.{column} as double) as stage_value
from scorecard.weekly as scorecard
join {table} as stage on stage.week_start = scorecard.week_start
where scorecard.metric = '{metric}'
    and abs(cast(scorecard.value as double) - cast(stage.{column} as double)) > 0.005
order by scorecard.week_start, scorecard.metric, scorecard.value, stage_value
""",
        f"The first page's {metric} is {table}.{column} of the same week.",
        "Open both models: they count the week differently.", needs=needs,
    )  # fmt: skip
