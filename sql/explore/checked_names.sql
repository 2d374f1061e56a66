-- One row: event names, found to be known; else an error naming the known ones.
-- given: a list whose members may be 'message|checkin', or NULL for all events.
create or replace macro explore.checked_names(given, events := 'core.events') as table
with

known as (
    select list(event_name order by event_name) as names
    from explore.known_events(events := events)
),

taken_apart as (
    select
        list_transform(string_split(array_to_string(cast(given as varchar[]), '|'), '|'),
            lambda name: trim(name)) as names
)

select
    case
        when given is null then null
        when len(list_filter(taken_apart.names,
            lambda name: not list_contains(known.names, name))) > 0
            then error('unknown event '''
                || array_to_string(list_filter(taken_apart.names,
                    lambda name: not list_contains(known.names, name)), ''', ''')
                || '''; known events: ' || array_to_string(known.names, ', '))
        else taken_apart.names
    end as names -- names of events; NULL is all of them
from taken_apart
cross join known
