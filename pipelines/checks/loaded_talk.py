"""Gate 1: what messages say about groups, about each other and about the clocks they were written by."""

from __future__ import annotations

from pipelines.checks.model import Check, rows

# Clocks of two phones differ by no more than this.
SKEW_MINUTES = 5


def talk_checks() -> tuple[Check, ...]:
    """Warnings where a message names a group or message that no export knows, or comes before it."""
    return (
        rows(
            "raw.messages.group_is_known", "raw.messages",
            """
select messages.group_id, count(*) as messages
from raw.messages as messages
left join (
    select group_id from raw.groups
    union
    select group_id from raw.joins
) as known on known.group_id = messages.group_id
where known.group_id is null
group by messages.group_id
order by messages.group_id, messages
""",
            "Every group with messages is in the group export or has joins.",
            "Export the group's member list: its size, and with it every rate, is not known.",
            severity="warning", needs=("message", "join"),
        ),
        rows(
            "raw.messages.parent_exists", "raw.messages",
            _orphans("true"),
            "Every reply answers a message that was exported.",
            "Export the days before as well; until then such replies count for nobody.",
            severity="warning", needs=("message",), new_sql=_orphans("replies.load_id in ($new_loads)"),
        ),
        rows(
            "raw.messages.answers_follow_questions", "raw.messages",
            f"{_early('true')}\n{_EARLY_ORDER}",
            f"No reply is more than {SKEW_MINUTES} minutes older than what it answers.",
            "A clock or a time zone is wrong: compare the times with those the chat itself shows.",
            severity="warning", needs=("message",),
            # What is new may be the question: an export that came late.
            new_sql=f"{_early('replies.load_id in ($new_loads)')}\nunion\n"
            f"{_early('parents.load_id in ($new_loads)')}\n{_EARLY_ORDER}",
        ),
    )  # fmt: skip


def _orphans(condition: str) -> str:
    return f"""
select replies.group_id, replies.reply_to_message_id, replies.day
from raw.messages as replies
where replies.reply_to_message_id is not null
    and {condition}
    and not exists (
        select 1
        from raw.messages as parents
        where parents.message_id = replies.reply_to_message_id
            and parents.group_id = replies.group_id
            and parents.source = replies.source
    )
order by replies.group_id, replies.reply_to_message_id, replies.day
"""


_EARLY_ORDER = "order by group_id, message_id, day"


def _early(condition: str) -> str:
    return f"""
select replies.group_id, replies.message_id, replies.day
from raw.messages as replies
join raw.messages as parents
    on parents.message_id = replies.reply_to_message_id
    and parents.group_id = replies.group_id
    and parents.source = replies.source
where replies.reply_to_message_id is not null
    and {condition}
    and replies.occurred_at < parents.occurred_at - interval {SKEW_MINUTES} minute
""".strip()
