-- One row per buyer who may be a VIP, for review.
-- grain: member_id
-- M82. Identified buyers (members or not, never staff) of the 90 days before R of orders, with a
-- percentile (share of buyers with at most their net) of vip_percentile or more and vip_min_orders
-- paid orders; of those the best by net, orders, id, at most vip_max_share of the buyers. Nobody
-- where orders of a day of the 90 were not exported.
with

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

members as (select * from core.members),

stays as (select * from core.stays),

settings as (select * from core.settings),

windows as (select * from revenue.windows where period = '90d' and is_covered),

exported as (select * from core.exported),

nets as (
    select orders.member_id, sum(order_lines.amount) as net_90d
    from order_lines
    join windows
        on order_lines.effective_at >= windows.start_at
        and order_lines.effective_at < windows.end_at
    join orders on order_lines.order_id = orders.order_id
    where order_lines.is_revenue and orders.is_counted
    group by orders.member_id
),

buyers as (
    select orders.member_id, count(*) as orders_90d
    from orders
    join windows on orders.paid_at >= windows.start_at and orders.paid_at < windows.end_at
    where orders.is_paid and orders.is_counted
    group by orders.member_id
),

ranked as (
    select
        buyers.member_id,
        buyers.orders_90d,
        coalesce(nets.net_90d, 0) as net_90d,
        cume_dist() over (order by coalesce(nets.net_90d, 0)) as percentile,
        count(*) over () as buyers
    from buyers
    left join nets on buyers.member_id = nets.member_id
),

present as (
    select distinct stays.member_id
    from stays
    cross join settings
    where stays.joined_at < settings.report_order_at
        and (stays.left_at is null or stays.left_at >= settings.report_order_at)
),

placed as (
    select
        ranked.*,
        settings.report_order_at,
        settings.currency,
        floor(settings.vip_max_share * ranked.buyers + 0.000001) as places,
        row_number() over (
            order by ranked.net_90d desc, ranked.orders_90d desc, ranked.member_id
        ) as place
    from ranked
    cross join settings
    where ranked.percentile >= settings.vip_percentile
        and ranked.orders_90d >= settings.vip_min_orders
),

chosen as (select * from placed where place <= places)

select
    chosen.member_id, -- buyer
    chosen.report_order_at as report_at, -- R of orders, naive UTC
    cast(chosen.net_90d as decimal(18, 2)) as net_90d, -- net revenue of 90 days
    chosen.orders_90d, -- paid orders of 90 days
    chosen.percentile, -- share of the buyers with at most this net revenue
    chosen.buyers, -- buyers of 90 days
    chosen.place, -- place among the candidates
    members.tier, -- tier already set
    case when exported.has_joins or exported.has_messages then present.member_id is not null end
        as is_in_group, -- whether in a group at R; NULL where nobody exports that
    'Net revenue of ' || cast(cast(chosen.net_90d as decimal(18, 2)) as varchar) || ' '
        || chosen.currency || ' from ' || cast(chosen.orders_90d as varchar)
        || ' orders in 90 days, at least as much as '
        || cast(cast(floor(chosen.percentile * 100 + 0.000001) as bigint) as varchar)
        || ' % of the buyers.' || coalesce(' The tier ' || members.tier || ' is already set.', '')
        as reason_en, -- why, in words
    '90 天内 ' || cast(chosen.orders_90d as varchar) || ' 笔订单，净销售额 '
        || cast(cast(chosen.net_90d as decimal(18, 2)) as varchar) || ' ' || chosen.currency
        || '，不低于 '
        || cast(cast(floor(chosen.percentile * 100 + 0.000001) as bigint) as varchar)
        || '% 的买家。' || coalesce('已设等级：' || members.tier || '。', '')
        as reason_zh -- the same in Chinese
from chosen
cross join exported
left join members on chosen.member_id = members.member_id
left join present on chosen.member_id = present.member_id
