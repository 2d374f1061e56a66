"""Small built tables that agree with each other: three members of one group in the week of 2026-01-05."""
# Rows of data read better in long lines.
# ruff: noqa: E501

_WEEK = "date '2026-01-05' as week_start"
_COHORT = "date '2026-01-05' as cohort_week"
_GROUP = "'g1' as group_id"
_PAID = "timestamp '2026-01-07 03:01:00'"

_FLOW = """0 as members_at_start, 3 as opened, 1 as closed, 2 as members_at_end, 2 as net_members, 3 as new_members,
    1 as leaves, 0 as kicks, 0 as dissolved, 0 as moved, 0 as left_members, cast(null as double) as exit_rate,
    cast(null as double) as net_growth_rate, true as is_complete"""
_ACTIVATION = """3 as cohort_size, 1 as activated_24h_members, 1/3 as activated_24h_rate, 2 as activated_7d_members,
    2/3 as activated_7d_rate, 0.2 as activated_7d_low, 0.9 as activated_7d_high, 1 as first_order_7d_members,
    1/3 as first_order_7d_rate, 1 as first_order_30d_members, cast(null as double) as first_order_30d_rate,
    1/3 as spoken_24h_share, 2/3 as spoken_7d_share, cast(null as double) as spoken_30d_share,
    true as is_complete_24h, true as is_complete_7d, false as is_complete_30d, true as is_order_complete_7d, false as is_order_complete_30d"""
_RETENTION = """unnest([0, 1]) as week_index, 3 as cohort_size, 2 as active_members, 1 as posting_members,
    1 as buying_members, case when week_index = 0 then 2/3 end as retention_rate, week_index = 0 as is_complete"""
_MONEY = "cast(51 as decimal(18,2)) as gmv, cast(-10 as decimal(18,2)) as refunds, cast(41 as decimal(18,2)) as net_revenue"
_INVITES = """4 as invites_sent, 2 as inviters, 1 as invites_joined, 0.25 as acceptance_rate, 0.5 as k_factor,
    0.5 as fission_multiple, true as is_complete"""
_AARRR = """unnest(['acquired', 'activated', 'retained', 'paid', 'referred']) as stage,
    unnest([3, 2, 2, 1, 1]) as members, unnest([0, 0, 0, 1, 0]) as former_customers,
    unnest([3, 2, 1, 1, 0]) as closed_members, members / 3 as share_of_acquired, closed_members / 3 as closed_share,
    true as is_complete, true as is_closed_complete"""

