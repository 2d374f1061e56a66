-- One row per kind of cohort, cohort week and week after it: net revenue of the cohort so far.
-- grain: cohort_kind, cohort_week, week_index
-- Members by known first join, buyers by first purchase; net of orders paid from then on, by the
-- week each line is dated in, whether or not the member is still there. cohort_week NULL holds what
-- is of no cohort, so that for each kind and week the cohorts sum to all net up to its end.
with

cohort_weeks as (select * from revenue.cohort_weeks),

cohort_lines as (select * from revenue.cohort_lines),

net as (
    select cohort_kind, cohort_week, week_start, sum(net_revenue) as net_revenue
    from cohort_lines
    group by cohort_kind, cohort_week, week_start
),

running as (
    select
        cohort_weeks.*,
        cohort_weeks.is_mature and cohort_weeks.is_covered as is_complete,
        cast(sum(coalesce(net.net_revenue, 0)) over (
            partition by cohort_weeks.cohort_kind, cohort_weeks.cohort_week
            order by cohort_weeks.week_index
            rows between unbounded preceding and current row
        ) as decimal(18, 2)) as cumulative_net
    from cohort_weeks
    left join net
        on cohort_weeks.cohort_kind = net.cohort_kind
        and cohort_weeks.cohort_week is not distinct from net.cohort_week
        and cohort_weeks.week_start = net.week_start
)

select
    cohort_kind, -- join or first_purchase
    cohort_week, -- week of the known first join or the first purchase; NULL: of no cohort
    week_index, -- calendar weeks after the cohort week; of no cohort: after the first of orders
    week_start, -- first day of that week
    cohort_size, -- members or buyers of the cohort, never buying ones too; NULL: of no cohort
    cumulative_net, -- net revenue up to the end of the week, as far as exported
    case when is_complete then cast(cumulative_net as double) / nullif(cohort_size, 0) end
        as value_per_member, -- cumulative_net / cohort_size
    is_complete, -- whether the week is over and all orders since the cohort began are exported
    case
        when not is_mature then 'not_mature'
        when not is_covered then 'not_covered'
        when cohort_week is null then 'no_cohort'
    end as reason -- why there is no value per member
from running
