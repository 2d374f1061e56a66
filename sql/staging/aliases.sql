-- One row per alias of a person and the span in which it is theirs; spans never overlap.
-- grain: alias_id, valid_from
-- A span ends where the next one of the same alias begins, whatever the export says. An alias that
-- two sources give to two people from the same time on merges nobody.
with

aliases as (select * from raw.aliases),

spans as (
    select
        alias_id,
        coalesce(valid_from, timestamp '1970-01-01') as valid_from,
        max(member_id) as member_id,
        coalesce(max(valid_to), timestamp '9999-12-31') as valid_to
    from aliases
    where alias_id <> member_id
    group by alias_id, coalesce(valid_from, timestamp '1970-01-01')
    having min(member_id) = max(member_id)
)

select
    alias_id, -- another id of the person
    member_id, -- id to count the person by
    valid_from, -- from when
    least(
        valid_to,
        coalesce(lead(valid_from) over (partition by alias_id order by valid_from), valid_to)
    ) as valid_to -- until when
from spans
