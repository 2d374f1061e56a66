-- Coverage as an export of kind coverage declares it.
-- materialized: view
with

coverage as (select * from raw.coverage),

limits as (select * from staging.limits)

select
    source, -- source it speaks of
    event_kind, -- kind; NULL means all
    group_id, -- group; NULL means all of the source
    case when covered_from <= limits.last_day then covered_from end
        as covered_from, -- first covered day; NULL with covered_to means never exported
    case when covered_from <= limits.last_day then least(covered_to, limits.last_day) end
        as covered_to -- last covered day
from coverage
cross join limits
