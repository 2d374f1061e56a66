-- One row per measure of stores, flash sales and leaders.
-- grain: concept_id, measure, subject_kind, subject, period
-- Days before R of orders. Members at the earlier of R of joins and of orders. Visits of a store
-- without an order, and how much of a flash sale's stock was sold, no export can show.
-- concept: M52 = store_orders_per_member, store_visits
-- concept: M56 = first_30min_order_share, sell_through
-- concept: M64 = store_buyer_share
-- concept: M65 = idle_leader_share
with

orders as (select * from core.orders),

campaigns as (select * from core.campaigns where campaign_type = 'flash_sale'),

groups as (select * from core.groups),

stays as (select * from core.community_stays),

windows as (select * from revenue.windows),

settings as (select * from core.settings),

exported as (select * from core.exported),

members as (
    select stays.member_id
    from stays
    cross join settings
    where stays.joined_at <= least(settings.report_join_at, settings.report_order_at)
        and (stays.left_at is null
            or stays.left_at > least(settings.report_join_at, settings.report_order_at))
    group by stays.member_id
),

store_orders as (
    select
        count(case when windows.period = '30d' and orders.buyer_kind in ('group', 'member')
            then 1 end) as orders_30d,
        count(distinct case when windows.period = '365d' then members.member_id end) as buyers
    from orders
    join windows on orders.paid_at >= windows.start_at and orders.paid_at < windows.end_at
    left join members on orders.member_id = members.member_id
    where orders.is_paid and orders.is_counted and orders.channel = 'store'
),

member_counts as (select count(*) as members from members),

sales as (select campaign_id, min(starts_at) as first_at from campaigns group by campaign_id),

early as (
    select orders.order_id
    from orders
    join campaigns on orders.campaign_id = campaigns.campaign_id
    cross join settings
    where orders.is_paid
        and orders.paid_at < settings.report_order_at
        and orders.paid_at >= campaigns.starts_at
        and orders.paid_at < campaigns.starts_at + interval 30 minute
    group by orders.order_id
),

sale_orders as (
    select
        sales.campaign_id,
        count(orders.order_id) as orders,
        count(early.order_id) as early_orders
    from sales
    cross join settings
    left join orders
        on sales.campaign_id = orders.campaign_id
        and orders.is_paid
        and orders.paid_at < settings.report_order_at
    left join early on orders.order_id = early.order_id
    group by sales.campaign_id
),

leaders as (
    select orders.leader_id
    from orders
    cross join settings
    where orders.leader_id is not null and orders.ordered_at < settings.report_order_at
    union
    select leader_id from groups where leader_id is not null
),

busy as (
    select orders.leader_id
    from orders
    join windows
        on windows.period = '30d'
        and orders.paid_at >= windows.start_at and orders.paid_at < windows.end_at
    where orders.is_paid and orders.leader_id is not null
    group by orders.leader_id
),

measures as (
    select 'M52' as concept_id, 'store_orders_per_member' as measure, 'community' as subject_kind,
        'all' as subject, '30d' as period, orders_30d as part, members as whole, 'store' as needs,
        'no_members' as empty_reason
    from store_orders
    cross join member_counts
    union all
    select 'M52', 'store_visits', 'community', 'all', '30d', null, null, 'nothing',
        'not_measurable'
    union all
    select 'M64', 'store_buyer_share', 'community', 'all', '365d', buyers, members, 'store',
        'no_members'
    from store_orders
    cross join member_counts
    union all
    select 'M56', 'first_30min_order_share', 'campaign', campaign_id, 'all', early_orders, orders,
        'sales', 'no_paid_orders'
    from sale_orders
    union all
    select 'M56', 'first_30min_order_share', 'community', 'all', 'all',
        cast(sum(early_orders) as bigint), cast(sum(orders) as bigint), 'sales', 'no_flash_sales'
    from sale_orders
    union all
    select 'M56', 'sell_through', 'community', 'all', 'all', null, null, 'nothing', 'not_measurable'
    union all
    select 'M65', 'idle_leader_share', 'community', 'all', '30d',
        count(leaders.leader_id) - count(busy.leader_id), count(leaders.leader_id), 'leaders',
        'no_leaders'
    from leaders
    left join busy on leaders.leader_id = busy.leader_id
),

judged as (
    select
        measures.*,
        case
            when needs = 'nothing' then empty_reason
            when settings.watermark_order_at is null then 'no_order_export'
            when needs = 'store' and settings.watermark_join_at is null then 'no_join_export'
            when needs = 'store' and not exported.has_order_channels then 'no_channels'
            when needs = 'sales' and not exported.has_order_campaigns then 'no_campaigns'
            when needs = 'leaders' and not exported.has_leaders then 'no_leaders'
            when not coalesce(windows.is_covered, true) and measures.period = '30d'
                then 'not_covered'
            when coalesce(whole, 0) = 0 then empty_reason
        end as reason
    from measures
    cross join settings
    cross join exported
    left join windows on measures.period = windows.period
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community or campaign
    subject, -- all, or the campaign
    period, -- days before R of orders, or all
    case when reason is null then cast(part as double) / whole end as value, -- the number
    case when reason is null then cast(part as double) end as numerator, -- what is counted
    case when reason is null then cast(whole as double) end as denominator, -- of what
    reason -- why there is no value
from judged
