-- One row per period that ends at R of the orders: from when to when, and whether it is covered.
-- grain: period
-- All instants are NULL where no orders are exported.
with

settings as (select * from core.settings),

calendar as (select * from core.calendar),

lengths as (
    select '28d' as period, 28 as days
    union all
    select '30d' as period, 30 as days
    union all
    select '60d' as period, 60 as days
    union all
    select '90d' as period, 90 as days
    union all
    select '365d' as period, 365 as days
),

bounds as (
    select
        lengths.period,
        lengths.days,
        settings.report_order_at - lengths.days * interval 1 day as start_at,
        settings.report_order_at as end_at
    from lengths
    cross join settings
)

select
    bounds.period, -- 28d, 30d, 60d, 90d or 365d
    bounds.days, -- its days
    max(bounds.start_at) as start_at, -- instant it starts, naive UTC
    max(bounds.end_at) as end_at, -- instant it ends: R of the orders
    coalesce(
        min(calendar.day_start_at) <= max(bounds.start_at)
            and count(case when not calendar.is_order_covered then 1 end) = 0,
        false
    ) as is_covered -- whether the orders of all its days are exported
from bounds
left join calendar
    on calendar.day_end_at > bounds.start_at and calendar.day_start_at < bounds.end_at
group by bounds.period, bounds.days
