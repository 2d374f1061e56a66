-- One row per metric of the first page, in the order it is shown.
-- grain: metric
with

keys as (
    select 1 as position, 'new_members' as metric, 'join' as needs, false as is_rate, true
        as needs_join
    union all select 2, 'net_members', 'join', false, true
    union all select 3, 'exit_rate', 'join', true, true
    union all select 4, 'activated_7d_rate', 'activity', true, true
    union all select 5, 'first_order_7d_rate', 'order', true, true
    union all select 6, 'first_order_30d_rate', 'order', true, true
    union all select 7, 'retention_week4', 'activity', true, true
    union all select 8, 'participation_rate', 'message', true, false
    union all select 9, 'lurker_rate', 'message', true, false
    union all select 10, 'dau_wau', 'activity', true, false
    union all select 11, 'stay_30d_rate', 'join', true, true
    union all select 12, 'gmv', 'order', false, false
    union all select 13, 'margin', 'order', false, false
    union all select 14, 'net_revenue', 'order', false, false
    union all select 15, 'buyers', 'order', false, false
    union all select 16, 'average_order_value', 'order', true, false
    union all select 17, 'spend_per_buyer', 'order', true, false
    union all select 18, 'repurchase_90d_rate', 'order', true, false
    union all select 19, 'link_coverage', 'order', true, true
    union all select 20, 'invites_per_active', 'invite', true, false
    union all select 21, 'k_factor', 'invite', true, false
    union all select 22, 'healthy_groups', 'activity', false, false
    union all select 23, 'dying_or_dead_groups', 'activity', false, false
)

select
    position, -- place on the page
    metric, -- key of the metric
    needs, -- export it needs: join, message, order, invite or activity (messages or orders)
    is_rate, -- whether its base is its denominator
    needs_join -- whether it also needs known joins
from keys
