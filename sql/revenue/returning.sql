-- One row per month: who bought in the month before, and how many of them bought again in it.
-- grain: month_start
-- 回购率. Known buyers with a paid order in the calendar month. NULL until the month is over at W,
-- or when a day of the two months is uncovered; the buyers before are always told.
with

orders as (select * from core.orders),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

months as (
    select
        month_start,
        row_number() over (order by month_start) as month_number,
        min(day_start_at) as month_start_at,
        max(day_end_at) as month_end_at,
        count(case when not is_order_covered then 1 end) as missed_days
    from calendar
    group by month_start
),

buying as (
    select months.month_number, orders.member_id
    from orders
    join calendar on orders.paid_day = calendar.day
    join months on calendar.month_start = months.month_start
    where orders.is_paid and orders.is_counted
    group by months.month_number, orders.member_id
),

returns as (
    select
        buying.month_number + 1 as month_number,
        count(*) as buyers_before,
        count(again.member_id) as bought_again
    from buying
    left join buying as again
        on buying.member_id = again.member_id and buying.month_number + 1 = again.month_number
    group by buying.month_number
),

first_months as (select min(month_number) as first_number from buying),

judged as (
    select
        months.month_start,
        coalesce(returns.buyers_before, 0) as buyers_before,
        coalesce(returns.bought_again, 0) as bought_again,
        months.month_end_at <= settings.watermark_order_at as is_mature,
        months.missed_days + before.missed_days = 0 as is_covered
    from months
    cross join settings
    cross join first_months
    join months as before on months.month_number = before.month_number + 1
    left join returns on months.month_number = returns.month_number
    where months.month_number > first_months.first_number
        and months.month_start_at < settings.watermark_order_at
)

select
    month_start, -- first day of the month
    buyers_before, -- known buyers of the month before
    case when is_mature and is_covered then bought_again end
        as bought_again, -- of them, who bought in this month too
    case when is_mature and is_covered
        then cast(bought_again as double) / nullif(buyers_before, 0) end
        as return_rate, -- bought_again / buyers_before (回购率)
    is_mature and is_covered as is_complete, -- whether both months are known to the end
    case
        when not is_mature then 'not_mature'
        when not is_covered then 'not_covered'
        when buyers_before = 0 then 'no_buyers'
    end as reason -- why there is no rate
from judged
