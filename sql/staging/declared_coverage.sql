-- Coverage as an export of kind coverage declares it.
-- materialized: view
with

coverage as (select * from raw.coverage)

select
    source, -- source it speaks of
    event_kind, -- kind; NULL means all
    group_id, -- group; NULL means all of the source
    covered_from, -- first covered day; NULL with covered_to means never exported
    covered_to -- last covered day
from coverage
