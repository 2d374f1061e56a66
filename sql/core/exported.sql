-- One row: what the exports of this project hold beyond the required columns.
-- grain: project_name
-- has_… = at least one row carries it. A metric that needs a column nobody exported is NULL with a
-- reason, never zero.
with

settings as (select * from staging.settings),

-- A thread of one message answers nobody.
threads as (select count(*) as threads from core.threads),

joins as (
    select
        count(*) > 0 as has_joins,
        coalesce(bool_or(action in ('leave', 'kick')), false) as has_exits,
        coalesce(bool_or(action in ('leave', 'kick') and left_after is null), false)
            as has_logged_exits,
        count(scene) > 0 as has_scenes,
        count(channel) > 0 as has_channels
    from staging.joins
),

-- Two lists of a group tell who left, also where nobody did.
lists as (select count(next_at) > 0 as has_list_exits from staging.list_times),

messages as (
    select
        count(*) > 0 as has_messages,
        count(reply_to_message_id) as replies,
        count(thread_id) as thread_messages,
        count(mentions) > 0 as has_mentions,
        count(is_question) > 0 as has_questions,
        count(topic) > 0 as has_topics,
        count(tag) > 0 as has_tags,
        count(subject) > 0 as has_subjects,
        count(product_id) > 0 as has_product_posts,
        count(campaign_id) > 0 as has_campaign_posts,
        coalesce(bool_or(kind = 'red_packet'), false) as has_red_packets,
        count(case when kind = 'red_packet' then amount end) > 0 as has_packet_amounts,
        count(claimed_by) > 0 as has_packet_claims,
        coalesce(bool_or(kind = 'checkin'), false) as has_checkins,
        coalesce(bool_or(kind = 'mini_program'), false) as has_mini_programs
    from staging.messages
),

costs as (select count(cost) > 0 as has_product_costs from staging.products),

orders as (
    select
        count(*) > 0 as has_orders,
        count(group_id) > 0 as has_order_groups,
        count(product_id) > 0 as has_order_products,
        count(cost_amount) > 0 as has_order_costs,
        count(campaign_id) > 0 as has_order_campaigns,
        count(channel) > 0 as has_order_channels,
        count(leader_id) > 0 as has_leaders,
        count(discount_amount) > 0 as has_discounts,
        count(team_id) > 0 as has_teams,
        coalesce(
            bool_or(kind = 'refund' or status = 'refunded' or refunded_amount > 0), false
        ) as has_refunds,
        coalesce(bool_or(kind = 'preorder_deposit'), false) as has_preorders,
        coalesce(bool_or(kind = 'recharge'), false) as has_recharges
    from staging.orders
),

invites as (
    select
        count(*) > 0 as has_invites,
        count(reward_cost) > 0 as has_reward_costs,
        count(rewarded_at) > 0 as has_reward_times
    from staging.invites
),

groups as (
    select
        count(*) > 0 as has_groups,
        count(capacity) > 0 as has_capacities,
        count(group_type) > 0 as has_group_types,
        count(created_at) > 0 as has_group_starts,
        count(owner_id) > 0 as has_owners,
        count(parent_group_id) > 0 as has_parent_groups,
        count(region) > 0 as has_group_regions,
        count(topic) > 0 as has_group_topics
    from staging.groups
),

members as (
    select
        count(tier) > 0 as has_tiers,
        count(tier_since) > 0 as has_tier_dates,
        count(archive_consent) > 0 as has_consents,
        count(opted_out_at) > 0 as has_opt_outs
    from staging.members
),

campaigns as (
    select
        count(*) > 0 as has_campaigns,
        count(spend) > 0 as has_spend,
        count(wave_number) > 0 as has_waves
    from staging.campaigns
),

products as (
    select
        count(category) > 0 as has_categories,
        coalesce(bool_or(is_entry), false) as has_entry_products,
        count(launched_at) + count(on_sale_at) > 0 as has_launches
    from staging.products
),

gifts as (
    select
        count(*) > 0 as has_gifts,
        count(unit_cost) > 0 as has_gift_costs,
        count(prize_level) > 0 as has_prizes
    from staging.gifts
),

platform as (select count(*) > 0 as has_platform_totals from staging.platform_stats),

targets as (select count(*) > 0 as has_targets from staging.targets)

select
    settings.project_name, -- name of the project
    joins.has_joins, -- joins, leaves or kicks
    joins.has_exits or lists.has_list_exits as has_exits, -- leaves or kicks, or member lists twice
    joins.has_logged_exits, -- leaves or kicks told as events
    lists.has_list_exits, -- member lists of a group twice or more
    joins.has_scenes, -- how members came in
    joins.has_channels, -- where members came from
    messages.has_messages, -- messages
    messages.replies > 0 or messages.thread_messages > threads.threads
        as has_replies, -- whether any message answers another: a reply, or the second of a thread
    messages.has_mentions, -- whom a message mentions
    messages.has_questions, -- whether a message asks something
    messages.has_topics, -- what a message is for
    messages.has_tags, -- what a post offers
    messages.has_subjects, -- what a message is about
    messages.has_product_posts, -- products of posts
    messages.has_campaign_posts, -- campaigns of posts
    messages.has_red_packets, -- red packets
    messages.has_packet_amounts, -- their amounts
    messages.has_packet_claims, -- who took them
    messages.has_checkins, -- check-ins
    messages.has_mini_programs, -- mini-program posts
    orders.has_orders, -- orders
    orders.has_order_groups, -- the group of an order
    orders.has_order_products, -- products of order lines
    orders.has_order_costs or costs.has_product_costs as has_costs, -- cost of goods
    orders.has_order_campaigns, -- the campaign of an order
    orders.has_order_channels, -- where an order was placed
    orders.has_leaders, -- group leaders
    orders.has_discounts, -- discounts
    orders.has_teams, -- group-buying teams
    orders.has_refunds, -- refunds
    orders.has_preorders, -- deposits
    orders.has_recharges, -- recharges
    invites.has_invites, -- invites
    invites.has_reward_costs, -- what rewards cost
    invites.has_reward_times, -- when they were paid
    groups.has_groups, -- the list of groups
    groups.has_capacities, -- their capacity
    groups.has_group_types, -- their type
    groups.has_group_starts, -- when they were opened
    groups.has_owners, -- who runs them
    groups.has_parent_groups, -- the group a group was copied from
    groups.has_group_regions, -- their region
    groups.has_group_topics, -- their subject
    members.has_tiers, -- tiers of members
    members.has_tier_dates, -- since when
    members.has_consents, -- consent to archiving
    members.has_opt_outs, -- opting out of pushes
    campaigns.has_campaigns, -- the list of campaigns
    campaigns.has_spend, -- what campaigns cost
    campaigns.has_waves, -- their wave numbers
    products.has_categories, -- categories of products
    products.has_entry_products, -- entry products
    products.has_launches, -- when products were launched
    gifts.has_gifts, -- gifts
    gifts.has_gift_costs, -- their unit cost
    gifts.has_prizes, -- prize levels of lotteries
    platform.has_platform_totals, -- the platform's own statistics
    targets.has_targets -- targets
from settings
cross join joins
cross join lists
cross join messages
cross join threads
cross join costs
cross join orders
cross join invites
cross join groups
cross join members
cross join campaigns
cross join products
cross join gifts
cross join platform
cross join targets
