"""Gate 2: a part is never larger than its whole, and no funnel step is wider than the one before."""

from __future__ import annotations

from pipelines.checks.model import Check, rows
from pipelines.warehouse import quote

_ADVICE = "Open the model of the table: the smaller set is counted from other rows than the larger one."

# table, columns that identify a row, (part, whole) pairs, kinds needed
_PARTS: tuple[tuple[str, str, tuple[tuple[str, str], ...], tuple[str, ...]], ...] = (
    *(
        (f"acquisition.weekly{twin}", f"week_start{key}", (("left_members", "members_at_start"),), ("join",))
        for twin, key in (("", ""), ("_by_group", ", group_id"))
    ),
    (
        "acquisition.channels", "cohort_week, channel, scene",
        (("early_exit_members", "new_members"), ("untargeted_members", "archived_members"),
         ("archived_members", "new_members"), ("activated_members", "new_members"),
         ("buyers", "new_members")),
        ("join",),
    ),
    *(
        (
            f"activation.cohorts{twin}", f"cohort_week{key}",
            (
                ("activated_24h_members", "activated_7d_members"), ("activated_7d_members", "cohort_size"),
                ("first_order_7d_members", "first_order_30d_members"),
                ("first_order_30d_members", "cohort_size"),
            ),
            ("join",),
        )
        for twin, key in (("", ""), ("_by_group", ", group_id"))
    ),
    *(
        (
            f"retention.cohorts{twin}", f"cohort_week, week_index{key}",
            (("active_members", "cohort_size"), ("posting_members", "active_members"),
             ("buying_members", "active_members")),
            ("join",),
        )
        for twin, key in (("", ""), ("_by_group", ", group_id"))
    ),
    (
        "activation.curve", "cohort_week, hour",
        (("activated_members", "cohort_size"), ("archived_members", "cohort_size"),
         ("at_risk", "cohort_size")),
        ("join",),
    ),
    (
        "retention.average", "week_index",
        (("active_members", "members"), ("posting_members", "active_members"),
         ("buying_members", "active_members")),
        ("join",),
    ),
    *(
        (
            f"retention.stickiness{twin}", f"week_start{key}",
            (("daily_actives_mean", "weekly_actives"), ("weekly_actives", "monthly_actives"),
             ("daily_actives_mean_30d", "monthly_actives")),
            ("join", "message"),
        )
        for twin, key in (("", ""), ("_by_group", ", group_id"))
    ),
    (
        "revenue.weekly", "week_start",
        (("buyers", "paid_orders"), ("new_buyers + repeat_buyers", "buyers")), ("order",),
    ),
    ("revenue.repurchase", "cohort_month", (("repurchased_90d_buyers", "buyers"),), ("order",)),
    ("revenue.returning", "month_start", (("bought_again", "buyers_before"),), ("order",)),
    (
        "referral.weekly", "week_start",
        (("invites_joined", "invites_sent"), ("inviters", "invites_sent")), ("invite",),
    ),
    (
        "referral.inviters", "inviter_id",
        (("joined", "invites"), ("retained_30d", "matured_30d"), ("matured_30d", "joined"),
         ("buyers", "joined"), ("joined_90d", "joined")),
        ("invite",),
    ),
    (
        "referral.abuse", "inviter_id",
        (("judged", "rewarded"), ("abused", "judged"), ("left_within_48h", "abused"),
         ("self_invites", "abused"), ("paid_twice", "abused")),
        ("invite",),
    ),
    (
        "referral.quality", "source, cohort_week",
        (("survived_7d_members", "members"), ("activated_7d_members", "members"),
         ("activated_30d_members", "members"), ("buyer_30d_members", "members")),
        ("join",),
    ),
    (
        "scorecard.aarrr", "cohort_week, stage",
        (("closed_members", "members"), ("former_customers", "members")), ("join",),
    ),
)  # fmt: skip


def part_checks() -> tuple[Check, ...]:
    """Parts and wholes, funnels and curves that only go one way."""
    return (*(_parts(*one) for one in _PARTS), *_FUNNELS)


