"""Gate 2: a rate whose window has not ended is NULL, never a number that will still change."""

from __future__ import annotations

from pipelines.checks.model import Check, rows

# table, identifying columns, flag, columns that are NULL while the flag is false, kinds needed
_FLOW_RATES = ("exit_rate", "net_growth_rate")
_INVITE_RATES = ("acceptance_rate", "k_factor", "fission_multiple")
_BY_GROUP = (("", ""), ("_by_group", ", group_id"))
_IMMATURE: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    *(
        (f"acquisition.weekly{twin}", f"week_start{key}", "is_complete", _FLOW_RATES, ("join",))
        for twin, key in _BY_GROUP
    ),
    *(
        ("acquisition.channels", "cohort_week, channel, scene", flag, columns, ("join",))
        for flag, columns in (
            ("is_complete", ("cost_per_member",)),
            ("is_exit_complete_7d", ("early_exit_rate", "early_exit_low", "early_exit_high")),
            ("is_complete_7d", ("activated_rate",)),
            ("is_complete_30d", ("untargeted_rate",)),
            ("is_order_complete_30d", ("buyer_rate", "cost_per_buyer")),
        )
    ),
    *(
        (f"activation.cohorts{twin}", f"cohort_week{key}", flag, columns, ("join",))
        for twin, key in _BY_GROUP
        for flag, columns in (
            ("is_complete_24h", ("activated_24h_rate", "spoken_24h_share")),
            (
                "is_complete_7d",
                ("activated_7d_rate", "activated_7d_low", "activated_7d_high", "spoken_7d_share"),
            ),
            ("is_complete_30d", ("spoken_30d_share",)),
            # Orders can be covered where messages are not.
            ("is_order_complete_7d", ("first_order_7d_rate",)),
            ("is_order_complete_30d", ("first_order_30d_rate",)),
        )
    ),
    *(
        (f"retention.stickiness{twin}", f"week_start{key}", flag, (column,), ("join", "message"))
        for twin, key in _BY_GROUP
        for flag, column in (("is_complete", "dau_wau"), ("is_complete_30d", "dau_mau"))
    ),
    (
        "retention.survival", "cohort_month, day", "is_complete",
        ("stay_probability",), ("join",),
    ),
    *(
        (
            f"retention.cohorts{twin}", f"cohort_week, week_index{key}", "is_complete",
            ("retention_rate",), ("join",),
        )
        for twin, key in _BY_GROUP
    ),
    ("revenue.cohort_value", "cohort_week, week_index", "is_complete", ("value_per_member",), ("order",)),
    ("revenue.repurchase", "cohort_month", "is_complete", ("repurchase_90d_rate",), ("order",)),
    *(
        (f"referral.weekly{twin}", f"week_start{key}", "is_complete", _INVITE_RATES, ("invite",))
        for twin, key in _BY_GROUP
    ),
    *(
        ("referral.quality", "source, cohort_week", flag, columns, ("join",))
        for flag, columns in (
            ("is_join_complete_7d", ("survival_7d", "survival_7d_low", "survival_7d_high")),
            ("is_complete_7d", ("activated_7d_rate", "activated_7d_low", "activated_7d_high")),
            ("is_complete_30d", ("activated_30d_rate", "activated_30d_low", "activated_30d_high")),
            ("is_order_complete_30d", ("buyer_30d_rate", "buyer_30d_low", "buyer_30d_high")),
        )
    ),
    ("scorecard.aarrr", "cohort_week, stage", "is_complete", ("share_of_acquired",), ("join",)),
    ("scorecard.aarrr", "cohort_week, stage", "is_closed_complete", ("closed_share",), ("join",)),
    ("scorecard.stages", "cohort_month, stage", "is_complete", ("share",), ("join",)),
)  # fmt: skip


def maturity_checks() -> tuple[Check, ...]:
    """One check per table and flag: where the flag is false, the rates that depend on it are NULL."""
    return tuple(_immature(*one) for one in _IMMATURE)


def _immature(table: str, key: str, flag: str, columns: tuple[str, ...], needs: tuple[str, ...]) -> Check:
    names = ", ".join((key, flag, *columns))
    filled = " or ".join(f"{column} is not null" for column in columns)
    return rows(
        f"{table}.open_until_{flag.removeprefix('is_')}", table,
        f"""
select {names}
from {table}
where coalesce({flag}, false) = false and ({filled})
order by {names}
""",
        f"In {table} {', '.join(columns)} {'stays' if len(columns) == 1 else 'stay'} empty until {flag}.",
        "Open the model: until the window has ended the cell is NULL, or its number will still move.",
        needs=needs,
    )  # fmt: skip
