"""The settings that are numbers: windows, limits that turn numbers into words, thresholds of proposals.

Every field becomes a column of core.settings, so that a pasted query sees what the build saw.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """A table of the settings file: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Windows(Section):
    """Spans of time. Those that are part of a metric's name (7 d, 30 d, 90 d) are fixed and not here."""

    rejoin_hours: Annotated[int, Field(ge=0, le=720)] = 24
    moved_hours: Annotated[int, Field(ge=0, le=720)] = 72
    invite_hours: Annotated[int, Field(ge=1, le=2160)] = 168
    gap_days: Annotated[int, Field(ge=2, le=60)] = 7
    retention_weeks: Annotated[int, Field(ge=4, le=52)] = 12
    dead_days: Annotated[int, Field(ge=7, le=60)] = 14
    new_group_days: Annotated[int, Field(ge=1, le=180)] = 30
    order_history_days: Annotated[int, Field(ge=0, le=730)] = 180


class Thresholds(Section):
    """Limits that turn numbers into words. Shares are 0-1."""

    small_n: Annotated[int, Field(ge=1)] = 30
    unusual_weeks: Annotated[int, Field(ge=8, le=52)] = 12
    unusual_min_weeks: Annotated[int, Field(ge=4, le=52)] = 8
    unusual_min_base: Annotated[int, Field(ge=1)] = 30
    min_group_members: Annotated[int, Field(ge=1)] = 10
    silent_participation: Share = 0.03
    dying_message_share: Share = 0.20
    watch_score: Annotated[float, Field(ge=0, le=100)] = 50.0
    default_capacity: Annotated[int, Field(ge=2)] = 500
    rejected_share_warning: Share = 0.05
    rejected_share_critical: Share = 0.5
    lag_days_warning: Annotated[int, Field(ge=1)] = 14
    lifetime_min_repeat_buyers: Annotated[int, Field(ge=1)] = 200


class Actions(Section):
    """Thresholds of the proposals of scorecard.actions. Shares are 0-1."""

    channel_exit_rate: Share = 0.15
    channel_min_members: Annotated[int, Field(ge=1)] = 100
    push_exit_ratio: Annotated[float, Field(ge=0)] = 3.0
    push_min_exits: Annotated[int, Field(ge=1)] = 5
    reply_minutes: Annotated[float, Field(ge=0)] = 30.0
    unanswered_rate: Share = 0.2
    migrate_talkers: Annotated[int, Field(ge=1)] = 2
    full_share: Share = 0.9
    welcome_min_members: Annotated[int, Field(ge=1)] = 100
    recall_gap_factor: Annotated[float, Field(ge=0)] = 2.0
    recall_net_percentile: Share = 0.75
    fatigue_min_waves: Annotated[int, Field(ge=2)] = 4
    payout_min_invitees: Annotated[int, Field(ge=1)] = 10
    payout_gone_share: Share = 0.5
    refund_ratio: Annotated[float, Field(ge=0)] = 2.0
    refund_min_orders: Annotated[int, Field(ge=1)] = 5
    complaint_burst: Annotated[int, Field(ge=1)] = 3
    leave_alone_percentile: Share = 0.75


class Candidates(Section):
    """Thresholds of the review lists of group_health.candidates. Shares are 0-1."""

    over_capacity_share: Share = 0.95
    vip_percentile: Share = 0.9
    vip_min_orders: Annotated[int, Field(ge=1)] = 3
    vip_max_share: Share = 0.05
    freeloader_days: Annotated[int, Field(ge=1)] = 60
    seed_min_descendants: Annotated[int, Field(ge=1)] = 5
    seed_min_invitees: Annotated[int, Field(ge=1)] = 3
    kol_max_share: Share = 0.01
    staff_post_share: Share = 0.3
    staff_min_posts: Annotated[int, Field(ge=1)] = 30


class Levers(Section):
    """How the lift of a lever is measured."""

    lever_weeks: Annotated[int, Field(ge=1)] = 8
    lever_min_groups: Annotated[int, Field(ge=2)] = 6
    lever_min_posts: Annotated[int, Field(ge=1)] = 30


class Folklore(Section):
    """Rules of thumb of the trade, shown next to what the data says."""

    best_group_size: Annotated[int, Field(ge=1)] = 200
    hit_product_share: Share = 0.02
    hit_revenue_share: Share = 0.8
    lead_gift_limit: Annotated[float, Field(ge=0)] = 3.0
    kol_reach: Annotated[int, Field(ge=1)] = 100
    early_exit_limit: Share = 0.15
    good_participation: Share = 0.1
