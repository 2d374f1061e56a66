-- One row per week, and for the 30 days to R: what the change of net revenue is made of.
-- grain: period, week_start
-- M51, M101. Buyers' net = buyers x orders per buyer x net per order, the change divided by
-- Shapley's rule; the rest is of nobody known. Beside it lost, won and kept buyers. Each of the two
-- sums to the change, to the cent. NULL where one of the two periods is not known.
-- concept: M51 = by_buyers, by_frequency, by_order_value
-- concept: M101 = by_lost_buyers, by_won_buyers, by_kept_frequency, by_kept_order_value
with

parts as (select * from revenue.change_parts),

weeks as (select * from core.weeks),

windows as (select * from revenue.windows where period = '60d'),

settings as (select * from core.settings),

first_weeks as (select min(number) as first_number from parts where period = 'week'),

spans as (
    select
        'week' as period,
        weeks.week_start,
        weeks.week_number as number,
        weeks.is_order_complete and coalesce(before.is_order_complete, false) as is_complete
    from weeks
    cross join settings
    cross join first_weeks
    left join weeks as before on weeks.week_number = before.week_number + 1
    where weeks.week_number > first_weeks.first_number
        and weeks.week_start_at < settings.watermark_order_at
    union all
    select '30d' as period, weeks.week_start, 2 as number, windows.is_covered as is_complete
    from weeks
    join windows on weeks.week_end_at = windows.end_at
),

factors as (
    select
        spans.period,
        spans.week_start,
        spans.is_complete,
        parts.net_now,
        parts.net_before,
        parts.buyers_now,
        parts.buyers_before,
        parts.lost_buyers,
        parts.won_buyers,
        parts.orders_now,
        parts.orders_before,
        parts.buyer_net_now,
        parts.buyer_net_before,
        parts.lost_net,
        parts.won_net,
        parts.kept_orders_now,
        parts.kept_orders_before,
        parts.kept_net_now,
        parts.kept_net_before,
        cast(buyers_before as double) as b0,
        cast(buyers_now as double) as b1,
        cast(case when buyers_before > 0 then orders_before else orders_now end as double)
            / nullif(case when buyers_before > 0 then buyers_before else buyers_now end, 0) as f0,
        cast(case when buyers_now > 0 then orders_now else orders_before end as double)
            / nullif(case when buyers_now > 0 then buyers_now else buyers_before end, 0) as f1,
        cast(case when buyers_before > 0 then buyer_net_before else buyer_net_now end as double)
            / nullif(case when buyers_before > 0 then orders_before else orders_now end, 0) as a0,
        cast(case when buyers_now > 0 then buyer_net_now else buyer_net_before end as double)
            / nullif(case when buyers_now > 0 then orders_now else orders_before end, 0) as a1
    from spans
    left join parts on spans.period = parts.period and spans.number = parts.number
),

shares as (
    select
        factors.*,
        cast(coalesce((b1 - b0) * ((f0 * a0 + f1 * a1) / 3 + (f0 * a1 + f1 * a0) / 6), 0)
            as decimal(18, 2)) as of_buyers,
        cast(coalesce((f1 - f0) * ((b0 * a0 + b1 * a1) / 3 + (b0 * a1 + b1 * a0) / 6), 0)
            as decimal(18, 2)) as of_frequency,
        cast(coalesce(
            (cast(kept_orders_now as double) - kept_orders_before)
                * (cast(kept_net_before as double) / nullif(kept_orders_before, 0)
                    + cast(kept_net_now as double) / nullif(kept_orders_now, 0)) / 2,
            0
        ) as decimal(18, 2)) as of_kept_frequency
    from factors
)

select
    period, -- week, or 30d to R
    week_start, -- the week, or the week at whose end the 30 days end
    case when is_complete then coalesce(net_before, 0) end
        as net_before, -- net of the period before
    case when is_complete then coalesce(net_now, 0) end as net_revenue, -- net of this one
    case when is_complete then coalesce(net_now - net_before, 0) end
        as change, -- net_revenue - net_before
    case when is_complete then of_buyers end as by_buyers, -- because more or fewer bought
    case when is_complete then of_frequency end as by_frequency, -- because they bought more often
    case when is_complete
        then coalesce(buyer_net_now - buyer_net_before - of_buyers - of_frequency, 0) end
        as by_order_value, -- because an order was worth more
    case when is_complete
        then coalesce((net_now - buyer_net_now) - (net_before - buyer_net_before), 0) end
        as by_unidentified, -- of unknown buyers, staff, and persons with refunds only
    case when is_complete then coalesce(lost_buyers, 0) end
        as lost_buyers, -- buyers of the period before alone
    case when is_complete then coalesce(won_buyers, 0) end
        as won_buyers, -- buyers of this one alone
    case when is_complete then coalesce(-lost_net, 0) end
        as by_lost_buyers, -- what the lost had brought, negative
    case when is_complete then coalesce(won_net, 0) end as by_won_buyers, -- what the won brought
    case when is_complete then of_kept_frequency end
        as by_kept_frequency, -- because kept buyers bought more often
    case when is_complete then coalesce(kept_net_now - kept_net_before - of_kept_frequency, 0) end
        as by_kept_order_value, -- because their orders were worth more
    is_complete, -- whether both periods are known
    case when not is_complete then 'not_covered' end as reason -- why there is no value
from shares
