-- One row per source and business day with a row of any of the four event kinds.
-- grain: source, day
with

joins as (select distinct source, day from raw.joins),

messages as (select distinct source, day from raw.messages),

orders as (select distinct source, day from raw.orders),

invites as (select distinct source, day from raw.invites),

limits as (select * from staging.limits),

days as (
    select source, day from joins
    union
    select source, day from messages
    union
    select source, day from orders
    union
    select source, day from invites
)

select
    source, -- where the export comes from
    day -- business day with at least one row
from days
cross join limits
where days.day <= limits.last_day
