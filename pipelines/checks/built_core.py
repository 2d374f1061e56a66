"""Gate 2: the core tables: none empty whose kind was exported, known words, the report instant, the stays."""

from __future__ import annotations

from pipelines.checks.model import Check, Severity, rows

_REBUILD = "Build again with `groupfunnel run --full`; if it stays, the model of the table is wrong."

# Table, what it is made from, whether its emptiness stops a run. Staff alone fill neither stays nor member
# days, and as of a past day staging holds nothing that came after it.
_COUNTED = "core.members where is_counted and is_join_known"
_POSTED = "core.authored_messages where is_counted and revoked_at is null and kind <> 'system'"
_NOT_EMPTY: tuple[tuple[str, str, Severity], ...] = (
    ("core.calendar", "staging.source_days", "critical"),
    ("core.coverage", "staging.source_days", "critical"),
    ("core.groups", "staging.joins", "critical"),
    ("core.members", "staging.joins", "critical"),
    ("core.stays", _COUNTED, "critical"),
    ("core.community_stays", _COUNTED, "critical"),
    ("core.authored_messages", "staging.messages", "critical"),
    ("core.member_days", _POSTED, "warning"),
    ("core.member_weeks", _POSTED, "warning"),
    ("core.group_hours", _POSTED, "warning"),
    ("core.orders", "staging.orders", "critical"),
    ("core.order_lines", "staging.orders", "critical"),
    ("core.invites", "staging.invites", "critical"),
    ("core.campaigns", "staging.campaigns", "critical"),
    ("core.products", "staging.products", "critical"),
    ("core.gifts", "staging.gifts", "critical"),
)

STATES = ("unknown", "new", "no_sales", "dead", "quiet_seller", "dying", "watch", "healthy")
_WORDS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("core.stays", "exit_kind", ("leave", "kick", "dissolved", "moved"), ("join",)),
    ("core.orders", "attributed_by", ("order", "only_group", "none"), ("order",)),
    ("core.orders", "buyer_kind", ("group", "member", "non_member", "unknown"), ("order",)),
    (
        "core.invites", "outcome",
        (
            "joined", "pending", "expired", "self", "not_new", "late_inviter", "later_invite",
            "unknown_invitee",
        ),
        ("invite",),
    ),
    ("group_health.groups", "state", STATES, ("join",)),
    ("group_health.weekly", "state", STATES, ("join",)),
    ("scorecard.aarrr", "stage", ("acquired", "activated", "retained", "paid", "referred"), ("join",)),
)  # fmt: skip


def core_checks() -> tuple[Check, ...]:
    """Checks of the core tables, of the words that tables use and of the health score."""
    return (
        *(_not_empty(*one) for one in _NOT_EMPTY),
        *(_words(*one) for one in _WORDS),
        *(_score(table) for table in ("group_health.groups", "group_health.weekly")),
        _REPORT_AT,
        *_STAYS,
    )


def _not_empty(table: str, made_of: str, severity: Severity) -> Check:
    return rows(
        f"{table}.has_rows", table,
        f"""
with source as (
    select 1 as one
    from {made_of}
    limit 1
),
model as (
    select 1 as one
    from {table}
    limit 1
)
select '{table}' as table_name
from source
where not exists (select 1 from model)
order by table_name
""",
        f"The table {table} is not empty where {made_of.split()[0]} holds what it is made from.",
        "Look at raw.rejects and at the mapping: no row of the export reached the model.", severity=severity,
    )  # fmt: skip


def _words(table: str, column: str, words: tuple[str, ...], needs: tuple[str, ...]) -> Check:
    return Check(
        f"{table}.{column}_is_known", table, "critical",
        f"The column {table}.{column} holds only: {', '.join(words)}.", _REBUILD,
        "ExpectColumnValuesToBeInSet", {"column": column, "value_set": list(words)}, needs,
    )  # fmt: skip


def _score(table: str) -> Check:
    return Check(
        f"{table}.score_between_0_and_100", table, "critical",
        f"Health scores in {table} lie between 0 and 100.",
        "Look at the weights and bands under [health] in the settings, then build again.",
        "ExpectColumnValuesToBeBetween", {"column": "score", "min_value": 0, "max_value": 100}, ("join",),
    )  # fmt: skip


_REPORT_AT = rows(
    "core.settings.report_at_ends_a_week", "core.settings",
    """
select settings.report_at
from core.settings as settings
left join (
    select distinct week_start from core.calendar where is_complete_week
) as weeks on cast(weeks.week_start as timestamp) + interval '7' day = timestamp '$report_local'
where weeks.week_start is null and settings.report_at is not null
order by settings.report_at
""",
    "The report instant is the end of a complete business week.",
    "Check time_zone, week_starts and as_of under [project] in the settings, then build again.",
)  # fmt: skip

_STAYS = (
    rows(
        "core.stays.ends_after_start", "core.stays",
        """
select group_id, member_id, stay_number, joined_at, left_at
from core.stays
where left_at < joined_at or (left_at is null and exit_kind is not null)
order by group_id, member_id, stay_number, joined_at, left_at
""",
        "A stay ends after it begins, and only an ended stay has a kind of exit.", _REBUILD, needs=("join",),
    ),
    rows(
        "core.stays.do_not_overlap", "core.stays",
        """
with ordered as (
    select
        group_id,
        member_id,
        stay_number,
        joined_at,
        lag(left_at) over (partition by group_id, member_id order by stay_number) as left_before,
        lag(stay_number) over (partition by group_id, member_id order by stay_number) as stay_before
    from core.stays
)
select group_id, member_id, stay_number, joined_at, left_before
from ordered
where stay_before is not null and (left_before is null or left_before > joined_at)
order by group_id, member_id, stay_number, joined_at, left_before
""",
        "A member's stays in one group follow each other: nobody is in a group twice.", _REBUILD,
        needs=("join",),
    ),
    rows(
        "core.community_stays.do_not_overlap", "core.community_stays",
        """
with ordered as (
    select
        member_id,
        stay_number,
        joined_at,
        left_at,
        lag(left_at) over (partition by member_id order by stay_number) as left_before,
        lag(stay_number) over (partition by member_id order by stay_number) as stay_before
    from core.community_stays
)
select member_id, stay_number, joined_at, left_at, left_before
from ordered
where left_at < joined_at
    or (stay_before is not null and (left_before is null or left_before > joined_at))
order by member_id, stay_number, joined_at, left_at, left_before
""",
        "A member's stays in the community follow each other and end after they begin.", _REBUILD,
        needs=("join",),
    ),
)  # fmt: skip
