-- One row per measure of orders: by week of the order, frequency, discounts, refunds and channels.
-- grain: concept_id, measure, subject_kind, subject, period
-- Paid orders in the days before R of orders; complaints before R of messages. An order's week is
-- that of its payment, or of its first line where it has none; all its lines count there, whenever
-- dated. Weeks after R are left out; one with a day that was not exported has no value.
-- concept: M48 = net_by_order_week, refunded_share_by_order_week
-- concept: M51 = orders_per_buyer
-- concept: M62 = discounted_order_share, repeat_margin_rate_discounted, repeat_margin_rate_full
-- concept: M63 = refund_rate, complaint_bursts
-- concept: M64 = channel_share
with

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

calendar as (select * from core.calendar),

weeks as (select * from core.weeks),

windows as (select * from revenue.windows),

complaints as (select * from revenue.complaints),

settings as (select * from core.settings),

exported as (select * from core.exported),

order_days as (
    select order_id, min(effective_day) as first_day
    from order_lines
    where is_revenue
    group by order_id
),

order_weeks as (
    select
        weeks.week_start,
        weeks.is_order_complete,
        sum(orders.gmv) as gmv,
        sum(orders.refunded) as refunded
    from orders
    join order_days on orders.order_id = order_days.order_id
    join calendar on coalesce(orders.paid_day, order_days.first_day) = calendar.day
    cross join settings
    join weeks
        on calendar.week_start = weeks.week_start
        and weeks.week_end_at <= settings.report_order_at
    group by weeks.week_start, weeks.is_order_complete
),

paid as (
    select
        windows.period,
        count(orders.order_id) as orders,
        count(case when orders.discount > 0 then 1 end) as discounted,
        count(case when orders.is_counted then 1 end) as buyer_orders,
        count(distinct case when orders.is_counted then orders.member_id end) as buyers,
        sum(case when orders.purchase_number > 1 and orders.discount > 0 then orders.margin end)
            as margin_discounted,
        sum(case when orders.purchase_number > 1 and orders.discount > 0
            and orders.margin is not null then orders.net_revenue end) as net_discounted,
        sum(case when orders.purchase_number > 1 and orders.discount = 0 then orders.margin end)
            as margin_full,
        sum(case when orders.purchase_number > 1 and orders.discount = 0
            and orders.margin is not null then orders.net_revenue end) as net_full
    from windows
    left join orders
        on orders.is_paid and orders.paid_at >= windows.start_at and orders.paid_at < windows.end_at
    where windows.period in ('30d', '90d')
    group by windows.period
),

recent as (
    select
        coalesce(orders.channel, 'unknown') as channel,
        order_lines.is_refund,
        sum(order_lines.amount) as net
    from order_lines
    join orders on order_lines.order_id = orders.order_id
    join windows
        on windows.period = '30d'
        and order_lines.effective_at >= windows.start_at
        and order_lines.effective_at < windows.end_at
    where order_lines.is_revenue
    group by coalesce(orders.channel, 'unknown'), order_lines.is_refund
),

channels as (
    select
        'group' as channel,
        cast(0 as decimal(18, 2)) as net
    union all
    select channel, net from recent
),

bursts as (
    select
        count(complaints.day) as bursts,
        count(case when not calendar.is_message_covered then 1 end) as missed_days
    from calendar
    join settings
        on calendar.day_end_at > settings.report_message_at - interval 28 day
        and calendar.day_start_at < settings.report_message_at
    left join complaints on calendar.day = complaints.day and complaints.is_burst
),

measures as (
    select 'M48' as concept_id, 'net_by_order_week' as measure, 'community' as subject_kind,
        'all' as subject, cast(week_start as varchar) as period,
        case when is_order_complete then 'all' else 'week' end as covered_by,
        cast(gmv + refunded as double) as part, cast(null as double) as whole,
        cast(null as varchar) as needs
    from order_weeks
    union all
    select 'M48', 'net_by_order_week', 'community', 'all', 'all', 'all',
        cast(sum(gmv + refunded) as double), null, null
    from order_weeks
    union all
    select 'M48', 'refunded_share_by_order_week', 'community', 'all', cast(week_start as varchar),
        case when is_order_complete then 'all' else 'week' end, cast(-refunded as double),
        cast(gmv as double), 'refunds'
    from order_weeks
    union all
    select 'M48', 'refunded_share_by_order_week', 'community', 'all', 'all', 'all',
        cast(-sum(refunded) as double), cast(sum(gmv) as double), 'refunds'
    from order_weeks
    union all
    select 'M51', 'orders_per_buyer', 'community', 'all', period, period, buyer_orders, buyers, null
    from paid
    where period = '30d'
    union all
    select 'M62', 'discounted_order_share', 'community', 'all', period, period, discounted, orders,
        'discounts'
    from paid
    where period = '30d'
    union all
    select 'M62', 'repeat_margin_rate_discounted', 'community', 'all', period, period,
        cast(margin_discounted as double), cast(net_discounted as double), 'discounts and costs'
    from paid
    where period = '90d'
    union all
    select 'M62', 'repeat_margin_rate_full', 'community', 'all', period, period,
        cast(margin_full as double), cast(net_full as double), 'discounts and costs'
    from paid
    where period = '90d'
    union all
    select 'M63', 'refund_rate', 'community', 'all', '30d', '30d',
        coalesce(cast(-sum(case when is_refund then net end) as double), 0),
        cast(sum(case when not is_refund then net end) as double), 'refunds'
    from recent
    union all
    select 'M63', 'complaint_bursts', 'community', 'all', '28d', 'none',
        case when missed_days = 0 then bursts end, null, 'topics'
    from bursts
    union all
    select 'M64', 'channel_share', 'channel', channel, '30d', '30d', cast(sum(net) as double),
        cast(sum(sum(net)) over () as double), 'channels'
    from channels
    group by channel
),

judged as (
    select
        measures.*,
        case
            when settings.watermark_order_at is null and needs is distinct from 'topics'
                then 'no_order_export'
            when needs = 'topics' and settings.watermark_message_at is null
                then 'no_message_export'
            when needs = 'topics' and not exported.has_topics then 'no_topics'
            when needs = 'topics' and part is null then 'not_covered'
            when needs = 'refunds' and not exported.has_refunds then 'no_refunds'
            when needs like 'discounts%' and not exported.has_discounts then 'no_discounts'
            when needs like '%costs' and not exported.has_costs then 'no_costs'
            when needs = 'channels' and not exported.has_order_channels then 'no_channels'
            when covered_by = 'week' then 'incomplete_week'
            when not coalesce(windows.is_covered, true) then 'not_covered'
            when part is null or whole = 0 then 'no_paid_orders'
        end as reason
    from measures
    cross join settings
    cross join exported
    left join windows on measures.covered_by = windows.period
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community or channel
    subject, -- all, or the channel of the order
    period, -- days before R, first day of the week of the order, or all
    case when reason is null then part / coalesce(whole, 1) end as value, -- the number
    case when reason is null then cast(part as double) end as numerator, -- what is counted
    case when reason is null then cast(whole as double) end as denominator, -- of what
    reason -- why there is no value
from judged
