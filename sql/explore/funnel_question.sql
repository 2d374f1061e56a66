-- One row: the steps of a funnel, taken apart and found sound; else an error naming what may be.
create or replace macro explore.funnel_question(
    steps, within, mode := 'ordered', entry := 'best', from_day := null, to_day := null,
    exclude := null, events := 'core.events'
) as table
with

known as (
    select list(event_name order by event_name) as names
    from explore.known_events(events := events)
),

given as (
    select
        coalesce(cast(steps as varchar[]), []) as step_names,
        explore.step_names(steps) as names,
        -- a cast passes over keys it does not know: read them from the type
        case when typeof(exclude) like 'STRUCT(%' then list_filter(
            list_transform(string_split(typeof(exclude)[8:-2], ', '),
                lambda field: lower(trim(string_split(field, ' ')[1], '"'))),
            lambda field: not list_contains(
                ['event', 'after_step', 'before_step', 'policy'], field))
            end as unknown_keys,
        cast(exclude as struct(
            event varchar, after_step integer, before_step integer, policy varchar)) as excluded
),

filled as (
    select
        given.*,
        coalesce(excluded.after_step, 1) as after_step,
        coalesce(excluded.before_step, len(given.step_names)) as before_step,
        coalesce(excluded.policy, 'drop_member') as policy,
        list_filter(
            list_distinct(list_append(flatten(given.names), coalesce(excluded.event,
                list_extract(flatten(given.names), 1)))),
            lambda name: not list_contains(known.names, name)) as unknown,
        known.names as known_names
    from given
    cross join known
)

select
    step_names, -- steps as given
    names, -- event names of each step, sorted
    list_transform(names, lambda own, place:
        len(list_filter(names[case when mode = 'any' and place > 1 then 2 else 1 end:place],
            lambda other: other = own))) as copies, -- which copy of an equal step it is
    excluded.event as excluded_event, -- event that must not come between
    after_step, -- after this step
    before_step, -- and before this one
    policy, -- what becomes of who has it
    case
        when len(step_names) = 0 then error('steps is empty: name at least one event; '
            || 'known events: ' || array_to_string(known_names, ', '))
        when len(unknown) > 0 then error('unknown event '''
            || array_to_string(unknown, ''', ''') || '''; known events: '
            || array_to_string(known_names, ', '))
        when cast(within as interval) < interval 0 second
            then error('within is negative (' || cast(within as varchar)
                || '); give an interval like interval 7 day, or null for none')
        when cast(from_day as date) > cast(to_day as date)
            then error('from_day is after to_day: ' || cast(from_day as varchar) || ', '
                || cast(to_day as varchar))
        when explore.one_of(mode, 'mode', ['ordered', 'strict', 'any', 'open']) is null then null
        when explore.one_of(entry, 'entry', ['best', 'first']) is null then null
        when explore.one_of(policy, 'policy', ['drop_member', 'not_converted']) is null then null
        when len(unknown_keys) > 0 then error('exclude has no key '''
            || array_to_string(unknown_keys, ''', ''')
            || '''; known keys: event, after_step, before_step, policy')
        when excluded is not null and excluded.event is null
            then error('exclude names no event: give {event: ..., after_step: ..., '
                || 'before_step: ..., policy: ...}')
        when excluded is not null and mode in ('any', 'open')
            then error('exclude needs steps in order: mode ordered or strict, not ' || mode)
        when excluded is not null
            and not (1 <= after_step and after_step < before_step
                and before_step <= len(step_names))
            then error('exclude lies between steps ' || after_step || ' and ' || before_step
                || '; after_step must be before before_step, both of 1 to ' || len(step_names))
        when mode in ('any', 'open') and len(list_filter(
            names[case when mode = 'any' then 2 else 1 end:], lambda own: len(list_filter(
                names[case when mode = 'any' then 2 else 1 end:],
                lambda other: other <> own and list_has_any(other, own))) > 0)) > 0
            then error('in mode ' || mode || ' two steps may be the same or have no event in '
                || 'common; these overlap: ' || array_to_string(step_names, ', '))
        else true
    end as is_sound -- true, or the query ends with an error
from filled
