-- The platform's own daily totals.
-- grain: day, group_id, metric
-- A running total, whose name ends in _total, gives the number of a day where the day before is
-- told too: messages out of messages_total.
with

platform_stats as (select * from raw.platform_stats),

limits as (select * from staging.limits),

told as (
    select day, group_id, metric, max(value) as value
    from platform_stats
    cross join limits
    where day <= limits.last_day
    group by day, group_id, metric
),

running as (
    select
        day,
        group_id,
        left(metric, length(metric) - 6) as metric,
        value - lag(value) over total as value,
        day - lag(day) over total as days
    from told
    where right(metric, 6) = '_total'
    window total as (partition by group_id, metric order by day)
),

differences as (
    select running.day, running.group_id, running.metric, running.value
    from running
    left join told
        on running.day = told.day
        and running.group_id is not distinct from told.group_id
        and running.metric = told.metric
    where running.days = 1 and told.day is null
),

numbers as (
    select day, group_id, metric, value from told
    union all
    select day, group_id, metric, value from differences
)

select
    day, -- business day
    group_id, -- group; NULL means all
    metric, -- what is counted
    value -- the platform's number
from numbers