BUILT = {
    "core.settings": "select timestamp '2026-01-11 16:00:00' as report_at, 'Asia/Shanghai' as time_zone",
    "core.calendar": "select cast(range as date) as day, date '2026-01-05' as week_start, true as is_complete_week "
    "from range(date '2026-01-05', date '2026-01-12', interval 1 day)",
    "core.coverage": f"select date '2026-01-05' as day, 'join' as event_kind, {_GROUP}",
    "core.groups": f"select {_GROUP}",
    "core.members": f"select unnest(['ma', 'mb', 'mc']) as member_id, {_COHORT}, true as is_join_known, "
    "true as is_counted",
    "core.stays": f"""select 'ma' as member_id, {_GROUP}, unnest([1, 2]) as stay_number,
        unnest([timestamp '2026-01-05 03:00:00', timestamp '2026-01-08 03:00:00']) as joined_at,
        unnest([timestamp '2026-01-06 03:00:00', null]) as left_at, unnest(['leave', null]) as exit_kind""",
    "core.community_stays": """select 'ma' as member_id, unnest([1, 2]) as stay_number,
        unnest([timestamp '2026-01-05 03:00:00', timestamp '2026-01-08 03:00:00']) as joined_at,
        unnest([timestamp '2026-01-06 03:00:00', null]) as left_at""",
    "core.messages": f"select 'm1' as message_id, {_GROUP}",
    "core.member_days": f"select date '2026-01-06' as day, {_GROUP}, 'ma' as member_id",
    "core.member_weeks": f"select {_WEEK}, 'ma' as member_id",
    "core.group_hours": f"select timestamp '2026-01-06 03:00:00' as hour, {_GROUP}",
    "core.orders": f"""select unnest(['order1', 'order2']) as order_id, {_PAID} as paid_at, 'sale' as kind,
        cast(25.5 as decimal(18,2)) as gmv, unnest([-10.0, 0.0])::decimal(18,2) as refunded,
        gmv + refunded as net_revenue, 'order' as attributed_by, 'group' as buyer_kind, 'c1' as campaign_id""",
    "core.order_lines": f"""select unnest(['order1', 'order1', 'order2']) as order_id,
        unnest([1, 2, 1]) as line_number, unnest([25.5, -10.0, 25.5])::decimal(18,2) as amount,
        unnest(['sale', 'refund', 'sale']) as line_kind, {_PAID} as effective_at""",
    "core.invites": f"select {_GROUP}, 'ma' as inviter_id, 'mb' as invitee_id, 'joined' as outcome",
    "core.campaigns": "select 'c1' as campaign_id",
    "core.products": "select 'p1' as product_id",
    "core.gifts": "select 'f1' as gift_id",
    "acquisition.weekly": f"select {_WEEK}, {_FLOW}",
    "acquisition.weekly_by_group": f"select {_WEEK}, {_GROUP}, {_FLOW}",
    "acquisition.channels": f"""select {_COHORT}, 'store' as channel, 'qr' as scene, 3 as new_members, 1.0::double as share,
        3 as archived_members, 1 as early_exit_members, 1/3 as early_exit_rate, 0.1 as early_exit_low,
        0.8 as early_exit_high, 1 as untargeted_members, cast(null as double) as untargeted_rate, 2 as activated_members,
        2/3 as activated_rate, 1 as buyers, cast(null as double) as buyer_rate, cast(9 as decimal(18,2)) as cost,
        3.0::double as cost_per_member, cast(null as double) as cost_per_buyer, true as is_complete,
        true as is_exit_complete_7d, true as is_complete_7d, false as is_complete_30d, false as is_order_complete_30d""",
    "activation.cohorts": f"select {_COHORT}, {_ACTIVATION}",
    "activation.cohorts_by_group": f"select {_COHORT}, {_GROUP}, {_ACTIVATION}",
    "retention.cohorts": f"select {_COHORT}, {_RETENTION}",
    "retention.cohorts_by_group": f"select {_COHORT}, {_GROUP}, {_RETENTION}",
    "retention.survival": """select date '2026-01-01' as cohort_month, unnest([0, 1]) as day,
        unnest([3, 2]) as at_risk, unnest([1.0, 0.67])::double as stay_probability""",
    "retention.stickiness": f"""select {_WEEK}, 1.5::double as daily_actives_mean, 2 as weekly_actives,
        2 as monthly_actives, 0.75::double as dau_wau""",
    "retention.lifecycle": f"""select {_WEEK}, 1 as new, 1 as returning, 0 as resurrecting, -1 as dormant,
        2 as active""",
    "revenue.weekly": f"""select {_WEEK}, {_MONEY}, 2 as paid_orders, 2 as buyers, 1 as new_buyers,
        1 as repeat_buyers, cast(41 as decimal(18,2)) as group_revenue, cast(0 as decimal(18,2)) as member_revenue,
        cast(0 as decimal(18,2)) as non_member_revenue, cast(0 as decimal(18,2)) as unknown_revenue,
        -0.2::double as margin_rate""",
    "revenue.weekly_by_group": f"select {_WEEK}, {_GROUP}, {_MONEY}",
    "revenue.cohort_value": f"""select {_COHORT}, unnest([0, 1]) as week_index,
        case when week_index = 0 then 13.67 end as value_per_member, week_index = 0 as is_complete""",
    "revenue.repurchase": """select date '2026-01-01' as cohort_month, 2 as buyers, 1 as repurchased_90d_buyers,
        cast(null as double) as repurchase_90d_rate, false as is_complete""",
    "revenue.returning": """select date '2026-02-01' as month_start, 2 as buyers_before, 1 as bought_again,
        0.5::double as return_rate""",
    "revenue.stored_value": """select 'ma' as member_id, 100 as recharged, 10 as bonus, 50 as spent, 0 as refunded,
        60.0::decimal(18,2) as open_balance""",
    "revenue.campaigns": "select 'c1' as campaign_id, 1 as wave_number, 2 as orders",
    "referral.weekly": f"select {_WEEK}, {_INVITES}",
    "referral.weekly_by_group": f"select {_WEEK}, {_GROUP}, {_INVITES}",
    "referral.inviters": "select 'ma' as inviter_id, 4 as invites, 2 as joined, 1 as retained_30d, 1 as buyers",
    "referral.tree": """select unnest(['ma', 'mb', 'mc']) as member_id, unnest([null, 'ma', 'mb']) as inviter_id,
        'ma' as root_member_id, unnest([0, 1, 2]) as generation, unnest([1, 1, 0]) as direct_invitees,
        unnest([2, 1, 0]) as descendants, 3 as tree_size""",
    "group_health.groups": f"select {_GROUP}, 'watch' as state, 45.5::double as score, 2 as members",
    "group_health.weekly": f"""select {_GROUP}, {_WEEK}, 'watch' as state, 45.5::double as score, 2 as members,
        0 as left_members, 0.0::double as exit_rate, cast(41 as decimal(18,2)) as net_revenue""",
    "group_health.owners": f"""select 'unknown' as owner_id, {_WEEK}, 1 as groups, 2 as members, 0 as left_members,
        cast(41 as decimal(18,2)) as net_revenue""",
    "group_health.sizes": "select unnest(['<50', '400+']) as size_bucket, unnest([1, 0]) as groups, "
    "unnest([2, 0]) as members",
    "core.weeks": f"select {_WEEK}, timestamp '2026-01-11 16:00:00' as week_end_at",
    "core.group_stays": f"""select unnest(['ma', 'mb', 'staff']) as member_id, {_GROUP},
        timestamp '2026-01-05 03:00:00' as joined_at, cast(null as timestamp) as left_at""",
    "scorecard.bridge": f"""select {_WEEK}, unnest(['platform_total', 'difference', 'own_seats', 'minus_overlap',
        'minus_staff', 'unique_members']) as step, unnest([4, 1, 3, 0, 1, 2])::double as value""",
    "scorecard.aarrr": f"select {_COHORT}, {_AARRR}",
    "scorecard.aarrr_by_group": f"select {_COHORT}, {_GROUP}, {_AARRR}",
    "scorecard.stages": """select date '2026-01-01' as cohort_month,
        unnest(['in_group', 'warmed', 'returned', 'prepaid', 'referred']) as stage,
        unnest([3, 2, 1, 0, 0]) as members, cast(null as double) as share, false as is_complete""",
    "scorecard.weekly": f"""select {_WEEK}, unnest(['new_members', 'net_members', 'gmv', 'net_revenue', 'buyers'])
        as metric, unnest([3, 2, 51, 41, 2])::double as value""",
}

GRAINS = {
    "core.settings": "time_zone",
    "core.coverage": "day, event_kind, group_id",
    "acquisition.weekly": "week_start",
    "acquisition.weekly_by_group": "week_start, group_id",
    "acquisition.channels": "cohort_week, channel, scene",
    "retention.cohorts": "cohort_week, week_index",
    "retention.lifecycle": "week_start",
    "revenue.weekly": "week_start",
    "scorecard.aarrr": "cohort_week, stage",
}
