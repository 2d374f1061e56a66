"""The tables that have an oracle: name -> (key columns, rows by metrics.md)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.oracle import (
    core,
    firstpage,
    joining,
    leading,
    lifting,
    measures,
    pushing,
    referring,
    returning,
    selling,
    sources,
    states,
    tables_of_money,
    talking,
)
from tests.oracle.book import Book

Row = dict[str, Any]
Table = tuple[tuple[str, ...], Callable[[Book], list[Row]]]


def _twin(name: str, keys: tuple[str, ...], rows: Callable[[Book, bool], list[Row]]) -> dict[str, Table]:
    return {
        name: (keys, partial(_call, rows, False)),
        f"{name}_by_group": (("group_id", *keys), partial(_call, rows, True)),
    }


def _call(rows: Callable[[Book, bool], list[Row]], by_group: bool, book: Book) -> list[Row]:
    return rows(book, by_group)


TABLES: dict[str, Table] = {
    "core.stays": (("member_id", "group_id", "stay_number"), core.stays),
    "core.community_stays": (("member_id", "stay_number"), core.community_stays),
    "core.members": (("member_id",), core.members),
    "core.orders": (("order_id",), core.orders),
    "core.invites": (("group_id", "inviter_id", "invitee_id", "invited_at", "place"), core.invites),
    **_twin("acquisition.weekly", ("week_start",), joining.acquisition),
    "acquisition.channels": (("cohort_week", "channel", "scene"), sources.channels),
    **_twin("activation.cohorts", ("cohort_week",), joining.activation),
    "activation.curve": (("cohort_week", "hour"), sources.curve),
    "activation.levers": (("lever", "author_role", "group_type"), lifting.levers),
    "group_health.pushes": (("group_id", "day"), pushing.pushes),
    **_twin("retention.cohorts", ("cohort_week", "week_index"), joining.retention),
    "retention.average": (("week_index",), returning.average),
    **_twin("retention.stickiness", ("week_start",), returning.stickiness),
    **_twin("retention.lifecycle", ("week_start",), returning.lifecycle),
    "retention.transitions": (("month_start", "from_state", "to_state"), returning.transitions),
    "retention.survival": (("cohort_month", "day"), returning.survival),
    **_twin("scorecard.aarrr", ("cohort_week", "stage"), joining.aarrr),
    **_twin("revenue.weekly", ("week_start",), selling.weekly),
    "revenue.repurchase": (("cohort_month", "category"), selling.repurchase),
    "revenue.concentration": (("period",), selling.concentration),
    **_twin("referral.weekly", ("week_start",), referring.weekly),
    "referral.tree": (("member_id",), referring.tree),
    **tables_of_money.TABLES,
    "group_health.groups": (("group_id",), states.groups),
    "group_health.weekly": (("group_id", "week_start"), leading.weekly),
    "group_health.sizes": (("size_bucket",), leading.sizes),
    "group_health.owners": (("owner_id", "week_start"), leading.owners),
    "scorecard.stages": (("cohort_month", "stage"), sources.stages),
    "scorecard.bridge": (("week_start", "step"), leading.bridge),
    "scorecard.weekly": (("week_start", "metric"), firstpage.weekly),
    "scorecard.catalogue of groups and joining": (measures.KEYS, measures.rows),
    "scorecard.catalogue of talk": (talking.KEYS, talking.rows),
    "quality.reconciliation": (("day", "group_id", "metric"), referring.reconciliation),
}

# Equal invites have no order of their own; a shipped id is no part of the definition.
# Where a week has no value, what its numerator would have been is not part of the definition.
SOURCES = {
    "scorecard.catalogue of talk": talking.SOURCE,
    **tables_of_money.SOURCES,
    "scorecard.catalogue of groups and joining": f"""(
        select * from scorecard.catalogue where measure in {measures.MEASURES} and value is not null
    )""",
    "core.invites": """(
        select *, row_number() over (
            partition by group_id, inviter_id, invitee_id, invited_at order by outcome
        ) as place from core.invites
    )""",
    "scorecard.weekly": """(
        select * replace (
            case when value is not null then numerator end as numerator,
            case when value is not null then denominator end as denominator,
            case when value is not null then cohort_week end as cohort_week
        ) from scorecard.weekly
    )""",
}
