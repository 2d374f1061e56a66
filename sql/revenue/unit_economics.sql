-- One row per week of first joins and channel: what a new member costs and what they brought by R.
-- grain: cohort_week, channel
-- M96. cac = cost of acquisition.channels / new members; margin of the orders paid from the join
-- on, over lines of known cost, / new members. payback_week = first week after the cohort week by
-- whose end the margin per member reaches the cac.
-- concept: M96 = cac, margin_per_member, ltv_cac, payback_week
with

channels as (select * from acquisition.channels),

cohort_lines as (select * from revenue.cohort_lines where cohort_kind = 'join'),

cohort_weeks as (select * from revenue.cohort_weeks where cohort_kind = 'join'),

exported as (select * from core.exported),

cohorts as (
    select
        cohort_week,
        channel,
        cast(sum(new_members) as bigint) as cohort_size,
        cast(sum(cost) as decimal(18, 2)) as cost,
        bool_and(is_complete) as is_complete
    from channels
    group by cohort_week, channel
),

running as (
    select
        cohorts.cohort_week,
        cohorts.channel,
        cohorts.cohort_size,
        cohorts.cost,
        cohort_weeks.week_index,
        cohort_weeks.is_mature and cohort_weeks.is_covered as is_known,
        max(cohort_weeks.week_index) over cohort as last_index,
        sum(coalesce(cohort_lines.margin, 0)) over so_far as margin,
        sum(coalesce(cohort_lines.sales, 0)) over so_far as sales,
        sum(coalesce(cohort_lines.costed_sales, 0)) over so_far as costed_sales
    from cohorts
    join cohort_weeks
        on cohorts.cohort_week = cohort_weeks.cohort_week and cohort_weeks.is_before_report
    left join cohort_lines
        on cohorts.cohort_week = cohort_lines.cohort_week
        and cohorts.channel = cohort_lines.channel
        and cohort_weeks.week_start = cohort_lines.week_start
    window
        cohort as (partition by cohorts.cohort_week, cohorts.channel),
        so_far as (
            partition by cohorts.cohort_week, cohorts.channel order by cohort_weeks.week_index
            rows between unbounded preceding and current row
        )
),

summed as (
    select
        cohort_week,
        channel,
        bool_or(week_index = last_index and is_known) as is_known,
        max(case when week_index = last_index and (sales = 0 or costed_sales > 0)
            then margin end) as margin,
        min(case when is_known and (sales = 0 or costed_sales > 0)
            and cast(margin as double) >= cast(cost as double) then week_index end) as payback_week
    from running
    group by cohort_week, channel
),

judged as (
    select
        cohorts.cohort_week,
        cohorts.channel,
        cohorts.cohort_size,
        cohorts.cost,
        cohorts.is_complete,
        summed.cohort_week is not null as is_mature,
        coalesce(summed.is_known, false) as is_known,
        case when exported.has_costs and cohorts.is_complete and summed.is_known
            and cohorts.cohort_size > 0 then summed.margin end as margin,
        case when exported.has_costs and cohorts.is_complete and cohorts.cohort_size > 0
            then summed.payback_week end as payback_week
    from cohorts
    cross join exported
    left join summed
        on cohorts.cohort_week = summed.cohort_week and cohorts.channel = summed.channel
)

select
    cohort_week, -- week of the known first join
    channel, -- where members came from; unknown where not exported
    cohort_size, -- members of the cohort
    cost, -- lead gifts and spend of campaigns
    case when is_complete then cast(cost as double) / nullif(cohort_size, 0) end
        as cac, -- cost / cohort_size
    cast(margin as decimal(18, 2)) as margin, -- of their orders since the join, up to R
    cast(margin as double) / nullif(cohort_size, 0) as margin_per_member, -- margin / cohort_size
    cast(margin as double) / nullif(cast(cost as double), 0) as ltv_cac, -- margin / cost
    payback_week, -- weeks after the cohort week until the margin made up for the cost
    is_complete and is_known as is_complete, -- whether all joins and orders up to R are known
    case
        when cohort_size = 0 then 'no_new_members'
        when not is_complete then 'incomplete_week'
        when not is_mature then 'not_mature'
        when not is_known then 'not_covered'
        when cost is null or margin is null then 'no_costs'
        when cost = 0 then 'zero_cost'
        when payback_week is null then 'not_paid_back'
    end as reason -- why a value of the row is missing
from judged
