-- Targets per metric and week.
-- materialized: view
with

targets as (select * from raw.targets)

select
    metric, -- a key of scorecard.weekly
    period_start, -- first day of the week
    max(value) as value -- the target
from targets
group by metric, period_start
