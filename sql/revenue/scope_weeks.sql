-- One row per week and scope (everything: group_id NULL, or a group): what it brought.
-- grain: group_id, week_start
-- From the week of a scope's first order to the last that the orders reach into: a quiet week is
-- zero, a week that nobody exported is NULL. average_order_value (笔单价) = gmv / paid orders;
-- spend_per_buyer (客单价) = gmv of known buyers / buyers, unknown buyers on neither side.
with

sums as (select * from revenue.scope_sums),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

exported as (select * from core.exported),

members as (
    select cast(null as varchar) as group_id, week_start, members_at_end from acquisition.weekly
    union all
    select group_id, week_start, members_at_end from acquisition.weekly_by_group
),

history as (select min(paid_day) as first_day from core.orders where is_paid),

scopes as (select group_id, min(week_start) as first_week from sums group by group_id),

spans as (
    select scopes.group_id, weeks.week_start, weeks.order_days, weeks.is_order_complete
    from scopes
    cross join settings
    join weeks on weeks.week_start >= scopes.first_week
        and weeks.week_start_at < settings.watermark_order_at
),

filled as (
    select
        spans.group_id,
        spans.week_start,
        spans.is_order_complete,
        (spans.order_days > 0 or sums.week_start is not null) as is_seen,
        coalesce(sums.gmv, 0) as gmv,
        coalesce(sums.refunds, 0) as refunds,
        coalesce(sums.net_revenue, 0) as net_revenue,
        coalesce(sums.identified_gmv, 0) as identified_gmv,
        sums.margin,
        sums.costed_net,
        coalesce(sums.costed_gmv, 0) as costed_gmv,
        coalesce(sums.paid_orders, 0) as paid_orders,
        coalesce(sums.matched_orders, 0) as matched_orders,
        coalesce(sums.identified_orders, 0) as identified_orders,
        coalesce(sums.buyers, 0) as buyers,
        coalesce(sums.first_buyers, 0) as first_buyers,
        coalesce(sums.group_revenue, 0) as group_revenue,
        coalesce(sums.member_revenue, 0) as member_revenue,
        coalesce(sums.non_member_revenue, 0) as non_member_revenue,
        coalesce(sums.unknown_revenue, 0) as unknown_revenue,
        members.members_at_end,
        case when settings.watermark_join_at is null then 'no_join_export' end as no_joins,
        case when not exported.has_costs then 'no_costs' end as no_costs,
        spans.week_start >= history.first_day + settings.order_history_days * interval 1 day
            as has_history
    from spans
    cross join settings
    cross join history
    cross join exported
    left join sums on spans.group_id is not distinct from sums.group_id
        and spans.week_start = sums.week_start
    left join members on spans.group_id is not distinct from members.group_id
        and spans.week_start = members.week_start
)

select
    group_id, -- group; NULL for everything
    week_start, -- first day of the week
    case when is_seen then cast(gmv as decimal(18, 2)) end as gmv, -- paid amounts dated in the week
    case when is_seen then cast(refunds as decimal(18, 2)) end
        as refunds, -- refunds dated in the week, negative
    case when is_seen then cast(net_revenue as decimal(18, 2)) end as net_revenue, -- gmv + refunds
    cast(margin as decimal(18, 2)) as margin, -- net revenue less cost, over lines of known cost
    cast(margin as double) / nullif(cast(costed_net as double), 0)
        as margin_rate, -- of net revenue of known cost
    case when is_seen then cast(costed_gmv as double) / nullif(cast(gmv as double), 0) end
        as cost_known_share, -- share of gmv whose cost is known
    case when is_seen then paid_orders end as paid_orders, -- paid orders
    case when is_seen then buyers end as buyers, -- known buyers
    case when is_seen and has_history then first_buyers end
        as new_buyers, -- buyers on their first purchase day ever; NULL at first
    case when is_seen and has_history then buyers - first_buyers end
        as repeat_buyers, -- buyers who had bought before
    case when is_seen then cast(gmv as double) / nullif(paid_orders, 0) end
        as average_order_value, -- gmv / paid_orders
    case when is_seen then cast(identified_gmv as decimal(18, 2)) end
        as identified_gmv, -- gmv of known buyers
    case when is_seen then cast(identified_gmv as double) / nullif(buyers, 0) end
        as spend_per_buyer, -- identified_gmv / buyers
    case when is_seen
        then cast(group_revenue + member_revenue as double) / nullif(members_at_end, 0) end
        as revenue_per_member, -- net of members / members at the end of the week
    case when is_seen then cast(identified_orders as double) / nullif(buyers, 0) end
        as frequency, -- orders of known buyers / buyers
    case when is_seen then cast(group_revenue as decimal(18, 2)) end
        as group_revenue, -- net of members, in a group
    case when is_seen then cast(member_revenue as decimal(18, 2)) end
        as member_revenue, -- net of members, in no group in particular
    case when is_seen then cast(non_member_revenue as decimal(18, 2)) end
        as non_member_revenue, -- net of known non-members
    case when is_seen then cast(unknown_revenue as decimal(18, 2)) end
        as unknown_revenue, -- net of unknown buyers
    case when is_seen
        then cast(paid_orders - matched_orders as double) / nullif(paid_orders, 0) end
        as unmatched_share, -- paid orders of unknown buyers / paid orders
    is_order_complete as is_complete, -- whether all orders of the week are known
    case
        when not is_seen then 'no_export'
        when not is_order_complete then 'incomplete_week'
        when not has_history then 'short_order_history'
        when paid_orders = 0 then 'no_paid_orders'
        when buyers = 0 then 'no_buyers'
        else coalesce(no_joins, no_costs)
    end as reason -- why a value of the row is missing or preliminary
from filled
