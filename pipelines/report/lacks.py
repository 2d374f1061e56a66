"""Say why a number is not shown: the export it needs, or what a source does not record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipelines.report.metrics import metric
from pipelines.report.numbers import known
from pipelines.report.reasons import reason
from pipelines.report.text import Text, joined, word

NEEDED = {
    "join": ("revenue_per_member", "members", "conversion_30d"),
    "message": (
        "spoken_24h_share",
        "spoken_7d_share",
        "spoken_30d_share",
        "median_hours_to_first_message",
        "participation_7d",
        "participation_rate",
        "lurker_rate",
        "reply_rate",
        "top3_share",
        "median_first_response_minutes",
    ),
    "order": (
        "first_order_7d_rate",
        "first_order_30d_rate",
        "conversion_30d",
        "net_revenue",
        "net_revenue_28d",
        "buyers",
        "average_order_value",
        "spend_per_buyer",
        "repurchase_90d_rate",
        "gmv",
    ),
    "invite": ("k_factor", "invites_per_active"),
}
EXITS = frozenset(
    {"closed", "leaves", "kicks", "dissolved", "moved", "net_members", "lost_members", "exit_rate"}
)
COSTS = frozenset({"reward_cost", "cost_per_joined", "cost_per_kept_30d"})


def why_missing(name: str, kinds: Sequence[str], given: object = None) -> Text:
    """Return why a metric has no value at all: the missing export, else the reason `given`."""
    for kind, names in NEEDED.items():
        if name in names and kind not in kinds:
            return reason(f"no_{kind}_export")
    return reason(given)


def given_reason(name: str, rows: Sequence[Mapping[str, Any]], without_exits: bool) -> object:
    """Return why a column of a weekly or cohort table is empty, None when its rows do not tell.

    `without_exits` says that exits are not exported.
    """
    if name in EXITS and without_exits:
        return "exits_not_exported"
    if name == "margin_rate":
        return "no_cost"
    if name in COSTS:
        paid = any(known(row.get("reward_cost")) is not None for row in rows)
        return "not_mature" if paid else "no_rewards"
    if name == "acceptance_rate":
        return (
            "only_successes_exported" if any(known(row.get("invites_sent")) for row in rows) else "no_invites"
        )
    return next((row.get("reason") for row in rows if row.get("reason")), None)


def left_out(
    names: Iterable[str], kinds: Sequence[str], given: Mapping[str, object] | None = None
) -> Text | None:
    """Return one line that names the numbers left out and why, by reason; None when there are none.

    `given` holds the models' own reasons by metric.
    """
    groups: dict[Text, list[Text]] = {}
    for name in names:
        why = why_missing(name, kinds, (given or {}).get(name))
        groups.setdefault(why, []).append(metric(name).label)
    if not groups:
        return None
    parts = [word("lacks.part", names=joined(labels, en=" · "), why=why) for why, labels in groups.items()]
    return word("lacks.line", parts=joined(parts, "；", "; "))


def is_kind_missing(name: str, given: object, kinds: Sequence[str]) -> bool:
    """Tell whether a metric has no value because a kind of event is not exported."""
    said = str(given or "").replace(" ", "_")
    return said.endswith("_export") or any(
        name in names and kind not in kinds for kind, names in NEEDED.items()
    )
