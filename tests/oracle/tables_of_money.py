"""The tables of money, campaigns and invitations that have an oracle; see tables.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.oracle import (
    bringing,
    campaigning,
    catalogued,
    catalogued_money,
    changing,
    customers,
    economics,
    reviewing,
    shop,
)
from tests.oracle.book import Book

TABLES: dict[str, tuple[tuple[str, ...], Callable[[Book], list[dict[str, Any]]]]] = {
    "revenue.cohort_value": (("cohort_kind", "cohort_week", "week_index"), customers.cohort_value),
    "revenue.returning": (("month_start",), customers.returning),
    "revenue.products": (("product_id",), shop.products),
    "revenue.preorders": (("week_start",), shop.preorders),
    "revenue.stored_value": (("member_id",), shop.stored_value),
    "revenue.leaders": (("leader_id", "week_start"), shop.leaders),
    "revenue.unit_economics": (("cohort_week", "channel"), economics.unit_economics),
    "revenue.rfm": (("member_id",), customers.rfm),
    "revenue.campaigns": (("campaign_id", "wave_number"), campaigning.campaigns),
    "group_health.fatigue_waves": (
        ("campaign_type", "group_id", "wave_number"),
        campaigning.fatigue_waves,
    ),
    "group_health.fatigue": (("campaign_type", "group_id"), campaigning.fatigue),
    "group_health.kol_scores": (("member_id",), reviewing.kol_scores),
    "group_health.candidates": (("kind", "subject"), reviewing.candidates),
    "referral.invitations": (("invite_id",), bringing.invitations),
    "referral.generations": (("generation",), bringing.generations),
    "referral.inviters": (("inviter_id",), bringing.inviters),
    "referral.flows": (("from_group", "to_group"), bringing.flows),
    "referral.quality": (("source", "cohort_week"), bringing.quality),
    "scorecard.catalogue of referrals": (
        ("concept_id", "measure", "subject_kind", "subject", "period"),
        catalogued.referrals,
    ),
    "scorecard.catalogue of orders": (
        ("concept_id", "measure", "subject_kind", "subject", "period"),
        catalogued_money.orders,
    ),
    "revenue.changes": (("period", "week_start"), changing.changes),
    "scorecard.catalogue of gifts and contribution": (
        ("concept_id", "measure", "subject_kind", "subject", "period"),
        changing.given,
    ),
    "referral.abuse": (("inviter_id",), bringing.abuse),
}

SOURCES = {
    "scorecard.catalogue of referrals": catalogued.REFERRALS,
    "scorecard.catalogue of orders": catalogued_money.MONEY,
    "scorecard.catalogue of gifts and contribution": changing.GIVEN,
}
