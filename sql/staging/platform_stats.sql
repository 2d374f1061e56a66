-- The platform's own daily totals.
-- materialized: view
with

platform_stats as (select * from raw.platform_stats)

select
    day, -- business day
    group_id, -- group; NULL means all
    metric, -- what is counted
    max(value) as value -- the platform's number
from platform_stats
group by day, group_id, metric
