-- One row where what is asked is so, else none: whether any event of a table or view has an
-- event_order (asked true), or none has (asked false).
create or replace macro explore.has_order(asked, events := 'core.events') as table
with

one as (
    select 1 as row_of_it
    from explore.rows_of(events := events)
    where events <> 'core.events' and event_order is not null
    limit 1
)

select 1 as is_so -- that it is so
where asked and events = 'core.events'
union all
select row_of_it
from one
where asked
union all
select 1
where not asked and events <> 'core.events' and not exists (select 1 from one)
