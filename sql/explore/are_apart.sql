-- Whether no event name is in two steps of a funnel. A constant for DuckDB, and cautious: blanks
-- inside of names do not count.
create or replace macro explore.are_apart(steps) as
    len(list_distinct(string_split(
        replace(array_to_string(cast(steps as varchar[]), '|'), ' ', ''), '|')))
    = len(string_split(replace(array_to_string(cast(steps as varchar[]), '|'), ' ', ''), '|'))
