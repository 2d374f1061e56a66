-- One row per month of first purchase and category, with all rows ('all') for each.
-- grain: cohort_month, category
-- M50 repurchase, M102 category window. Of buyers whose first purchase day lies in the month, those
-- with a later purchase day within 90 d / those whose 90 d are over. lifetime counts any later
-- purchase day. In a category both purchases are of it. Staff are left out. A month has no rate
-- until its end + 90 d <= W, or when an order day from its first purchase day to 89 d after its
-- last day is uncovered; the row of all months (cohort_month NULL) pools the buyers whose own 90 d
-- are over and covered. The category's window the same, with its own days.
-- concept: M50 = repurchased_90d_buyers, repurchase_90d_rate, lifetime_repurchase_rate
-- concept: M51 = median_days_between
-- concept: M102 = category_window_days, repurchase_window_rate
with

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

products as (select * from core.products),

settings as (select * from core.settings),

calendar as (select * from core.calendar),

purchases as (
    select distinct 'all' as category, member_id, paid_day
    from orders
    where is_paid and is_counted
    union
    select distinct products.category, orders.member_id, orders.paid_day
    from orders
    join order_lines on orders.order_id = order_lines.order_id and not order_lines.is_refund
    join products on order_lines.product_id = products.product_id
    where orders.is_paid and orders.is_counted and products.category is not null
),

gaps as (
    select
        category,
        member_id,
        paid_day,
        row_number() over (partition by category, member_id order by paid_day) as purchase,
        date_diff('day', lag(paid_day)
            over (partition by category, member_id order by paid_day), paid_day) as gap_days
    from purchases
),

-- The p80 of gaps is the smallest gap that at least 80 % of all gaps do not exceed.
ranked_gaps as (
    select
        category,
        gap_days,
        cume_dist() over (partition by category order by gap_days) as place
    from gaps
    where gap_days is not null
),

category_windows as (
    select category, min(case when place >= 0.8 then gap_days end) as window_days
    from ranked_gaps
    group by category
),

buyers as (
    select
        category,
        member_id,
        min(case when purchase = 1 then paid_day end) as first_day,
        min(case when purchase = 2 then gap_days end) as first_gap_days
    from gaps
    group by category, member_id
),

-- A window without a hole is as many days long as days were exported in it.
placed as (
    select
        buyers.*,
        category_windows.window_days,
        firsts.month_start,
        firsts.order_days_missed - case when firsts.is_order_covered then 0 else 1 end
            as missed_before,
        firsts.day_end_at + interval 90 day <= settings.watermark_order_at
            and ends.order_days_missed = firsts.order_days_missed as is_mature_90d,
        firsts.day_end_at + category_windows.window_days * interval 1 day
            <= settings.watermark_order_at
            and window_ends.order_days_missed = firsts.order_days_missed as is_mature_window
    from buyers
    cross join settings
    join calendar as firsts on buyers.first_day = firsts.day
    left join category_windows on buyers.category = category_windows.category
    left join calendar as ends on firsts.day_number + 89 = ends.day_number
    left join calendar as window_ends
        on firsts.day_number + category_windows.window_days = window_ends.day_number
),

months as (
    select month_start as cohort_month, * from placed
    union all
    select cast(null as date) as cohort_month, * from placed
),

month_ends as (
    select month_start, max(day_end_at) as month_end_at, max(day_number) as last_number
    from calendar
    group by month_start
),

medians as (
    select category, median(gap_days) as median_days
    from gaps
    where gap_days is not null
    group by category
),

counted as (
    select
        cohort_month,
        category,
        count(*) as buyers,
        max(window_days) as window_days,
        min(missed_before) as missed_before,
        count(case when is_mature_90d then 1 end) as mature_buyers,
        count(case when is_mature_90d and first_gap_days < 90 then 1 end) as repurchased_90d,
        count(case when is_mature_window then 1 end) as mature_window_buyers,
        count(case when is_mature_window and first_gap_days <= window_days then 1 end)
            as repurchased_window,
        count(case when first_gap_days is not null then 1 end) as repurchased_ever
    from months
    group by cohort_month, category
),

judged as (
    select
        counted.*,
        case when counted.cohort_month is null then counted.mature_buyers > 0
            else coalesce(
                month_ends.month_end_at + interval 90 day <= settings.watermark_order_at, false
            ) end as is_over,
        counted.cohort_month is null
            or coalesce(ends.order_days_missed = counted.missed_before, false) as is_covered,
        case when counted.cohort_month is null then counted.mature_window_buyers > 0
            else coalesce(month_ends.month_end_at + counted.window_days * interval 1 day
                <= settings.watermark_order_at
                and window_ends.order_days_missed = counted.missed_before, false)
        end as is_window_complete
    from counted
    cross join settings
    left join month_ends on counted.cohort_month = month_ends.month_start
    left join calendar as ends on month_ends.last_number + 89 = ends.day_number
    left join calendar as window_ends
        on month_ends.last_number + counted.window_days = window_ends.day_number
)

select
    judged.cohort_month, -- first day of the month of first purchase; NULL for all months
    judged.category, -- product category, or all
    judged.buyers, -- buyers whose first purchase lies in the month
    judged.mature_buyers, -- of them, whose 90 days are over and covered
    case when judged.is_over and judged.is_covered then judged.repurchased_90d end
        as repurchased_90d_buyers, -- mature buyers with a later purchase day within 90 d
    case when judged.is_over and judged.is_covered
        then cast(judged.repurchased_90d as double) / nullif(judged.mature_buyers, 0) end
        as repurchase_90d_rate, -- repurchased_90d_buyers / mature_buyers (复购率)
    judged.window_days as category_window_days, -- p80 of the days between purchases of the category
    case when judged.is_window_complete
        then cast(judged.repurchased_window as double) / nullif(judged.mature_window_buyers, 0) end
        as repurchase_window_rate, -- the same within the category's own window
    cast(judged.repurchased_ever as double) / judged.buyers
        as lifetime_repurchase_rate, -- buyers with any later purchase day / buyers
    medians.median_days as median_days_between, -- median days between purchase days, all months
    judged.is_over and judged.is_covered
        as is_complete, -- whether the 90 days of the whole month are over and covered
    case
        when not judged.is_over then 'not_mature'
        when not judged.is_covered then 'not_covered'
    end as reason -- why the rate is missing
from judged
left join medians on judged.category = medians.category
