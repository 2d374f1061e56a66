"""The parameters the sample is made with, printed beside what is then measured."""

from __future__ import annotations

from typing import Any

PLANTED: dict[str, Any] = {
    "early_exit_7d": {"direct": 0.06, "qr": 0.115, "link": 0.15, "fission": 0.20, "partner:B": 0.28},
    "later_exit_per_week": 0.0085,
    "exit_after_a_push_24h": 0.0047,
    "overlap_second_group": 0.10,
    "overlap_third_group": 0.02,
    "never_talks": {
        "selling": 0.50, "interest": 0.33, "vip": 0.38, "seed": 0.20, "leader": 0.40, "flash": 0.60,
    },
    "newcomer_boost": {"height": 1.6, "weeks": 1.2},
    "holiday_messages": 0.6,
    "archive_refusers": 0.03,
    "questions_share": 0.12,
    "answered_share": 0.86,
    "median_minutes_to_answer_by_owner": [5, 20],
    "lifts": {
        "red_packet": 2.6, "video": 1.5, "product": 1.2, "kol": 1.8, "checkin": 1.4, "mini_program": 1.3,
        "image": 1.0, "link": 1.0, "notice": 1.0,
    },
    "red_packet_lift_per_month": 0.94,
    "flash_sale_participation": [0.120, 0.102, 0.087, 0.074, 0.063],
    "flash_sale_slope_of_log_rate": -0.163,
    "fission_participation": [0.22, 0.17, 0.13],
    "invites_per_inviter": "Pareto(1.6), at most 40",
    "acceptance_campaign": 0.34,
    "acceptance_ordinary_week": 0.45,
    "fresh_invitees_who_invite": 0.10,
    "reward_per_joined": 5.0,
    "first_order_30d": {"direct": 0.32, "qr": 0.24, "link": 0.18, "invited": 0.10},
    "purchases": "BG/NBD r 0.9, alpha 6 weeks, a 0.55, b 2.6",
    "promo_week_orders": 1.5,
    "week_after_anniversary_orders": 0.8,
    "orders_after_leaving": 0.35,
    "zipf": 1.0,
    "refund_share_of_orders": 0.058,
    "refund_share_of_faulty_product": 0.18,
    "faulty_product": "p006",
    "preorder_balance_on_time": 0.86,
    "repeated_rows": 0.03,
    "late_rows": 0.01,
}  # fmt: skip
