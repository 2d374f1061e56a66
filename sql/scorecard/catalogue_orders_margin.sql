-- One row per measure of what is left after goods and outlays, by week and by group.
-- grain: concept_id, measure, subject_kind, subject, period
-- contribution = margin over lines of known cost - outlays (gifts, rewards, red packets of staff,
-- spend of campaigns), of complete weeks. What names no group is of group unknown, what has no date
-- in no week, so that the groups sum to all. Outlays name no product: see revenue.products.
-- concept: M93 = contribution, outlays
with

order_lines as (select * from core.order_lines),

orders as (select * from core.orders),

all_outlays as (select * from revenue.outlays),

calendar as (select * from core.calendar),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

exported as (select * from core.exported),

moves as (
    select
        order_lines.effective_day as day,
        coalesce(orders.group_id, 'unknown') as group_id,
        order_lines.amount - order_lines.cost as margin,
        cast(0 as decimal(18, 2)) as outlay
    from order_lines
    join orders on order_lines.order_id = orders.order_id
    where order_lines.is_revenue and order_lines.cost is not null
    union all
    select day, coalesce(group_id, 'unknown'), cast(0 as decimal(18, 2)), amount
    from all_outlays
),

sums as (
    select 'community' as subject_kind, 'all' as subject, 'all' as period,
        sum(margin) as margin, sum(outlay) as outlays
    from moves
    union all
    select 'group', group_id, 'all', sum(margin), sum(outlay)
    from moves
    group by group_id
    union all
    select 'community', 'all', cast(weeks.week_start as varchar), sum(moves.margin),
        sum(moves.outlay)
    from moves
    join calendar on moves.day = calendar.day
    join weeks on calendar.week_start = weeks.week_start
    where weeks.is_order_complete
    group by weeks.week_start
),

measures as (
    select 'contribution' as measure, subject_kind, subject, period,
        cast(margin - outlays as double) as amount
    from sums
    union all
    select 'contribution', 'product', 'all', 'all', null
    union all
    select 'outlays', subject_kind, subject, period, cast(outlays as double)
    from sums
),

judged as (
    select
        measures.*,
        case
            when subject_kind = 'product' then 'outlays_name_no_product'
            when measure = 'contribution' and settings.watermark_order_at is null
                then 'no_order_export'
            when measure = 'contribution' and not exported.has_costs then 'no_costs'
            when amount is null or not (exported.has_costs or exported.has_gift_costs
                or exported.has_spend or exported.has_reward_costs or exported.has_packet_amounts)
                then 'no_costs'
        end as reason
    from measures
    cross join settings
    cross join exported
)

select
    'M93' as concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community, group or product
    subject, -- all, the group, or unknown
    period, -- first day of the week, or all
    case when reason is null then amount end as value, -- amount of money
    cast(null as double) as numerator, -- a sum has none
    cast(null as double) as denominator, -- a sum has none
    reason -- why there is no value
from judged
