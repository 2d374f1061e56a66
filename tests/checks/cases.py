"""What breaks each rule: a statement, the check it breaks, how many rows fail, what the examples say."""
# One case per line reads better than four lines per case.
# ruff: noqa: E501

from __future__ import annotations

from pipelines.checks.built_core import _NOT_EMPTY, _WORDS
from pipelines.checks.built_maturity import _IMMATURE
from pipelines.checks.built_parts import _PARTS

LONG_AGO = "timestamp '1970-01-01'"
STRANGER = "Zhang San 13812345678"

# statement, check, failing rows, what the examples say
LOADED_BREAKS = [
    ("delete from raw.loads", "raw.loads.has_rows", None, "observed 0"),
    ("update raw.loads set load_id = 1", "raw.loads.load_id_is_unique", 3, "load_id 1"),
    ("update raw.loads set rows_read = 4 where load_id = 1", "raw.loads.rows_add_up", 1, "rows_read 4"),
    ("update raw.loads set rows_kept = null where load_id = 1", "raw.loads.rows_add_up", 1, "rows_kept none"),
    ("update raw.loads set covered_from = date '2026-02-01'", "raw.loads.period_in_order", 3, "2026-02-01"),
    ("update raw.loads set rows_rejected = 26 where load_id = 2", "raw.loads.mostly_readable", 1, "load_id 2"),
    ("update raw.loads set rows_rejected = 3 where load_id = 2", "raw.loads.few_rejects", 1, "rows_rejected 3"),
    ("delete from raw.rejects", "raw.rejects.counted_in_loads", 1, "listed 0"),
    (
        "update raw.joins set day = date '2026-03-05'",
        "raw.loads.kinds_are_fresh", 3, "event_kind invite, newest_day 2026-01-05",
    ),
    ("update raw.joins set event_key = 'j1'", "raw.joins.key_is_unique", 1, "event_key j1…, copies 3"),
    ("insert into raw.messages by name select group_id, member_id, occurred_at, message_id, source, day from raw.messages", "raw.messages.key_is_unique", 3, "event_key g1…"),
    ("insert into raw.invites select * from raw.invites", "raw.invites.key_is_unique", 1, "copies 2"),
    ("insert into raw.orders select * from raw.orders", "raw.orders.line_is_unique", 6, "order_id or…"),
    ("update raw.joins set member_id = null", "raw.joins.member_id_is_filled", 3, "member_id none"),
    ("update raw.orders set day = null", "raw.orders.day_is_filled", 3, "day none"),
    (f"update raw.joins set occurred_at = {LONG_AGO}", "raw.joins.occurred_at_in_range", 3, "1970-01-01"),
    (
        "update raw.orders set paid_at = timestamp '2026-01-14' where line_number = 1",
        "raw.orders.paid_at_in_range", 3, "2026-01-14",
    ),
    (f"update raw.orders set due_at = {LONG_AGO}", "raw.orders.due_at_in_range", 3, "1970-01-01"),
    ("update raw.orders set amount = 10000001", "raw.orders.amount_in_range", 3, "amount 10000001.00"),
    ("update raw.orders set unit_price = -10000001", "raw.orders.unit_price_in_range", 3, "unit_price -10000001"),
    (f"update raw.joins set action = '{STRANGER}'", "raw.joins.action_is_known", 3, "action (text)"),
    (f"update raw.messages set kind = '{STRANGER}'", "raw.messages.kind_is_known", 3, "kind (text)"),
    (f"update raw.gifts set gift_kind = '{STRANGER}'", "raw.gifts.gift_kind_is_known", 1, "gift_kind (text)"),
    (
        "update raw.orders set refund_of_order_id = 'nowhere' where order_id = 'order3'",
        "raw.orders.refunded_order_exists", 1, "refund_of_order_id no…",
    ),
    ("update raw.orders set order_id = '4.2E+27'", "raw.orders.no_scientific_ids", 3, "order_id 4.…"),
    ("update raw.messages set group_id = 'g9'", "raw.messages.group_is_known", 1, "group_id g9, messages 3"),
    ("delete from raw.messages where message_id = 'm1'", "raw.messages.parent_exists", 2, "message_id m1…"),
    (
        "update raw.messages set occurred_at = occurred_at - interval 1 year where reply_to_message_id is not null",
        "raw.messages.answers_follow_questions", 2, "day 2026",
    ),
    (
        "insert into raw.aliases by name select 'a' as alias_id, unnest(['x', 'y']) as member_id",
        "raw.aliases.one_person_at_a_time", 1, "people 2",
    ),
    (
        "insert into raw.joins by name select source, group_id, 'p_0123456789abcdef0123' as member_id, 'join' as action, "
        "occurred_at + to_days(2 * n) as occurred_at, day, event_key || n as event_key, load_id, row_number from raw.joins, range(3) r(n) "
        "where event_key = (select min(event_key) from raw.joins)",
        "raw.joins.names_are_unambiguous", 1, "times 2",
    ),
    ("update raw.orders set member_id = null", "raw.orders.buyers_are_matched", 1, "lines 3, matched 0"),
    ("update raw.orders set campaign_id = 'gone'", "raw.orders.campaign_is_known", 1, "campaign_id go…, lines 3"),
    ("update raw.orders set product_id = 'gone'", "raw.orders.product_is_known", 1, "product_id go…, lines 3"),
]  # fmt: skip

