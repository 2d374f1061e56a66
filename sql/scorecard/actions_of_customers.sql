-- One row per week and good customer with a rhythm: is it time to write to them?
-- grain: week_start, action, subject
-- Known buyers with three purchase days or more by the week's end and net revenue of the best
-- quarter by rank. Silence counts from the last purchase day.
with

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

action_weeks as (select * from scorecard.action_weeks),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

stays as (select * from core.stays),

groups as (select * from core.groups),

purchase_days as (
    select orders.member_id, calendar.day_number
    from orders
    join calendar on orders.paid_day = calendar.day
    where orders.is_paid and orders.is_counted and orders.member_id is not null
    group by orders.member_id, calendar.day_number
),

gaps as (
    select
        purchase_days.*,
        day_number - lag(day_number) over (partition by member_id order by day_number) as gap
    from purchase_days
),

rhythms as (
    select
        action_weeks.week_start,
        action_weeks.week_end_at,
        gaps.member_id,
        count(*) as purchase_days,
        median(gaps.gap) as median_gap,
        max(action_weeks.end_number) - 1 - max(gaps.day_number) as silent_days
    from action_weeks
    join gaps on gaps.day_number < action_weeks.end_number
    where action_weeks.has_orders
    group by action_weeks.week_start, action_weeks.week_end_at, gaps.member_id
),

nets as (
    select action_weeks.week_start, orders.member_id, sum(order_lines.amount) as net_revenue
    from action_weeks
    join order_lines on order_lines.effective_at < action_weeks.week_end_at
        and order_lines.is_revenue
    join orders on order_lines.order_id = orders.order_id
    where action_weeks.has_orders and orders.is_counted and orders.member_id is not null
    group by action_weeks.week_start, orders.member_id
),

placed as (
    select
        rhythms.*,
        nets.net_revenue,
        cume_dist() over (partition by rhythms.week_start order by nets.net_revenue) as net_place
    from rhythms
    join nets on rhythms.week_start = nets.week_start and rhythms.member_id = nets.member_id
),

good as (
    select placed.*
    from placed
    cross join settings
    where purchase_days >= 3 and net_place >= settings.recall_net_percentile
),

homes as (
    select good.week_start, good.member_id, groups.owner_id
    from good
    join stays on good.member_id = stays.member_id
        and stays.joined_at < good.week_end_at
        and (stays.left_at is null or stays.left_at >= good.week_end_at)
    join groups on stays.group_id = groups.group_id
    qualify row_number() over (
        partition by good.week_start, good.member_id
        order by stays.joined_at desc, stays.group_id
    ) = 1
),

written as (
    select
        good.*,
        cast(silent_days as varchar) as silence,
        cast(cast(median_gap as decimal(9, 1)) as varchar) as usual,
        cast(cast(net_revenue as decimal(18, 2)) as varchar) as net
    from good
)

select
    written.week_start, -- week at whose end it is judged
    'recall_buyer' as action, -- recall_buyer
    'member' as subject_kind, -- member
    written.member_id as subject, -- buyer
    written.member_id as subject_name, -- their id: names are not kept
    homes.owner_id, -- owner of the group joined last, of those they are in
    written.silent_days > settings.recall_gap_factor * written.median_gap
        as is_due, -- whether they have been silent for long
    cast(written.silent_days as double) as value, -- days since the last purchase day
    written.median_gap as base, -- median days between purchase days
    written.silence || ' days since the last purchase, usually ' || written.usual || '; net '
        || written.net as evidence, -- the numbers in words
    '距上次购买 ' || written.silence || ' 天，平时 ' || written.usual || ' 天；净销售额 '
        || written.net as evidence_zh -- the same in Chinese
from written
cross join settings
left join homes on written.week_start = homes.week_start
    and written.member_id = homes.member_id
