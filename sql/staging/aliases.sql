-- One row per alias of a person and the span in which it is theirs.
-- grain: alias_id, valid_from
with

aliases as (select * from raw.aliases)

select
    alias_id, -- another id of the person
    max(member_id) as member_id, -- id to count the person by
    coalesce(valid_from, timestamp '1970-01-01') as valid_from, -- from when
    coalesce(max(valid_to), timestamp '9999-12-31') as valid_to -- until when
from aliases
where alias_id <> member_id
group by alias_id, coalesce(valid_from, timestamp '1970-01-01')