def _parts(table: str, key: str, pairs: tuple[tuple[str, str], ...], needs: tuple[str, ...]) -> Check:
    schema, name = table.split(".")
    columns = list(dict.fromkeys([*key.split(", "), *(side for pair in pairs for side in pair)]))
    names = [f"{c} as both_kinds" if "+" in c else c for c in columns]
    order = ", ".join("both_kinds" if "+" in c else c for c in columns)
    condition = " or ".join(f"{part} > {whole}" for part, whole in pairs)
    words = "; ".join(f"{part} ≤ {whole}" for part, whole in pairs)
    return rows(
        f"{table}.parts_within_whole", table,
        f"select {', '.join(names)}\nfrom {schema}.{quote(name)}\nwhere {condition}\norder by {order}",
        f"In {table} no part exceeds its whole: {words}.", _ADVICE, needs=needs,
    )  # fmt: skip


_STEP = (
    "case stage when 'acquired' then 1 when 'activated' then 2 when 'retained' then 3 when 'paid' then 4 "
    "when 'referred' then 5 end"
)
_STAGE_STEP = (
    "case stage when 'in_group' then 1 when 'warmed' then 2 when 'returned' then 3 when 'prepaid' then 4 "
    "when 'referred' then 5 end"
)


def _funnel(table: str, key: str, members: str, step: str) -> Check:
    keys = key.split(", ")
    return rows(
        f"{table}.steps_only_shrink", table,
        f"""
with ordered as (
    select
        {key},
        stage,
        {members},
        lag({members}) over (partition by {key} order by {step}) as members_before
    from {table}
)
select {key}, stage, {members}, members_before
from ordered
where {members} > members_before
order by {", ".join([*keys, "stage", members, "members_before"])}
""",
        f"In the closed funnel of {table} no stage has more members than the stage before it.",
        "Open the model: a member was counted at a stage without having passed all earlier ones.",
        needs=("join",),
    )  # fmt: skip


def _lifecycle(twin: str, key: str) -> Check:
    table = f"retention.lifecycle{twin}"
    return rows(
        f"{table}.parts_make_active", table,
        f"""
select {key}, new, "returning", resurrecting, active
from {table}
where active <> new + "returning" + resurrecting
order by {key}, new, "returning", resurrecting, active
""",
        f"In {table} active members are the new, the returning and the resurrecting ones together.",
        "Open the model: the states of the week overlap or leave somebody out.", needs=("join", "message"),
    )  # fmt: skip


_FUNNELS = (
    _funnel("scorecard.aarrr", "cohort_week", "closed_members", _STEP),
    _funnel("scorecard.aarrr_by_group", "cohort_week, group_id", "closed_members", _STEP),
    _funnel("scorecard.stages", "cohort_month", "members", _STAGE_STEP),
    rows(
        "retention.survival.only_falls", "retention.survival",
        """
with ordered as (
    select
        cohort_month,
        day,
        at_risk,
        stay_probability,
        lag(at_risk) over (partition by cohort_month order by day) as at_risk_before,
        lag(stay_probability) over (partition by cohort_month order by day) as probability_before
    from retention.survival
)
select cohort_month, day, at_risk, at_risk_before, stay_probability, probability_before
from ordered
where at_risk > at_risk_before or stay_probability > probability_before + 0.000000001
order by cohort_month, day, at_risk, at_risk_before, stay_probability, probability_before
""",
        "The probability of still being in a group, and the number at risk, only fall with time.",
        "Open the model: a member entered the curve after its start.", needs=("join",),
    ),
    rows(
        "activation.curve.only_rises", "activation.curve",
        """
with ordered as (
    select
        cohort_week,
        hour,
        activated_share,
        left_share,
        spoken_share,
        lag(activated_share) over (partition by cohort_week order by hour) as activated_before,
        lag(left_share) over (partition by cohort_week order by hour) as left_before,
        lag(spoken_share) over (partition by cohort_week order by hour) as spoken_before
    from activation.curve
)
select
    cohort_week, hour, activated_share, activated_before, left_share, left_before, spoken_share, spoken_before
from ordered
where activated_share < activated_before - 0.000000001
    or left_share < left_before - 0.000000001
    or spoken_share < spoken_before - 0.000000001
    or activated_share + left_share > 1.000000001
order by
    cohort_week, hour, activated_share, activated_before, left_share, left_before, spoken_share, spoken_before
""",
        "The share that has woken up, spoken or left only rises with the hours, and is at most everybody.",
        "Open activation.curve_steps: an end is counted twice, or by two causes.", needs=("join",),
    ),
    _lifecycle("", "week_start"),
    _lifecycle("_by_group", "week_start, group_id"),
)  # fmt: skip
