-- The value, or an error that names what a parameter may be. NULL is none of the values.
create or replace macro explore.one_of(value, name, allowed) as
    case when list_contains(allowed, cast(value as varchar)) then cast(value as varchar)
        else error(name || ' is ' || coalesce('''' || cast(value as varchar) || '''', 'null')
            || ', but must be one of: ' || array_to_string(allowed, ', ')) end
