"""Build the small warehouse the report's tests read, whole or without some kinds of export."""

from __future__ import annotations

from pathlib import Path

import duckdb

FIXTURE = Path(__file__).with_name("fixture.sql")
# The pages that every report has; a group has one of its own beside them.
PAGES = (
    "index",
    "groups",
    "owners",
    "campaigns",
    "acquisition",
    "activation",
    "retention",
    "revenue",
    "referral",
    "more",
    "quality",
    "glossary",
)
KINDS = ("join", "message", "order", "invite")
DEPENDENT = {
    "join": (
        "acquisition.weekly",
        "acquisition.weekly_by_group",
        "acquisition.channels",
        "activation.cohorts",
        "activation.cohorts_by_group",
        "retention.cohorts",
        "retention.cohorts_by_group",
        "scorecard.aarrr",
        "scorecard.aarrr_by_group",
        "referral.quality",
        "retention.survival",
        "retention.transitions",
    ),
    "message": (),
    "order": (
        "revenue.weekly",
        "revenue.weekly_by_group",
        "revenue.repurchase",
        "revenue.concentration",
        "revenue.products",
        "revenue.preorders",
        "revenue.stored_value",
    ),
    "invite": (
        "referral.weekly",
        "referral.weekly_by_group",
        "referral.tree",
        "referral.quality",
        "referral.abuse",
    ),
}


def build_warehouse(
    path: Path | str = ":memory:", without: tuple[str, ...] = ()
) -> duckdb.DuckDBPyConnection:
    """Create the fixture at `path`; `without` names the kinds of export that are absent."""
    connection = duckdb.connect(str(path))
    connection.execute(FIXTURE.read_text(encoding="utf-8"))
    for kind in without:
        connection.execute(f"update core.settings set watermark_{kind}_at = null")
        connection.execute("delete from core.coverage where event_kind = ?", [kind])
        for table in DEPENDENT[kind]:
            connection.execute(f"delete from {table}")
    return connection
