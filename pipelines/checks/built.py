"""Gate 2: the suites about the built tables, in the order in which they are reported."""

from __future__ import annotations

from pipelines.checks.built_breakdowns import breakdown_checks
from pipelines.checks.built_core import core_checks
from pipelines.checks.built_customers import customer_checks
from pipelines.checks.built_groups import group_checks
from pipelines.checks.built_identities import identity_checks
from pipelines.checks.built_maturity import maturity_checks
from pipelines.checks.built_money import money_checks
from pipelines.checks.built_parts import part_checks
from pipelines.checks.built_referral import referral_checks
from pipelines.checks.built_talk import talk_checks
from pipelines.checks.model import Check


def built_checks() -> tuple[Check, ...]:
    """Every check of gate 2 that does not depend on which tables there are (`generic.py` adds those)."""
    return (
        *core_checks(),
        *part_checks(),
        *identity_checks(),
        *money_checks(),
        *breakdown_checks(),
        *customer_checks(),
        *maturity_checks(),
        *referral_checks(),
        *group_checks(),
        *talk_checks(),
    )
