-- One row per buyer: how lately, how often and for how much, as of the report.
-- grain: member_id
-- Identified buyers with a paid order before report_order_at, staff left out; whole known history.
-- Scores 1 to 5 (best): 1 + floor(5 x buyers with a worse value / buyers), so that equal values
-- have equal scores. Purchase = purchase day in the clv_ columns.
with

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

settings as (select * from core.settings),

calendar as (select * from core.calendar),

last_days as (
    select settings.report_order_at, calendar.day as last_day
    from settings
    join calendar on settings.report_order_at = calendar.day_end_at
),

known_lines as (
    select order_lines.order_id, sum(order_lines.amount) as net_revenue
    from order_lines
    cross join last_days
    where order_lines.is_revenue and order_lines.effective_at < last_days.report_order_at
    group by order_lines.order_id
),

customer_orders as (
    select
        orders.member_id,
        coalesce(orders.is_paid and orders.paid_at < last_days.report_order_at, false) as is_paid,
        orders.paid_day,
        last_days.last_day,
        min(case when orders.is_paid and orders.paid_at < last_days.report_order_at
            then orders.paid_day end) over (partition by orders.member_id) as first_day,
        coalesce(known_lines.net_revenue, 0) as net_revenue
    from orders
    cross join last_days
    left join known_lines on orders.order_id = known_lines.order_id
    where orders.is_counted
),

buyers as (
    select
        member_id,
        date_diff('day', max(case when is_paid then paid_day end), max(last_day)) as recency_days,
        count(case when is_paid then 1 end) as frequency,
        sum(net_revenue) as monetary,
        count(distinct case when is_paid then paid_day end) - 1 as clv_frequency,
        date_diff('day', min(first_day), max(case when is_paid then paid_day end))
            as clv_recency_days,
        date_diff('day', min(first_day), max(last_day)) as clv_age_days,
        sum(case when is_paid and paid_day > first_day then net_revenue else 0 end)
            as repeat_revenue
    from customer_orders
    where first_day is not null
    group by member_id
),

ranked as (
    select
        buyers.*,
        rank() over (order by recency_days desc) - 1 as worse_recency,
        rank() over (order by frequency) - 1 as worse_frequency,
        rank() over (order by monetary) - 1 as worse_monetary,
        count(*) over () as buyers
    from buyers
),

scored as (
    select
        ranked.*,
        cast(1 + floor(5.0 * worse_recency / buyers) as integer) as r,
        cast(1 + floor(5.0 * worse_frequency / buyers) as integer) as f,
        cast(1 + floor(5.0 * worse_monetary / buyers) as integer) as m
    from ranked
)

select
    member_id, -- buyer
    recency_days, -- days from the last purchase day to the last day of the report
    frequency, -- paid orders
    cast(monetary as decimal(18, 2)) as monetary, -- net revenue, refunds taken off
    r, -- quintile of recency, 5 is the latest
    f, -- quintile of frequency, 5 is the most often
    m, -- quintile of monetary, 5 is the most
    case
        when r = 5 and f >= 4 then 'champions'
        when r >= 3 and f >= 4 then 'loyal_customers'
        when r >= 4 and f >= 2 then 'potential_loyalists'
        when r = 5 then 'new_customers'
        when r = 4 then 'promising'
        when r = 3 and f = 3 then 'need_attention'
        when r = 3 then 'about_to_sleep'
        when f = 5 then 'cannot_lose_them'
        when f >= 3 then 'at_risk'
        else 'hibernating'
    end as segment, -- standard name of the pair r, f
    clv_frequency, -- purchase days after the first
    clv_recency_days, -- days from the first to the last purchase day
    clv_age_days, -- days from the first purchase day to the last day of the report
    cast(case when clv_frequency > 0 then
        floor(cast(repeat_revenue as double) / clv_frequency * 100 + 0.5) / 100
    end as decimal(18, 2)) as clv_monetary -- net revenue of a purchase day after the first, mean
from scored
