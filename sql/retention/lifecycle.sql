-- One row per week: who is new, stays, comes back or falls silent?
-- grain: week_start
-- The community; active = new + returning + resurrecting. Definitions in retention.scope_lifecycle.
with

scope_lifecycle as (select * from retention.scope_lifecycle)

select
    week_start, -- first day of the week
    active, -- members active in the week
    new, -- for the first time in the export
    stayed as "returning", -- also active the week before
    resurrecting, -- active before, but not the week before
    dormant, -- active the week before and not now, as a negative number
    is_complete, -- whether all activity of the week is known
    is_compared, -- and that of the week before, or activity begins in the week
    reason -- why a value of the row is missing
from scope_lifecycle
where group_id is null
