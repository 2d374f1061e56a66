-- One row per measure of how customers buy: recharges, entry products, how often.
-- grain: concept_id, measure, subject_kind, subject, period
-- Known customers, no staff. Entry buyers whose 30 days after the first order with an entry product
-- are over at W; full price = a later paid order without discount with a product that is none.
-- concept: M54 = recharging_share, recharge_spent_90d_share
-- concept: M59 = entry_to_full_price_rate
-- concept: M101 = buying_state_share
with

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

products as (select * from core.products),

recharges as (select * from revenue.recharges),

weeks as (select * from core.weeks),

calendar as (select * from core.calendar),

windows as (select * from revenue.windows where period = '28d'),

settings as (select * from core.settings),

exported as (select * from core.exported),

customers as (
    select
        calendar.week_start,
        orders.member_id,
        count(case when order_lines.line_kind = 'recharge' then 1 end) as recharges
    from order_lines
    join orders on order_lines.order_id = orders.order_id
    join calendar on order_lines.effective_day = calendar.day
    where orders.is_counted
        and (order_lines.line_kind = 'recharge'
            or (orders.is_paid and order_lines.effective_day = orders.paid_day))
    group by calendar.week_start, orders.member_id
),

customer_weeks as (
    select
        weeks.week_start,
        count(customers.member_id) as customers,
        count(case when customers.recharges > 0 then 1 end) as rechargers
    from weeks
    left join customers on weeks.week_start = customers.week_start
    where weeks.is_order_complete
    group by weeks.week_start
),

entry_orders as (
    select
        orders.order_id,
        orders.member_id,
        orders.paid_at,
        orders.paid_day,
        bool_or(coalesce(products.is_entry, false)) as is_entry,
        orders.discount = 0 and orders.gmv > 0
            and bool_or(not coalesce(products.is_entry, false)) as is_full_price
    from orders
    join order_lines on orders.order_id = order_lines.order_id and not order_lines.is_refund
    left join products on order_lines.product_id = products.product_id
    where orders.is_paid and orders.is_counted
    group by orders.order_id, orders.member_id, orders.paid_at, orders.paid_day, orders.discount,
        orders.gmv
),

entries as (
    select member_id, min(paid_at) as entered_at, min(paid_day) as entered_day
    from entry_orders
    where is_entry
    group by member_id
),

entered as (
    select
        entries.member_id,
        count(later.order_id) as full_price_orders
    from entries
    cross join settings
    join calendar as starts on entries.entered_day = starts.day
    join calendar as ends
        on entries.entered_at + interval 30 day > ends.day_start_at
        and entries.entered_at + interval 30 day <= ends.day_end_at
        and ends.order_days_missed = starts.order_days_missed
    left join entry_orders as later
        on entries.member_id = later.member_id
        and later.is_full_price
        and later.paid_at > entries.entered_at
        and later.paid_at < entries.entered_at + interval 30 day
    where entries.entered_at + interval 30 day <= settings.watermark_order_at
    group by entries.member_id
),

buyers as (
    select
        orders.member_id,
        count(distinct case when orders.paid_at >= windows.start_at then orders.paid_day end)
            as days,
        count(distinct case when orders.paid_at >= windows.start_at then calendar.week_start end)
            as weeks
    from orders
    join windows on orders.paid_at < windows.end_at
    join calendar on orders.paid_day = calendar.day
    where orders.is_paid and orders.is_counted
    group by orders.member_id
),

states as (
    select member_id, case when days >= 12 then 'daily' when weeks >= 3 then 'weekly'
        when days > 0 then 'monthly' else 'dormant' end as state
    from buyers
),

state_names as (select unnest(['daily', 'weekly', 'monthly', 'dormant']) as state),

measures as (
    select 'M54' as concept_id, 'recharging_share' as measure, 'community' as subject_kind,
        'all' as subject, cast(week_start as varchar) as period, cast(rechargers as double) as part,
        cast(customers as double) as whole, 'recharges' as needs, 'no_buyers' as empty_reason
    from customer_weeks
    union all
    select 'M54', 'recharging_share', 'community', 'all', 'all', cast(sum(rechargers) as double),
        cast(sum(customers) as double), 'recharges', 'no_buyers'
    from customer_weeks
    union all
    select 'M54', 'recharge_spent_90d_share', 'community', 'all', 'all',
        cast(sum(case when is_mature and is_covered then spent_90d end) as double),
        cast(sum(case when is_mature and is_covered then amount end) as double), 'recharges',
        'not_mature'
    from recharges
    union all
    select 'M59', 'entry_to_full_price_rate', 'community', 'all', 'all',
        cast(count(case when full_price_orders > 0 then 1 end) as double),
        cast(count(*) as double), 'entries', 'not_mature'
    from entered
    union all
    select 'M101', 'buying_state_share', 'buying_state', state_names.state, '28d',
        cast(count(states.member_id) as double),
        cast(sum(count(states.member_id)) over () as double), 'window', 'no_buyers'
    from state_names
    left join states on state_names.state = states.state
    group by state_names.state
),

judged as (
    select
        measures.*,
        case
            when settings.watermark_order_at is null then 'no_order_export'
            when needs = 'recharges' and not exported.has_recharges then 'no_recharges'
            when needs = 'entries' and not exported.has_entry_products then 'no_entry_products'
            when needs = 'entries' and not exported.has_discounts then 'no_discounts'
            when needs = 'window' and not windows.is_covered then 'not_covered'
            when coalesce(whole, 0) = 0 then empty_reason
        end as reason
    from measures
    cross join windows
    cross join settings
    cross join exported
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community or buying_state
    subject, -- all, or the state
    period, -- days before R of orders, first day of a week, or all weeks together
    case when reason is null then part / whole end as value, -- numerator / denominator
    case when reason is null then part end as numerator, -- what is counted
    case when reason is null then whole end as denominator, -- of what
    reason -- why there is no value
from judged