BUILT_BREAKS = [
    *(
        (f"delete from {table}", f"{table}.has_rows", 1, "table_name")
        for table, made_of, _ in _NOT_EMPTY
        if not made_of.startswith(table)
    ),
    *(
        (f"update {table} set {column} = '{STRANGER}'", f"{table}.{column}_is_known", None, "(text)")
        for table, column, _, _ in _WORDS
    ),
    ("update group_health.groups set score = 100.5", "group_health.groups.score_between_0_and_100", 1, "100.5"),
    ("update group_health.weekly set score = -1", "group_health.weekly.score_between_0_and_100", 1, "score -1"),
    (
        "update core.settings set report_at = timestamp '2026-01-11 17:00:00'",
        "core.settings.report_at_ends_a_week", 1, "2026-01-11 17:00:00",
    ),
    ("update core.stays set left_at = joined_at - interval 1 hour", "core.stays.ends_after_start", 2, "group_id g1"),
    ("update core.stays set left_at = null, exit_kind = null", "core.stays.do_not_overlap", 1, "left_before none"),
    (
        "update core.community_stays set left_at = timestamp '2026-01-09' where stay_number = 1",
        "core.community_stays.do_not_overlap", 1, "member_id ma…, stay_number 2",
    ),
    *(
        (
            f"update {table} set {part.split(' + ')[0]} = {whole} + 1",
            f"{table}.parts_within_whole", None, part.split(" + ")[0] if "+" not in part else "both_kinds",
        )
        for table, _, pairs, _ in _PARTS
        for part, whole in pairs
    ),
    *(
        (
            f"update {table} set {members} = 3 where stage = '{last}'",
            f"{table}.steps_only_shrink", 1, f"stage {last}, {members} 3, members_before",
        )
        for table, members, last in (
            ("scorecard.aarrr", "closed_members", "referred"),
            ("scorecard.aarrr_by_group", "closed_members", "retained"),
            ("scorecard.stages", "members", "warmed"),
        )
        if last != "warmed"
    ),
    ("update scorecard.stages set members = 4 where stage = 'warmed'", "scorecard.stages.steps_only_shrink", 1, "4"),
    ("update retention.survival set at_risk = 4 where day = 1", "retention.survival.only_falls", 1, "at_risk 4"),
    *(
        (f"update {table} set active = 3", f"{table}.parts_make_active", 1, "active 3")
        for table in ("retention.lifecycle", "retention.lifecycle_by_group")
    ),
    ("update group_health.weekly set members = 3", "group_health.weekly.members_agree", 1, "members 3, members_at_end 2"),
    ("update group_health.owners set groups = 2", "group_health.owners.groups_add_up", 1, "of_owners 2, of_groups 1"),
    ("update group_health.owners set members = 3", "group_health.owners.members_add_up", 1, "of_owners 3, of_groups 2"),
    ("update group_health.owners set net_revenue = 1", "group_health.owners.net_revenue_add_up", 1, "of_owners 1.00"),
    ("update group_health.owners set left_members = 1", "group_health.owners.left_members_add_up", 1, "of_owners 1"),
    ("delete from group_health.sizes where groups = 1", "group_health.sizes.groups_add_up", 1, "size_groups 0"),
    ("update scorecard.bridge set value = 9 where step = 'minus_staff'", "scorecard.bridge.closes", 1, "minus_staff 9"),
    (
        "update scorecard.bridge set value = value + 1 where step in ('own_seats', 'platform_total')",
        "scorecard.bridge.seats_are_stays", 1, "own_seats 4, places 3",
    ),
    ("update scorecard.actions set evidence_zh = null", "scorecard.actions.say_why", 2, "week_start 2026-01-05"),
    (
        "update activation.levers set posts = 41 where lever = 'all' and author_role = 'kol' and group_type = 'vip'",
        "activation.levers.levers_add_up", 1, "all_posts 41, posts 40",
    ),
    (
        "update activation.levers set actual = 31 where author_role = 'all' and group_type = 'vip'",
        "activation.levers.author_roles_add_up", 2, "all_actual 31",
    ),
    (
        "delete from activation.levers where group_type = 'all' and author_role = 'all'",
        "activation.levers.group_types_add_up", 2, "all_posts 0",
    ),
    ("update activation.levers set lift_high = 1.4", "activation.levers.interval_holds_lift", 8, "lift_high 1.4"),
    ("update activation.levers set lift_low = null", "activation.levers.interval_holds_lift", 8, "lift_low none"),
    ("update group_health.pushes set exits_24h = 3", "group_health.pushes.exits_within_members", 1, "exits_24h 3"),
    ("update group_health.pushes set exits_24h = null", "group_health.pushes.exits_within_members", 1, "exit_rate 0.5"),
    ("update scorecard.catalogue set reason = null", "scorecard.catalogue.value_or_reason", 1, "(text)"),
    ("update scorecard.catalogue set reason = 'why'", "scorecard.catalogue.value_or_reason", 1, "value 0.5"),
    ("update scorecard.catalogue set value = 1.1", "scorecard.catalogue.shares_are_parts", 1, "value 1.1"),
    ("update scorecard.catalogue set value = 0.4", "scorecard.catalogue.value_is_ratio", 1, "value 0.4"),
    ("update scorecard.catalogue set denominator = null", "scorecard.catalogue.value_is_ratio", 1, "numerator 1"),
    ("update scorecard.catalogue set denominator = 0", "scorecard.catalogue.value_is_ratio", 1, "denominator 0"),
    ("update scorecard.catalogue set numerator = 3", "scorecard.catalogue.shares_are_parts", 1, "numerator 3"),
    ("update scorecard.alerts set sentence_en = ''", "scorecard.alerts.say_why", 1, "alert (text)"),
    (
        "update group_health.weekly set state = 'quiet_seller'",
        "scorecard.actions.spare_groups_that_may_live", 1, "week_start 2026-01-05",
    ),
    ("update acquisition.weekly set members_at_end = 3", "scorecard.bridge.members_agree", 1, "members_at_end 3"),
    *(
        (f"update {table} set members_at_end = 3", f"{table}.flows_balance", 1, "members_at_end 3")
        for table in ("acquisition.weekly", "acquisition.weekly_by_group")
    ),
    (
        "update acquisition.weekly_by_group set leaves = 0",
        "acquisition.weekly_by_group.exits_have_a_kind", 1, "group_id g1, closed 1, leaves 0",
    ),
    *(
        (
            f"insert into {table} by name select * replace (date '2026-01-12' as week_start) from {table}",
            f"{table}.weeks_connect", 1, "members_at_start 0, end_before 2",
        )
        for table in ("acquisition.weekly", "acquisition.weekly_by_group")
    ),
    *(
        ("delete from core.members where member_id = 'mc'", f"{table}.cohort_size_agrees", 1, "told 3, counted 2")
        for table in ("acquisition.weekly", "activation.cohorts", "retention.cohorts", "scorecard.aarrr")
    ),
    *(
        ("update scorecard.weekly set value = value + 1", f"scorecard.weekly.{metric}_agrees", 1, f"metric {metric}")
        for metric in ("new_members", "net_members", "gmv", "net_revenue", "buyers")
    ),
    *(
        (f"update {table} set refunds = -9.99", f"{table}.net_is_gmv_and_refunds", 1, "refunds -9.99")
        for table in ("revenue.weekly", "revenue.weekly_by_group")
    ),
    ("update core.orders set gmv = 25.51", "core.orders.net_is_gmv_and_refunds", 2, "order_id or…"),
    (
        "update core.order_lines set amount = 25.49 where order_id = 'order2'",
        "core.orders.net_is_sum_of_lines", 1, "net_revenue 25.50, lines_net 25.49",
    ),
    ("update core.orders set net_revenue = -1", "core.orders.refunds_within_paid", 2, "net_revenue -1.00"),
    ("update revenue.weekly set group_revenue = 40.99", "revenue.weekly.buyers_make_net", 1, "40.99"),
    (
        "update core.order_lines set effective_at = timestamp '2026-01-11 16:00:00' where order_id = 'order2'",
        "revenue.weekly.ties_to_order_lines", 1, "net_revenue 41.00, lines_net 15.50",
    ),
    ("update core.orders set net_revenue = 25.51", "revenue.weekly.total_ties_to_orders", 1, "orders_net 51.02"),
    (
        "update revenue.stored_value set open_balance = -0.01",
        "revenue.stored_value.balance_not_negative", 1, "open_balance -0.01",
    ),
    ("update revenue.stored_value set open_balance = 59.99", "revenue.stored_value.sums_to_lines", 1, "balance 59.99, lines_balance 60.00"),
    ("update core.order_lines set bonus = 9 where line_kind = 'recharge'", "revenue.stored_value.sums_to_lines", 1, "lines_balance 59.00"),
    ("update revenue.products set net_revenue = 40.99", "revenue.products.sums_to_orders", 1, "products_net 40.99, orders_net 41.00"),
    ("update revenue.leaders set net_revenue = 40.99", "revenue.leaders.sums_to_weeks", 1, "leaders_net 40.99, net_revenue 41.00"),
    ("update revenue.leaders set paid_orders = 1", "revenue.leaders.sums_to_weeks", 1, "leaders_orders 1, paid_orders 2"),
    ("update revenue.cohort_value set cumulative_net = 40.99", "revenue.cohort_value.sums_to_weeks", 1, "cohorts_net 40.99, weeks_net 41.00"),
    ("update revenue.weekly_by_group set net_revenue = 40.99", "revenue.weekly_by_group.sums_to_orders", 1, "group_id g1, weeks_net 40.99, orders_net 41.00"),
    ("update revenue.changes set by_buyers = 5", "revenue.changes.parts_make_change", 1, "by_buyers 5.00"),
    ("update revenue.changes set by_won_buyers = 8", "revenue.changes.parts_make_change", 1, "by_won_buyers 8.00"),
    ("update revenue.changes set net_before = 29", "revenue.changes.parts_make_change", 1, "change 11.00"),
    ("update revenue.campaigns set orders = 3", "revenue.campaigns.orders_counted_once", 1, "orders 3, counted 2"),
    ("update revenue.campaigns set attributed_net = 51", "revenue.campaigns.sum_to_all_orders", 1, "net 51.00, net_counted 41.00"),
    ("update revenue.campaigns set orders = 1", "revenue.campaigns.sum_to_all_orders", 1, "orders 1, orders_counted 2"),
    ("update revenue.campaigns set spend = 5", "revenue.campaigns.contribution_is_margin_less_costs", 1, "total_cost 10.00"),
    ("update revenue.campaigns set contribution = 20", "revenue.campaigns.contribution_is_margin_less_costs", 1, "contribution 20.00"),
    ("delete from revenue.rfm", "revenue.rfm.holds_every_buyer", 1, "buyers 0, buyers_counted 1"),
    ("update revenue.rfm set frequency = 1", "revenue.rfm.holds_every_buyer", 1, "orders 1, orders_counted 2"),
    ("insert into revenue.rfm values ('mb', 2, 2)", "revenue.rfm.scores_follow_values", 1, "f 2, least 2"),
    ("delete from revenue.lifetime_value", "revenue.lifetime_value.one_row_per_buyer", 1, "is_shown none"),
    ("update revenue.lifetime_value set expected_value_365d = null", "revenue.lifetime_value.one_row_per_buyer", 1, "is_shown yes"),
    ("update group_health.fatigue_waves set participants = 4 where group_id is null", "group_health.fatigue_waves.groups_make_all", 1, "participants 4, of_groups 3"),
    *(
        (
            f"update {table} set {flag} = false, {column} = 0.5 where {column} is null or {flag}",
            f"{table}.open_until_{flag.removeprefix('is_')}", None, f"{flag} no",
        )
        for table, _, flag, columns, _ in _IMMATURE
        for column in columns
    ),
    (
        "update referral.tree set inviter_id = 'mz' where member_id = 'mc'",
        "referral.tree.inviters_are_members", 1, "member_id mc…, inviter_id mz…",
    ),
    ("update referral.tree set generation = 1", "referral.tree.generations_follow", 2, "inviter_generation 1"),
    ("update referral.tree set descendants = 9", "referral.tree.descendants_add_up", 3, "descendants 9, below"),
    ("update referral.tree set tree_size = 2", "referral.tree.sizes_add_up", 3, "tree_size 2, members 3"),
    (
        "update retention.transitions set members = 2 where to_state = 'dormant'",
        "retention.transitions.months_connect", 1, "arrived 3, departed 2",
    ),
    (
        "update activation.curve set activated_share = 0.2 where hour = 24",
        "activation.curve.only_rises", 1, "activated_before 0.33",
    ),
    (
        "update acquisition.channels set new_members = 2",
        "acquisition.channels.channels_make_the_week", 1, "told 2, new_members 3",
    ),
    (
        "update core.orders set member_id = 'mb'",
        "group_health.candidates.freeloaders_never_bought", 1, "kind (text), subject (text), paid_orders 2",
    ),
    (
        "update core.members set is_counted = false where member_id = 'mb'",
        "group_health.candidates.only_members_and_buyers", 1, "subject (text)",
    ),
    (
        "update group_health.candidates set kind = 'dead_group' where subject = 'g1'",
        "group_health.candidates.dead_groups_are_dead", 1, "state (text)",
    ),
    (
        "delete from referral.inviters where inviter_id = 'mb'",
        "referral.inviters.sum_to_invites", 1, "invites 2, counted 4, joined 1, counted_joined 2",
    ),
    (
        "update referral.inviters set expired = 0",
        "referral.inviters.outcomes_make_invites", 1, "inviter_id ma…, invites 2, joined 1",
    ),
    ("update referral.flows set joined = 3", "referral.flows.sum_to_joined", 1, "joined 3, counted 2"),
    (
        "update referral.generations set members = 2 where generation = 2",
        "referral.generations.follow_the_tree", 1, "generation 2, members 2, joined_invitees 0, counted 1",
    ),
    (
        "update referral.generations set joined_invitees = 0",
        "referral.generations.follow_the_tree", 2, "next_members 1",
    ),
    (
        "delete from referral.quality where source = 'invited'",
        "referral.quality.sources_make_cohorts", 1, "cohort_size 3, told 1",
    ),
    (
        "insert into acquisition.channels select * from acquisition.channels",
        "acquisition.channels.grain_is_unique", 1, "cohort_week 2026-01-05, channel (text), scene (text), copies 2",
    ),
    (
        "update acquisition.weekly_by_group set group_id = null; "
        "insert into acquisition.weekly_by_group select * from acquisition.weekly_by_group",
        "acquisition.weekly_by_group.grain_is_unique", 1, "group_id none, copies 2",
    ),
    ("update acquisition.weekly set exit_rate = 1.01", "acquisition.weekly.rates_between_0_and_1", 1, "1.01"),
    ("update acquisition.weekly set exit_rate = 'nan'", "acquisition.weekly.rates_between_0_and_1", 1, "nan"),
    ("update acquisition.channels set share = -0.1", "acquisition.channels.rates_between_0_and_1", 1, "share -0.1"),
    ("update core.groups set members_now = -1", "core.groups.counts_not_negative", 1, "members_now -1"),
    (
        "update activation.cohorts set activated_7d_low = 0.7",
        "activation.cohorts.activated_7d_interval_holds_rate", 1, "activated_7d_low 0.7",
    ),
]  # fmt: skip
