-- One row per group and source that names it.
-- grain: group_id, source
with

seen as (
    select distinct group_id, source from raw.joins
    union
    select distinct group_id, source from raw.messages
    union
    select distinct group_id, source from raw.orders where group_id is not null
    union
    select distinct group_id, source from raw.invites
    union
    select distinct group_id, source from raw.groups
    union
    select distinct group_id, source from raw.member_lists
    union
    select distinct group_id, source from raw.coverage where group_id is not null
)

select
    group_id, -- group
    source -- source that names it
from seen
