-- One row per week and metric of the first page: the value before its history is looked at.
-- grain: week_start, metric
with

all_values as (
    select week_start, metric, value, numerator, denominator, is_complete, cohort_week, reason
    from scorecard.measures_of_cohorts
    union all
    select week_start, metric, value, numerator, denominator, is_complete, cohort_week, reason
    from scorecard.measures_of_flows
    union all
    select week_start, metric, value, numerator, denominator, is_complete, cohort_week, reason
    from scorecard.measures_of_groups
    union all
    select week_start, metric, value, numerator, denominator, is_complete, cohort_week, reason
    from scorecard.measures_of_customers
)

select
    week_start, -- week it stands in
    metric, -- key of the metric
    value, -- its value
    numerator, -- what is counted
    denominator, -- of how many
    is_complete, -- whether everything it needs is over and covered
    cohort_week, -- cohort it speaks of, where that is another week
    reason -- why it has no value
from all_values
