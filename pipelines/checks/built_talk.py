"""Gate 2: levers and pushes add up, and every measure of the catalogue has a value or a reason."""

from __future__ import annotations

from pipelines.checks.model import Check, rows

_LEVER_ADVICE = "Open sql/activation/levers.sql: a post is left out of a row, or counted twice in it."


def talk_checks() -> tuple[Check, ...]:
    """What is said in groups: lifts, exits after promotion, the catalogue."""
    return (*(_pooled(*one) for one in _POOLS), _LIFT, _PUSHES, _REASONS, _RATIOS, _SHARES)


# column that has a row `all`, the columns that stay
_POOLS = (
    ("lever", "author_role, group_type"),
    ("author_role", "lever, group_type"),
    ("group_type", "lever, author_role"),
)


def _pooled(column: str, others: str) -> Check:
    return rows(
        f"activation.levers.{column}s_add_up", "activation.levers",
        f"""
with pooled as (
    select
        {others},
        sum(case when {column} = 'all' then posts else 0 end) as all_posts,
        sum(case when {column} = 'all' then 0 else posts end) as posts,
        sum(case when {column} = 'all' then actual else 0 end) as all_actual,
        sum(case when {column} = 'all' then 0 else actual end) as actual
    from activation.levers
    group by {others}
)
select {others}, all_posts, posts, all_actual, actual
from pooled
where all_posts <> posts or all_actual <> actual
order by {others}, all_posts, posts, all_actual, actual
""",
        f"In activation.levers the rows with {column} all hold the posts of the other rows, each once.",
        _LEVER_ADVICE, needs=("message",),
    )  # fmt: skip


_LIFT = rows(
    "activation.levers.interval_holds_lift", "activation.levers",
    """
select lever, author_role, group_type, lift, lift_low, lift_high
from activation.levers
where lift < 0 or lift_low < 0 or lift_low > lift + 0.000000001 or lift_high < lift - 0.000000001
    or (is_reliable and (lift is null or lift_low is null))
order by lever, author_role, group_type, lift, lift_low, lift_high
""",
    "A lift is never negative, lies in its interval, and is only called reliable where it has both.",
    _LEVER_ADVICE, needs=("message",),
)  # fmt: skip

_PUSHES = rows(
    "group_health.pushes.exits_within_members", "group_health.pushes",
    """
select group_id, day, members, exits_24h, exit_rate, is_too_much
from group_health.pushes
where exits_24h > members or (exits_24h is null and (exit_rate is not null or is_too_much))
order by group_id, day, members, exits_24h, exit_rate, is_too_much
""",
    "After a push no more leave than were in the group, and where exits are unknown nothing is said.",
    "Open sql/group_health/pushes.sql: exits are counted of people who were not in the group at the push.",
    needs=("join", "message"),
)  # fmt: skip

_REASONS = rows(
    "scorecard.catalogue.value_or_reason", "scorecard.catalogue",
    """
select concept_id, measure, subject_kind, subject, period, value, reason
from scorecard.catalogue
where (value is null) = (reason is null)
order by concept_id, measure, subject_kind, subject, period, value, reason
""",
    "Every row of scorecard.catalogue has either a value or a reason why it has none.",
    "Open the part of the catalogue that holds the concept: its reason does not follow its value.",
)  # fmt: skip

_RATIOS = rows(
    "scorecard.catalogue.value_is_ratio", "scorecard.catalogue",
    """
select concept_id, measure, subject_kind, subject, period, value, numerator, denominator
from scorecard.catalogue
where value is not null and (
    denominator = 0
    or abs(value - numerator / coalesce(denominator, 1)) > 0.000000001 * greatest(abs(value), 1)
)
order by concept_id, measure, subject_kind, subject, period, value, numerator, denominator
""",
    "In scorecard.catalogue a value is its numerator / denominator, or its numerator where it is a count.",
    "Open the part of the catalogue that holds the concept: a count has a numerator and no denominator.",
)  # fmt: skip

# A margin can be negative and a refund belong to an earlier sale; everything else named so is a part.
_SHARES = rows(
    "scorecard.catalogue.shares_are_parts", "scorecard.catalogue",
    """
select concept_id, measure, subject_kind, subject, period, value, numerator, denominator
from scorecard.catalogue
where (measure like '%_share' or measure like '%_rate')
    and measure not like '%margin%' and measure not like '%refund%' and measure not like '%revenue%'
    and (value < 0 or value > 1 or numerator > denominator + 0.000000001)
order by concept_id, measure, subject_kind, subject, period, value, numerator, denominator
""",
    "In scorecard.catalogue a share or rate lies between 0 and 1 and counts a part of its whole.",
    "Open the part of the catalogue that holds the concept: its numerator is no part of its denominator.",
)  # fmt: skip
