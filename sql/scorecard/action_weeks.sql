-- One row per week that proposals are made for: the last six complete ones.
-- grain: week_start
with

instants as (select * from group_health.instants),

placed as (
    select instants.*, row_number() over (order by week_start desc) as place
    from instants
)

select
    week_start, -- first day of the week
    week_number, -- its consecutive number
    week_end_at, -- its end, naive UTC: only what was known then counts
    end_number, -- day number of the first day after it
    has_joins, -- whether joins reach it
    has_messages, -- whether messages do
    has_orders, -- whether orders do
    place -- 1 for the latest
from placed
where place <= 6
