"""Gate 2: groups add up: to their owners, to the sizes, and from the platform's total to people."""

from __future__ import annotations

from pipelines.checks.model import Check, rows

_ADVICE = "Open both models: one of them leaves groups out, or counts them twice."


def group_checks() -> tuple[Check, ...]:
    """Weekly numbers of groups agree with the flows, with their owners' and with the bridge."""
    return (_MEMBERS, *(_owners(*one) for one in _SUMS), _SIZES, *_BRIDGE, *_PROPOSALS)


_MEMBERS = rows(
    "group_health.weekly.members_agree", "group_health.weekly",
    """
select health.week_start, health.group_id, health.members, flows.members_at_end
from group_health.weekly as health
join acquisition.weekly_by_group as flows
    on flows.group_id = health.group_id and flows.week_start = health.week_start
where health.members <> flows.members_at_end
order by health.week_start, health.group_id, health.members, flows.members_at_end
""",
    "A group has as many members in group_health.weekly as acquisition.weekly_by_group ends the week with.",
    "Open both models: one of them takes another instant for the end of the week.", needs=("join",),
)  # fmt: skip

_SUMS = (
    ("groups", "count(*)"), ("members", "sum(members)"), ("net_revenue", "sum(net_revenue)"),
    ("left_members", "sum(case when exit_rate is not null then left_members end)"),
)  # fmt: skip


def _owners(column: str, whole: str) -> Check:
    return rows(
        f"group_health.owners.{column}_add_up", "group_health.owners",
        f"""
with owners as (
    select week_start, sum({column}) as of_owners
    from group_health.owners
    group by week_start
),
groups as (
    select week_start, {whole} as of_groups
    from group_health.weekly
    group by week_start
)
select groups.week_start, owners.of_owners, groups.of_groups
from groups
left join owners on owners.week_start = groups.week_start
where owners.of_owners is distinct from groups.of_groups
order by groups.week_start, owners.of_owners, groups.of_groups
""",
        f"The {column} of all owners of a week, unknown ones too, are those of its groups.", _ADVICE,
        needs=("join",),
    )  # fmt: skip


_SIZES = rows(
    "group_health.sizes.groups_add_up", "group_health.sizes",
    """
with sizes as (
    select sum("groups") as size_groups, sum(members) as size_members
    from group_health.sizes
),
whole as (
    select count(*) as all_groups, coalesce(sum(members), 0) as all_members
    from group_health.groups
)
select sizes.size_groups, whole.all_groups, sizes.size_members, whole.all_members
from sizes
cross join whole
where sizes.size_groups <> whole.all_groups or sizes.size_members <> whole.all_members
order by sizes.size_groups, whole.all_groups, sizes.size_members, whole.all_members
""",
    "The sizes hold every group of group_health.groups once.", _ADVICE,
)  # fmt: skip

_PIVOT = """
with steps as (
    select
        week_start,
        max(case when step = 'platform_total' then value end) as platform_total,
        max(case when step = 'difference' then value end) as difference,
        max(case when step = 'own_seats' then value end) as own_seats,
        max(case when step = 'minus_overlap' then value end) as minus_overlap,
        max(case when step = 'minus_staff' then value end) as minus_staff,
        max(case when step = 'unique_members' then value end) as unique_members
    from scorecard.bridge
    group by week_start
)
"""

_BRIDGE = (
    rows(
        "scorecard.bridge.closes", "scorecard.bridge",
        f"""{_PIVOT}
select
    week_start, platform_total, difference, own_seats, minus_overlap, minus_staff, unique_members
from steps
where own_seats - minus_overlap - minus_staff <> unique_members
    or platform_total - difference <> own_seats
order by
    week_start, platform_total, difference, own_seats, minus_overlap, minus_staff, unique_members
""",
        "From the platform's total to people: total - difference = seats, seats - overlap - staff = people.",
        "Open the model: a step is missing or taken off twice.",
    ),
    rows(
        "scorecard.bridge.seats_are_stays", "scorecard.bridge",
        f"""{_PIVOT},
stays as (
    select weeks.week_start, count(*) as places, count(distinct group_stays.member_id) as people
    from core.weeks as weeks
    join core.group_stays as group_stays
        on group_stays.joined_at < weeks.week_end_at
        and (group_stays.left_at is null or group_stays.left_at >= weeks.week_end_at)
    group by weeks.week_start
)
select steps.week_start, steps.own_seats, stays.places, steps.unique_members, steps.minus_staff, stays.people
from steps
join stays on stays.week_start = steps.week_start
where steps.own_seats <> stays.places or steps.unique_members + steps.minus_staff < stays.people
order by
    steps.week_start, steps.own_seats, stays.places, steps.unique_members, steps.minus_staff, stays.people
""",
        "The seats of the bridge are the stays open at the end of the week, and nobody is left out.",
        "Open the model: it counts other stays than core.group_stays has.", needs=("join",),
    ),
    rows(
        "scorecard.bridge.members_agree", "scorecard.bridge",
        """
select bridge.week_start, bridge.value, weekly.members_at_end
from scorecard.bridge as bridge
join acquisition.weekly as weekly on weekly.week_start = bridge.week_start
where bridge.step = 'unique_members' and bridge.value <> weekly.members_at_end
order by bridge.week_start, bridge.value, weekly.members_at_end
""",
        "The bridge ends at the members that acquisition.weekly ends the week with.",
        "Open both models: they count the end of the week differently.", needs=("join",),
    ),
)  # fmt: skip

_TEXTS = (
    ("actions", "action", ("rule", "evidence", "evidence_zh", "threshold", "sentence_en", "sentence_zh")),
    ("alerts", "alert", ("rule", "sentence_en", "sentence_zh", "action_en", "action_zh", "link")),
)  # fmt: skip


def _texts(table: str, kind: str, columns: tuple[str, ...]) -> Check:
    empty = " or ".join(f"coalesce({column}, '') = ''" for column in columns)
    return rows(
        f"scorecard.{table}.say_why", f"scorecard.{table}",
        f"select week_start, {kind}\nfrom scorecard.{table}\nwhere {empty}\norder by week_start, {kind}",
        f"Every row of scorecard.{table} says in both languages what it is about and by which rule.",
        "Open the model: a number in the sentence is NULL, which empties the whole sentence.",
    )  # fmt: skip


_PROPOSALS = (
    *(_texts(*one) for one in _TEXTS),
    rows(
        "scorecard.actions.spare_groups_that_may_live", "scorecard.actions",
        """
select actions.week_start, actions.subject, health.state
from scorecard.actions as actions
join group_health.weekly as health
    on health.group_id = actions.subject and health.week_start = actions.week_start
where actions.action = 'migrate_then_dissolve' and actions.is_proposed
    and health.state in ('unknown', 'new', 'quiet_seller', 'healthy')
order by actions.week_start, actions.subject, health.state
""",
        "No group that is unknown, new, healthy or selling quietly is proposed for dissolution.",
        "Open scorecard.actions_of_groups: it judges the group by other days than its state.",
        needs=("join",),
    ),
)  # fmt: skip
