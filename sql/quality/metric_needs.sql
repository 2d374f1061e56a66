-- One row per metric or table: the features of the exports it needs.
-- grain: metric
-- A metric is a key of scorecard.weekly, a table, or a column of one.
with

needs as (
    select 1 as position, 'new_members' as metric, 'acquisition' as page,
        'joins' as feature_1, cast(null as varchar) as feature_2, cast(null as varchar) as feature_3
    union all select 2, 'net_members', 'acquisition', 'joins', 'exits', null
    union all select 3, 'exit_rate', 'acquisition', 'joins', 'exits', null
    union all select 4, 'acquisition.channels', 'acquisition', 'joins', 'channels', 'scenes'
    union all select 5, 'acquisition.channels.cost', 'acquisition', 'joins', 'channels', 'outlays'
    union all select 6, 'activated_7d_rate', 'activation', 'joins', 'talk_or_sales', null
    union all select 7, 'first_order_7d_rate', 'activation', 'joins', 'buyers', null
    union all select 8, 'first_order_30d_rate', 'activation', 'joins', 'buyers', null
    union all select 9, 'activation.curve', 'activation', 'joins', 'messages', null
    union all select 10, 'activation.levers', 'activation', 'messages', null, null
    union all select 11, 'retention_week4', 'retention', 'joins', 'talk_or_sales', null
    union all select 12, 'stay_30d_rate', 'retention', 'joins', 'exits', null
    union all select 13, 'retention.survival', 'retention', 'joins', 'exits', 'known_joins'
    union all select 14, 'dau_wau', 'retention', 'talk_or_sales', null, null
    union all select 15, 'retention.lifecycle', 'retention', 'talk_or_sales', null, null
    union all select 16, 'retention.transitions', 'retention', 'joins', 'exits', 'talk_or_sales'
    union all select 17, 'group_health.groups.members', 'groups', 'joins', null, null
    union all select 18, 'group_health.groups.capacity_fill', 'groups', 'joins', 'capacities', null
    union all select 19, 'group_health.groups.state', 'groups', 'silence', null, null
    union all select 20, 'group_health.groups.exit_rate_28d', 'groups', 'joins', 'exits', null
    union all select 21, 'group_health.groups.conversion_30d', 'groups', 'joins', 'buyers', null
    union all select 22, 'group_health.groups.net_revenue_28d', 'groups',
        'orders', 'order_groups', null
    union all select 23, 'group_health.groups.top3_share', 'groups', 'messages', null, null
    union all select 24, 'group_health.groups.reply_rate', 'groups', 'messages', 'replies', null
    union all select 25, 'group_health.groups.median_first_response_minutes', 'groups',
        'messages', null, null
    union all select 26, 'participation_rate', 'groups', 'messages', null, null
    union all select 27, 'lurker_rate', 'groups', 'messages', null, null
    union all select 28, 'healthy_groups', 'groups', 'messages', null, null
    union all select 29, 'dying_or_dead_groups', 'groups', 'messages', null, null
    union all select 30, 'group_health.owners', 'owners', 'joins', 'owners', null
    union all select 31, 'group_health.pushes', 'campaigns', 'messages', 'topics', 'exits'
    union all select 32, 'group_health.fatigue', 'campaigns', 'waves', 'joins', null
    union all select 33, 'revenue.campaigns', 'campaigns', 'campaigns', 'order_campaigns', 'costs'
    union all select 34, 'revenue.campaigns.participation_rate', 'campaigns',
        'campaigns', 'joins', null
    union all select 35, 'gmv', 'revenue', 'orders', null, null
    union all select 36, 'net_revenue', 'revenue', 'orders', null, null
    union all select 37, 'margin', 'revenue', 'orders', 'costs', null
    union all select 38, 'buyers', 'revenue', 'buyers', null, null
    union all select 39, 'average_order_value', 'revenue', 'orders', null, null
    union all select 40, 'spend_per_buyer', 'revenue', 'buyers', null, null
    union all select 41, 'revenue.weekly.new_buyers', 'revenue', 'buyers', 'order_history', null
    union all select 42, 'revenue.weekly.group_revenue', 'revenue',
        'joins', 'buyers', 'order_groups'
    union all select 43, 'repurchase_90d_rate', 'revenue', 'buyers', null, null
    union all select 44, 'link_coverage', 'revenue', 'joins', 'buyers', null
    union all select 45, 'revenue.cohort_value', 'revenue', 'joins', 'buyers', null
    union all select 46, 'revenue.unit_economics', 'revenue', 'joins', 'outlays', 'costs'
    union all select 47, 'revenue.products', 'revenue', 'order_products', null, null
    union all select 48, 'revenue.concentration', 'revenue', 'order_products', null, null
    union all select 49, 'revenue.preorders', 'revenue', 'preorders', null, null
    union all select 50, 'revenue.stored_value', 'revenue', 'recharges', null, null
    union all select 51, 'revenue.leaders', 'revenue', 'leaders', null, null
    union all select 52, 'revenue.rfm', 'more', 'buyers', null, null
    union all select 53, 'revenue.lifetime_value', 'more', 'buyers', 'repeat_buyers', null
    union all select 54, 'invites_per_active', 'referral', 'invites', 'talk_or_sales', null
    union all select 55, 'k_factor', 'referral', 'invites', 'talk_or_sales', null
    union all select 56, 'referral.weekly.acceptance_rate', 'referral',
        'invites', 'failed_invites', null
    union all select 57, 'referral.weekly.reward_cost', 'referral', 'rewards', null, null
    union all select 58, 'referral.weekly.cost_per_kept_30d', 'referral', 'rewards', 'exits', null
    union all select 59, 'referral.tree', 'referral', 'invites', null, null
    union all select 60, 'referral.quality', 'referral', 'invites', 'exits', null
    union all select 61, 'referral.abuse', 'referral', 'reward_times', 'exits', null
    union all select 62, 'group_health.candidates.vip', 'groups', 'buyers', null, null
    union all select 63, 'group_health.candidates.freeloader', 'groups',
        'messages', 'buyers', 'rewards'
    union all select 64, 'group_health.candidates.kol', 'groups', 'messages', 'replies', null
    union all select 65, 'scorecard.aarrr', 'index', 'joins', 'talk_or_sales', 'invites'
    union all select 66, 'scorecard.stages', 'more', 'joins', 'messages', 'buyers'
    union all select 67, 'scorecard.bridge', 'index', 'joins', 'platform', null
    union all select 68, 'scorecard.weekly.target', 'index', 'targets', null, null
    union all select 69, 'quality.reconciliation', 'quality', 'platform', null, null
)

select
    metric, -- key of scorecard.weekly, schema.table or schema.table.column
    position, -- place in the list
    page, -- page of the report that shows it
    feature_1, -- what it needs
    feature_2, -- what it needs besides
    feature_3 -- and besides
from needs
