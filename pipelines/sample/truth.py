"""The truth beside the sample: what was planted and what the generator's own tables say, for one seed.

Counted by plain queries over people, seats and messages in seconds, never through the project's models.
"""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines.sample import truth_money, truth_people
from pipelines.sample.build import Plan, run_sql
from pipelines.sample.planted import PLANTED

LISTS: dict[str, str] = {
    "dead_groups": "select group_id from groups where special = 'dead' order by 1",
    "dying_groups": "select group_id from groups where special = 'dying' order by 1",
    "quiet_sellers": "select group_id from groups where special = 'quiet_seller' order by 1",
    "quiet_but_buying": "select group_id from groups where special = 'quiet_buyer' order by 1",
    "unknown_groups": "select group_id from groups where is_never_archived or lacks_last_week order by 1",
    "groups_with_a_gap_week": "select group_id from groups where has_gap_week order by 1",
    "never_archived_groups": "select group_id from groups where is_never_archived order by 1",
    "over_capacity": "select group_id from true_groups where members >= 450 order by 1",
    "over_promoted_groups": "select group_id from groups where is_over_promoted order by 1",
    "plain_wechat_groups": "select group_id from groups where is_plain_wechat order by 1",
    "flash_groups": "select group_id from groups where special = 'flash' order by 1",
    "merged_groups": "select group_id from groups where special = 'merged' order by 1",
    "groups_with_packet_claims": "select group_id from groups where has_claims order by 1",
    "complaint_groups": "select distinct group_id from complaints join groups using (g) order by 1",
    "kols": "select member_id from kols join people using (person) order by 1",
    "farmers": "select member_id from farmers join people using (person) order by 1",
    "chain": "select member_id from chain join people on people.person in (chain.inviter, chain.invitee) "
    "group by member_id order by min(place + (people.person = chain.invitee)::int)",
    "refusers": "select member_id from people where refuses order by 1",
    "alts": "select member_id from authors where role = 'alt' order by 1",
    "self_inviters": "select distinct member_id from invite_rows join people on person = inviter "
    "where invite_rows.origin = 'self' order by 1",
    "refunded_by_status_only": "select order_id from reexports where new_status = 'refunded' "
    "and old_status <> 'refunded' order by 1",
}
WEEKS = """
    with w as (select w::int as w from range(getvariable('weeks')::int) as n(w)),
    ends as (
        select w, (select count(*) from seats where t < (w + 1) * 604800 and (end_t > (w + 1) * 604800
            or end_t = end_t())) as seats,
            (select count(distinct person) from seats where t < (w + 1) * 604800 and (end_t > (w + 1) * 604800
            or end_t = end_t())) as unique_members
        from w
    )
    select strftime(day_of(w * 604800), '%G-W%V'), {
        'new_members': (select count(*) from true_cohorts where week = w),
        'group_exits': (select count(*) from seats where exit_kind in ('leave', 'kick') and week_of(end_t) = w),
        'members_lost': (select count(*) from true_spells where exit_kind in ('leave', 'kick') and end_t < end_t()
            and week_of(end_t) = w),
        'seats_at_end': seats, 'unique_members_at_end': unique_members,
        'active_members': (select count(distinct person) from true_activity where t >= 0 and week_of(t) = w),
        'member_messages': (select coalesce(sum(messages), 0) from author_days where author > 0 and day // 7 = w),
        'paid_orders': (select count(*) from true_orders where week_of(paid_t) = w),
        'gmv': (select coalesce(sum(amount) - coalesce(sum(bonus_amount) filter (where kind = 'balance_spend'), 0), 0)
            from order_rows where kind not in ('refund', 'recharge') and week_of(paid_t) = w)::varchar,
        'refunds_by_row': (select coalesce(sum(amount), 0) from order_rows where kind = 'refund'
            and week_of(paid_t) = w)::varchar}
    from ends order by w
"""
FAULTS: dict[str, str] = {
    kind + "s": f"""
        select {{'late_rows': count(*) filter (where is_late), 'repeated_rows': count(*) filter (where is_repeat),
            'reexported_rows': count(*) filter (where is_reexport), 'rows_written': count(*)}}
        from event_files as f {join} where f.kind = '{kind}'
    """
    for kind, join in (
        ("join", ""),
        ("invite", ""),
        ("order", "join order_rows as o on order_key(o.order_no, o.order_id) = f.key_no"),
    )
}
FAULTS["messages"] = """
    select {'late_rows': sum(late), 'repeated_rows': sum(repeats), 'reexported_rows': 0, 'rows_written': sum(written)}
    from message_faults
"""
MORE_FAULTS: dict[str, str] = {
    "reexported_orders": "select count(*) from reexports",
    "reexported_with_changed_status": "select count(*) from reexports where new_status <> old_status",
    "refunded_by_status_only": "select count(*) from reexports where new_status = 'refunded' and old_status <> 'refunded'",
    "platform_messages_apart_on": "select (getvariable('start_ts')::date + (getvariable('weeks')::int * 7 - 10))::varchar",
    "platform_messages_that_day": "select value::bigint from platform_stats where metric = 'messages' "
    "and day = getvariable('start_ts')::date + (getvariable('weeks')::int * 7 - 10)",
    "own_messages_that_day": "select sum(messages) from author_days where day = getvariable('weeks')::int * 7 - 10",
    "joins_without_scene": "select count(*) from join_rows where action = 'join' and scene is null and author > 0",
}


