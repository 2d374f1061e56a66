-- One row per week and group: what it brought.
-- grain: group_id, week_start
-- GMV and refunds dated in the week, and their ratios; see revenue.scope_weeks. revenue_per_member
-- = net of members / members at the end of the week.
with

scope_weeks as (select * from revenue.scope_weeks)

select
    group_id, -- group
    week_start, -- first day of the week
    gmv, -- paid amounts dated in the week
    refunds, -- refunds dated in the week, negative
    net_revenue, -- gmv + refunds
    margin, -- net revenue less cost, over lines of known cost
    margin_rate, -- of net revenue of known cost
    cost_known_share, -- share of gmv whose cost is known
    paid_orders, -- paid orders
    buyers, -- known buyers
    new_buyers, -- buyers on their first purchase day ever; NULL at first
    repeat_buyers, -- buyers who had bought before
    average_order_value, -- gmv / paid_orders
    identified_gmv, -- gmv of known buyers
    spend_per_buyer, -- identified_gmv / buyers
    revenue_per_member, -- net of members / members at the end of the week
    frequency, -- orders of known buyers / buyers
    group_revenue, -- net of members, in a group
    member_revenue, -- net of members, in no group in particular
    non_member_revenue, -- net of known non-members
    unknown_revenue, -- net of unknown buyers
    unmatched_share, -- paid orders of unknown buyers / paid orders
    is_complete, -- whether all orders of the week are known
    reason -- why a value of the row is missing or preliminary
from scope_weeks
where group_id is not null
