-- Files of the four event kinds with what they cover.
-- materialized: view
with

loads as (select * from raw.loads),

limits as (select * from staging.limits)

select
    load_id, -- number of the load
    source, -- where the export comes from
    event_kind, -- join, message, order or invite
    covered_from, -- first business day
    least(covered_to, limits.last_day) as covered_to, -- last business day
    is_coverage_declared, -- whether somebody said so, or the rows did
    exported_at, -- when it was exported, naive UTC
    accepted_only -- whether it holds accepted invites only
from loads
cross join limits
where event_kind in ('join', 'message', 'order', 'invite')
    and coalesce(covered_from <= limits.last_day, true)
