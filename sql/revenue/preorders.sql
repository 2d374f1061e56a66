-- One row per week, from that of the first deposit on: deposits, and balances due in it.
-- grain: week_start
-- M53. deposits / paid orders of the week; of the deposits due in the week, whose balance was paid
-- by then; of the deposits of the week, which were refunded. The last two are NULL until the dates
-- are over at W and no order day since the first of these deposits is uncovered.
-- concept: M53 = deposits, deposit_share, on_time_rate, deposit_refund_rate
with

deposits as (select * from revenue.preorder_deposits),

sums as (select * from revenue.scope_sums),

weeks as (select * from core.weeks),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

exported as (select * from core.exported),

-- A deposit is followed from its day to the day its balance or refund is due.
placed as (
    select
        deposits.*,
        paid.week_start as paid_week,
        due.week_start as due_week,
        due.order_days_missed - paid.order_days_missed as due_missed,
        ended.day_end_at as ended_at,
        ended.order_days_missed - paid.order_days_missed as refund_missed
    from deposits
    join calendar as paid on deposits.paid_day = paid.day
    left join calendar as due
        on deposits.due_at >= due.day_start_at and deposits.due_at < due.day_end_at
    left join calendar as ended
        on deposits.refundable_until >= ended.day_start_at
        and deposits.refundable_until < ended.day_end_at
),

paid_weeks as (
    select
        paid_week as week_start,
        count(*) as deposits,
        count(case when is_refunded then 1 end) as deposits_refunded,
        count(case when ended_at is null then 1 end) as endless,
        max(ended_at) as ended_at,
        max(refund_missed) as missed
    from placed
    group by paid_week
),

due_weeks as (
    select
        due_week as week_start,
        count(*) as balances_due,
        count(case when is_on_time then 1 end) as balances_paid_on_time,
        max(due_missed) as missed
    from placed
    where due_week is not null
    group by due_week
),

first_weeks as (
    select min(paid_week) as first_week, count(due_at) > 0 as has_due_dates from placed
),

judged as (
    select
        weeks.week_start,
        weeks.is_order_complete,
        weeks.order_days > 0 as is_seen,
        first_weeks.has_due_dates,
        exported.has_refunds,
        coalesce(paid_weeks.deposits, 0) as deposits,
        coalesce(sums.paid_orders, 0) as paid_orders,
        coalesce(due_weeks.balances_due, 0) as balances_due,
        coalesce(due_weeks.balances_paid_on_time, 0) as balances_paid_on_time,
        weeks.is_order_complete and coalesce(due_weeks.missed, 0) = 0 as is_due_known,
        coalesce(paid_weeks.deposits_refunded, 0) as deposits_refunded,
        weeks.is_order_complete and coalesce(paid_weeks.endless, 0) = 0
            and coalesce(paid_weeks.ended_at <= settings.watermark_order_at, true)
            as is_refund_mature,
        coalesce(paid_weeks.missed, 0) = 0 as is_refund_covered
    from weeks
    cross join settings
    cross join exported
    cross join first_weeks
    left join sums on weeks.week_start = sums.week_start and sums.group_id is null
    left join paid_weeks on weeks.week_start = paid_weeks.week_start
    left join due_weeks on weeks.week_start = due_weeks.week_start
    where weeks.week_start >= first_weeks.first_week
        and weeks.week_start_at < settings.watermark_order_at
)

select
    week_start, -- first day of the week
    case when is_seen then deposits end as deposits, -- deposits paid in the week
    case when is_seen then paid_orders end as paid_orders, -- paid orders of the week
    case when is_order_complete then cast(deposits as double) / nullif(paid_orders, 0) end
        as deposit_share, -- deposits / paid_orders
    case when is_seen and has_due_dates then balances_due end
        as balances_due, -- deposits whose balance was due in the week
    case when is_due_known and has_due_dates then balances_paid_on_time end
        as balances_paid_on_time, -- of them, paid by the due date
    case when is_due_known then cast(balances_paid_on_time as double) / nullif(balances_due, 0) end
        as on_time_rate, -- balances_paid_on_time / balances_due
    case when is_refund_mature and is_refund_covered and has_refunds then deposits_refunded end
        as deposits_refunded, -- deposits of the week paid back before a balance was paid
    case when is_refund_mature and is_refund_covered and has_refunds
        then cast(deposits_refunded as double) / nullif(deposits, 0) end
        as deposit_refund_rate, -- deposits_refunded / deposits
    is_order_complete as is_complete, -- whether all orders of the week are known
    is_refund_mature and is_refund_covered
        as is_refund_complete, -- whether the last of its deposits was due and all is known
    case
        when not is_seen then 'not_covered'
        when not is_order_complete then 'incomplete_week'
        when not is_due_known then 'not_covered'
        when not is_refund_mature then 'not_mature'
        when not is_refund_covered then 'not_covered'
        when deposits = 0 then 'no_deposits'
        when not has_due_dates then 'no_due_dates'
        when not has_refunds then 'no_refunds'
        when balances_due = 0 then 'none_due'
    end as reason -- why a value of the row is missing
from judged
