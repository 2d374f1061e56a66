-- One row per feature of the exports: whether it is there, which part it reaches, what to export.
-- grain: feature
-- A limit is something that keeps it from being whole although it is there.
with

exported as (select * from core.exported),

shares as (select * from quality.feature_shares),

settings as (select * from core.settings),

coverage as (select * from core.source_coverage),

stays as (select * from core.stays),

orders as (select * from core.orders),

invites as (select * from core.invites),

groups as (select count(*) > 0 as has_any_groups from staging.groups),

history as (
    select count(distinct day) as order_days
    from coverage
    where event_kind = 'order'
),

inferred as (select coalesce(bool_or(is_exit_inferred), false) as is_inferred from stays),

repeaters as (
    select member_id
    from orders
    where is_paid and is_counted and member_id is not null
    group by member_id
    having max(purchase_number) > 1
),

repeats as (select count(*) as buyers from repeaters),

sendings as (
    select count(*) as invites, count(case when not accepted_only then 1 end) as with_failures
    from invites
),

facts as (
    select
        exported.*,
        settings.watermark_order_at is not null
            and history.order_days >= settings.order_history_days as has_history,
        inferred.is_inferred,
        repeats.buyers >= settings.lifetime_min_repeat_buyers as has_repeats,
        groups.has_any_groups,
        sendings.invites > 0 as has_any_invites,
        sendings.with_failures > 0 as has_failures
    from exported
    cross join settings
    cross join history
    cross join inferred
    cross join repeats
    cross join sendings
    cross join groups
),

flags as (
    select 'joins' as feature, has_joins as is_exported, false as is_limited,
        'joins (member lists or a join log) of every group' as needs_en,
        '所有群的入群记录（成员列表或入群日志）' as needs_zh from facts
    union all select 'known_joins', has_joins, false,
        'a join log from before the members came', '成员入群之前就开始的入群日志' from facts
    union all select 'exits', has_exits, is_inferred or not has_logged_exits,
        'leaves and kicks (or member lists, exported daily)', '退群与移出记录（或每天的成员列表）'
        from facts
    union all select 'scenes', has_scenes, false, 'how members joined (scene)', '入群方式' from facts
    union all select 'channels', has_channels, false,
        'where members came from (channel)', '入群渠道' from facts
    union all select 'messages', has_messages, false,
        'a message archive of every group', '所有群的消息存档' from facts
    union all select 'talk_or_sales', has_messages or has_orders,
        not (has_messages and has_orders), 'both messages and orders', '消息存档和订单' from facts
    union all select 'silence', (has_messages or has_orders) and has_any_groups,
        not has_messages,
        'a message archive: without it groups without sales are told, dead ones are not',
        '消息存档：没有它只能看出无成交群，看不出沉寂群' from facts
    union all select 'replies', has_replies, false,
        'what a message replies to', '消息的回复对象' from facts
    union all select 'topics', has_topics, false, 'topics of messages', '消息主题' from facts
    union all select 'tags', has_tags, false, 'tags of posts', '内容标签' from facts
    union all select 'red_packets', has_red_packets, false, 'red packets', '红包消息' from facts
    union all select 'packet_claims', has_packet_claims, false,
        'who took red packets', '红包领取人' from facts
    union all select 'checkins', has_checkins, false, 'check-ins', '打卡消息' from facts
    union all select 'orders', has_orders, false, 'orders', '订单' from facts
    union all select 'buyers', has_orders, false, 'the buyer of every order', '每笔订单的买家编号'
        from facts
    union all select 'order_history', has_orders, not has_history,
        'a longer order history', '更长的订单历史' from facts
    union all select 'repeat_buyers', has_orders and has_repeats, false,
        'orders of more repeat buyers', '更多复购客户的订单' from facts
    union all select 'order_groups', has_orders, false,
        'the group of every order', '每笔订单所属的群' from facts
    union all select 'order_products', has_order_products, false,
        'products of orders', '订单的商品' from facts
    union all select 'order_campaigns', has_order_campaigns, false,
        'the campaign of orders', '订单的活动编号' from facts
    union all select 'order_channels', has_order_channels, false,
        'where orders were placed', '订单渠道' from facts
    union all select 'costs', has_costs, false,
        'cost of goods (order lines or products)', '商品成本' from facts
    union all select 'discounts', has_discounts, false, 'discounts', '优惠金额' from facts
    union all select 'preorders', has_preorders, false, 'deposits', '定金订单' from facts
    union all select 'recharges', has_recharges, false, 'recharges', '储值记录' from facts
    union all select 'leaders', has_leaders, false, 'group leaders of orders', '订单的团长' from facts
    union all select 'invites', has_any_invites, false,
        'invites, or joins that name the inviter', '邀请记录，或带邀请人的入群记录' from facts
    union all select 'failed_invites', has_failures, false,
        'invites that failed too', '包括未成功的邀请' from facts
    union all select 'rewards', has_reward_costs, false, 'what rewards cost', '邀请奖励金额' from facts
    union all select 'reward_times', has_reward_times, false,
        'when rewards were paid', '奖励发放时间' from facts
    union all select 'capacities', has_groups, not has_capacities,
        'the capacity of groups', '群人数上限' from facts
    union all select 'owners', has_owners, false, 'the owner of groups', '群主' from facts
    union all select 'parents', has_parent_groups, false,
        'the parent of groups', '母群编号' from facts
    union all select 'tiers', has_tiers, false, 'tiers of members', '会员等级' from facts
    union all select 'campaigns', has_campaigns, false, 'the list of campaigns', '活动列表' from facts
    union all select 'waves', has_waves, false, 'wave numbers of campaigns', '活动期数' from facts
    union all select 'outlays', has_spend or has_gift_costs, not (has_spend and has_gift_costs),
        'spend of campaigns and unit costs of gifts', '活动花费和礼品单价' from facts
    union all select 'gifts', has_gifts, false, 'gifts and coupons', '礼品和优惠券' from facts
    union all select 'platform', has_platform_totals, false,
        'the platform''s own totals', '平台统计数据' from facts
    union all select 'targets', has_targets, false, 'targets', '目标' from facts
)

select
    flags.feature, -- what is exported
    flags.is_exported and coalesce(shares.share_covered > 0, true)
        as is_exported, -- whether anybody exported it
    flags.is_limited, -- whether something keeps it from being whole
    case when flags.is_exported then shares.share_covered end
        as share_covered, -- the part it reaches; NULL where it is whole or there is nothing
    shares.unit, -- of what the share is: groups, members, orders or invites
    flags.needs_en, -- what to export to have all of it
    flags.needs_zh -- the same in Chinese
from flags
left join shares on flags.feature = shares.feature
