-- One row per week and metric of joins and money on the first page.
-- grain: week_start, metric
with

acquisition_weekly as (select * from acquisition.weekly),

revenue_weekly as (select * from revenue.weekly),

acquisition_values as (
    select week_start, 'new_members'
        as metric, cast(case when is_complete then new_members end as double) as value,
        cast(null as double) as numerator, cast(null as double) as denominator, is_complete, reason
    from acquisition_weekly
    union all
    select week_start, 'net_members', cast(case when is_complete then net_members end as double),
        cast(case when is_complete then opened end as double),
            cast(case when is_complete then closed end as double),
        is_complete, reason
    from acquisition_weekly
    union all
    select week_start, 'exit_rate', exit_rate, cast(left_members as double),
        cast(members_at_start as double),
        is_complete, reason
    from acquisition_weekly
),

revenue_values as (
    select week_start, 'gmv' as metric, cast(case when is_complete then gmv end as double) as value,
        cast(gmv as double) as numerator, cast(paid_orders as double)
            as denominator, is_complete, reason
    from revenue_weekly
    union all
    select week_start, 'net_revenue', cast(case when is_complete then net_revenue end as double),
        cast(net_revenue as double), cast(paid_orders as double), is_complete, reason
    from revenue_weekly
    union all
    select week_start, 'margin', cast(case when is_complete then margin end as double),
        cast(margin as double),
        cast(net_revenue as double), is_complete, case when margin is null then 'no_cost'
            else reason end
    from revenue_weekly
    union all
    select week_start, 'buyers', cast(case when is_complete then buyers end as double),
        cast(buyers as double),
        cast(paid_orders as double), is_complete, reason
    from revenue_weekly
    union all
    select week_start, 'average_order_value', case when is_complete then average_order_value end,
        cast(gmv as double), cast(paid_orders as double), is_complete, reason
    from revenue_weekly
    union all
    select week_start, 'spend_per_buyer', case when is_complete then spend_per_buyer end,
        cast(identified_gmv as double), cast(buyers as double), is_complete, reason
    from revenue_weekly
),

all_values as (
    select week_start, metric, value, numerator, denominator, is_complete, reason
    from acquisition_values
    union all
    select week_start, metric, value, numerator, denominator, is_complete, reason
    from revenue_values
)

select
    week_start, -- week it stands in
    metric, -- key of the metric
    value, -- its value
    numerator, -- what is counted
    denominator, -- of how many
    is_complete, -- whether everything it needs is over and covered
    cast(null as date) as cohort_week, -- cohort it speaks of, where that is another week
    reason -- why it has no value
from all_values
