-- One row per cohort week and week after it: do members come back?
-- grain: cohort_week, week_index
-- concept: M42 = retention_rate, active_members
-- M42 weekly cohort retention. Known first joins in the community, activity anywhere. NULL until
-- the week is over and covered; a true zero is 0.
with

scope_cohorts as (select * from retention.scope_cohorts)

select
    cohort_week, -- week of the known first join
    week_index, -- calendar weeks after it; 0 is the join week from the join on
    cohort_size, -- members of the cohort
    active_members, -- active in that week
    posting_members, -- of them, who posted
    buying_members, -- of them, who bought
    retention_rate, -- active_members / cohort_size
    is_complete, -- whether the week is over and covered
    reason -- why the row has no value
from scope_cohorts
where group_id is null