def _cell(value: Any) -> Any:
    """A JSON value: DuckDB's big sums arrive as Decimal, counts as int."""
    if isinstance(value, dict):
        return {key: _cell(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_cell(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return int(value) if value == int(value) else float(value)


def measure(connection: duckdb.DuckDBPyConnection, plan: Plan) -> dict[str, Any]:
    """Count the truth in the generator's tables; call it after the files are written."""
    run_sql(connection, "21_truth")

    def one(query: str) -> Any:
        row = connection.execute(query).fetchone()
        return None if row is None else _cell(row[0])

    def column(query: str) -> list[Any]:
        return [_cell(row[0]) for row in connection.execute(query).fetchall()]

    def pairs(query: str) -> dict[str, Any]:
        return {str(key): _cell(value) for key, value in connection.execute(query).fetchall()}

    def all_of(queries: dict[str, str]) -> dict[str, Any]:
        return {name: one(query) for name, query in queries.items()}

    orders = all_of({k: q for k, q in truth_money.ORDERS.items() if k != "amounts_by_kind"})
    orders["amounts_by_kind"] = pairs(truth_money.ORDERS["amounts_by_kind"])
    referral = all_of({k: q for k, q in truth_money.REFERRAL.items() if k != "generation_shares"})
    referral["generations"] = pairs(truth_money.REFERRAL["generation_shares"])
    return {
        "about": "Counted from the generator's own tables; rates are 0 to 1, money is CNY.",
        "seed": plan.seed,
        "scale": plan.scale,
        "message_factor": plan.message_factor,
        "first_day": str(plan.start_day),
        "last_day": str(plan.end_day),
        "time_zone": "Asia/Shanghai",
        "planted": PLANTED,
        "people": all_of(truth_people.PEOPLE),
        "exits": all_of(truth_people.EXITS),
        "cohorts": all_of(truth_people.COHORTS),
        "retention_active_week_1_to_12": column(truth_people.retention("true")),
        "retention_posting_week_1_to_12": column(truth_people.retention("what = 'post'")),
        "activity": all_of(truth_people.ACTIVITY),
        **{name: pairs(query) for name, query in truth_people.BY_TYPE.items()},
        "channels": pairs(
            "select coalesce(channel, 'none'), count(*) from people where t >= 0 group by 1 order by 2 desc, 1"
        ),
        "orders": orders,
        "products": all_of(truth_money.PRODUCTS),
        "referral": referral,
        "fission_waves": pairs(truth_money.PER_WAVE),
        "campaign_participation": pairs(truth_money.WAVES),
        "flash_sale_slope_of_log_rate": one(truth_money.FATIGUE),
        "levers": pairs(truth_money.LEVERS),
        "lists": {name: column(query) for name, query in LISTS.items()},
        "group_states": pairs(
            "select group_id, {'state': state, 'members': members, 'member_messages_14d': member_messages_14d, "
            "'paid_orders_14d': paid_orders_14d, 'posters_7d': posters_7d, 'buyers_30d': buyers_30d} "
            "from true_groups order by g"
        ),
        "weeks": pairs(WEEKS),
        "faults": {**all_of(FAULTS), **all_of(MORE_FAULTS), "gb18030_file": "groups.csv"},
    }
