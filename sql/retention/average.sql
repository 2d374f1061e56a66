-- One row per week after the join: how many come back, over all cohorts together.
-- grain: week_index
-- M42 pooled: active members / members of the cohorts whose week k is over and covered; never a
-- mean of rates.
with

cohorts as (select * from retention.cohorts)

select
    week_index, -- calendar weeks after the join week; 0 is the join week from the join on
    count(case when is_complete then 1 end) as cohorts, -- cohorts whose week k is complete
    cast(sum(case when is_complete then cohort_size else 0 end) as bigint)
        as members, -- their members; 0 without such a cohort
    cast(sum(active_members) as bigint) as active_members, -- active in that week
    cast(sum(posting_members) as bigint) as posting_members, -- of them, who posted
    cast(sum(buying_members) as bigint) as buying_members, -- of them, who bought
    cast(sum(active_members) as double) / sum(case when is_complete then cohort_size end)
        as retention_rate, -- active_members / members
    case when count(case when is_complete then 1 end) = 0 then min(reason) end
        as reason -- why the row has no value
from cohorts
group by week_index
